"""A small valid example of every object, made from its shape: the same on every run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from vgigw.codec.json import accept
from vgigw.codec.shape import Kind, Member, shape_of
from vgigw.objects.declaration import InformationObject

_START = datetime(2026, 1, 1, tzinfo=UTC)
_STEP = timedelta(minutes=15)
_PARTY = "123456789"


def example(cls: type[InformationObject]) -> InformationObject:
    """An object with the required members of ``cls``, and theirs."""
    return accept(cls, document(cls))


def document(cls: type[InformationObject]) -> dict[str, Any]:
    """Builtins by wire name of :func:`example`; instants of one object lie a step apart."""
    found: dict[str, Any] = {}
    moment = _START
    for member in shape_of(cls).members:
        if not member.required:
            continue
        if member.kind is Kind.INSTANT:
            found[member.wire] = moment.isoformat().replace("+00:00", "Z")
            moment += _STEP
        elif member.many:
            found[member.wire] = [_value(member)]
        else:
            found[member.wire] = _value(member)
    return found


def _value(member: Member) -> Any:
    match member.kind:
        case Kind.OBJECT if member.of is not None:
            return document(member.of)
        case Kind.TEXT:
            return _text(member)
        case Kind.NUMBER_CHOICE | Kind.TEXT_CHOICE:
            return member.choices[0]
        case Kind.BOOLEAN:
            return True
        case Kind.DAY:
            return _START.date().isoformat()
        case Kind.MAP:
            return {}
    low = member.ge if member.ge is not None else member.gt
    return 1 if low is None or low <= 1 else int(low)


def _text(member: Member) -> str:
    least, most = member.min_length or 0, member.max_length or 32
    if member.wire.endswith(("OperatorID", "AggregatorID", "OwnerID", "RequesterID", "IssuedBy")):
        return _PARTY
    if least == most:
        return "0" * (least - 1) + "1"
    return f"{member.wire}-1"[:most].ljust(least, "0")
