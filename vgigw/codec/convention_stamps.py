"""Curve points with one time stamp, for a peer that says no step twice. Q27, PLT-8.3b, PLT-8.5a.

Inside, each point has its start and its end. Such a peer writes both the same: the stamp stands at
the begin of the step or at its end, and IntervalMin says how long the step is.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

from msgspec.structs import replace

from vgigw.codec.shape import Member, shape_of
from vgigw.errors import Detail, InvalidObject
from vgigw.objects.declaration import InformationObject

T = TypeVar("T", bound=InformationObject)

_STEP, _START, _END = "interval_min", "start_time", "end_time"


class CurveStamp(enum.StrEnum):
    """Which time a peer writes with a point of a curve."""

    BOTH = "both"
    BEGIN = "begin"
    END = "end"


def spelt_out(obj: T, stamp: CurveStamp) -> T:
    """``obj`` with start and end of each point; those that differ already are left alone."""
    if stamp is CurveStamp.BOTH or not holds_curves(type(obj)):
        return obj

    def points_of(obj: Any, member: Member, _: str) -> tuple[Any, ...]:
        step = timedelta(minutes=getattr(obj, _STEP))
        return tuple(_spelt_out(p, stamp, step) for p in getattr(obj, member.attribute))

    return _with_points(obj, points_of, "")


def stamped(obj: T, stamp: CurveStamp) -> T:
    """``obj`` with one time stamp a point, one point a step.

    Raises ``InvalidObject`` for a point that does not last whole steps and for too many of them.
    """
    if stamp is CurveStamp.BOTH or not holds_curves(type(obj)):
        return obj

    def points_of(obj: Any, member: Member, path: str) -> tuple[Any, ...]:
        step = timedelta(minutes=getattr(obj, _STEP))
        told: list[Any] = []
        for number, point in enumerate(getattr(obj, member.attribute)):
            told += _steps_of(point, stamp, step, f"{path}/{number}")
            if member.max_items is not None and len(told) > member.max_items:
                words = f"at most {member.max_items} steps can be told"
                raise InvalidObject(details=(Detail(path, "too_many", words),))
        return tuple(told)

    return _with_points(obj, points_of, "")


@functools.cache
def holds_curves(cls: type[InformationObject]) -> bool:
    """Whether objects of ``cls`` have points and a step, or hold objects that do."""
    plan = _plan(cls)
    return bool(plan.points or plan.inner)


class _Plan(NamedTuple):
    points: tuple[Member, ...]
    inner: tuple[Member, ...]


@functools.cache
def _plan(cls: type[InformationObject]) -> _Plan:
    members = [member for member in shape_of(cls).members if member.of is not None]
    points = tuple(m for m in members if m.many and _is_point(m))
    return _Plan(
        points=points if _STEP in cls.__struct_fields__ else (),
        inner=tuple(m for m in members if m.of is not None and holds_curves(m.of)),
    )


def _is_point(member: Member) -> bool:
    return member.of is not None and {_START, _END} <= set(member.of.__struct_fields__)


def _with_points(obj: T, points_of: Any, path: str) -> T:
    plan = _plan(type(obj))
    changes: dict[str, Any] = {
        member.attribute: points_of(obj, member, f"{path}/{member.wire}") for member in plan.points
    }
    for member in plan.inner:
        value = getattr(obj, member.attribute)
        here = f"{path}/{member.wire}"
        if value is not None and member.many:
            told = (_with_points(o, points_of, f"{here}/{n}") for n, o in enumerate(value))
            changes[member.attribute] = tuple(told)
        elif value is not None:
            changes[member.attribute] = _with_points(value, points_of, here)
    return replace(obj, **changes) if changes else obj


def _spelt_out(point: Any, stamp: CurveStamp, step: timedelta) -> Any:
    if point.start_time != point.end_time:
        return point
    if stamp is CurveStamp.BEGIN:
        return replace(point, end_time=point.start_time + step)
    return replace(point, start_time=point.end_time - step)


def _steps_of(point: Any, stamp: CurveStamp, step: timedelta, path: str) -> Iterator[Any]:
    length = point.end_time - point.start_time
    if length < step or length % step:
        words = "does not last whole steps, so that one time stamp cannot say it; PLT-8.5a"
        raise InvalidObject(details=(Detail(f"{path}/EndTime", "rule", words),))
    first = point.start_time if stamp is CurveStamp.BEGIN else point.start_time + step
    for number in range(length // step):
        at = first + number * step
        yield replace(point, start_time=at, end_time=at)
