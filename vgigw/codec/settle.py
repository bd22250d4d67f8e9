"""Settling an object: what msgspec cannot check is checked, what has two spellings gets one."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal, InvalidOperation
from typing import Any

import msgspec
from msgspec.structs import force_setattr

from vgigw.codec.convention_reading import finer, more_places
from vgigw.codec.explain import refused
from vgigw.codec.shape import Kind, Member, shape_of
from vgigw.objects.declaration import InformationObject

FIRST_YEAR, LAST_YEAR = 1970, 2199
"""Years, in UTC, that an instant may lie in."""

BEIJING_OFFSET = timedelta(hours=8)
"""An instant without offset is Beijing time. 2.0(2) of the object catalogue."""

FOREIGN = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
"""A character that XML 1.0 cannot carry."""

_UTC_ORIGIN = datetime(1970, 1, 1, tzinfo=UTC)
_BEIJING_ORIGIN = _UTC_ORIGIN.replace(tzinfo=None) + BEIJING_OFFSET
EXACT = Context(prec=60, traps=[InvalidOperation])
"""For sums on exact quantities, whatever the host has set for its own."""


def settle(obj: InformationObject) -> None:
    """Bring a decoded object into its one form, in place; types and limits are msgspec's.

    Instants become UTC (milliseconds, years 1970 to 2199), decimals get exactly their places,
    ``-0`` becomes 0. Raises :class:`InvalidObject` with every fault of the object. 2.0(2), 2.0(4).
    """
    if _checker(type(obj))(obj):
        return
    more = more_places()
    if not more or not _checker(type(obj), more)(obj):
        raise refused(type(obj), _document(obj))


def settle_text(obj: InformationObject) -> None:
    """Refuse text that XML 1.0 cannot carry; raises :class:`InvalidObject` with every fault.

    Apart from :func:`settle`, because JSON without escapes cannot hold such a character.
    """
    if not all(FOREIGN.search(text) is None for text in _texts(obj)):
        raise refused(type(obj), _document(obj))


def utc_instant(value: datetime) -> datetime | None:
    """``value`` in UTC; without offset it is Beijing time. None outside the calendar."""
    try:
        if value.tzinfo is None:
            return _UTC_ORIGIN + (value - _BEIJING_ORIGIN)
        return value.astimezone(UTC)
    except OverflowError:
        return None


def quantised(value: Decimal, places: int) -> Decimal | None:
    """``value`` with exactly ``places`` places and no negative zero; None if that changes it."""
    try:
        exact = EXACT.quantize(value, Decimal(1).scaleb(-places))
        if exact != value:
            return None
    except InvalidOperation:
        return None
    return exact or abs(exact)


def _document(obj: InformationObject) -> Any:
    return msgspec.to_builtins(obj, builtin_types=(Decimal, datetime))


def _texts(obj: InformationObject) -> Iterator[str]:
    for member in shape_of(type(obj)).members:
        value = getattr(obj, member.attribute)
        if value is None or member.kind not in (Kind.TEXT, Kind.MAP, Kind.OBJECT):
            continue
        if member.kind is Kind.MAP:
            yield from value
            continue
        for item in value if member.many else (value,):
            if member.kind is Kind.OBJECT:
                yield from _texts(item)
            else:
                yield item


@functools.cache
def _checker(cls: type[InformationObject], more: int = 0) -> Callable[[Any], bool]:
    """The function that settles ``cls``: False at the first fault; written once, for speed.

    With ``more`` places for what a peer speaks in thousands of our units.
    """
    scope: dict[str, Any] = {
        "UTC": UTC,
        "put": force_setattr,
        "utc_instant": utc_instant,
        "quantize": EXACT.quantize,
        "InvalidOperation": InvalidOperation,
        "INFINITE": float("inf"),
    }
    lines = ["def check(o):", " try:", "  pass"]
    for number, member in enumerate(shape_of(cls).members):
        body = _member_lines(finer(member, more), number, scope, more)
        if body:
            lines.append(f"  v = o.{member.attribute}")
            lines.append("  if v is not None:")
            lines += [f"   {line}" for line in body]
    lines += [" except InvalidOperation:", "  return False", " return True"]
    exec(compile("\n".join(lines), f"<settle {cls.__name__}>", "exec"), scope)  # noqa: S102
    check: Callable[[Any], bool] = scope["check"]
    return check


def _member_lines(member: Member, number: int, scope: dict[str, Any], more: int) -> list[str]:
    """Statements on ``v``, the value of one member of ``o``."""
    keep = f"put(o, {member.attribute!r}, v)"
    if member.kind is Kind.OBJECT:
        assert member.of is not None  # noqa: S101 - narrows for the type checker
        scope[f"check{number}"] = _checker(member.of, more) if more else _checker(member.of)
        test = f"if not check{number}(v): return False"
        return ["for v in v:", f" {test}"] if member.many else [test]
    if member.kind is Kind.MAP:
        return ["for k, x in v.items():", *_float_lines(member, "x", "v[k] = 0.0")]
    one = _value_lines(member, number, scope)
    if one and member.many:
        inner = [f" {line.replace('KEEP', 'changed = True')}" for line in one]
        return ["kept, changed = [], False", "for v in v:", *inner, " kept.append(v)",
                "if changed:", " v = tuple(kept)", f" {keep}"]  # fmt: skip
    if one:
        return [line.replace("KEEP", keep) for line in one]
    if member.default is not None and not member.many:
        # msgspec leaves a default out by identity: an equal value must be the very same object.
        scope[f"default{number}"] = member.default
        return [f"if v == default{number}: v = default{number}; {keep}"]
    return []


def _float_lines(member: Member, name: str, keep: str) -> list[str]:
    """A zero loses its sign; NaN, which is neither side of zero, is refused."""
    bounded = member.le is not None and (member.ge is not None or member.gt is not None)
    infinite = [] if bounded else [f" if {name} in (INFINITE, -INFINITE): return False"]
    return [
        *infinite,
        f" if not {name} > 0.0 and not {name} < 0.0:",
        f"  if {name} != 0.0: return False",
        f"  {keep}",
    ]


def _value_lines(member: Member, number: int, scope: dict[str, Any]) -> list[str]:
    match member.kind:
        case Kind.FLOAT:
            return ["if True:", *_float_lines(member, "v", "v = 0.0; KEEP")]
        case Kind.INSTANT:
            return [
                "if v.tzinfo is not UTC:",
                " v = utc_instant(v)",
                " if v is None: return False",
                " KEEP",
                f"if v.microsecond % 1000 or not {FIRST_YEAR} <= v.year <= {LAST_YEAR}:",
                " return False",
            ]
        case Kind.DECIMAL:
            assert member.places is not None  # noqa: S101 - narrows for the type checker
            scope[f"unit{number}"] = Decimal(1).scaleb(-member.places)
            scope[f"low{number}"] = Decimal(str(member.ge if member.gt is None else member.gt))
            scope[f"high{number}"] = Decimal(str(member.le))
            below = "<=" if member.gt is None else "<"
            return [
                f"if not v.same_quantum(unit{number}):",
                f" x = quantize(v, unit{number})",
                " if x != v: return False",
                " v = x; KEEP",
                f"if not low{number} {below} v <= high{number}: return False",
                "if not v and v.is_signed(): v = abs(v); KEEP",
            ]
    return []
