"""A command for a resource of the platform's own, split among its parts in proportion to their
rated power; the parts sum up to the whole exactly. PLT-6.3a, JES-6.2.3.2a, JES-6.5.2b."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from msgspec.structs import replace

from vgigw.codec.shape import shape_of
from vgigw.errors import Detail, OutsideCapability
from vgigw.objects import ControlCurve, ControlPoint
from vgigw.objects.control import Fallback
from vgigw.ports import Part, View
from vgigw.rules.polarity import flipped, net_consumption_kw

_ID_LENGTH: Final = 40
_PLACES: Final = {m.attribute: m.places or 0 for m in shape_of(ControlPoint).members}
_POWER_PLACES: Final = _PLACES["target_power"]
_REACTIVE_PLACES: Final = _PLACES["target_reactive"]


def decompose(curve: ControlCurve, parts: tuple[Part, ...], _: View) -> tuple[ControlCurve, ...]:
    """One command for each of ``parts``, in its polarity; issued by the resource's owner.

    Net consumption is split by charge ratings, net delivery by discharge ratings: whoever cannot
    discharge is told zero while the whole delivers. Reactive power, tolerance, ramp, load ceiling
    and fallback are split by the larger of both ratings; a power factor and a price hold for each.
    Sums are exact at the places of a power, remainders go to the largest fraction first. The
    origin's signature stays that of the whole, which ParentCommandID names. Raises
    ``OutsideCapability`` where no part can take any, ``PolarityMismatch`` where a limit would have
    to be said in the other polarity.
    """
    points = [_split_point(curve, place, parts) for place in range(len(curve.points))]
    sizes = tuple(max(each.rated_charge_kw, each.rated_discharge_kw) for each in parts)
    tolerances = _split_maybe(curve.tolerance, sizes)
    ramps = _split_maybe(curve.ramp_limit, sizes)
    limits = _split_maybe(curve.load_limit, sizes)
    fallbacks = _split_fallback(curve, parts)
    return tuple(
        _in_polarity_of(
            part,
            replace(
                curve,
                command_id=part_id(curve, part),
                parent_command_id=curve.command_id,
                resource_id=part.resource_id,
                aggregator_id=part.owner,
                points=tuple(each[place] for each in points),
                tolerance=tolerances[place],
                ramp_limit=ramps[place],
                load_limit=limits[place],
                fallback=fallbacks[place],
                supersedes_command_id=None,
                issued_by=curve.aggregator_id,
            ),
        )
        for place, part in enumerate(parts)
    )


def part_id(curve: ControlCurve, part: Part) -> str:
    """The identifier of a part's command: another for each version of the whole, since a part of an
    older one may be over. PLT-8.5b."""
    name = f"{curve.command_id}\x1f{curve.version}\x1f{part.owner}\x1f{part.resource_id}"
    return hashlib.sha256(name.encode()).hexdigest()[:_ID_LENGTH]


def split(amount: Decimal, weights: Sequence[Decimal], places: int) -> tuple[Decimal, ...]:
    """``amount`` in proportion to ``weights``, exact at ``places``: each share is rounded towards
    zero and what is left goes, unit by unit, to the largest fractions, the first of equal ones.

    Raises ``ValueError`` where there is an amount and no weight.
    """
    whole, total = sum(map(Fraction, weights)), int(abs(amount).scaleb(places))
    if not total:
        return (Decimal(0).scaleb(-places),) * len(weights)
    if not whole:
        raise ValueError("nobody to give it to")
    exact = [total * Fraction(weight) / whole for weight in weights]
    units = [int(each) for each in exact]
    by_fraction = sorted(range(len(units)), key=lambda at: units[at] - exact[at])
    for at in by_fraction[: total - sum(units)]:
        units[at] += 1
    sign = -1 if amount < 0 else 1
    return tuple(Decimal(sign * each).scaleb(-places) for each in units)


def _split_point(
    curve: ControlCurve, place: int, parts: tuple[Part, ...]
) -> tuple[ControlPoint, ...]:
    point = curve.points[place]
    try:
        powers = split(
            point.target_power, _weights(curve, point.target_power, parts), _POWER_PLACES
        )
    except ValueError:
        path = f"/Points/{place}/TargetPower"
        words = "no member is rated for this direction; ACC-G.1"
        raise OutsideCapability(details=(Detail(path, "rule", words),)) from None
    sizes = tuple(max(each.rated_charge_kw, each.rated_discharge_kw) for each in parts)
    reactive = _split_maybe(point.target_reactive, sizes, _REACTIVE_PLACES)
    return tuple(
        replace(point, target_power=power, target_reactive=kvar)
        for power, kvar in zip(powers, reactive, strict=True)
    )


def _split_maybe(
    amount: Decimal | None, weights: Sequence[Decimal], places: int = _POWER_PLACES
) -> tuple[Decimal | None, ...]:
    if amount is None or not any(weights):
        return (amount,) * len(weights)
    return split(amount, weights, places)


def _split_fallback(curve: ControlCurve, parts: tuple[Part, ...]) -> tuple[Fallback | None, ...]:
    fallback = curve.fallback
    if fallback is None or fallback.power is None:
        return (fallback,) * len(parts)
    powers = _split_maybe(fallback.power, _weights(curve, fallback.power, parts))
    return tuple(replace(fallback, power=power) for power in powers)


def _weights(curve: ControlCurve, power_kw: Decimal, parts: tuple[Part, ...]) -> list[Decimal]:
    """What counts for a power signed by the curve's polarity. 2.0(5)."""
    delivers = net_consumption_kw(power_kw, curve.polarity_mode) < 0
    return [each.rated_discharge_kw if delivers else each.rated_charge_kw for each in parts]


def _in_polarity_of(part: Part, command: ControlCurve) -> ControlCurve:
    return command if part.polarity is command.polarity_mode else flipped(command)
