"""Generated XML readers: one function a class, from element to object, made from its shape.

A reader trusts the compiled schema (:mod:`vgigw.codec.xsd`): names, order, occurrence and lexical
forms have been checked. What a schema cannot say (a map with a name twice, an instant outside the
calendar, decimal places that are those of MW from a peer in kW) raises ``ValueError`` or
``OverflowError``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from lxml.etree import _Element

from vgigw.codec.convention_reading import more_places, scales
from vgigw.codec.settle import EXACT, quantised
from vgigw.codec.shape import Kind, Member, shape_of
from vgigw.codec.xml_names import instant_from_text, tag
from vgigw.objects.declaration import InformationObject

T = TypeVar("T", bound=InformationObject)
Reader = Callable[[_Element], Any]

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}

_SOURCE = """
def read(element):
    values = {}
    for child in element:
        tag = child.tag
        attribute = float_of(tag)
        if attribute is not None:
            values[attribute] = float(child.text) or 0.0
            continue
        attribute, convert, whole = other[tag]
        values[attribute] = convert(child if whole else child.text)
    return cls(**values)
"""
# A measurement is the most frequent member, so it is converted in line; "or" drops the sign of -0.
# A class without one does without the question.
_WITHOUT_FLOATS = _SOURCE.replace(
    """        attribute = float_of(tag)
        if attribute is not None:
            values[attribute] = float(child.text) or 0.0
            continue
""",
    "",
)


def read(cls: type[T], element: _Element) -> T:
    """The object that a schema-valid ``element`` holds."""
    found: T = reader(cls)(element)
    return found


@functools.cache
def reader(cls: type[InformationObject]) -> Reader:
    """The reader of ``cls``, generated once."""
    floats: dict[str, str] = {}
    other: dict[str, tuple[str, Callable[[Any], Any], bool]] = {}
    for member in shape_of(cls).members:
        name = tag(member.wire)
        if member.many or member.kind in {Kind.OBJECT, Kind.MAP}:
            other[name] = (member.attribute, _element_reader(member), True)
        elif member.kind is Kind.FLOAT and member.default is None:
            floats[name] = member.attribute
        else:
            other[name] = (member.attribute, text_reader(member), False)
    source = _SOURCE if floats else _WITHOUT_FLOATS
    scope: dict[str, Any] = {"cls": cls, "float_of": floats.get, "float": float, "other": other}
    exec(compile(source, f"<reader of {cls.__name__}>", "exec"), scope)  # noqa: S102 - own text
    generated: Reader = scope["read"]
    return generated


def text_reader(member: Member) -> Callable[[str | None], Any]:
    """From the text of an element to one value of ``member``."""
    match member.kind:
        case Kind.TEXT:
            return _text
        case Kind.INTEGER:
            return int  # type: ignore[return-value]  # the schema lets no empty element through
        case Kind.FLOAT:
            return _float
        case Kind.BOOLEAN:
            return _boolean
        case Kind.DECIMAL:
            return _decimal_reader(member)
        case Kind.INSTANT:
            return instant_from_text  # type: ignore[return-value]
        case Kind.DAY:
            return date.fromisoformat  # type: ignore[return-value]
        case Kind.NUMBER_CHOICE | Kind.TEXT_CHOICE:
            return _choice_reader(member)
    raise TypeError(f"{member.wire}: {member.kind} has no text")


def _element_reader(member: Member) -> Reader:
    if member.kind is Kind.MAP:
        return _map
    if member.kind is not Kind.OBJECT:
        convert = text_reader(member)
        return lambda wrapper: tuple([convert(item.text) for item in wrapper])
    assert member.of is not None  # noqa: S101 - narrows for the type checker
    inner = reader(member.of)
    if not member.many:
        return inner
    return lambda wrapper: tuple([inner(item) for item in wrapper])


def _text(text: str | None) -> str:
    return text or ""


def _float(text: str | None) -> float:
    return float(text or "") or 0.0


def _boolean(text: str | None) -> bool:
    return _BOOLEANS[(text or "").strip()]


def _decimal_reader(member: Member) -> Callable[[str | None], Decimal]:
    """With the places of the member; with those of MW where the peer that is read speaks it."""
    places = member.places or 0
    step, quantize, thousands = Decimal(1).scaleb(-places), EXACT.quantize, scales(member)

    def convert(text: str | None) -> Decimal:
        value = Decimal(text or "")
        exact: Decimal | None = quantize(value, step)
        if exact != value:
            exact = quantised(value, places + more_places()) if thousands else None
        if exact is None:
            raise ValueError("more decimal places than the member has")
        return exact or abs(exact)

    return convert


def _choice_reader(member: Member) -> Callable[[str | None], Any]:
    """By the exact text first; ``+1`` and `` 01 `` are the same number to XML Schema."""
    assert member.enumeration is not None  # noqa: S101 - narrows for the type checker
    enumeration = member.enumeration
    number = member.kind is Kind.NUMBER_CHOICE
    known = {str(choice.value): choice for choice in enumeration}

    def convert(text: str | None) -> Any:
        found = known.get(text or "")
        if found is not None:
            return found
        return enumeration(int(text or "") if number else text)

    return convert


def _map(wrapper: _Element) -> dict[str, float]:
    read_so_far: dict[str, float] = {}
    for entry in wrapper:
        name = entry[0].text or ""
        if name in read_so_far:
            raise ValueError("a name stands twice in a map")
        read_so_far[name] = float(entry[1].text or "") or 0.0
    return read_so_far
