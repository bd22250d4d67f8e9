"""Powers and energies in kW and kWh or in MW and MWh: scaled by the unit of their value type.

Into our units nothing is rounded. Into MW a power is rounded half-even to 0.001, which is 1 kW
(JES-6.5.2b), and an energy is not, as it is settled at 0.1 kWh or finer (JES-6.5.2a).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Any, NamedTuple, TypeVar

from msgspec.structs import replace

from vgigw.codec.convention_reading import THOUSANDS, scales
from vgigw.codec.shape import Kind, Member, shape_of
from vgigw.errors import Detail, InvalidObject
from vgigw.objects.declaration import InformationObject
from vgigw.objects.enumerations import UnitProfile
from vgigw.objects.values import POWER_UNITS

T = TypeVar("T", bound=InformationObject)

_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation])


def in_unit(obj: T, unit: UnitProfile, otherwise: UnitProfile) -> T:
    """``obj`` in ``unit``, from the unit that it states itself, ``otherwise`` if it does not.

    Raises ``InvalidObject`` for what cannot be said in that unit, and for a measurement that is
    beyond its limits there. Decimals come out as they are scaled: whoever reads them settles them.
    """
    return _in_unit(obj, unit, otherwise, "")


@functools.cache
def states_unit(cls: type[InformationObject]) -> bool:
    """Whether objects of ``cls`` say themselves in which unit they are, or hold one that does."""
    members = shape_of(cls).members
    return any(
        member.enumeration is UnitProfile or (member.of is not None and states_unit(member.of))
        for member in members
    )


class _Plan(NamedTuple):
    """What of a class is scaled: its header, its members, and its maps by the names of members."""

    header: str | None
    members: tuple[Member, ...]
    by_wire: dict[str, Member]


@functools.cache
def _plan(cls: type[InformationObject]) -> _Plan:
    members = shape_of(cls).members
    return _Plan(
        header=next((m.attribute for m in members if m.enumeration is UnitProfile), None),
        members=tuple(m for m in members if _concerned(m)),
        by_wire={m.wire: m for m in members if scales(m)},
    )


def _concerned(member: Member) -> bool:
    if member.of is not None:
        plan = _plan(member.of)
        return bool(plan.members or plan.header)
    return member.by_wire or scales(member)


def _in_unit(obj: T, unit: UnitProfile, otherwise: UnitProfile, path: str) -> T:
    plan = _plan(type(obj))
    stated = None if plan.header is None else getattr(obj, plan.header)
    present = stated or otherwise
    if present is unit and not states_unit(type(obj)):
        return obj
    if stated is unit:
        return obj
    changes: dict[str, Any] = {} if plan.header is None else {plan.header: unit}
    for member in plan.members:
        value = getattr(obj, member.attribute)
        if value is None:
            continue
        here = f"{path}/{member.wire}"
        change = _change_of(member, plan, unit, present)
        if member.many:
            told = tuple(change(each, f"{here}/{n}") for n, each in enumerate(value))
            changes[member.attribute] = told
        else:
            changes[member.attribute] = change(value, here)
    return replace(obj, **changes) if changes else obj


def _change_of(
    member: Member, plan: _Plan, unit: UnitProfile, present: UnitProfile
) -> Callable[[Any, str], Any]:
    """From a value of ``member`` and its path to the value in ``unit``."""
    if member.kind is Kind.OBJECT:
        return lambda value, path: _in_unit(value, unit, present, path)
    if present is unit:
        return lambda value, _: value
    if member.by_wire:
        return lambda values, path: {
            wire: _measurement(plan.by_wire[wire], value, unit, f"{path}/{wire}")
            if wire in plan.by_wire
            else value
            for wire, value in values.items()
        }
    one = _exact if member.kind is Kind.DECIMAL else _measurement
    return lambda value, path: one(member, value, unit, path)


def _measurement(member: Member, value: float, unit: UnitProfile, path: str) -> float:
    """By its decimal digits, so that 0.0007 MW is 0.7 kW and not a hair beside it."""
    power = THOUSANDS if unit is UnitProfile.KW else -THOUSANDS
    scaled = float(_EXACT.scaleb(Decimal(repr(value)), power))
    if (member.ge is not None and scaled < member.ge) or (
        member.le is not None and scaled > member.le
    ):
        raise _unfit(path, "out_of_range", f"must be at most {member.le} {member.unit}")
    return scaled


def _exact(member: Member, value: Decimal, unit: UnitProfile, path: str) -> Decimal:
    assert member.places is not None  # noqa: S101 - narrows for the type checker
    if unit is UnitProfile.KW:
        return _EXACT.scaleb(value, THOUSANDS)
    scaled = _EXACT.scaleb(value, -THOUSANDS)
    places = THOUSANDS if member.unit in POWER_UNITS else member.places + THOUSANDS
    told = _EXACT.quantize(scaled, Decimal(1).scaleb(-places))
    if member.gt is not None and not told > member.gt:
        raise _unfit(path, "resolution", f"is too little to be said in thousands of {member.unit}")
    return told or abs(told)


def _unfit(path: str, code: str, words: str) -> InvalidObject:
    return InvalidObject(details=(Detail(path, code, words),))
