"""Why an element was refused: as the JSON door would say it, then what only XML can get wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml.etree import _Element

from vgigw.codec.explain import MOST_DETAILS, explain
from vgigw.codec.shape import Kind, Member, shape_of
from vgigw.codec.xml_names import (
    DAY_PATTERN,
    ENTRY,
    INSTANT_PATTERN,
    KEY,
    NAMESPACE,
    VALUE,
    local,
    tag,
)
from vgigw.errors import Detail
from vgigw.objects.declaration import InformationObject

_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
_NIL = f"{_INSTANCE}nil"
_DECIMAL = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)"
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}
_LEXICAL = {
    Kind.INTEGER: re.compile(r"\s*[+-]?[0-9]{1,24}\s*"),
    Kind.NUMBER_CHOICE: re.compile(r"\s*[+-]?[0-9]{1,24}\s*"),
    Kind.DECIMAL: re.compile(rf"\s*{_DECIMAL}\s*"),
    Kind.FLOAT: re.compile(rf"\s*{_DECIMAL}([eE][+-]?[0-9]+)?\s*"),
    Kind.MAP: re.compile(rf"\s*{_DECIMAL}([eE][+-]?[0-9]+)?\s*"),
    Kind.BOOLEAN: re.compile(r"\s*(true|false|0|1)\s*"),
    Kind.INSTANT: re.compile(INSTANT_PATTERN),
    Kind.DAY: re.compile(DAY_PATTERN),
}
_Found = Iterator[tuple[str, str]]


def faults_of(cls: type[InformationObject], element: _Element) -> tuple[Detail, ...]:
    """Every fault of an ``element`` that was refused for ``cls``; never empty.

    Codes and paths are those of :func:`vgigw.codec.explain.explain`; what a JSON document could
    not get wrong (order, repetition, namespace, attributes, spelling of a number) is ``format``.
    """
    found = explain(cls, as_document(cls, element))
    if found:
        return found
    structural = [Detail(path, "format", words) for path, words in _root(cls, element)]
    whole = Detail("/", "format", "does not match the published schema")
    return tuple(structural[:MOST_DETAILS]) or (whole,)


def as_document(cls: type[InformationObject], element: _Element) -> Any:
    """``element`` as builtins by wire name: what spells a number is one, the rest stays text.

    Unknown elements are kept under their local name; of a repeated element the first counts.
    """
    if not len(element) and (element.text or "").strip():
        return element.text
    members = {member.wire: member for member in shape_of(cls).members}
    document: dict[str, Any] = {}
    for child in element:
        name = local(str(child.tag))
        member = members.get(name)
        value = _raw(child) if member is None else _member_value(member, child)
        document.setdefault(name, value)
    return document


def _member_value(member: Member, child: _Element) -> Any:
    if child.get(_NIL) in {"true", "1"}:
        return None
    stray = not len(child) and (child.text or "").strip()
    if member.many:
        return child.text if stray else [_one(member, item) for item in child]
    if member.kind is Kind.MAP:
        return child.text if stray else dict(_entry(member, entry) for entry in child)
    return _one(member, child)


def _entry(member: Member, entry: _Element) -> tuple[str, Any]:
    parts = {local(str(part.tag)): part for part in entry}
    name, value = parts.get(KEY), parts.get(VALUE)
    key = "" if name is None else name.text or ""
    return key, None if value is None else _one(member, value)


def _one(member: Member, child: _Element) -> Any:
    if member.kind is Kind.OBJECT and member.of is not None:
        return as_document(member.of, child)
    if len(child):
        return _raw(child)
    text = child.text or ""
    lexical = _LEXICAL.get(member.kind)
    if lexical is None or not lexical.fullmatch(text):
        return text
    match member.kind:
        case Kind.INTEGER | Kind.NUMBER_CHOICE:
            return int(text)
        case Kind.FLOAT | Kind.MAP:
            return float(text)
        case Kind.BOOLEAN:
            return _TRUTHS[text.strip()]
    return text.strip()


def _raw(child: _Element) -> Any:
    """What stands in an element that no member describes."""
    return {local(str(inner.tag)): _raw(inner) for inner in child} or child.text or ""


def _root(cls: type[InformationObject], element: _Element) -> _Found:
    if element.tag != tag(cls.__name__):
        yield "/", f"expected the element {cls.__name__} of {NAMESPACE}"
    else:
        yield from _object(cls, element, "")


def _object(cls: type[InformationObject], element: _Element, path: str) -> _Found:
    """Faults of form below ``element``; its members were found good by value."""
    yield from _container(element, path)
    members = {tag(member.wire): member for member in shape_of(cls).members}
    order = list(members)
    reached = -1
    for child in element:
        name = str(child.tag)
        here = f"{path}/{local(name)}"
        if name not in members:
            yield here, f"is not in the namespace {NAMESPACE}"
            continue
        place = order.index(name)
        if place == reached:
            yield here, "is there more than once"
        elif place < reached:
            yield here, "is out of order or repeated: members stand in the order of the schema"
        reached = max(place, reached)
        yield from _member(members[name], child, here)


def _member(member: Member, child: _Element, path: str) -> _Found:
    if member.many:
        yield from _items(child, member.item_name, path)
        for number, item in enumerate(child):
            yield from _value(member, item, f"{path}/{number}")
    elif member.kind is Kind.MAP:
        yield from _items(child, ENTRY, path)
        names: set[str | None] = set()
        for number, entry in enumerate(child):
            yield from _pair(member, entry, f"{path}/{number}")
            name = entry[0].text if len(entry) else None
            if name in names:
                yield f"{path}/{number}", "a name stands twice"
            names.add(name)
    else:
        yield from _value(member, child, path)


def _value(member: Member, child: _Element, path: str) -> _Found:
    if member.kind is Kind.OBJECT and member.of is not None:
        yield from _object(member.of, child, path)
        return
    yield from _attributes(child, path)
    lexical = _LEXICAL.get(member.kind)
    if lexical is not None and not lexical.fullmatch(child.text or ""):
        yield path, f"is not spelt as XML Schema spells a {member.kind.name.lower()}"


def _items(wrapper: _Element, name: str, path: str) -> _Found:
    yield from _container(wrapper, path)
    for number, item in enumerate(wrapper):
        if item.tag != tag(name):
            yield f"{path}/{number}", f"expected the element {name} of {NAMESPACE}"


def _pair(member: Member, entry: _Element, path: str) -> _Found:
    yield from _container(entry, path)
    if [part.tag for part in entry] != [tag(KEY), tag(VALUE)]:
        yield path, f"holds exactly {KEY} and {VALUE}, in this order"
        return
    yield from _attributes(entry[0], f"{path}/{KEY}")
    yield from _value(member, entry[1], f"{path}/{VALUE}")


def _container(element: _Element, path: str) -> _Found:
    yield from _attributes(element, path or "/")
    texts = [element.text, *(child.tail for child in element)]
    if any(text and text.strip() for text in texts):
        yield path or "/", "text stands between elements"


def _attributes(element: _Element, path: str) -> _Found:
    if _NIL in element.attrib:
        yield path, "xsi:nil is not accepted: leave out what has no value"
    elif any(not str(name).startswith(_INSTANCE) for name in element.attrib):
        yield path, "attributes are not accepted"
