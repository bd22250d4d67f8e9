"""Tracing between chargers and the grid: from a charger upward, and what hangs at a node. PLT-6.10.

A mapping comes from the archives: the node that a station or a device names, or else the
transformer area and the line of its customer. One that is not known is told as such.
"""

from __future__ import annotations

from itertools import islice
from typing import Final

from msgspec.structs import replace

from vgigw.errors import OverLimit, UnknownObject
from vgigw.handlers.archive import STATIONS
from vgigw.handlers.attachments import LOAD_DEVICE, STATION, Attachment, attached
from vgigw.handlers.customers import CUSTOMERS
from vgigw.handlers.devices import LOAD_DEVICES
from vgigw.handlers.grid_tree import below, node_of, way_up
from vgigw.handlers.marks import handles
from vgigw.handlers.places import Place, devices_at, places_of
from vgigw.handlers.routes import Routes
from vgigw.objects import CustomerInfo, GridNode, GridTrace, GridTraceQuery
from vgigw.objects.devices import DeviceKind
from vgigw.objects.enumerations import ObjectKind
from vgigw.objects.grid import MAX_ATTACHED, AttachedKind, AttachedResource, DataKind, NodeKind
from vgigw.operations import QUERY_GRID_TRACE
from vgigw.ports import Call, Identity, Transaction, View

_KINDS: Final = {
    DeviceKind.CHARGER: AttachedKind.CHARGER,
    DeviceKind.STORAGE: AttachedKind.STORAGE,
    DeviceKind.PHOTOVOLTAIC: AttachedKind.GENERATOR,
    DeviceKind.WIND: AttachedKind.GENERATOR,
}
"""What a load device is to the grid; other loads are no connection of their own. JES-5.2.1."""

_MOST_NODES: Final = 5_000
"""Nodes below one that a trace looks at: nobody else is served meanwhile."""


class GridTracing:
    """Handler of the trace."""

    def __init__(self, identity: Identity) -> None:
        self._routes = Routes(identity)

    @handles(QUERY_GRID_TRACE)
    def query(self, call: Call, tx: Transaction) -> GridTrace:
        """Of what the caller may see; anything else does not exist. Raises ``UnknownObject``."""
        query: GridTraceQuery = call.request
        party = self._routes.visible(call.peer)
        if query.node_id is not None:
            return _from_node(query.node_id, query.operator_id, party, tx)
        found = places_of(tx, ObjectKind.EQUIPMENT, str(query.equipment_id), party)
        places = [each for each in found if query.operator_id in (None, each.operator_id)]
        if len(places) != 1:
            raise UnknownObject("no such charger, or several: say whose")
        return GridTrace(nodes=tuple(_above(places[0], str(query.equipment_id), tx)))


def _above(place: Place, equipment_id: str, view: View) -> list[GridNode]:
    """The way up from a charger; empty where nobody told where it is connected."""
    station = STATIONS.get(view, place.operator_id, place.station_id)
    at_station = LOAD_DEVICES.all(view, owner=place.operator_id, group=place.station_id)
    own = [each.grid_node_id for each in at_station if each.equipment_id == equipment_id]
    for node_id in (*own, station.grid_node_id):
        if node_id is not None and (path := way_up(view, node_id)):
            return path
    if station.customer_no is None:
        return []
    customer = CUSTOMERS.find(view, place.operator_id, station.customer_no)
    return [] if customer is None else _above_customer(customer, view)


def _above_customer(customer: CustomerInfo, view: View) -> list[GridNode]:
    """Transformer area and line of a customer, as published, or as far as its archive tells."""
    area, line = customer.transformer_area_id, customer.feeder_id
    if area is None:
        return (
            [] if line is None else way_up(view, line) or [_told(line, NodeKind.FEEDER, customer)]
        )
    path = way_up(view, area) or [_told(area, NodeKind.TRANSFORMER_AREA, customer, line)]
    if line is None or path[-1].parent_node_id not in (None, line) or len(path) > 1:
        return path
    return [*path, *(way_up(view, line) or [_told(line, NodeKind.FEEDER, customer)])]


def _told(
    node_id: str, kind: NodeKind, customer: CustomerInfo, parent: str | None = None
) -> GridNode:
    """A node that is known by name only, from the archive of a customer."""
    return GridNode(
        grid_node_id=node_id,
        node_kind=kind,
        parent_node_id=parent,
        data_kind=DataKind.SIMPLIFIED,
        version=customer.version,
        update_time=customer.update_time,
    )


def _from_node(node_id: str, operator: str | None, party: str | None, view: View) -> GridTrace:
    """The way up from a node, which says what hangs at it or below it; no way where the archives
    name a node that nobody published."""
    node = node_of(view, node_id)
    reached = list(islice(below(view, node_id), _MOST_NODES + 1))
    if len(reached) > _MOST_NODES:
        raise _too_much()
    things = [
        thing
        for each in reached
        for thing in attached(view, each)
        if operator in (None, thing.owner) and party in (None, *thing.parties)
    ]
    if not things and (node is None or party is not None):
        raise UnknownObject()
    path = way_up(view, node_id)
    if not path:
        return GridTrace()
    connected = dict.fromkeys(each for thing in things for each in _connected(thing, view))
    told = [] if operator or party else _published(reached, view)
    known = {each.id for _, each in connected}
    resources = (*(each for _, each in connected), *(e for e in told if e.id not in known))
    if len(resources) > MAX_ATTACHED:
        raise _too_much()
    return GridTrace(nodes=(replace(path[0], attached_resources=resources), *path[1:]))


def _connected(thing: Attachment, view: View) -> list[tuple[str, AttachedResource]]:
    """Owner and connection of each charger, generator and storage of one thing at a node."""
    if thing.what == STATION:
        chargers = devices_at(view, ObjectKind.EQUIPMENT, thing.owner, thing.object_id)
        kind = AttachedKind.CHARGER
        return [(thing.owner, AttachedResource(kind=kind, id=each)) for each in chargers]
    if thing.what != LOAD_DEVICE:
        return []
    device = LOAD_DEVICES.get(view, thing.owner, thing.object_id)
    if device.device_kind not in _KINDS:
        return []
    name = device.equipment_id or device.load_device_id
    return [(thing.owner, AttachedResource(kind=_KINDS[device.device_kind], id=name))]


def _published(reached: list[str], view: View) -> list[AttachedResource]:
    """What the publisher of the nodes says is connected there."""
    nodes = (node_of(view, each) for each in reached)
    return [each for node in nodes if node is not None for each in node.attached_resources]


def _too_much() -> OverLimit:
    return OverLimit("more hangs there than an answer holds: ask for a node below")
