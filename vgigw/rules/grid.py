"""What nodes of the grid and their parameters must hold. JES-5.2, VGI-D.11."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from msgspec.structs import replace

from vgigw.errors import Detail, InvalidObject
from vgigw.objects import GridNode, GridParameter, GridTraceQuery
from vgigw.objects.grid import LoadPoint, NodeKind

_NEEDED: Final = MappingProxyType(
    {
        NodeKind.LINE_SEGMENT: (
            "JES-5.2.3",
            {
                "FromBusID": "from_bus_id",
                "ToBusID": "to_bus_id",
                "Resistance": "resistance",
                "Reactance": "reactance",
                "MaxCurrent": "max_current",
            },
        ),
        NodeKind.BUS: ("JES-5.2.2", {"VoltageMax": "voltage_max", "VoltageMin": "voltage_min"}),
    }
)
"""What a node of a kind must say, by wire name."""

_ENDS: Final = MappingProxyType({"FromBusID": "from_bus_id", "ToBusID": "to_bus_id"})


def check_node(node: GridNode) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` where a line lacks an end or a value, a bus its
    limits, another kind has ends, limits are out of order, or a node stands above itself."""
    details = (*_kind_faults(node), *_voltage_faults(node), *_load_faults(node))
    if details:
        raise InvalidObject(details=details)


def check_parameter(parameter: GridParameter) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` where a parameter ends before it begins."""
    if parameter.valid_to is not None and parameter.valid_to <= parameter.valid_from:
        words = "must be later than ValidFrom; VGI-D.11"
        raise InvalidObject(details=(Detail("/ValidTo", "rule", words),))


def check_trace_query(query: GridTraceQuery) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` unless one of charger and node is asked for."""
    if (query.equipment_id is None) is (query.node_id is None):
        words = "give either EquipmentID or NodeID; PLT-6.10"
        raise InvalidObject(details=(Detail("/EquipmentID", "rule", words),))


def shareable(node: GridNode) -> GridNode | None:
    """What a party below may know of ``node``: its ceilings and its curve, never who hangs on whom.
    None for a line segment, which is nothing but topology. VGI-D.16."""
    if node.node_kind is NodeKind.LINE_SEGMENT:
        return None
    return replace(
        node,
        parent_node_id=None,
        from_bus_id=None,
        to_bus_id=None,
        resistance=None,
        reactance=None,
        attached_resources=(),
        extension=None,
    )


def _kind_faults(node: GridNode) -> Iterator[Detail]:
    clause, needed = _NEEDED.get(node.node_kind, ("", {}))
    for wire, attribute in needed.items():
        if getattr(node, attribute) is None:
            yield Detail(f"/{wire}", "required", f"is needed for a node of this kind; {clause}")
    if node.node_kind is not NodeKind.LINE_SEGMENT:
        for wire, attribute in _ENDS.items():
            if getattr(node, attribute) is not None:
                yield Detail(f"/{wire}", "rule", "a line only has ends; JES-5.2.1")
    elif node.from_bus_id is not None and node.from_bus_id == node.to_bus_id:
        yield Detail("/ToBusID", "rule", "must differ from FromBusID; JES-5.2.1")
    if node.parent_node_id == node.grid_node_id:
        yield Detail("/ParentNodeID", "rule", "must differ from GridNodeID; PLT-6.10")


def _voltage_faults(node: GridNode) -> Iterator[Detail]:
    highest, lowest = node.voltage_max, node.voltage_min
    if highest is not None and lowest is not None and highest <= lowest:
        yield Detail("/VoltageMax", "rule", "must be greater than VoltageMin; JES-5.2.2")
    if (highest is not None or lowest is not None) and node.voltage_unit is None:
        yield Detail("/VoltageUnit", "required", "is needed for voltage limits; JES-5.2.2")


def _load_faults(node: GridNode) -> Iterator[Detail]:
    points = node.non_charging_load_curve
    for place, point in enumerate(points):
        if point.end_time <= point.start_time:
            path = f"/NonChargingLoadCurve/{place}/EndTime"
            yield Detail(path, "rule", "must be later than StartTime; JES-5.2.2")
    for place, (before, point) in enumerate(pairwise(points), start=1):
        if point.start_time != before.end_time:
            yield _not_adjoining(place, before, point)


def _not_adjoining(place: int, before: LoadPoint, point: LoadPoint) -> Detail:
    what = "overlaps" if point.start_time < before.end_time else "leaves a gap after"
    path = f"/NonChargingLoadCurve/{place}/StartTime"
    return Detail(path, "rule", f"{what} the segment before it; JES-5.2.2")
