"""The rules of the grid: which ceiling holds, and what of a node may be told. VGI-5.7, VGI-D.16."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.strategies import objects_of
from vgigw.errors import InvalidObject
from vgigw.objects import GridNode, GridParameter, GridTraceQuery
from vgigw.objects.grid import DataKind, LoadPoint, NodeKind, ParameterSource, VoltageUnit
from vgigw.rules.grid import check_node, check_parameter, check_trace_query, shareable
from vgigw.rules.grid_limits import in_force, load_ceiling_kw

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
KW = st.none() | st.integers(0, 500).map(Decimal)
SHOWN = {
    "GridNodeID",
    "NodeKind",
    "MaxCurrent",
    "VoltageMax",
    "VoltageMin",
    "VoltageUnit",
    "RatedCapacity",
    "LoadLimit",
    "PowerFactorMin",
    "NonChargingLoadCurve",
    "DataKind",
    "Version",
    "UpdateTime",
}
"""Ceilings, curves, and what names the node."""


def node(**changes: Any) -> GridNode:
    plain = GridNode(
        grid_node_id="N1",
        node_kind=NodeKind.TRANSFORMER_AREA,
        data_kind=DataKind.REAL,
        version=1,
        update_time=NOW,
    )
    return replace(plain, **changes)


def parameter(
    limit: Decimal | None, issued: float, begins: float, ends: float | None, version: int = 1
) -> GridParameter:
    return GridParameter(
        node_id="N1",
        load_limit=limit,
        source=ParameterSource.DISPATCH,
        issue_time=NOW + issued * HOUR,
        valid_from=NOW + begins * HOUR,
        valid_to=None if ends is None else NOW + ends * HOUR,
        version=version,
    )


@st.composite
def told(draw: Any) -> list[GridParameter]:
    found = []
    for version in range(draw(st.integers(0, 6))):
        begins = draw(st.integers(-6, 3))
        length = draw(st.none() | st.integers(1, 6))
        ends = None if length is None else begins + length
        found.append(parameter(draw(KW), draw(st.integers(-9, 0)), begins, ends, version))
    return found


def faults(check: Any, obj: Any) -> list[str]:
    with pytest.raises(InvalidObject) as refused:
        check(obj)
    return [each.path for each in refused.value.details]


@given(told(), KW)
def test_the_freshest_ceiling_in_force_holds_vgi_5_7(
    parameters: list[GridParameter], own: Decimal | None
) -> None:
    present = [p for p in parameters if p.load_limit is not None and in_force(p, NOW)]
    ceiling = load_ceiling_kw(node(load_limit=own), parameters, NOW)
    if present:
        newest = max(each.issue_time for each in present)
        assert ceiling in [each.load_limit for each in present if each.issue_time == newest]


@given(told(), KW)
def test_a_stale_ceiling_falls_back_to_the_lowest_that_is_known_vgi_5_7(
    parameters: list[GridParameter], own: Decimal | None
) -> None:
    lapsed = [p for p in parameters if not in_force(p, NOW)]
    ceiling = load_ceiling_kw(node(load_limit=own), lapsed, NOW)
    known = [p.load_limit for p in lapsed if p.valid_from <= NOW and p.load_limit is not None]
    if own is not None:
        known.append(own)
    assert ceiling == (min(known) if known else None)


@given(told(), KW)
def test_a_parameter_that_begins_later_changes_nothing_yet_vgi_5_7(
    parameters: list[GridParameter], own: Decimal | None
) -> None:
    later = parameter(Decimal(1), 0, 1, None, 99)
    at = node(load_limit=own)
    assert load_ceiling_kw(at, [*parameters, later], NOW) == load_ceiling_kw(at, parameters, NOW)


def test_a_parameter_holds_from_its_beginning_to_before_its_end_vgi_d_11() -> None:
    assert in_force(parameter(None, 0, 0, 1), NOW)
    assert not in_force(parameter(None, 0, -1, 0), NOW)
    assert not in_force(parameter(None, 0, 1, 2), NOW)
    assert in_force(parameter(None, 0, -9, None), NOW)


@settings(max_examples=60)
@given(objects_of(GridNode))
def test_no_topology_is_shared_only_ceilings_and_curves_vgi_d_16(drawn: GridNode) -> None:
    shown = shareable(drawn)
    if drawn.node_kind is NodeKind.LINE_SEGMENT:
        assert shown is None
        return
    assert shown is not None
    wires = dict(zip(GridNode.__struct_fields__, GridNode.__struct_encode_fields__, strict=True))
    for attribute, wire in wires.items():
        value = getattr(shown, attribute)
        if wire in SHOWN:
            assert value == getattr(drawn, attribute)
        else:
            assert value in (None, ())
            assert not (GridNode.described[attribute].sensitive and wire in SHOWN)


def test_what_is_shared_of_a_node_is_a_valid_node_jes_5_2() -> None:
    bus = node(
        node_kind=NodeKind.BUS,
        voltage_max=Decimal(2),
        voltage_min=Decimal(1),
        voltage_unit=VoltageUnit.PER_UNIT,
        parent_node_id="N0",
    )
    check_node(bus)
    shown = shareable(bus)
    assert shown is not None
    check_node(shown)


def test_a_line_without_ends_and_values_is_refused_jes_5_2_3() -> None:
    line = node(node_kind=NodeKind.LINE_SEGMENT)
    assert faults(check_node, line) == [
        "/FromBusID",
        "/ToBusID",
        "/Resistance",
        "/Reactance",
        "/MaxCurrent",
    ]


def test_a_node_above_itself_and_a_bus_without_limits_are_refused_jes_5_2_2() -> None:
    assert faults(check_node, node(parent_node_id="N1")) == ["/ParentNodeID"]
    assert faults(check_node, node(node_kind=NodeKind.BUS)) == ["/VoltageMax", "/VoltageMin"]
    limits = {"voltage_max": Decimal(1), "voltage_min": Decimal(1)}
    assert faults(check_node, node(**limits)) == ["/VoltageMax", "/VoltageUnit"]


def test_a_load_curve_with_a_gap_or_an_overlap_is_refused_jes_5_2_2() -> None:
    steps = ((0, 1), (2, 3), (2, 4))
    curve = tuple(
        LoadPoint(start_time=NOW + a * HOUR, end_time=NOW + b * HOUR, power=Decimal(1))
        for a, b in steps
    )
    assert faults(check_node, node(non_charging_load_curve=curve)) == [
        "/NonChargingLoadCurve/1/StartTime",
        "/NonChargingLoadCurve/2/StartTime",
    ]


def test_a_parameter_that_ends_before_it_begins_is_refused_vgi_d_11() -> None:
    assert faults(check_parameter, parameter(None, 0, 1, 1)) == ["/ValidTo"]


@pytest.mark.parametrize("named", [{}, {"equipment_id": "E", "node_id": "N"}])
def test_a_trace_is_of_one_charger_or_one_node_plt_6_10(named: dict[str, str]) -> None:
    assert faults(check_trace_query, GridTraceQuery(**named)) == ["/EquipmentID"]
