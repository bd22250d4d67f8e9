"""Which way is positive: what turns, what does not, and who is refused. PLT-7.4."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.strategies import objects_of
from tests.trio import batch, curve, record
from vgigw.codec import json
from vgigw.codec.shape import shape_of
from vgigw.errors import PolarityMismatch
from vgigw.objects import OBJECTS, InformationObject, PolarityMode, member
from vgigw.objects.capability import AdjustCapability, CapabilityBasis, CapabilityPoint
from vgigw.objects.control import ActualPoint, CommandAck, CommandStatus, Fallback
from vgigw.objects.enumerations import ControlPlace, Dimension, ObjectKind, ResourceLevel, Scene
from vgigw.objects.market import Declaration, DeclarationSegment, RegulationDirection
from vgigw.objects.operating_enumerations import (
    AckResult,
    CommandState,
    ControlQuantity,
    FallbackMode,
    RunState,
)
from vgigw.objects.plans import CurveKind, PlanCurve, PlanKind, PlanPoint
from vgigw.objects.resources import AggregateResource, ResourceMember
from vgigw.objects.values import Kilowatt, KilowattMagnitude
from vgigw.operations import OPERATIONS
from vgigw.rules.mirror import Mirror, mirror_of
from vgigw.rules.polarity import (
    aligned,
    check_spoken,
    flipped,
    net_consumption_kw,
    spoken_in,
    stated_polarity,
    told,
)

LOAD, GENERATION = PolarityMode.LOAD, PolarityMode.GENERATION
NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=15)
TURNING = [cls for cls in OBJECTS if mirror_of(cls).turns]

SIGNED = {
    "ActualPoint.Power",
    "AdjustCapability.ActivePower",
    "ClearedSegment.Quantity",
    "CommandAck.AcceptedPower",
    "ControlPoint.TargetPower",
    "ControlPoint.TargetReactive",
    "DeclarationSegment.Quantity",
    "EdgeLogEntry.Power",
    "Fallback.Power",
    "LoadDevice.MinPower",
    "LoadDevice.MaxPower",
    "OperatingRecord.ActivePower",
    "OperatingRecord.ReactivePower",
    "OperatingRecord.BaselinePower",
    "PlanPoint.Power",
    "PlanPoint.QuantileLow",
    "PlanPoint.QuantileHigh",
}
"""Every value that PolarityMode signs: 2.0(5) and 2.0(8) of the catalogue, written out."""

DIRECTED = {
    "ControlCurve.LoadLimit",
    "DRInterval.TargetPower",
    "ExecutionReport.ResponseQuantity",
    "GridParameter.ReactiveTarget",
    "LoadPoint.Power",
    "OperatingRecord.NonChargingLoad",
    "OperatingRecord.RESPower",
    "SchemeLoad.Q",
    "SchemeSource.Q",
}
"""Powers and energies that may be negative and say themselves which way is positive."""

HANDED_ON = {
    "AdjustCapability",
    "ClearingResult",
    "CommandAck",
    "Declaration",
    "ExecutionReport",
    "TelemetryPage",
}
"""Messages with signed values and no header: a handler aligns and tells them, not the edge."""


def plan(**changes: Any) -> PlanCurve:
    point = PlanPoint(
        start_time=NOW,
        end_time=LATER,
        power=Decimal(500),
        quantile_low=Decimal(400),
        quantile_high=Decimal(650),
    )
    plain = PlanCurve(
        plan_id="P1",
        resource_id="R1",
        aggregator_id="123456789",
        plan_kind=PlanKind.ROLLING,
        plan_date=NOW.date(),
        start_time=NOW,
        end_time=LATER,
        interval_min=15,
        polarity_mode=LOAD,
        curve_kind=CurveKind.PLAN,
        points=(point,),
        version=1,
        submit_time=NOW,
    )
    return replace(plain, **changes)


def capability(**changes: Any) -> AdjustCapability:
    ahead = CapabilityPoint(start_time=NOW, end_time=LATER, up=Decimal(70), down=Decimal(80))
    plain = AdjustCapability(
        capability_id="C1",
        resource_id="R1",
        data_time=NOW,
        run_state=RunState.RUNNING,
        active_power=Decimal(500),
        up_capability=Decimal(10),
        down_capability=Decimal(20),
        up_rate=Decimal(1),
        down_rate=Decimal(2),
        up_duration=30,
        down_duration=60,
        capability_basis=CapabilityBasis.REPORTED_SIGN,
        available_energy_up=Decimal(5),
        capability_curve=(ahead,),
    )
    return replace(plain, **changes)


def numbers(*values: int) -> list[Decimal]:
    return [Decimal(value) for value in values]


def may_be_negative(cls: type[InformationObject]) -> set[str]:
    units = ("kW", "kvar", "kWh", "kW or kWh", "kW/min")
    return {
        f"{cls.__name__}.{one.wire}"
        for one in shape_of(cls).members
        if one.unit in units and one.gt is None and (one.ge is None or one.ge < 0)
    }


def test_plt_7_4_every_power_that_may_be_negative_is_signed_by_polarity_or_says_its_own_way() -> (
    None
):
    """A member added without a decision stands in neither list."""
    signed = {
        f"{cls.__name__}.{shape.wire}"
        for cls in OBJECTS
        for shape in shape_of(cls).members
        if shape.attribute in mirror_of(cls).signed
    }
    assert signed == SIGNED
    assert {name for cls in OBJECTS for name in may_be_negative(cls)} == SIGNED | DIRECTED


def test_plt_7_4_messages_without_a_header_are_those_that_handlers_know_of() -> None:
    """Whoever adds one has to align it in its handler, as the edge cannot."""

    def headless(cls: type[InformationObject]) -> bool:
        mirror = mirror_of(cls)
        if not mirror.turns or mirror.header or mirror.headed:
            return False
        inner = {m.attribute: m.of for m in shape_of(cls).members if m.of is not None}
        held = [inner[name] for name, _ in mirror.inner]
        return bool(mirror.signed or mirror.pairs) or any(map(headless, filter(None, held)))

    messages = {cls for row in OPERATIONS for cls in (row.request, row.response)}
    assert {cls.__name__ for cls in messages if headless(cls)} == HANDED_ON


@pytest.mark.parametrize(
    ("power_kw", "polarity", "net_kw"),
    [
        (Decimal("500.000"), LOAD, "500.000"),
        (Decimal("-500.000"), GENERATION, "500.000"),
        (Decimal("300.000"), GENERATION, "-300.000"),
        (Decimal("0.000"), GENERATION, "0.000"),
        (300.5, GENERATION, "-300.5"),
        (0.0, GENERATION, "0.0"),
    ],
)
def test_plt_7_4b_net_consumption(power_kw: Any, polarity: PolarityMode, net_kw: str) -> None:
    assert str(net_consumption_kw(power_kw, polarity)) == net_kw


def test_plt_7_4b_charging_500_is_minus_500_and_discharging_300_is_300() -> None:
    """Telemetry, plan and target alike; what is no net power stays as it is."""
    charging = record(1, active_power=500.0, charge_power=500.0, res_power=7.0)
    discharging = record(2, active_power=-300.0, baseline_power=40.0, non_charging_load=9.0)
    turned = flipped(batch(1, 2, records=(charging, discharging)))
    assert turned.polarity_mode is GENERATION
    assert [r.active_power for r in turned.records] == [-500.0, 300.0]
    assert turned.records[0].charge_power == 500.0
    assert turned.records[0].res_power == 7.0
    assert turned.records[1].baseline_power == -40.0
    assert turned.records[1].non_charging_load == 9.0
    assert flipped(plan()).points[0].power == Decimal(-500)
    assert flipped(curve()).points[0].target_power == Decimal(-100)
    assert flipped(curve()).polarity_mode is GENERATION


def test_q2_up_and_down_change_places_least_and_most_too() -> None:
    turned = flipped(
        batch(
            1,
            1,
            records=(
                record(1, up_capability=10.0, down_capability=20.0, up_rate=1.0, down_duration=60),
            ),
        )
    ).records[0]
    assert (turned.up_capability, turned.down_capability) == (20.0, 10.0)
    assert (turned.up_rate, turned.down_rate) == (None, 1.0)
    assert (turned.up_duration, turned.down_duration) == (60, None)
    point = flipped(plan()).points[0]
    found = [point.quantile_low, point.power, point.quantile_high]
    assert found == numbers(-650, -500, -400)


def test_an_upper_bound_is_a_lower_one_from_the_other_side() -> None:
    assert flipped(plan(curve_kind=CurveKind.UPPER_BOUND)).curve_kind is CurveKind.LOWER_BOUND
    assert flipped(plan(curve_kind=CurveKind.LOWER_BOUND)).curve_kind is CurveKind.UPPER_BOUND
    assert flipped(plan(curve_kind=CurveKind.BASELINE)).curve_kind is CurveKind.BASELINE


def test_q2_up_that_means_more_load_is_up_from_both_sides() -> None:
    by_sign = flipped(capability())
    found = [by_sign.active_power, by_sign.up_capability, by_sign.down_rate]
    assert found == numbers(-500, 20, 1)
    assert [by_sign.available_energy_up, by_sign.available_energy_down] == [None, Decimal(5)]
    ahead = by_sign.capability_curve[0]
    assert [ahead.up, ahead.down] == numbers(80, 70)
    for basis in (CapabilityBasis.LOAD_INCREASE, CapabilityBasis.GENERATION_INCREASE):
        absolute = flipped(capability(capability_basis=basis))
        assert [absolute.active_power, absolute.up_capability] == numbers(-500, 10)
        assert absolute.capability_curve == capability().capability_curve


def test_least_and_most_change_places_whatever_up_means() -> None:
    class Range(InformationObject):
        basis: CapabilityBasis = member("Basis", "基准", "What up means.")
        least: Kilowatt = member("Least", "下限", "Least.", mirror="Most")
        most: Kilowatt = member("Most", "上限", "Most.", mirror="Least")
        up: KilowattMagnitude = member("Up", "上", "Up.", mirror="Down")
        down: KilowattMagnitude = member("Down", "下", "Down.", mirror="Up")

    least, most, up, down = numbers(-10, 20, 1, 2)
    held = Range(basis=CapabilityBasis.LOAD_INCREASE, least=least, most=most, up=up, down=down)
    turned = flipped(held)
    assert [turned.least, turned.most, turned.up, turned.down] == numbers(-20, 10, 1, 2)


def test_a_declaration_upward_is_one_downward_from_the_other_side() -> None:
    declared = Declaration(
        declaration_id="D1",
        aggregator_id="123456789",
        resource_id="R1",
        market_id="M",
        service_item="PEAK",
        trade_date=NOW.date(),
        trade_start=NOW,
        trade_end=LATER,
        direction=RegulationDirection.UP,
        segments=(DeclarationSegment(seg_no=1, quantity=Decimal(100), price=Decimal("0.5")),),
        gate_time=NOW,
        submit_time=NOW,
        version=1,
    )
    turned = flipped(declared)
    assert turned.direction is RegulationDirection.DOWN
    assert turned.segments[0].quantity == Decimal(-100)
    assert turned.segments[0].price == Decimal("0.5")


def test_values_before_a_filter_turn_by_the_member_they_belong_to() -> None:
    raw = {"ActivePower": 5.0, "UpCapability": 1.0, "SOC": 50.0, "ChargePower": 5.0}
    turned = flipped(record(1, raw=raw, extra={"ActivePower": 3.0}))
    assert turned.raw == {
        "ActivePower": -5.0,
        "DownCapability": 1.0,
        "SOC": 50.0,
        "ChargePower": 5.0,
    }
    assert turned.extra == {"ActivePower": 3.0}


@pytest.mark.parametrize("quantity", [ControlQuantity.POWER_LIMIT, ControlQuantity.CURRENT_LIMIT])
def test_an_upper_limit_is_not_turned_into_a_lower_one(quantity: ControlQuantity) -> None:
    with pytest.raises(PolarityMismatch) as refused:
        flipped(curve(control_quantity=quantity))
    assert [detail.path for detail in refused.value.details] == ["/ControlQuantity"]


def test_a_limit_for_a_lost_link_is_not_turned_and_one_without_a_value_may_be() -> None:
    with_power = Fallback(mode=FallbackMode.DEFAULT_LIMIT, power=Decimal(50))
    with pytest.raises(PolarityMismatch) as refused:
        flipped(curve(fallback=with_power))
    assert [detail.path for detail in refused.value.details] == ["/Fallback/Mode"]
    without = Fallback(mode=FallbackMode.DEFAULT_LIMIT, hold_min=5)
    assert flipped(curve(fallback=without)).fallback == without
    held = Fallback(mode=FallbackMode.HOLD, power=Decimal(50))
    assert flipped(curve(fallback=held)).fallback == replace(held, power=Decimal(-50))


def test_what_holds_no_signed_value_keeps_its_polarity_which_is_a_fact() -> None:
    resource = AggregateResource(
        resource_id="R1",
        resource_name="R",
        aggregator_id="123456789",
        resource_level=ResourceLevel.STATION,
        dimension=Dimension.AREA,
        scene=Scene.PEAK,
        polarity_mode=GENERATION,
        polarity_from=NOW,
        members=(ResourceMember(member_kind=ObjectKind.STATION, member_id="ST1"),),
        rated_charge_power=Decimal(100),
        rated_discharge_power=Decimal(50),
        min_control_unit=Decimal(1),
        control_mode=ControlPlace.LOCAL,
        version=1,
        update_time=NOW,
    )
    assert flipped(resource) is resource
    assert spoken_in(resource, LOAD) is resource
    check_spoken(resource, LOAD)


def test_plt_7_4c_aligned_with_the_archive_or_refused() -> None:
    assert aligned(curve(), LOAD) == curve()
    with pytest.raises(PolarityMismatch) as refused:
        aligned(curve(), GENERATION)
    assert [detail.path for detail in refused.value.details] == ["/PolarityMode"]
    said = replace(flipped(curve()))
    assert aligned(said, LOAD, spoken=GENERATION) == curve()
    assert aligned(said, GENERATION, spoken=GENERATION) == said
    with pytest.raises(PolarityMismatch):
        aligned(curve(), LOAD, spoken=GENERATION)


def test_what_states_no_polarity_is_in_that_of_the_peer_or_of_the_archive() -> None:
    ack = CommandAck(
        command_id="C",
        ack_result=AckResult.PARTLY,
        accepted_power=Decimal(60),
        ack_time=NOW,
    )
    turned = replace(ack, accepted_power=Decimal(-60))
    assert aligned(ack, GENERATION) == ack
    assert aligned(ack, GENERATION, spoken=LOAD) == turned
    assert aligned(ack, LOAD, spoken=LOAD) == ack
    assert told(ack, GENERATION, None) == ack
    assert told(ack, GENERATION, LOAD) == turned
    assert spoken_in(ack, LOAD) == ack
    assert told(curve(), LOAD, GENERATION) == curve()
    with pytest.raises(PolarityMismatch):
        told(curve(control_quantity=ControlQuantity.POWER_LIMIT), LOAD, GENERATION)


def test_a_status_is_in_the_polarity_of_its_command() -> None:
    ack = CommandAck(
        command_id="C", ack_result=AckResult.PARTLY, accepted_power=Decimal(60), ack_time=NOW
    )
    status = CommandStatus(command=curve(), state=CommandState.ACKED, acks=(ack,))
    assert stated_polarity(status) is LOAD
    turned = spoken_in(status, GENERATION)
    assert turned.command == flipped(curve())
    assert turned.acks[0].accepted_power == Decimal(-60)
    with pytest.raises(PolarityMismatch):
        check_spoken(status, GENERATION)


def test_zero_has_no_sign_on_the_other_side() -> None:
    point = ActualPoint(start_time=NOW, end_time=LATER, power=Decimal("0.000"))
    assert str(flipped(point).power) == "0.000"
    assert str(flipped(record(1, active_power=0.0)).active_power) == "0.0"


def test_decimals_turn_without_rounding_whatever_the_host_has_set() -> None:
    long = Decimal("999999999999.999")
    import decimal

    with decimal.localcontext(prec=3):
        turned = flipped(replace(curve().points[0], target_power=long)).target_power
    assert turned == -long


@pytest.mark.parametrize("cls", TURNING, ids=lambda cls: cls.__name__)
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_flipped_twice_it_is_what_it_was(cls: type[InformationObject], data: st.DataObject) -> None:
    obj = data.draw(objects_of(cls))
    try:
        once = flipped(obj)
    except PolarityMismatch:
        return
    assert flipped(once) == obj
    assert json.encode(flipped(once)) == json.encode(obj)
    assert json.validated(once) == once
    stated = stated_polarity(obj)
    if stated is not None:
        assert stated_polarity(once) is stated.mirrored
        assert spoken_in(obj, stated) == obj == aligned(obj, stated)


def test_a_mirror_that_is_not_mutual_is_refused() -> None:
    class OneSided(InformationObject):
        up: int = member("Up", "上", "Up.", mirror="Down")
        down: int = member("Down", "下", "Down.")

    with pytest.raises(TypeError, match=r"OneSided\.up"):
        mirror_of(OneSided)
    assert isinstance(mirror_of(CapabilityPoint), Mirror)
