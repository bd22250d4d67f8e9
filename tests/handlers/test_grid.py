"""The grid: published to whom it concerns, never its topology; traced from both ends. PLT-6.10."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from tests.cases.first import a_station
from tests.cases.trading import call, faults, refusal, sent
from tests.cases.worlds import (
    AGGREGATOR,
    DISPATCH,
    EVERYBODY,
    NEIGHBOURS,
    NOW,
    OPERATOR,
    OTHER,
    PLATFORM,
    World,
)
from vgigw import operations as ops
from vgigw.handlers import grid_trace
from vgigw.handlers.grid_limits import ceiling_kw
from vgigw.objects import (
    CustomerInfo,
    GridNode,
    GridParameter,
    GridTrace,
    GridTraceQuery,
    LoadDevice,
    PolarityMode,
    StationInfo,
)
from vgigw.objects.customers import CustomerType
from vgigw.objects.devices import ControlMethod, DeviceKind
from vgigw.objects.grid import (
    AttachedKind,
    AttachedResource,
    DataKind,
    NodeKind,
    ParameterSource,
)
from vgigw.operations import Role

HOUR = timedelta(hours=1)
NODE, PARAMETER, TRACE = ops.PUSH_GRID_NODE, ops.PUSH_GRID_PARAMETER, ops.QUERY_GRID_TRACE
SITE = a_station()
CHARGER = SITE.equipment_infos[0].equipment_id


@pytest.fixture
def world() -> World:
    return World()


def node(node_id: str, above: str | None = None, version: int = 1, **changes: Any) -> GridNode:
    plain = GridNode(
        grid_node_id=node_id,
        node_kind=NodeKind.TRANSFORMER_AREA,
        parent_node_id=above,
        load_limit=Decimal("400.000"),
        data_kind=DataKind.REAL,
        version=version,
        update_time=NOW,
    )
    return replace(plain, **changes)


def parameter(node_id: str, version: int = 1, **changes: Any) -> GridParameter:
    plain = GridParameter(
        node_id=node_id,
        load_limit=Decimal("300.000"),
        source=ParameterSource.DISPATCH,
        valid_from=NOW,
        issue_time=NOW,
        version=version,
    )
    return replace(plain, **changes)


def hang(world: World, party: str, station_id: str, node_id: str | None, **changes: Any) -> None:
    station: StationInfo = replace(
        SITE, operator_id=party, station_id=station_id, grid_node_id=node_id
    )
    call(world, party, ops.PUSH_ARCHIVE, replace(station, **changes))


def publish(world: World, *told: GridNode | GridParameter) -> None:
    for each in told:
        call(world, DISPATCH, NODE if isinstance(each, GridNode) else PARAMETER, each)


def traced(world: World, party: str = DISPATCH, **asked: Any) -> list[str]:
    found: GridTrace = call(world, party, TRACE, GridTraceQuery(**asked))
    return [each.grid_node_id for each in found.nodes]


def reached(world: World, operation: Any) -> list[str]:
    return [party for party, _ in sent(world, operation)]


def branch(world: World) -> None:
    """A feeder with two transformer areas: ``OPERATOR`` at one of them, ``OTHER`` at the other."""
    publish(world, node("F", node_kind=NodeKind.FEEDER), node("T1", "F"), node("T2", "F"))
    hang(world, OPERATOR, "S1", "T1")
    hang(world, OTHER, "S2", "T2")


def test_a_limit_reaches_whom_the_node_concerns_and_nobody_else_vgi_d_11(world: World) -> None:
    branch(world)
    publish(world, parameter("T1"))
    assert sent(world, PARAMETER) == [(OPERATOR, parameter("T1"))]
    publish(world, parameter("F"))
    assert sent(world, PARAMETER)[1:] == [(OPERATOR, parameter("F")), (OTHER, parameter("F"))]


def test_the_aggregator_of_a_station_is_told_too_vgi_d_11(world: World) -> None:
    hang(world, OPERATOR, "S1", "T1", aggregator_id=AGGREGATOR)
    publish(world, parameter("T1"))
    assert reached(world, PARAMETER) == [OPERATOR, AGGREGATOR]


def test_customers_and_load_devices_count_as_connected_plt_6_10(world: World) -> None:
    customer = CustomerInfo(
        customer_no="C1",
        customer_name="n",
        customer_type=CustomerType.DEDICATED,
        address="a",
        area_code="110000",
        transformer_area_id="T1",
        version=1,
        update_time=NOW,
    )
    call(world, OTHER, ops.PUSH_CUSTOMER, customer)
    call(world, AGGREGATOR, ops.PUSH_LOAD_DEVICE, battery())
    publish(world, parameter("T1"))
    assert reached(world, PARAMETER) == [AGGREGATOR, OTHER]


def battery(**changes: Any) -> LoadDevice:
    plain = LoadDevice(
        load_device_id="B1",
        load_device_name="n",
        device_kind=DeviceKind.STORAGE,
        rated_power=Decimal(10),
        polarity_mode=PolarityMode.GENERATION,
        control_mode=ControlMethod.POWER_LIMIT,
        min_power=Decimal(-10),
        max_power=Decimal(10),
        grid_node_id="T1",
        version=1,
        update_time=NOW,
    )
    return replace(plain, **changes)


def test_ceilings_of_a_node_go_south_and_its_topology_does_not_vgi_d_16(world: World) -> None:
    branch(world)
    whole = node(
        "T1",
        "F",
        2,
        attached_resources=(AttachedResource(kind=AttachedKind.CHARGER, id="X"),),
        extension={"secret": 1.0},
    )
    before = len(sent(world, NODE))
    publish(world, whole)
    shown = replace(whole, parent_node_id=None, attached_resources=(), extension=None)
    assert sent(world, NODE)[before:] == [(OPERATOR, shown)]


def test_a_line_is_nothing_but_topology_and_is_told_to_nobody_vgi_d_16(world: World) -> None:
    hang(world, OPERATOR, "S1", "L1")
    line = node(
        "L1",
        node_kind=NodeKind.LINE_SEGMENT,
        from_bus_id="B1",
        to_bus_id="B2",
        resistance=Decimal(1),
        reactance=Decimal(1),
        max_current=Decimal(100),
    )
    publish(world, line)
    assert sent(world, NODE) == []


def test_whoever_is_connected_later_is_told_what_holds_there_vgi_d_11(world: World) -> None:
    publish(world, node("F", node_kind=NodeKind.FEEDER), node("T1", "F"))
    lapsed = parameter("T1", valid_from=NOW - HOUR, valid_to=NOW)
    publish(world, lapsed, parameter("F"))
    hang(world, OPERATOR, "S1", "T1")
    assert sent(world, NODE, PARAMETER) == []
    world.served.do_chores(NOW)
    assert sent(world, PARAMETER) == [(OPERATOR, parameter("F"))]
    shown = [(OPERATOR, node("T1")), (OPERATOR, node("F", node_kind=NodeKind.FEEDER))]
    assert sent(world, NODE) == shown
    world.served.do_chores(NOW)
    assert len(sent(world, NODE, PARAMETER)) == 3


def test_a_station_that_stays_where_it_is_is_told_nothing_again(world: World) -> None:
    publish(world, node("T1"))
    hang(world, OPERATOR, "S1", "T1", version=1)
    world.served.do_chores(NOW)
    hang(world, OPERATOR, "S1", "T1", version=2)
    world.served.do_chores(NOW)
    assert reached(world, NODE) == [OPERATOR]


def test_a_station_that_left_is_told_nothing_more_plt_6_10(world: World) -> None:
    hang(world, OPERATOR, "S1", "T1", version=1)
    hang(world, OPERATOR, "S1", "T2", version=2)
    publish(world, parameter("T1"))
    assert sent(world, PARAMETER) == []
    publish(world, parameter("T2"))
    assert reached(world, PARAMETER) == [OPERATOR]


def test_a_node_that_is_moved_brings_the_limits_of_its_new_line_vgi_d_11(world: World) -> None:
    hang(world, OPERATOR, "S1", "T1")
    publish(world, node("T1"), node("F", node_kind=NodeKind.FEEDER), parameter("F"))
    assert sent(world, PARAMETER) == []
    publish(world, node("T1", "F", 2))
    assert sent(world, PARAMETER) == [(OPERATOR, parameter("F"))]


def test_a_limit_that_has_lapsed_is_not_delivered_any_more_vgi_d_11(world: World) -> None:
    hang(world, OPERATOR, "S1", "T1")
    publish(world, parameter("T1", valid_to=NOW + HOUR))
    (letter,) = [
        each
        for each in world.served.store.read(lambda view: view.letters())
        if each.operation == PARAMETER.name
    ]
    assert letter.valid_until == NOW + HOUR


def test_versions_of_nodes_and_parameters_only_rise_4204(world: World) -> None:
    publish(world, node("T1", version=5), parameter("T1", 5))
    assert refusal(world, DISPATCH, NODE, node("T1", version=4)) == 4204
    assert refusal(world, DISPATCH, PARAMETER, parameter("T1", 4)) == 4204


def test_a_node_and_its_parameters_have_one_publisher_4301(world: World) -> None:
    world.act(OPERATOR, NODE, node("T1"))
    world.act(OPERATOR, PARAMETER, parameter("T2"))
    assert refusal(world, DISPATCH, NODE, node("T1", version=2)) == 4301
    assert refusal(world, DISPATCH, PARAMETER, parameter("T1")) == 4301
    assert refusal(world, DISPATCH, NODE, node("T2")) == 4301


@pytest.mark.parametrize("published", [True, False])
def test_a_second_dispatch_does_not_learn_what_is_published_acc_g_4(*, published: bool) -> None:
    world = World(parties=EVERYBODY)
    if published:
        publish(world, node("T1"), parameter("T1"))
    for second in (each for each, role in NEIGHBOURS.items() if role is Role.DISPATCH):
        assert refusal(world, second, NODE, node("T1")) == 4301
        assert refusal(world, second, PARAMETER, parameter("T1")) == 4301


@pytest.mark.parametrize("first_known", [True, False])
def test_a_node_never_stands_above_itself_plt_6_10(world: World, *, first_known: bool) -> None:
    if first_known:
        publish(world, node("A"))
    publish(world, node("B", "A"), node("C", "B"))
    assert faults(world, DISPATCH, NODE, node("A", "C", 2)) == ["/ParentNodeID"]


def test_a_trace_goes_from_a_charger_to_its_line_plt_6_10(world: World) -> None:
    branch(world)
    assert traced(world, equipment_id=CHARGER, operator_id=OPERATOR) == ["T1", "F"]
    assert traced(world, equipment_id=CHARGER, operator_id=OTHER) == ["T2", "F"]


def test_a_charger_of_several_operators_needs_its_operator_4201(world: World) -> None:
    branch(world)
    assert refusal(world, DISPATCH, TRACE, GridTraceQuery(equipment_id=CHARGER)) == 4201
    assert refusal(world, DISPATCH, TRACE, GridTraceQuery(equipment_id="nobody's")) == 4201
    assert refusal(world, DISPATCH, TRACE, GridTraceQuery(node_id="nobody's")) == 4201


def test_a_mapping_that_is_not_known_is_told_as_such_plt_6_10(world: World) -> None:
    hang(world, OPERATOR, "S1", None)
    assert traced(world, equipment_id=CHARGER) == []
    hang(world, OPERATOR, "S1", "T9", version=2)
    assert traced(world, equipment_id=CHARGER) == []
    assert traced(world, node_id="T9") == []


def test_a_customer_tells_transformer_area_and_line_of_its_station_plt_6_10(world: World) -> None:
    customer = CustomerInfo(
        customer_no="C1",
        customer_name="n",
        customer_type=CustomerType.DEDICATED,
        address="a",
        area_code="110000",
        transformer_area_id="T7",
        feeder_id="F7",
        version=1,
        update_time=NOW,
    )
    call(world, OPERATOR, ops.PUSH_CUSTOMER, customer)
    hang(world, OPERATOR, "S1", None, customer_no="C1")
    found: GridTrace = call(world, DISPATCH, TRACE, GridTraceQuery(equipment_id=CHARGER))
    assert [(each.grid_node_id, each.node_kind, each.data_kind) for each in found.nodes] == [
        ("T7", NodeKind.TRANSFORMER_AREA, DataKind.SIMPLIFIED),
        ("F7", NodeKind.FEEDER, DataKind.SIMPLIFIED),
    ]
    publish(world, node("T7", "F7"), node("F7", node_kind=NodeKind.FEEDER))
    assert traced(world, equipment_id=CHARGER) == ["T7", "F7"]


def test_the_reverse_trace_of_a_line_finds_what_hangs_below_plt_6_10(world: World) -> None:
    branch(world)
    call(world, AGGREGATOR, ops.PUSH_LOAD_DEVICE, battery())
    everything: GridTrace = call(world, DISPATCH, TRACE, GridTraceQuery(node_id="F"))
    (line,) = everything.nodes
    chargers = [each.id for each in line.attached_resources if each.kind is AttachedKind.CHARGER]
    ours = [each.equipment_id for each in SITE.equipment_infos]
    assert sorted(chargers) == sorted([*ours, *ours])
    assert AttachedResource(kind=AttachedKind.STORAGE, id="B1") in line.attached_resources
    of_one = GridTraceQuery(node_id="F", operator_id=OTHER)
    (line,) = call(world, DISPATCH, TRACE, of_one).nodes
    assert [each.id for each in line.attached_resources] == ours


def test_the_reverse_trace_tells_what_the_publisher_says_is_connected_too_plt_6_10(
    world: World,
) -> None:
    ours = AttachedResource(kind=AttachedKind.CHARGER, id=CHARGER)
    wind = AttachedResource(kind=AttachedKind.GENERATOR, id="W1")
    hang(world, OPERATOR, "S1", "T1")
    publish(world, node("F"), node("T1", "F", attached_resources=(ours, wind)))
    (line,) = call(world, DISPATCH, TRACE, GridTraceQuery(node_id="F")).nodes
    names = [each.id for each in line.attached_resources]
    assert sorted(names) == sorted([*(e.equipment_id for e in SITE.equipment_infos), "W1"])


def test_a_trace_of_more_than_an_answer_holds_is_refused_4302(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    branch(world)
    monkeypatch.setattr(grid_trace, "_MOST_NODES", 3)
    assert traced(world, node_id="F") == ["F"]
    monkeypatch.setattr(grid_trace, "_MOST_NODES", 2)
    assert refusal(world, DISPATCH, TRACE, GridTraceQuery(node_id="F")) == 4302
    assert traced(world, node_id="T1") == ["T1", "F"]
    monkeypatch.setattr(grid_trace, "MAX_ATTACHED", 0)
    assert refusal(world, DISPATCH, TRACE, GridTraceQuery(node_id="T1")) == 4302


def test_an_operator_traces_its_own_only_and_hides_what_is_not_4201() -> None:
    world = World(OPERATOR)
    world.act(PLATFORM, ops.PUSH_ARCHIVE, replace(SITE, grid_node_id="T1"))
    call(world, OTHER, ops.PUSH_ARCHIVE, replace(SITE, operator_id=OTHER, station_id="S2"))
    call(world, PLATFORM, NODE, node("T1"))
    call(world, PLATFORM, NODE, node("T2"))
    assert traced(world, PLATFORM, equipment_id=CHARGER) == ["T1"]
    foreign = GridTraceQuery(equipment_id=CHARGER, operator_id=OTHER)
    assert refusal(world, PLATFORM, TRACE, foreign) == 4201
    assert refusal(world, PLATFORM, TRACE, GridTraceQuery(node_id="T2")) == 4201


def test_the_ceiling_in_force_is_the_freshest_one_vgi_5_7(world: World) -> None:
    meter = parameter(
        "T1",
        2,
        load_limit=Decimal("250.000"),
        source=ParameterSource.LOCAL_METER,
        valid_to=NOW + HOUR,
        issue_time=NOW + timedelta(minutes=1),
    )
    publish(world, node("T1"), parameter("T1"), meter)

    def ceiling(after: timedelta) -> Decimal | None:
        return world.served.store.read(lambda view: ceiling_kw(view, "T1", NOW + after))

    assert ceiling(timedelta()) == Decimal("250.000")
    assert ceiling(2 * HOUR) == Decimal("300.000")
