"""Cases of the grid: nodes, their parameters, and tracing; some party hangs where they are."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from msgspec.structs import replace

from tests.cases.case import Builder, Case, Change, Draw, Step, act, step
from tests.cases.first import station
from tests.cases.worlds import DISPATCH, NOW, OPERATOR, PLATFORM
from tests.strategies import objects_of
from vgigw import operations as ops
from vgigw.objects import GridNode, GridParameter, GridTraceQuery, StationInfo
from vgigw.objects.grid import LoadPoint, NodeKind
from vgigw.operations import Operation


def grid_node(draw: Draw) -> GridNode:
    """JES-5.2 holds: a kind that has no ends, limits with their unit, a curve without gaps."""
    drawn: GridNode = draw(objects_of(GridNode))
    kinds = (NodeKind.SUBSTATION, NodeKind.FEEDER, NodeKind.TRANSFORMER_AREA)
    at, curve = NOW, []
    for point in drawn.non_charging_load_curve:
        end = at + timedelta(minutes=draw(st.integers(1, 60)))
        curve.append(LoadPoint(start_time=at, end_time=end, power=point.power))
        at = end
    above = drawn.parent_node_id
    return replace(
        drawn,
        node_kind=draw(st.sampled_from(kinds)),
        parent_node_id=None if above == drawn.grid_node_id else above,
        from_bus_id=None,
        to_bus_id=None,
        voltage_max=None,
        voltage_min=None,
        non_charging_load_curve=tuple(curve),
    )


def parameter(draw: Draw, node_id: str) -> GridParameter:
    """VGI-D.11 holds: it ends after it begins."""
    drawn: GridParameter = draw(objects_of(GridParameter))
    begins = NOW + timedelta(minutes=draw(st.integers(-60, 60)))
    ends = draw(st.sampled_from((None, timedelta(milliseconds=1), timedelta(hours=2))))
    return replace(
        drawn,
        node_id=node_id,
        valid_from=begins,
        valid_to=None if ends is None else begins + ends,
    )


def _hanging(draw: Draw, node: GridNode) -> StationInfo:
    return replace(station(draw), grid_node_id=node.grid_node_id)


def _publish(operation: Operation, draw: Draw) -> Case:
    node = grid_node(draw)
    push = step(OPERATOR, ops.PUSH_ARCHIVE, _hanging(draw, node))
    before = draw(st.sampled_from(((), (push,))))
    told = node if operation is ops.PUSH_GRID_NODE else parameter(draw, node.grid_node_id)
    served = draw(st.sampled_from((PLATFORM, OPERATOR)))
    if served == OPERATOR:
        return Case((), step(PLATFORM, operation, told), OPERATOR)
    return Case(before, step(DISPATCH, operation, told))


def _trace(operation: Operation, draw: Draw) -> Case:
    node = grid_node(draw)
    held = _hanging(draw, node)
    charger = held.equipment_infos[0].equipment_id
    operator = draw(st.sampled_from((None, OPERATOR)))
    of_charger = GridTraceQuery(equipment_id=charger, operator_id=operator)
    of_node = GridTraceQuery(node_id=node.grid_node_id, operator_id=operator)
    query = draw(st.sampled_from((of_charger, of_node)))
    before: tuple[Step, ...]
    if draw(st.booleans()):
        before = (act(PLATFORM, ops.PUSH_ARCHIVE, held), step(PLATFORM, ops.PUSH_GRID_NODE, node))
        return Case(before, step(PLATFORM, operation, query), OPERATOR)
    before = (
        step(OPERATOR, ops.PUSH_ARCHIVE, held),
        step(DISPATCH, ops.PUSH_GRID_NODE, node),
    )
    return Case(before, step(DISPATCH, operation, query))


CASES: dict[str, Builder] = {
    ops.PUSH_GRID_NODE.name: _publish,
    ops.PUSH_GRID_PARAMETER.name: _publish,
    ops.QUERY_GRID_TRACE.name: _trace,
}

CHANGED: dict[str, Change] = {
    "PushGridNode": {"update_time": NOW + timedelta(days=60_000)},
    "PushGridParameter": {"issue_time": NOW + timedelta(days=60_000)},
}
