"""Kinds of control and ways that it takes: private chargers, single ones, minutes, many levels."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from tests.gateway.test_conventions_through_doors import site
from tests.handlers.test_combining import answer, heard, report, reported
from tests.handlers.test_decomposition import aggregate, nested, parts, region_of, whole
from tests.handlers.test_relay import ack, curves_at, issue, status
from tests.handlers.test_vehicles import a_consent
from tests.rules.test_vehicle import ABLE, DISCHARGE
from tests.testing.test_fleet import EVENING, busiest, small
from tests.testing.test_fleet import curve as fleet_curve
from tests.trio import (
    BASES,
    DISPATCH,
    NOW,
    OPERATOR,
    OTHER,
    PLATFORM,
    Trio,
    batch,
    curve,
    kept,
    record,
    station,
)
from vgigw.errors import NoConsent, SocFloor
from vgigw.objects import (
    AckResult,
    AggregateResource,
    CommandState,
    ControlPoint,
    ExecState,
    ExecutionReport,
    PolarityMode,
)
from vgigw.objects.control import ActualPoint
from vgigw.objects.enumerations import (
    Construction,
    Dimension,
    ObjectKind,
    ResourceLevel,
    Scene,
    StationType,
)
from vgigw.objects.operating_enumerations import ControlQuantity, Priority
from vgigw.objects.resources import ResourceMember
from vgigw.operations import (
    ACK_CONTROL,
    PUSH_ARCHIVE,
    PUSH_RESOURCE,
    REPORT_EXECUTION,
    UPLOAD_TELEMETRY,
)
from vgigw.rules import command

MINUTE = timedelta(minutes=1)
LOAD, GENERATION = PolarityMode.LOAD, PolarityMode.GENERATION


@pytest.fixture(params=list(BASES))
def trio(request: pytest.FixtureRequest) -> Trio:
    made = Trio(request.param)
    made.call(OPERATOR, PUSH_ARCHIVE, station())
    return made


# --- what can be asked -----------------------------------------------------------------------


def asking(**point: Any) -> tuple[ControlPoint, ...]:
    return (replace(curve().points[0], **point),)


KINDS: dict[str, dict[str, Any]] = {
    "orderly charging": {
        "control_quantity": ControlQuantity.POWER_LIMIT,
        "points": asking(target_power=Decimal(60)),
    },
    "V2G": {"polarity_mode": GENERATION, "points": asking(target_power=Decimal(30))},
    "reactive power": {
        "control_quantity": ControlQuantity.REACTIVE_POWER,
        "scene": Scene.REACTIVE_VOLTAGE,
        "points": asking(target_reactive=Decimal(-20), power_factor=Decimal("0.95")),
    },
    "price": {
        "control_quantity": ControlQuantity.PRICE,
        "points": asking(price=Decimal("0.35")),
    },
    "load ceiling": {"load_limit": Decimal(90)},
    "frequency": {"scene": Scene.FREQUENCY},
}


@pytest.mark.parametrize("kind", KINDS)
def test_vgi_s_4_each_kind_of_control_reaches_the_operator_as_it_was_issued(
    trio: Trio, kind: str
) -> None:
    asked = curve(**KINDS[kind])
    if asked.polarity_mode is GENERATION:
        trio.call(OPERATOR, PUSH_ARCHIVE, site(both_ways=True))
    assert issue(trio, asked) is CommandState.RECEIVED
    trio.tick()
    assert curves_at(trio, OPERATOR) == [asked]


@pytest.mark.parametrize(
    "construction",
    [Construction.RESIDENTIAL, Construction.ENTERPRISE, Construction.INDUSTRIAL_PARK],
)
def test_jes_6_1_3b_a_private_charger_is_heard_and_told_as_a_public_one(
    trio: Trio, construction: Construction
) -> None:
    private = station(version=2, station_type=StationType.PRIVATE, construction=construction)
    trio.call(OPERATOR, PUSH_ARCHIVE, private)
    connector = private.equipment_infos[0].connector_infos[0].connector_id
    measured = batch(1, 1, records=(record(1, object_id=connector),))
    trio.call(OPERATOR, UPLOAD_TELEMETRY, measured)
    assert trio.records()[1].object_id == connector
    small_one = asking(target_power=Decimal(1))
    for name in (private.station_id, connector):
        issue(trio, curve(f"FOR-{name}", resource_id=name, points=small_one))
    trio.tick()
    told = {each.resource_id for each in curves_at(trio, OPERATOR)}
    assert told == {private.station_id, connector}


def test_vgi_p_1_a_charger_alone_is_a_resource_that_dispatch_tells_what_to_do(trio: Trio) -> None:
    charger = station().equipment_infos[0]
    alone = AggregateResource(
        resource_id="ALONE",
        resource_name="one charger",
        aggregator_id=OPERATOR,
        resource_level=ResourceLevel.DEVICE,
        dimension=Dimension.FEEDER,
        scene=Scene.PEAK,
        polarity_mode=LOAD,
        polarity_from=NOW,
        members=(ResourceMember(member_kind=ObjectKind.EQUIPMENT, member_id=charger.equipment_id),),
        rated_charge_power=charger.power,
        rated_discharge_power=Decimal(0),
        min_control_unit=Decimal(1),
        version=1,
        update_time=NOW,
    )
    trio.call(OPERATOR, PUSH_RESOURCE, alone)
    asked = curve(resource_id="ALONE", points=asking(target_power=charger.power))
    assert issue(trio, asked) is CommandState.RECEIVED
    trio.tick()
    assert curves_at(trio, OPERATOR) == [asked]


# --- minute by minute ------------------------------------------------------------------------


def test_jes_6_2_2_2b_a_curve_of_minutes_goes_down_at_once_and_its_minutes_come_back(
    trio: Trio,
) -> None:
    spans = [(NOW + n * MINUTE, NOW + (n + 1) * MINUTE) for n in range(1, 16)]
    points = tuple(
        ControlPoint(start_time=start, end_time=end, target_power=Decimal(60 + n))
        for n, (start, end) in enumerate(spans)
    )
    asked = curve(interval_min=1, points=points)
    issue(trio, asked)
    trio.tick()
    assert curves_at(trio, OPERATOR) == [asked]
    assert trio.now < points[0].start_time
    trio.operator.send(PLATFORM, ACK_CONTROL, ack(), trio.now)
    actual = tuple(
        ActualPoint(start_time=start, end_time=end, power=Decimal(60 + n))
        for n, (start, end) in enumerate(spans)
    )
    given = done(asked.command_id, "15", actual_points=actual)
    trio.wait(16 * 60)
    trio.operator.send(PLATFORM, REPORT_EXECUTION, given, trio.now)
    trio.tick(2)
    found = trio.stores[DISPATCH].read(lambda view: view.documents("ExecutionReport"))
    (told,) = [kept(ExecutionReport, each.payload) for each in found]
    assert told.actual_points == actual


def test_jes_6_2_2_2b_the_simulated_fleet_follows_a_curve_minute_by_minute() -> None:
    fleet = small(3)
    name, natural_kw = busiest(fleet, EVENING)
    sign = 1 if fleet.polarity(name) is LOAD else -1
    shares = (0.8, 0.4, 0.6, 0.3, 0.7)
    asked = fleet_curve(fleet, name, [sign * natural_kw * each for each in shares], EVENING)
    minutes = tuple(
        replace(point, start_time=EVENING + n * MINUTE, end_time=EVENING + (n + 1) * MINUTE)
        for n, point in enumerate(asked.points)
    )
    fleet.follow(replace(asked, interval_min=1, points=minutes))
    report_ = fleet.execution(replace(asked, interval_min=1, points=minutes), EVENING + 5 * MINUTE)
    assert [each.start_time for each in report_.actual_points] == [p.start_time for p in minutes]
    assert report_.delay_sec < 60
    assert report_.response_accuracy == 100


# --- many levels -----------------------------------------------------------------------------


def test_jes_6_2_3_2a_what_every_level_answers_is_rolled_up_to_the_issuer() -> None:
    """``R1`` of ``ST1`` and ``R2``, which is ``ST2``: the region hears of stations, no more."""
    made = region_of()
    nested(made)
    issue(made, whole())
    made.tick(2)
    inner = parts(made)["R2"].command_id
    below = parts(made, inner)["ST2"].command_id
    answer(made, "ST1", AckResult.ACCEPTED)
    assert heard(made) == []
    partly = ack(AckResult.PARTLY, below)
    made.call(OTHER, ACK_CONTROL, replace(partly, accepted_power=Decimal(12)))
    (decided,) = heard(made)
    assert (decided.command_id, decided.ack_result) == ("W1", AckResult.PARTLY)
    assert decided.accepted_power == Decimal(72)
    report(made, "ST1", ExecState.DONE, response_quantity=Decimal("15.1"))
    assert reported(made) == []
    made.call(OTHER, REPORT_EXECUTION, done(below, "4.2"))
    (told,) = reported(made)
    assert (told.command_id, told.response_quantity) == ("W1", Decimal("19.3"))
    assert status(made, "W1").state is CommandState.DONE


def done(command_id: str, quantity: str, **changes: Any) -> ExecutionReport:
    plain = ExecutionReport(
        report_id="R",
        command_id=command_id,
        exec_state=ExecState.DONE,
        actual_start_time=NOW,
        actual_end_time=NOW + 15 * MINUTE,
        response_quantity=Decimal(quantity),
        response_accuracy=Decimal(90),
        delay_sec=Decimal(2),
    )
    return replace(plain, **changes)


def test_jes_6_2_3_2a_a_region_delivers_through_every_level() -> None:
    """Two stations that do both, the one that gives less in a resource of its own."""
    made = region_of()
    dual = site(both_ways=True)
    made.call(OPERATOR, PUSH_ARCHIVE, dual)
    less = replace(dual, station_id="ST2", operator_id=OTHER, max_discharge_power=Decimal(100))
    made.call(OTHER, PUSH_ARCHIVE, less)
    inner = ResourceMember(member_kind=ObjectKind.STATION, member_id="ST2")
    outer = (
        ResourceMember(member_kind=ObjectKind.STATION, member_id="ST1"),
        ResourceMember(member_kind=ObjectKind.RESOURCE, member_id="R2"),
    )
    rated = {"rated_charge_power": Decimal(500), "rated_discharge_power": Decimal(500)}
    shared: dict[str, Any] = {"polarity_mode": GENERATION, **rated}
    flip = made.now + MINUTE
    aggregate(made, "ST1", version=2, polarity_from=flip, **shared)
    little = shared | {"rated_discharge_power": Decimal(100)}
    aggregate(made, resource_id="R2", members=(inner,), **little)
    aggregate(made, version=3, members=outer, polarity_from=flip, **shared)
    made.wait(61)
    asked = whole(polarity_mode=GENERATION)
    points = tuple(
        replace(each, start_time=made.now, end_time=made.now + 15 * MINUTE) for each in asked.points
    )
    later = made.now + timedelta(seconds=30)
    assert issue(made, replace(asked, points=points, ack_deadline=later)) is CommandState.DECOMPOSED
    made.tick(2)
    told = [*curves_at(made, OPERATOR), *curves_at(made, OTHER)]
    assert [each.resource_id for each in told] == ["ST1", "ST2"]
    assert {each.polarity_mode for each in told} == {GENERATION}
    assert [str(each.points[0].target_power) for each in told] == ["66.667", "13.333"]


# --- the user first --------------------------------------------------------------------------


def test_jes_6_5_1_5b_an_emergency_needs_consent_and_spares_the_floor_like_any_other() -> None:
    urgent = replace(DISCHARGE, priority=Priority.EMERGENCY, scene=Scene.EMERGENCY)
    charged = replace(ABLE, initial_soc=Decimal(80))
    command.check_vehicle(urgent, charged, a_consent(), NOW)
    with pytest.raises(SocFloor):
        command.check_vehicle(urgent, replace(ABLE, initial_soc=Decimal(20)), a_consent(), NOW)
    with pytest.raises(NoConsent):
        command.check_vehicle(urgent, charged, None, NOW)
