"""Variants of an object with one member changed, each with the verdict that its declaration says.

A variant is a document (builtins by wire name, fractions as ``Decimal``) and, where XML can say
the same, an element. All is made from the shape and nothing is drawn: what fails, fails again.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from lxml import etree
from lxml.etree import _Element

from vgigw.codec.shape import Kind, Member, shape_of
from vgigw.codec.xml_names import ENTRY, KEY, VALUE, tag
from vgigw.objects import InformationObject

LONGEST = 70_000
"""Longer texts are not tried: only ciphertexts may have more characters."""

MOST = 1_440
"""Longer lists are not tried; that their limit is in every schema has a test of its own."""

INSTANTS = ("2026-11-21T08:00:00Z", "2026-11-21T16:00:00+08:00", "2026-11-21T16:00:00.123",
            "2026-11-20T24:00:00+08:00", "1970-01-01T00:00:00Z")  # fmt: skip
NO_INSTANTS = ("2026-02-30T00:00:00Z", "2026-11-21T08:00:00.1234Z", "1969-12-31T23:59:59Z",
               "2200-01-01T00:00:00Z", "2026-11-21", "x", "")  # fmt: skip


class Variant(NamedTuple):
    """``what`` was done to which member, the forms of it, and whether it is valid."""

    what: str
    document: dict[str, Any]
    element: _Element | None
    valid: bool


class One(NamedTuple):
    """A value of a member: what was done, as builtins, whether valid, whether XML can say it."""

    what: str
    value: Any
    valid: bool
    in_xml: bool = True


def filled(cls: type[InformationObject]) -> dict[str, Any]:
    """A valid document of ``cls`` with every member, one item in each list."""
    return {member.wire: _filled(member) for member in shape_of(cls).members}


def variants(cls: type[InformationObject]) -> Iterator[Variant]:
    """All variants of ``cls``; the first has only what is required, the second everything."""
    members, whole = shape_of(cls).members, filled(cls)
    least = {m.wire: whole[m.wire] for m in members if m.required}
    yield Variant("the least", least, to_xml(cls, least), valid=True)
    yield Variant("everything", whole, to_xml(cls, whole), valid=True)
    strict = bool(cls.__struct_config__.forbid_unknown_fields)
    yield Variant("unknown", whole | {"Flavour": 1}, _with_more(cls, whole), valid=not strict)
    for member in members:
        without = {wire: value for wire, value in whole.items() if wire != member.wire}
        yield Variant(
            f"{member.wire}: absent", without, to_xml(cls, without), valid=not member.required
        )
        for what, value, valid, in_xml in values(member):
            document = whole | {member.wire: value}
            element = to_xml(cls, document) if in_xml else None
            yield Variant(f"{member.wire}: {what}", document, element, valid=valid)


def values(member: Member) -> Iterator[One]:
    """Valid and invalid values of ``member``, at its limits and beyond."""
    yield One("null", None, not member.required, in_xml=False)
    half: Any = ["\ud800"] if member.many else "\ud800"
    yield One("half a surrogate pair", half, valid=False, in_xml=False)
    if not member.many:
        yield from _one(member)
        return
    item = _value(member)
    yield One("no list", item, valid=False, in_xml=False)
    yield One("empty", [], valid=member.min_items == 0)
    yield One("null inside", [None], valid=False, in_xml=False)
    for what, value, valid, in_xml in _one(member):
        yield One(f"item {what}", [value], valid, in_xml)
    if member.max_items is not None and member.max_items <= MOST:
        yield One("as many as may be", [item] * member.max_items, valid=True)
        yield One("one too many", [item] * (member.max_items + 1), valid=False)
    if member.min_items > 1:
        yield One("one too few", [item] * (member.min_items - 1), valid=False)


def to_xml(cls: type[InformationObject], document: dict[str, Any]) -> _Element:
    """``document`` as an element, whether valid or not, by the names and order of the schema."""
    root = etree.Element(tag(cls.__name__))
    _into(root, cls, document)
    return root


def _into(parent: _Element, cls: type[InformationObject], document: dict[str, Any]) -> None:
    for member in shape_of(cls).members:
        if member.wire not in document:
            continue
        value = document[member.wire]
        declared = etree.SubElement(parent, tag(member.wire))
        for each in value if member.many else [value]:
            place = etree.SubElement(declared, tag(member.item_name)) if member.many else declared
            _spell(place, member, each)


def _spell(place: _Element, member: Member, value: Any) -> None:
    if member.of is not None and isinstance(value, dict):
        _into(place, member.of, value)
    elif isinstance(value, dict):
        for name, number in value.items():
            entry = etree.SubElement(place, tag(ENTRY))
            etree.SubElement(entry, tag(KEY)).text = name
            etree.SubElement(entry, tag(VALUE)).text = _text(number)
    else:
        place.text = _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _with_more(cls: type[InformationObject], document: dict[str, Any]) -> _Element | None:
    """A schema names every element, also of an object that may hold more in JSON."""
    if not cls.__struct_config__.forbid_unknown_fields:
        return None
    root = to_xml(cls, document)
    etree.SubElement(root, tag("Flavour")).text = "1"
    return root


def _filled(member: Member) -> Any:
    one = _value(member)
    return [copy.deepcopy(one) for _ in range(max(member.min_items, 1))] if member.many else one


def _value(member: Member) -> Any:
    """One valid value."""
    if member.of is not None:
        return filled(member.of)
    return next(one.value for one in _one(member) if one.valid)


def _one(member: Member) -> Iterator[One]:
    match member.kind:
        case Kind.TEXT:
            yield from _texts(member)
        case Kind.INTEGER:
            yield from _integers(member)
        case Kind.DECIMAL:
            yield from _decimals(member)
        case Kind.FLOAT:
            yield from _floats(member)
        case Kind.MAP:
            yield One("a map", {"a": 1}, valid=True)
            yield One("a text inside", {"a": "x"}, valid=False)
            yield One("no name", {"": 1}, valid=not member.min_length)
            yield One("a number", 1, valid=False)
        case Kind.BOOLEAN:
            yield One("true", True, valid=True)
            yield One("false", False, valid=True)
            yield One("one", 1, valid=False, in_xml=False)
            yield One("text", "yes", valid=False)
        case Kind.OBJECT:
            yield One("text", "x", valid=False)
            yield One("number", 5, valid=False)
        case Kind.INSTANT:
            yield from (One(text, text, valid=True) for text in INSTANTS)
            yield from (One(text, text, valid=False) for text in NO_INSTANTS)
            yield One("number", 1_700_000_000, valid=False)
        case Kind.DAY:
            yield One("a day", "2026-11-21", valid=True)
            yield from (One(text, text, valid=False) for text in ("2026-13-01", "21.11.2026", ""))
        case _:
            yield from _choices(member)


def _texts(member: Member) -> Iterator[One]:
    least, most = member.min_length or 0, member.max_length or 64
    yield One("shortest", "站" * least, valid=True)
    if least:
        yield One("too short", "站" * (least - 1), valid=False)
    if member.max_length is not None and most <= LONGEST:
        yield One("longest", "电" * most, valid=True)
        yield One("too long", "电" * (most + 1), valid=False)
    yield One("number", 5, valid=False, in_xml=False)
    yield One("control character", "\x01" * max(least, 1), valid=False, in_xml=False)


def _integers(member: Member) -> Iterator[One]:
    low = member.ge if member.ge is not None else None if member.gt is None else member.gt + 1
    yield from _at(low, 1)
    yield from _at(member.le, -1)
    yield One("a fraction", Decimal("1.5"), valid=False)
    yield One("text", "x", valid=False)
    yield One("true", True, valid=False)


def _decimals(member: Member) -> Iterator[One]:
    step = Decimal(1).scaleb(-(member.places or 0))
    if member.gt is None:
        yield from _at(member.ge, step)
    else:
        yield One("lowest", Decimal(str(member.gt)) + step, valid=True)
        yield One("too low", Decimal(str(member.gt)), valid=False)
    yield from _at(member.le, -step)
    low = member.ge if member.gt is None else member.gt
    middle = (Decimal(str(low)) + Decimal(str(member.le))) / 2
    yield One("as fine as may be", middle.quantize(step) + step, valid=True)
    yield One("too fine", middle.quantize(step) + step / 10, valid=False)
    yield One("text", "x", valid=False)
    yield One("true", True, valid=False)


def _floats(member: Member) -> Iterator[One]:
    yield from _at(member.ge, 1)
    yield from _at(member.le, -1)
    yield One("text", "x", valid=False)
    yield One("true", True, valid=False)


def _at(limit: Any, inward: Any) -> Iterator[One]:
    """At a limit and one step beyond, both ways of it where it is there."""
    if limit is None:
        return
    value = Decimal(str(limit)) if not isinstance(limit, int) else limit
    side = "lowest" if inward > 0 else "highest"
    yield One(side, value, valid=True)
    yield One(f"beyond the {side}", value - inward, valid=False)


def _choices(member: Member) -> Iterator[One]:
    for choice in member.choices:
        yield One(f"choice {choice}", choice, valid=True)
    if member.kind is Kind.NUMBER_CHOICE:
        beyond = max(int(choice) for choice in member.choices) + 1
        yield One("no choice", beyond, valid=False)
        yield One("text", "x", valid=False)
    else:
        yield One("no choice", "~none~", valid=False)
        yield One("number", 1, valid=False, in_xml=False)
