"""Vehicles and trips: on an active consent of the user only, each party its own. JES-6.4.1a."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from tests.cases.trading import call, faults, refusal
from tests.cases.worlds import (
    AGGREGATOR,
    DISPATCH,
    NOW,
    OEM,
    OPERATOR,
    OTHER,
    PLATFORM,
    World,
)
from vgigw import operations as ops
from vgigw.codec.example import example
from vgigw.errors import InvalidObject, NoConsent, PeerRefused
from vgigw.handlers.audit import AUDIT
from vgigw.objects import (
    ConsentInfo,
    ControlCurve,
    ControlPoint,
    PolarityMode,
    TripInfo,
    VehicleInfo,
)
from vgigw.objects.consents import ConsentScope, ConsentState
from vgigw.objects.enumerations import SupportedService
from vgigw.objects.vehicles import DataSource, Position, VehicleClass
from vgigw.ports.letter_groups import of_consent

GRANT, VEHICLE, TRIP = ops.GRANT_CONSENT, ops.PUSH_VEHICLE, ops.PUSH_TRIP
HOUR = timedelta(hours=1)
EVERYTHING = tuple(ConsentScope)


@pytest.fixture
def world() -> World:
    return World()


def a_consent(consent_id: str = "A", **changes: Any) -> ConsentInfo:
    plain = ConsentInfo(
        consent_id=consent_id,
        vehicle_id="V1",
        consent_scope=EVERYTHING,
        granted_at=NOW - HOUR,
        consent_state=ConsentState.ACTIVE,
    )
    return replace(plain, **changes)


def a_vehicle(version: int = 1, **changes: Any) -> VehicleInfo:
    plain = VehicleInfo(
        vehicle_id="V1",
        vehicle_class=VehicleClass.CAR,
        battery_capacity=Decimal("60.0"),
        rated_charge_power=Decimal("7.0"),
        soc_floor=Decimal("20.0"),
        soc_ceil=Decimal("100.0"),
        data_source=DataSource.OEM,
        consent_id="A",
        version=version,
        update_time=NOW,
    )
    return replace(plain, **changes)


def a_trip(trip_id: str = "T1", **changes: Any) -> TripInfo:
    here = Position(lng=Decimal("116.397000"), lat=Decimal("39.908000"))
    plain = TripInfo(
        trip_id=trip_id,
        vehicle_id="V1",
        trip_start_time=NOW + HOUR,
        origin=here,
        destination=here,
        data_source=DataSource.APP,
        consent_id="A",
    )
    return replace(plain, **changes)


def a_command(power: str = "5.000", command_id: str = "K1", **changes: Any) -> ControlCurve:
    """For the vehicle, in the polarity of one that only charges."""
    drawn = example(ControlCurve)
    assert isinstance(drawn, ControlCurve)
    point = ControlPoint(start_time=NOW, end_time=NOW + HOUR, target_power=Decimal(power))
    plain = replace(
        drawn,
        command_id=command_id,
        resource_id="V1",
        aggregator_id=OPERATOR,
        polarity_mode=PolarityMode.LOAD,
        points=(point,),
        interval_min=15,
        soc_floor=None,
        soc_override=None,
        supersedes_command_id=None,
        ack_deadline=NOW + timedelta(seconds=30),
        valid_until=NOW + HOUR,
        version=1,
        issued_by=DISPATCH,
        issue_time=NOW,
    )
    return replace(plain, **changes)


def held(world: World, kind: str, owner: str = OPERATOR) -> list[int]:
    """Versions of the documents of one kind, history and all."""
    return world.served.store.read(
        lambda view: [
            each.version
            for current in view.documents(kind, owner=owner)
            for each in view.history(kind, owner, current.key)
        ]
    )


@pytest.mark.parametrize("party", [OPERATOR, AGGREGATOR, OEM])
def test_a_vehicle_and_a_trip_are_taken_on_consent_jes_6_4_1a(world: World, party: str) -> None:
    call(world, party, GRANT, a_consent())
    assert call(world, party, VEHICLE, a_vehicle(3)).version == 3
    assert call(world, party, TRIP, a_trip()).object_id == "T1"
    assert held(world, "VehicleInfo", party) == [3]
    assert held(world, "TripInfo", party) == [1]


@pytest.mark.parametrize(
    "given",
    [
        None,
        a_consent("B"),
        a_consent(vehicle_id="V2"),
        a_consent(valid_to=NOW + timedelta(seconds=1)),
        a_consent(consent_scope=(ConsentScope.IDENTITY,)),
    ],
    ids=["none", "another", "another vehicle's", "lapsed", "another scope"],
)
def test_without_a_fitting_consent_nothing_is_kept_4407(
    world: World, given: ConsentInfo | None
) -> None:
    if given is not None:
        call(world, OPERATOR, GRANT, given)
    world.clock.move_to(NOW + timedelta(seconds=2))
    assert refusal(world, OPERATOR, VEHICLE, a_vehicle()) == 4407
    assert refusal(world, OPERATOR, TRIP, a_trip()) == 4407


def test_a_consent_that_somebody_else_told_of_is_none_4407(world: World) -> None:
    call(world, OTHER, GRANT, a_consent())
    assert refusal(world, OPERATOR, VEHICLE, a_vehicle()) == 4407


@pytest.mark.parametrize(
    ("scope", "told", "path"),
    [
        (ConsentScope.BATTERY, {}, "/BatteryCapacity"),
        (ConsentScope.IDENTITY, {"vin": "LSVAA4182E2123456"}, "/VIN"),
        (ConsentScope.TRIP, {"departure_time": NOW + HOUR}, "/DepartureTime"),
    ],
)
def test_each_personal_member_needs_its_scope_jes_6_4_1a(
    world: World, scope: ConsentScope, told: dict[str, Any], path: str
) -> None:
    lacking = tuple(each for each in EVERYTHING if each is not scope)
    call(world, OPERATOR, GRANT, a_consent(consent_scope=lacking))
    with pytest.raises(PeerRefused) as refused:
        call(world, OPERATOR, VEHICLE, a_vehicle(**told))
    assert refused.value.code == 4407
    assert [each.path for each in refused.value.details] == [path]


def test_versions_of_a_vehicle_rise_and_each_party_has_its_own_4204(world: World) -> None:
    for party in (OPERATOR, OEM):
        call(world, party, GRANT, a_consent())
    call(world, OPERATOR, VEHICLE, a_vehicle(5))
    assert refusal(world, OPERATOR, VEHICLE, a_vehicle(4)) == 4204
    call(world, OEM, VEHICLE, a_vehicle(4))
    assert (held(world, "VehicleInfo"), held(world, "VehicleInfo", OEM)) == ([5], [4])


def test_a_trip_is_told_once_4202(world: World) -> None:
    call(world, OPERATOR, GRANT, a_consent())
    call(world, OPERATOR, TRIP, a_trip())
    moved = a_trip(trip_start_time=NOW + 2 * HOUR)
    assert refusal(world, OPERATOR, TRIP, moved) == 4202


def test_limits_out_of_order_are_refused_vgi_d_7(world: World) -> None:
    call(world, OPERATOR, GRANT, a_consent())
    wrong = a_vehicle(
        min_discharge_power=Decimal("1.3"),
        max_discharge_power=Decimal("1.0"),
        soc_floor=Decimal("90.0"),
        soc_ceil=Decimal("80.0"),
        departure_time=NOW,
    )
    paths = ["/MinDischargePower", "/SOCFloor", "/DepartureTime"]
    assert faults(world, OPERATOR, VEHICLE, wrong) == paths


def test_a_command_needs_consent_to_control_4407(world: World) -> None:
    told = (ConsentScope.BATTERY, ConsentScope.DISCHARGE_CONTROL)
    call(world, OPERATOR, GRANT, a_consent(consent_scope=told))
    call(world, OPERATOR, VEHICLE, a_vehicle())
    assert refusal(world, DISPATCH, ops.ISSUE_CONTROL, a_command()) == 4407
    call(world, OPERATOR, GRANT, a_consent("B"))
    call(world, OPERATOR, VEHICLE, a_vehicle(2, consent_id="B"))
    call(world, DISPATCH, ops.ISSUE_CONTROL, a_command())


def test_the_north_tells_no_single_vehicle_to_discharge_jes_6_2_3_3(world: World) -> None:
    call(world, OPERATOR, GRANT, a_consent())
    able = a_vehicle(rated_discharge_power=Decimal("7.0"), selected_service=SupportedService.V2G)
    call(world, OPERATOR, VEHICLE, able)
    discharge = a_command("5.000", polarity_mode=PolarityMode.GENERATION)
    assert refusal(world, DISPATCH, ops.ISSUE_CONTROL, discharge) == 4403


def test_a_sender_keeps_its_own_and_holds_them_to_its_consents_jes_6_4_1c() -> None:
    world = World(OPERATOR)
    world.act(PLATFORM, GRANT, a_consent(consent_scope=(ConsentScope.BATTERY,)))
    world.act(PLATFORM, VEHICLE, a_vehicle())
    with pytest.raises(NoConsent):
        world.act(PLATFORM, TRIP, a_trip())
    with pytest.raises(InvalidObject):
        world.act(PLATFORM, VEHICLE, a_vehicle(2, departure_time=NOW))
    assert held(world, "VehicleInfo") == [1]
    assert held(world, "TripInfo") == []


def test_no_message_id_and_no_audit_names_a_vehicle_jes_6_4_1b(world: World) -> None:
    sender = World(OPERATOR)
    sender.act(PLATFORM, GRANT, a_consent())
    sender.act(PLATFORM, VEHICLE, a_vehicle())
    sender.act(PLATFORM, TRIP, a_trip())
    letters = sender.served.store.read(lambda view: view.letters())
    assert {each.group for each in letters} == {of_consent(OPERATOR, "A")}
    assert not any("V1" in each.message_id or "T1" in each.message_id for each in letters)

    call(world, OPERATOR, GRANT, a_consent())
    call(world, OPERATOR, VEHICLE, a_vehicle())
    call(world, OPERATOR, TRIP, a_trip())
    audited = world.served.store.read(AUDIT.all)
    assert [(each.action, each.object_ref) for each in audited if each.actor == OPERATOR][-3:] == [
        ("GrantConsent", "A"),
        ("PushVehicle", "A"),
        ("PushTrip", "A"),
    ]
