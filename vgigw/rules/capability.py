"""What a resource can do, in net consumption: what it reports of itself, what a target asks of it.

PLT-8.4, PLT-6.8d4, ACC-G.1, JES-6.2.1, JES-6.2.3.3. Net consumption is positive where energy is
taken from the grid, whatever the polarity of the resource. 2.0(5), 2.0(7).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Final, NamedTuple

from vgigw.errors import Detail, OutsideCapability, PolarityMismatch, QualityRefused
from vgigw.objects import (
    AdjustCapability,
    ControlCurve,
    ControlPoint,
    EquipmentInfo,
    PlanCurve,
    PolarityMode,
    StationInfo,
    VehicleInfo,
)
from vgigw.objects.capability import CapabilityBasis
from vgigw.objects.enumerations import DirectionCapability
from vgigw.objects.operating_enumerations import ControlQuantity, RunState
from vgigw.rules.curve import MAX_DETAILS, refuse_for, segment_faults
from vgigw.rules.polarity import net_consumption_kw

FRESH: Final = timedelta(minutes=5)
"""How long a report of ability is believed; the longest period of sum data. PLT-9.5a."""
AHEAD: Final = timedelta(seconds=5)
"""How far DataTime may be ahead of the clock, as with telemetry."""
_HORIZON: Final = timedelta(hours=24)
_UNABLE: Final = frozenset({RunState.FAULT, RunState.EXIT})
_TARGETS: Final = frozenset({ControlQuantity.POWER_SET_POINT, ControlQuantity.START_STOP})
_LIMITS: Final = frozenset({ControlQuantity.POWER_LIMIT, ControlQuantity.CURRENT_LIMIT})

_ANY: Final = Decimal("Infinity")


class Reach(NamedTuple):
    """Net consumption between which a resource can be, in kW; below 0 it delivers."""

    least_kw: Decimal
    most_kw: Decimal


def station_reach(station: StationInfo) -> Reach:
    """Between its ratings. Where a station that can discharge does not say how much, its chargers
    do: their discharge ratings, or else their rated power. PLT-7.4b, JES-5.1.4a."""
    giving = [device_reach(each).least_kw for each in station.equipment_infos]
    least_kw = sum(giving, Decimal(0))
    if least_kw and station.max_discharge_power is not None:
        least_kw = -station.max_discharge_power
    return Reach(least_kw, station.max_charge_power)


def device_reach(equipment: EquipmentInfo) -> Reach:
    """Between the ratings of a charger."""
    if equipment.direction_capability is not DirectionCapability.BIDIRECTIONAL:
        return Reach(Decimal(0), equipment.power)
    discharge_kw = equipment.max_discharge_power
    return Reach(-(equipment.power if discharge_kw is None else discharge_kw), equipment.power)


def vehicle_reach(vehicle: VehicleInfo) -> Reach:
    """Between the ratings of a vehicle."""
    return Reach(-(vehicle.rated_discharge_power or Decimal(0)), vehicle.rated_charge_power)


def polarity_of(reach: Reach) -> PolarityMode:
    """What can also discharge has generation polarity. PLT-7.4b."""
    return PolarityMode.GENERATION if reach.least_kw < 0 else PolarityMode.LOAD


def check_capability(capability: AdjustCapability, now: datetime) -> None:
    """Raise ``QualityRefused`` where a resource that is faulty or left claims ability, or a report
    is of the future; ``CurveRefused`` where its curve has gaps or is longer than 24 h.

    PLT-6.8d4, PLT-8.4, JES-6.2.1c.
    """
    details = tuple(_quality_faults(capability, now))
    if details:
        raise QualityRefused(details=details)
    curve = capability.capability_curve
    refuse_for(segment_faults(curve, "CapabilityCurve", "JES-6.2.1"))
    if curve and curve[-1].end_time - curve[0].start_time > _HORIZON:
        path = f"/CapabilityCurve/{len(curve) - 1}/EndTime"
        refuse_for((Detail(path, "rule", "a forecast is at most 24 h long; JES-6.2.1c"),))


def check_claim(capability: AdjustCapability, polarity: PolarityMode, rated: Reach) -> None:
    """Raise ``PolarityMismatch`` where a resource of load polarity says that it delivers, and
    ``OutsideCapability`` where more ability is claimed than is rated. PLT-7.4a, VGI-D.14."""
    net_kw = net_consumption_kw(capability.active_power, polarity)
    if polarity is PolarityMode.LOAD and net_kw < 0:
        raise PolarityMismatch(
            details=(Detail("/ActivePower", "rule", "consumption is positive; PLT-7.4a"),)
        )
    reach = _reach_of(capability, polarity)
    wires = ("UpCapability", "DownCapability")
    more, less = wires if _up_consumes(capability, polarity) else wires[::-1]
    beyond = (
        (more, reach.most_kw > net_kw and reach.most_kw > rated.most_kw),
        (less, reach.least_kw < net_kw and reach.least_kw < rated.least_kw),
    )
    details = tuple(
        Detail(f"/{wire}", "rule", "leads beyond the rated power; VGI-D.14")
        for wire, too_far in beyond
        if too_far
    )
    if details:
        raise OutsideCapability(details=details)


def check_planned(plan: PlanCurve, rated: Reach) -> None:
    """Raise ``PolarityMismatch`` where a resource of load polarity is planned to deliver, and
    ``OutsideCapability`` for what is beyond its rated power. PLT-7.4a, PLT-8.3, VGI-D.14."""
    wrong, beyond = [], []
    for place, point in enumerate(plan.points):
        for wire, power_kw in (
            ("Power", point.power),
            ("QuantileLow", point.quantile_low),
            ("QuantileHigh", point.quantile_high),
        ):
            if power_kw is None:
                continue
            path = f"/Points/{place}/{wire}"
            net_kw = net_consumption_kw(power_kw, plan.polarity_mode)
            if plan.polarity_mode is PolarityMode.LOAD and net_kw < 0:
                wrong.append(Detail(path, "rule", "consumption is positive; PLT-7.4a"))
            elif not rated.least_kw <= net_kw <= rated.most_kw:
                beyond.append(Detail(path, "rule", "is beyond the rated power; VGI-D.14"))
    if wrong:
        raise PolarityMismatch(details=tuple(wrong[:MAX_DETAILS]))
    if beyond:
        raise OutsideCapability(details=tuple(beyond[:MAX_DETAILS]))


def asks_to_discharge(curve: ControlCurve) -> bool:
    """Whether a segment asks for negative net consumption. ACC-G.1."""
    return any(_asked(curve, point).most_kw < 0 for point in curve.points)


def check_reach(
    curve: ControlCurve, rated: Reach, present: AdjustCapability | None, now: datetime
) -> None:
    """Raise :class:`~vgigw.errors.OutsideCapability` for every segment that asks for what the
    rated power, or the newest report while it is fresh, does not allow. PLT-6.3a, ACC-G.1.

    The report counts for segments that begin while its ability lasts. A limit is refused only where
    it cannot be kept, not where it limits nothing.
    """
    fresh = present is not None and now - present.data_time <= FRESH
    details = tuple(islice(_reach_faults(curve, rated, present if fresh else None), MAX_DETAILS))
    if details:
        raise OutsideCapability(details=details)


def _reach_faults(
    curve: ControlCurve, rated: Reach, present: AdjustCapability | None
) -> Iterator[Detail]:
    for place, point in enumerate(curve.points):
        asked, able = _asked(curve, point), rated
        if present is not None:
            able = _able_then(present, curve.polarity_mode, rated, point.start_time)
        path = f"/Points/{place}/TargetPower"
        if asked.most_kw < 0 and rated.least_kw >= 0:
            yield Detail(path, "rule", "the resource cannot discharge; ACC-G.1")
        elif asked.most_kw < able.least_kw:
            yield Detail(path, "rule", f"it cannot go below {able.least_kw} kW net; PLT-6.3a")
        elif asked.least_kw > able.most_kw:
            yield Detail(path, "rule", f"it cannot go above {able.most_kw} kW net; PLT-6.3a")


def _asked(curve: ControlCurve, point: ControlPoint) -> Reach:
    """Net consumption that would do: the target itself, all that keeps a limit of the reported
    value, or anything where something else is controlled."""
    net_kw = net_consumption_kw(point.target_power, curve.polarity_mode)
    if curve.control_quantity in _TARGETS:
        return Reach(net_kw, net_kw)
    if curve.control_quantity not in _LIMITS:
        return Reach(-_ANY, _ANY)
    load = curve.polarity_mode is PolarityMode.LOAD
    return Reach(-_ANY, net_kw) if load else Reach(net_kw, _ANY)


def _able_then(
    present: AdjustCapability, polarity: PolarityMode, rated: Reach, then: datetime
) -> Reach:
    """The reach at ``then``: an ability that has ended by then bounds nothing."""
    reach = _reach_of(present, polarity)
    up_until = present.data_time + max(timedelta(minutes=present.up_duration), FRESH)
    down_until = present.data_time + max(timedelta(minutes=present.down_duration), FRESH)
    if not _up_consumes(present, polarity):
        up_until, down_until = down_until, up_until
    return Reach(
        max(reach.least_kw, rated.least_kw) if then < down_until else rated.least_kw,
        min(reach.most_kw, rated.most_kw) if then < up_until else rated.most_kw,
    )


def _reach_of(capability: AdjustCapability, polarity: PolarityMode) -> Reach:
    """What is reported, around the present power."""
    net_kw = net_consumption_kw(capability.active_power, polarity)
    up_kw, down_kw = capability.up_capability, capability.down_capability
    if not _up_consumes(capability, polarity):
        up_kw, down_kw = down_kw, up_kw
    return Reach(net_kw - down_kw, net_kw + up_kw)


def _up_consumes(capability: AdjustCapability, polarity: PolarityMode) -> bool:
    """Whether "up" means more consumption. Q2, 2.0(7)."""
    if capability.capability_basis is CapabilityBasis.REPORTED_SIGN:
        return polarity is PolarityMode.LOAD
    return capability.capability_basis is CapabilityBasis.LOAD_INCREASE


def _quality_faults(capability: AdjustCapability, now: datetime) -> Iterator[Detail]:
    if capability.data_time > now + AHEAD:
        yield Detail("/DataTime", "rule", "is later than now; PLT-6.8d4")
    if capability.run_state not in _UNABLE:
        return
    for wire, ability in (
        ("UpCapability", capability.up_capability),
        ("DownCapability", capability.down_capability),
    ):
        if ability:
            words = f"must be 0 in state {capability.run_state.name}; PLT-8.4"
            yield Detail(f"/{wire}", "rule", words)
