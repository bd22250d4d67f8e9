"""The ledger: who stands under whom, from any node down, page by page. PLT-6.9, PLT-8.2."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.cases.registers import (
    AGENTED,
    CHARGERS,
    CONNECTORS,
    HOUR,
    STATION,
    a_device,
    a_party,
    a_resource,
    an_aggregator,
    member,
)
from tests.cases.trading import call, faults
from tests.cases.worlds import (
    AGGREGATOR,
    DISPATCH,
    NOW,
    OPERATOR,
    OTHER,
    PLATFORM,
    SUPERVISOR,
    World,
)
from vgigw import operations as ops
from vgigw.handlers.archive import Archive
from vgigw.objects import LedgerNode, LedgerQuery, StationInfo
from vgigw.objects.enumerations import ObjectKind, Scene
from vgigw.objects.ledger import LedgerKind as Kind
from vgigw.ports import Transaction
from vgigw.testing.fleet import Fleet

QUERY = ops.QUERY_LEDGER
SITE = STATION.station_id
INSIDE = [
    (Kind.EQUIPMENT, CHARGERS[0], SITE, 2),
    (Kind.EQUIPMENT, CHARGERS[1], SITE, 2),
    (Kind.CONNECTOR, CONNECTORS[0], CHARGERS[0], 3),
    (Kind.CONNECTOR, CONNECTORS[1], CHARGERS[1], 3),
]
"""Below an operator at level 0 whose station stands at level 1."""

Node = tuple[Kind, str, str | None, int]


@pytest.fixture
def world() -> World:
    return World()


def page(world: World, **asked: Any) -> Any:
    return call(world, DISPATCH, QUERY, LedgerQuery(**asked))


def nodes(world: World, **asked: Any) -> list[Node]:
    """Kind, identifier, parent and level of every node, however many pages there are."""
    found: list[LedgerNode] = []
    number = 1
    while True:
        here = page(world, page_no=number, page_size=100, **asked)
        found += here.ledger_nodes
        if number >= here.page_count:
            break
        number += 1
    assert len(found) == here.item_size
    return [(n.node_kind, n.node_id, n.parent_id, n.depth) for n in found]


def test_plt_6_9_an_empty_ledger_is_the_platform_alone(world: World) -> None:
    assert [node for node in nodes(world) if node[0] is not Kind.AGGREGATOR] == [
        (Kind.PLATFORM, PLATFORM, None, 0)
    ]


def test_plt_6_9_from_an_operator_down_to_its_connectors(world: World) -> None:
    call(world, OPERATOR, ops.PUSH_ARCHIVE, STATION)
    call(world, OPERATOR, ops.PUSH_OPERATOR, a_party())
    below = [(Kind.OPERATOR, OPERATOR, None, 0), (Kind.STATION, SITE, OPERATOR, 1), *INSIDE]
    assert nodes(world, root=OPERATOR) == below
    (operator,) = page(world, root=OPERATOR, depth=0).ledger_nodes
    assert (operator.name, operator.owner_id) == ("运营商一", OPERATOR)


def test_plt_6_9_the_whole_tree_level_by_level(world: World) -> None:
    shared = replace(STATION, aggregator_id=AGGREGATOR)
    call(world, OPERATOR, ops.PUSH_ARCHIVE, shared)
    own = replace(STATION, operator_id=OTHER, station_id="S2", equipment_infos=(_charger(),))
    call(world, OTHER, ops.PUSH_ARCHIVE, own)
    assert nodes(world) == [
        (Kind.PLATFORM, PLATFORM, None, 0),
        (Kind.AGGREGATOR, AGGREGATOR, PLATFORM, 1),
        (Kind.OPERATOR, OTHER, PLATFORM, 1),
        (Kind.OPERATOR, OPERATOR, AGGREGATOR, 2),
        (Kind.STATION, "S2", OTHER, 2),
        (Kind.STATION, SITE, OPERATOR, 3),
        (Kind.EQUIPMENT, "E2", "S2", 3),
        *((kind, name, above, depth + 2) for kind, name, above, depth in INSIDE[:2]),
        (Kind.CONNECTOR, "C2", "E2", 4),
        *((kind, name, above, depth + 2) for kind, name, above, depth in INSIDE[2:]),
    ]


def _charger() -> Any:
    first = STATION.equipment_infos[0]
    inside = (replace(first.connector_infos[0], connector_id="C2"),)
    return replace(first, equipment_id="E2", connector_infos=inside)


@pytest.mark.parametrize("depth", [0, 1, 2, 3])
def test_plt_6_9_a_depth_cuts_the_tree(world: World, depth: int) -> None:
    call(world, OPERATOR, ops.PUSH_ARCHIVE, STATION)
    whole = nodes(world, root=OPERATOR)
    assert nodes(world, root=OPERATOR, depth=depth) == [n for n in whole if n[3] <= depth]


@pytest.mark.parametrize(
    ("root", "below"),
    [
        (SITE, [(Kind.STATION, SITE, None, 0), *((k, n, a, d - 1) for k, n, a, d in INSIDE)]),
        (
            CHARGERS[1],
            [
                (Kind.EQUIPMENT, CHARGERS[1], None, 0),
                (Kind.CONNECTOR, CONNECTORS[1], CHARGERS[1], 1),
            ],
        ),
        (CONNECTORS[0], [(Kind.CONNECTOR, CONNECTORS[0], None, 0)]),
        ("nobody's", []),
    ],
    ids=["station", "charger", "connector", "nothing"],
)
def test_plt_6_9_from_any_facility_down(world: World, root: str, below: list[Node]) -> None:
    call(world, OPERATOR, ops.PUSH_ARCHIVE, STATION)
    assert nodes(world, root=root) == below


def test_plt_6_9_pages_show_each_node_once_and_in_order(world: World) -> None:
    for station in Fleet(3, OPERATOR, 7, 30).archives(NOW):
        call(world, OPERATOR, ops.PUSH_ARCHIVE, station)
    whole = nodes(world)
    for size in (1, 3, 7, len(whole), len(whole) + 1):
        found: list[str] = []
        pages = -(-len(whole) // size)
        for number in range(1, pages + 2):
            here = page(world, page_no=number, page_size=size)
            assert (here.page_count, here.item_size) == (pages, len(whole))
            found += [each.node_id for each in here.ledger_nodes]
        assert found == [each[1] for each in whole]
    assert len(page(world).ledger_nodes) == 10


def test_plt_6_9_an_operator_stands_under_each_aggregator_with_its_stations(world: World) -> None:
    first = replace(STATION, aggregator_id=AGGREGATOR)
    call(world, OPERATOR, ops.PUSH_ARCHIVE, first)
    alone = replace(STATION, station_id="S2", equipment_infos=(_charger(),))
    call(world, OPERATOR, ops.PUSH_ARCHIVE, alone)
    found = nodes(world)
    assert (Kind.OPERATOR, OPERATOR, AGGREGATOR, 2) in found
    assert (Kind.OPERATOR, OPERATOR, PLATFORM, 1) in found
    inside = [each for each in found if each[0] in (Kind.STATION, Kind.EQUIPMENT, Kind.CONNECTOR)]
    assert len(inside) == len(set(inside)) == 8


def test_plt_6_9_what_left_the_archive_left_the_ledger(world: World) -> None:
    call(world, OPERATOR, ops.PUSH_ARCHIVE, STATION)
    fewer: StationInfo = replace(STATION, version=2, equipment_infos=STATION.equipment_infos[1:])
    call(world, OPERATOR, ops.PUSH_ARCHIVE, fewer)
    assert [each[1] for each in nodes(world, root=SITE)] == [SITE, CHARGERS[1], CONNECTORS[1]]


def test_plt_6_9_a_name_that_several_bear_is_asked_back(world: World) -> None:
    call(world, OPERATOR, ops.PUSH_ARCHIVE, STATION)
    call(world, OTHER, ops.PUSH_ARCHIVE, replace(STATION, operator_id=OTHER))
    assert faults(world, DISPATCH, QUERY, LedgerQuery(root=SITE)) == ["/Root"]
    for owner in (OPERATOR, OTHER):
        (station, *_) = page(
            world, root=SITE, root_kind=Kind.STATION, root_owner_id=owner
        ).ledger_nodes
        assert station.owner_id == owner
    assert nodes(world, root=SITE, root_kind=Kind.EQUIPMENT) == []


def test_plt_6_9_kind_and_owner_of_no_root_are_refused(world: World) -> None:
    assert faults(world, DISPATCH, QUERY, LedgerQuery(root_kind=Kind.STATION)) == ["/Root"]
    assert faults(world, DISPATCH, QUERY, LedgerQuery(root_owner_id=OPERATOR)) == ["/Root"]


def test_plt_8_2_an_agented_operator_stands_under_its_aggregator_while_it_is_one(
    world: World,
) -> None:
    agency = an_aggregator(AGENTED, agent_to=NOW + HOUR)
    call(world, AGGREGATOR, ops.PUSH_OPERATOR, agency)
    call(world, AGGREGATOR, ops.PUSH_OPERATOR, a_party(AGENTED))
    assert (Kind.OPERATOR, AGENTED, AGGREGATOR, 2) in nodes(world)
    world.clock.move_to(NOW + HOUR)
    assert (Kind.OPERATOR, AGENTED, PLATFORM, 1) in nodes(world)


def test_plt_6_9_nobody_puts_itself_above_an_operator_that_speaks_for_itself(
    world: World,
) -> None:
    call(world, OPERATOR, ops.PUSH_ARCHIVE, STATION)
    call(world, AGGREGATOR, ops.PUSH_OPERATOR, an_aggregator(OPERATOR))
    assert (Kind.OPERATOR, OPERATOR, PLATFORM, 1) in nodes(world)
    assert nodes(world, root=AGGREGATOR) == [(Kind.AGGREGATOR, AGGREGATOR, None, 0)]


def test_plt_6_4a_a_resource_shows_what_it_counts(world: World) -> None:
    call(world, OPERATOR, ops.PUSH_ARCHIVE, STATION)
    vehicle = member(ObjectKind.VEHICLE, "V1")
    inner = a_resource("R1", 1, member(ObjectKind.CONNECTOR, CONNECTORS[0]), vehicle)
    call(world, OPERATOR, ops.PUSH_RESOURCE, inner)
    inside = member(ObjectKind.RESOURCE, "R1")
    charger = member(ObjectKind.EQUIPMENT, CHARGERS[1])
    call(world, OPERATOR, ops.PUSH_RESOURCE, a_resource("R2", 1, inside, charger, scene=Scene.SPOT))
    assert nodes(world, root="R2") == [
        (Kind.RESOURCE, "R2", None, 0),
        (Kind.RESOURCE, "R1", "R2", 1),
        (Kind.EQUIPMENT, CHARGERS[1], "R2", 1),
        (Kind.CONNECTOR, CONNECTORS[0], "R1", 2),
        (Kind.VEHICLE, "V1", "R1", 2),
    ]
    shown = page(world, root="R2", page_size=100).ledger_nodes
    assert shown[1].name == "资源一"
    assert nodes(world, root="R2", depth=1) == nodes(world, root="R2")[:3]
    below = [each for each in nodes(world, root=OPERATOR) if each[0] is Kind.RESOURCE]
    assert below == [(Kind.RESOURCE, "R1", OPERATOR, 1), (Kind.RESOURCE, "R2", OPERATOR, 1)]


def test_plt_6_4a_a_resource_that_several_count_shows_its_members_once(world: World) -> None:
    inside = member(ObjectKind.RESOURCE, "R1")
    call(world, OPERATOR, ops.PUSH_RESOURCE, a_resource("R1", 1, member(ObjectKind.VEHICLE, "V1")))
    for name, scene in (("R2", Scene.SPOT), ("R3", Scene.RESERVE)):
        call(world, OPERATOR, ops.PUSH_RESOURCE, a_resource(name, 1, inside, scene=scene))
    both = tuple(member(ObjectKind.RESOURCE, each) for each in ("R2", "R3", "R1"))
    call(world, OPERATOR, ops.PUSH_RESOURCE, a_resource("R4", 1, *both[:2], scene=Scene.EMERGENCY))
    assert [each[1] for each in nodes(world, root="R4")] == ["R4", "R2", "R3", "R1", "R1", "V1"]
    call(world, OPERATOR, ops.PUSH_RESOURCE, a_resource("R5", 1, *both[1:], scene=Scene.FREQUENCY))
    assert [each[1] for each in nodes(world, root="R5")] == ["R5", "R3", "R1", "R1", "V1"]


def test_acc_6_3_a_load_device_stands_at_its_station_or_at_its_owner(world: World) -> None:
    call(world, OPERATOR, ops.PUSH_ARCHIVE, STATION)
    for name, place in (
        ("L1", {}),
        ("L2", {"station_id": SITE}),
        ("L3", {"equipment_id": CHARGERS[0]}),
        ("L4", {"station_id": "unknown"}),
    ):
        device = replace(a_device(load_device_id=name), **place)
        call(world, OPERATOR, ops.PUSH_LOAD_DEVICE, device)
    found = [each[1:3] for each in nodes(world, root=OPERATOR) if each[0] is Kind.LOAD_DEVICE]
    assert sorted(found) == [("L1", OPERATOR), ("L2", SITE), ("L3", SITE), ("L4", OPERATOR)]
    assert nodes(world, root="L2") == [(Kind.LOAD_DEVICE, "L2", None, 0)]


def test_plt_6_9_supervision_sees_what_dispatch_sees(world: World) -> None:
    call(world, OPERATOR, ops.PUSH_ARCHIVE, STATION)
    asked = LedgerQuery(root=OPERATOR, page_size=100)
    assert call(world, SUPERVISOR, QUERY, asked) == call(world, DISPATCH, QUERY, asked)


def test_plt_6_9_a_page_of_a_large_ledger_comes_in_time(world: World) -> None:
    """The bound is 2 s; 1,000 stations with 8,000 nodes are here read in a fraction of it."""
    desk = Archive(world.served.identity)

    def keep(tx: Transaction) -> None:
        for station in Fleet(5, OPERATOR, 1000, 4000).archives(NOW):
            desk.keep_own_station(station, "", tx, NOW)

    world.served.store.write(keep)
    began = time.perf_counter()
    here = page(world, page_no=50, page_size=100)
    took = timedelta(seconds=time.perf_counter() - began)
    assert len(here.ledger_nodes) == 100
    assert here.item_size > 8000
    assert took < timedelta(seconds=2)
