"""Positions in GCJ-02 or in WGS-84, by CoordSys where an object states it. 2.0(4).

CGCS2000 and WGS-84 differ by centimetres, less than the six places of a coordinate: one is taken
for the other.
"""

from __future__ import annotations

import functools
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from msgspec.structs import replace

from vgigw.codec.convention_gcj02 import to_gcj02, to_wgs84
from vgigw.codec.shape import Member, shape_of
from vgigw.objects.declaration import InformationObject
from vgigw.objects.enumerations import CoordinateSystem

T = TypeVar("T", bound=InformationObject)

_PLACES = Decimal("0.000001")


def in_system(obj: T, wanted: CoordinateSystem, otherwise: CoordinateSystem) -> T:
    """``obj`` with its positions in ``wanted``, which is GCJ-02 or WGS-84, to six places.

    They are in the system that the object around them states, in ``otherwise`` where none does;
    CoordSys says the new one where something was moved. Half a position says no place and is left
    out, as it could not be moved.
    """
    return _in_system(obj, wanted, otherwise) if holds_positions(type(obj)) else obj


@functools.cache
def holds_positions(cls: type[InformationObject]) -> bool:
    """Whether there are positions in objects of ``cls``."""
    plan = _plan(cls)
    return bool(plan.axes or plan.inner)


class _Plan(NamedTuple):
    header: str | None
    axes: tuple[Member, ...]
    inner: tuple[Member, ...]


@functools.cache
def _plan(cls: type[InformationObject]) -> _Plan:
    members = shape_of(cls).members
    axes = {member.axis: member for member in members if member.axis is not None}
    if axes and set(axes) != {"longitude", "latitude"}:
        raise TypeError(f"{cls.__name__}: a position has one longitude and one latitude")
    return _Plan(
        header=next((m.attribute for m in members if m.enumeration is CoordinateSystem), None),
        axes=tuple(axes[name] for name in ("longitude", "latitude")) if axes else (),
        inner=tuple(m for m in members if m.of is not None and holds_positions(m.of)),
    )


def _in_system(obj: T, wanted: CoordinateSystem, otherwise: CoordinateSystem) -> T:
    plan = _plan(type(obj))
    stated = None if plan.header is None else getattr(obj, plan.header)
    present = stated or otherwise
    moves = (present is CoordinateSystem.GCJ_02) is not (wanted is CoordinateSystem.GCJ_02)
    changes: dict[str, Any] = {}
    if moves and plan.axes:
        changes |= _moved(obj, plan.axes, wanted)
    for member in plan.inner:
        value = getattr(obj, member.attribute)
        if value is None:
            continue
        items = value if member.many else (value,)
        told = [_in_system(each, wanted, present) for each in items]
        if any(new is not old for new, old in zip(told, items, strict=True)):
            changes[member.attribute] = tuple(told) if member.many else told[0]
    if moves and plan.header is not None:
        changes[plan.header] = wanted
    return replace(obj, **changes) if changes else obj


def _moved(
    obj: InformationObject, axes: tuple[Member, ...], wanted: CoordinateSystem
) -> dict[str, Decimal | None]:
    east, north = (getattr(obj, member.attribute) for member in axes)
    if east is None or north is None:
        return {member.attribute: None for member in axes}
    shift = to_gcj02 if wanted is CoordinateSystem.GCJ_02 else to_wgs84
    moved = shift(float(east), float(north))
    return {
        member.attribute: Decimal(repr(value)).quantize(_PLACES) + Decimal(0)
        for member, value in zip(axes, moved, strict=True)
    }
