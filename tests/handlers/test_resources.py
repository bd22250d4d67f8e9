"""Resources: no double count, polarity and when it flips, up to dispatch. PLT-6.4a, PLT-7.4."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.cases.registers import (
    BOTH_WAYS,
    CHARGERS,
    CONNECTORS,
    HOUR,
    STATION,
    a_resource,
    member,
)
from tests.cases.trading import call, faults, refusal, sent
from tests.cases.worlds import AGGREGATOR, DISPATCH, NOW, OPERATOR, OTHER, World
from vgigw import operations as ops
from vgigw.handlers.resources import polarity_of
from vgigw.objects import AggregateResource, PolarityMode, ResourceQuery, StationInfo
from vgigw.objects.enumerations import ObjectKind, Scene
from vgigw.objects.resources import ResourceMember

PUSH, QUERY = ops.PUSH_RESOURCE, ops.QUERY_RESOURCES
LOAD, GENERATION = PolarityMode.LOAD, PolarityMode.GENERATION
WHOLE = member(ObjectKind.STATION, STATION.station_id)
CHARGER, OTHER_CHARGER = (member(ObjectKind.EQUIPMENT, each) for each in CHARGERS)
CONNECTOR, OTHER_CONNECTOR = (member(ObjectKind.CONNECTOR, each) for each in CONNECTORS)
VEHICLE = member(ObjectKind.VEHICLE, "V1")


@pytest.fixture
def world() -> World:
    """With the station of ``OPERATOR``, whose chargers only charge."""
    world = World()
    call(world, OPERATOR, ops.PUSH_ARCHIVE, STATION)
    return world


def inner(resource_id: str) -> ResourceMember:
    return member(ObjectKind.RESOURCE, resource_id)


def push(world: World, *resources: AggregateResource, party: str = OPERATOR) -> None:
    for each in resources:
        call(world, party, PUSH, each)


def test_plt_7_2a_a_resource_goes_to_dispatch_at_once_and_to_nobody_else(world: World) -> None:
    resource = a_resource()
    push(world, resource)
    (letter,) = world.served.store.read(lambda view: view.letters())
    assert (letter.created_at, letter.next_at) == (NOW, NOW)
    assert sent(world, PUSH) == [(DISPATCH, resource)]


def test_acc_g_4_nobody_pushes_a_resource_of_another(world: World) -> None:
    assert refusal(world, OTHER, PUSH, a_resource()) == 4301
    assert refusal(world, OPERATOR, PUSH, a_resource(aggregator_id=DISPATCH)) == 4301


def test_acc_g_4_a_foreign_resource_is_none(world: World) -> None:
    push(world, a_resource())
    for name in ("R1", "nobody's", None):
        page = call(world, OTHER, QUERY, ResourceQuery(resource_id=name))
        assert (page.aggregate_resources, page.item_size) == ((), 0)
    page = call(world, DISPATCH, QUERY, ResourceQuery(resource_id="R1"))
    assert page.aggregate_resources == (a_resource(),)


@pytest.mark.parametrize(
    ("counted", "again"),
    [
        (WHOLE, WHOLE),
        (WHOLE, CHARGER),
        (WHOLE, CONNECTOR),
        (CHARGER, WHOLE),
        (CHARGER, CONNECTOR),
        (CONNECTOR, WHOLE),
        (CONNECTOR, CHARGER),
        (VEHICLE, VEHICLE),
    ],
)
def test_plt_6_4a_nothing_is_counted_twice_in_one_scene(
    world: World, counted: ResourceMember, again: ResourceMember
) -> None:
    push(world, a_resource("R1", 1, counted))
    second = a_resource("R2", 1, OTHER_CONNECTOR, again)
    if WHOLE in (counted, again):
        second = a_resource("R2", 1, again)
    at = second.members.index(again)
    assert faults(world, OPERATOR, PUSH, second) == [f"/Members/{at}/MemberID"]
    inside = a_resource("R3", 1, *dict.fromkeys((counted, again)), scene=Scene.SPOT)
    if counted != again:
        assert set(faults(world, OPERATOR, PUSH, inside)) == {
            "/Members/0/MemberID",
            "/Members/1/MemberID",
        }
    push(world, replace(second, scene=Scene.RESERVE))


def test_plt_6_4a_parts_side_by_side_are_counted_once_each(world: World) -> None:
    push(world, a_resource("R1", 1, CHARGER), a_resource("R2", 1, OTHER_CONNECTOR))
    assert refusal(world, OPERATOR, PUSH, a_resource("R3", 1, OTHER_CHARGER)) == 4004


def test_plt_6_4a_what_a_resource_lets_go_another_may_count(world: World) -> None:
    push(world, a_resource("R1", 1, CHARGER, OTHER_CHARGER), a_resource("R1", 2, CHARGER))
    push(world, a_resource("R2", 1, OTHER_CHARGER))
    push(world, a_resource("R1", 3, CHARGER, scene=Scene.SPOT), a_resource("R3", 1, CHARGER))


def test_plt_6_4a_operator_and_aggregator_do_not_both_count_a_station() -> None:
    world = World()
    shared = replace(STATION, aggregator_id=AGGREGATOR)
    call(world, OPERATOR, ops.PUSH_ARCHIVE, shared)
    push(world, a_resource(aggregator_id=AGGREGATOR), party=AGGREGATOR)
    assert faults(world, OPERATOR, PUSH, a_resource("R9", 1, CHARGER)) == ["/Members/0/MemberID"]
    push(world, a_resource("R9", 1, CHARGER, scene=Scene.SPOT))
    again = a_resource("R8", 1, CONNECTOR, scene=Scene.SPOT, aggregator_id=AGGREGATOR)
    assert faults(world, AGGREGATOR, PUSH, again) == ["/Members/0/MemberID"]


def test_plt_6_4a_who_claims_a_foreign_station_takes_nothing_from_its_operator(
    world: World,
) -> None:
    push(world, a_resource(aggregator_id=OTHER), party=OTHER)
    push(world, a_resource())


@pytest.mark.parametrize("scene", [Scene.PEAK, Scene.SPOT])
def test_plt_6_4a_no_resource_is_its_own_member_at_any_depth(world: World, scene: Scene) -> None:
    push(world, a_resource("R1", 1, CHARGER), a_resource("R2", 1, inner("R1"), scene=scene))
    push(world, a_resource("R3", 1, inner("R2")))
    circle = a_resource("R1", 2, CHARGER, inner("R3"))
    assert faults(world, OPERATOR, PUSH, circle) == ["/Members/1/MemberID"]
    itself = a_resource("R4", 1, inner("R4"))
    assert faults(world, OPERATOR, PUSH, itself) == ["/Members/0/MemberID"]


def test_plt_6_4a_a_member_that_is_named_twice_is_refused(world: World) -> None:
    twice = a_resource("R1", 1, CHARGER, VEHICLE, CHARGER)
    assert faults(world, OPERATOR, PUSH, twice) == ["/Members/2/MemberID"]


def both_ways(**changes: object) -> AggregateResource:
    delivers = {"polarity_mode": GENERATION, "rated_discharge_power": Decimal(60)}
    return replace(a_resource(), **delivers | changes)


def test_plt_7_4b_polarity_is_that_of_what_is_counted(world: World) -> None:
    only_charges = both_ways(rated_discharge_power=Decimal(0))
    assert refusal(world, OPERATOR, PUSH, only_charges) == 4402
    assert refusal(world, OPERATOR, PUSH, both_ways(polarity_mode=LOAD)) == 4402
    call(world, OPERATOR, ops.PUSH_ARCHIVE, replace(BOTH_WAYS, version=STATION.version + 1))
    assert refusal(world, OPERATOR, PUSH, a_resource()) == 4402
    push(world, both_ways())
    over_it = a_resource("R2", 1, inner("R1"))
    assert refusal(world, OPERATOR, PUSH, over_it) == 4402
    push(world, replace(over_it, polarity_mode=GENERATION))


def flipped(at: timedelta) -> AggregateResource:
    return both_ways(version=2, polarity_from=NOW + at)


@pytest.mark.parametrize("at", [-2 * HOUR, -HOUR, timedelta(0)], ids=["before", "then", "now"])
def test_plt_7_4c_a_polarity_flips_at_an_instant_to_come(world: World, at: timedelta) -> None:
    push(world, a_resource())
    assert refusal(world, OPERATOR, PUSH, flipped(at)) == 4402


def test_plt_7_4c_the_instant_changes_with_the_polarity_only(world: World) -> None:
    push(world, a_resource())
    moved = a_resource(version=2, polarity_from=NOW + HOUR)
    assert refusal(world, OPERATOR, PUSH, moved) == 4402


def test_plt_7_4c_what_is_told_for_later_does_not_hold_yet(world: World) -> None:
    push(world, a_resource(), flipped(HOUR))
    assert [in_force(world, NOW + each * HOUR) for each in (-2, -1, 0)] == [LOAD, LOAD, LOAD]
    assert [in_force(world, NOW + each * HOUR) for each in (1, 2)] == [GENERATION, GENERATION]
    push(world, replace(flipped(HOUR), version=3, resource_name="changed besides"))
    assert in_force(world, NOW) is LOAD


def in_force(world: World, at: object) -> PolarityMode | None:
    then: Callable[..., PolarityMode | None] = polarity_of
    return world.served.store.read(lambda view: then(view, OPERATOR, "R1", at))


def test_a_station_that_is_gone_from_the_archive_of_its_operator_is_none() -> None:
    """What left a station is known there no more, and may be counted anew."""
    world = World()
    call(world, OPERATOR, ops.PUSH_ARCHIVE, STATION)
    push(world, a_resource("R1", 1, CHARGER))
    left: StationInfo = replace(STATION, version=2, equipment_infos=STATION.equipment_infos[1:])
    call(world, OPERATOR, ops.PUSH_ARCHIVE, left)
    push(world, a_resource("R2", 1, WHOLE))
