"""Information objects as a zeep client takes them, and its answers as information objects."""

from __future__ import annotations

from typing import Any, TypeVar

from zeep.helpers import serialize_object

from vgigw.codec.shape import Kind, Member, shape_of
from vgigw.codec.xml_names import BEIJING
from vgigw.objects import InformationObject

T = TypeVar("T", bound=InformationObject)


def to_zeep(obj: InformationObject) -> dict[str, Any]:
    """``obj`` by wire names, lists and maps inside their wrapper elements."""
    found: dict[str, Any] = {}
    for member in shape_of(type(obj)).members:
        value = getattr(obj, member.attribute)
        if value is None:
            continue
        if member.kind is Kind.MAP:
            entries = [{"Name": name, "Value": number} for name, number in value.items()]
            found[member.wire] = {"Entry": entries}
        elif member.many:
            found[member.wire] = {member.item_name: [_one(member.kind, item) for item in value]}
        else:
            found[member.wire] = _one(member.kind, value)
    return found


def from_zeep(cls: type[T], answer: Any) -> T:
    """The ``cls`` in what zeep made of an answer, without checking it again."""
    serialize: Any = serialize_object  # ships no types
    document = serialize(answer, dict)
    body = document.get("body", document)
    return _object(cls, body.get(cls.__name__, body))


def _one(kind: Kind, value: Any) -> Any:
    if kind is Kind.OBJECT:
        return to_zeep(value)
    if kind is Kind.INSTANT:
        return value.astimezone(BEIJING)
    return value.value if kind in {Kind.NUMBER_CHOICE, Kind.TEXT_CHOICE} else value


def _object(cls: type[T], document: dict[str, Any]) -> T:
    found: dict[str, Any] = {}
    for member in shape_of(cls).members:
        value = document.get(member.wire)
        if value is None:
            continue
        if member.kind is Kind.MAP:
            found[member.attribute] = {each["Name"]: each["Value"] for each in value["Entry"]}
        elif member.many:
            items = value.get(member.item_name) or ()
            found[member.attribute] = tuple(_read(member, item) for item in items)
        else:
            found[member.attribute] = _read(member, value)
    return cls(**found)


def _read(member: Member, value: Any) -> Any:
    if member.of is not None:
        return _object(member.of, value)
    return member.enumeration(value) if member.enumeration else value
