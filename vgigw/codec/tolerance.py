"""What every door reads although it never writes it: 24:00, 12.0 for 12, null for absent."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from vgigw.codec.shape import Kind, Member, shape_of
from vgigw.objects.declaration import InformationObject

_FULL_DAY = re.compile(
    r"(\d{4}-\d\d-\d\d)([T ])24:00(?::00(?:\.0{1,9})?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII
)
_MOST_DIGITS = 20


def midnight(text: str) -> str:
    """24:00 of a day as 00:00 of the next; any other text unchanged. 2.0(2)."""
    found = _FULL_DAY.fullmatch(text)
    if found is None:
        return text
    try:
        day = date.fromisoformat(found[1]) + timedelta(days=1)
    except (ValueError, OverflowError):
        return text
    return f"{day.isoformat()}{found[2]}00:00:00{found[3] or ''}"


def as_integer(value: object) -> object:
    """An integral float or decimal (12.0, 1e2) as an integer; anything else unchanged."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**_MOST_DIGITS:
        return int(value)
    if not isinstance(value, Decimal) or not value.is_finite():
        return value
    if not value:
        return 0
    # Looked at first, because expanding a large exponent would cost memory.
    small = 0 <= value.adjusted() < _MOST_DIGITS
    return int(value) if small and value == value.to_integral_value() else value


def as_float(value: object) -> object:
    """A decimal as a float, since a parser that keeps digits gives decimals."""
    return float(value) if isinstance(value, Decimal) and not value.is_snan() else value


def tolerant(cls: type[InformationObject], document: dict[str, Any]) -> dict[str, Any]:
    """``document`` with the tolerances applied; what they do not concern stays as it is."""
    read = dict(document)
    for member in shape_of(cls).members:
        if member.wire not in read:
            continue
        value = read[member.wire]
        if value is None:
            if not member.required:
                del read[member.wire]
        elif not member.many:
            read[member.wire] = _one(member, value)
        elif isinstance(value, list | tuple):
            read[member.wire] = [_one(member, item) for item in value]
    return read


def _one(member: Member, value: Any) -> Any:
    match member.kind:
        case Kind.INTEGER | Kind.NUMBER_CHOICE:
            return as_integer(value)
        case Kind.FLOAT:
            return as_float(value)
        case Kind.INSTANT if isinstance(value, str):
            return midnight(value)
        case Kind.MAP if isinstance(value, dict):
            return {key: as_float(item) for key, item in value.items()}
        case Kind.OBJECT if isinstance(value, dict) and member.of is not None:
            return tolerant(member.of, value)
    return value
