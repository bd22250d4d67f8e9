"""The ledger as levels of nodes, of which only those of one page are read. PLT-6.9.

A level is a row of sections; a section knows its size and reads a part of itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from vgigw.handlers.devices import LOAD_DEVICES
from vgigw.handlers.ledger_members import members
from vgigw.handlers.ledger_nodes import Levels, Section, facility, listed, merged, node, one
from vgigw.handlers.ledger_parties import Holding, Parties, Station
from vgigw.handlers.places import KINDS, place_of, read_place
from vgigw.handlers.resources import RESOURCES
from vgigw.objects import LedgerNode
from vgigw.objects.enumerations import ObjectKind
from vgigw.objects.ledger import LedgerKind
from vgigw.ports import Document, View


class Tree:
    """The tree below the platform ``root_id``."""

    def __init__(self, root_id: str, parties: Parties, view: View) -> None:
        self._root_id = root_id
        self._parties = parties
        self._view = view
        self._devices_by_owner: dict[str, dict[str, list[str]]] = {}

    def platform(self) -> Levels:
        branches = [self.aggregator(each) for each in sorted(self._parties.aggregators)]
        branches += [self._operator(each, "") for each in self._parties.under("")]
        return [[one(node(LedgerKind.PLATFORM, self._root_id, self._root_id))], *merged(branches)]

    def aggregator(self, party: str) -> Levels:
        below = [self._operator(each, party) for each in self._parties.under(party)]
        below.append([self._own(party)])
        own = self._party(LedgerKind.AGGREGATOR, party, self._root_id)
        return [[one(own)], *merged(below)]

    def operator(self, party: str) -> Levels:
        """Whatever the operator has, below whomever it stands elsewhere."""
        home = self._parties.home_of(party)
        return self._operator(self._parties.holding(party), home)

    def station(self, operator_id: str, station_id: str) -> Levels:
        place = place_of(self._view, ObjectKind.STATION, operator_id, station_id)
        aggregator = place.aggregator_id if place is not None else ""
        station = Station(operator_id, station_id, aggregator)
        holding = Holding(operator_id, (station,), whole=False)
        return [[self._stations(holding)], *self._inside(holding)]

    def equipment(self, operator_id: str, equipment_id: str) -> Levels:
        place = place_of(self._view, ObjectKind.EQUIPMENT, operator_id, equipment_id)
        if place is None:
            return []
        own = facility(LedgerKind.EQUIPMENT, equipment_id, place)
        found = self._view.documents(
            KINDS[ObjectKind.CONNECTOR], owner=operator_id, group=place.station_id
        )
        below = [
            facility(LedgerKind.CONNECTOR, each.key, inside)
            for each in found
            if (inside := read_place(each)).equipment_id == equipment_id
        ]
        return [[one(own)], [listed(below)]]

    def connector(self, operator_id: str, connector_id: str) -> Levels:
        place = place_of(self._view, ObjectKind.CONNECTOR, operator_id, connector_id)
        if place is None:
            return []
        return [[one(facility(LedgerKind.CONNECTOR, connector_id, place))]]

    def resource(self, owner: str, resource_id: str) -> Levels:
        """With its members below it, which stand below their operators otherwise. PLT-6.4a."""
        return [[one(self._resource(owner, resource_id))], *members(self._view, owner, resource_id)]

    def load_device(self, owner: str, device_id: str) -> Levels:
        return [[one(self._load_device(owner, device_id, owner))]]

    def _operator(self, holding: Holding, aggregator: str) -> Levels:
        party = holding.operator_id
        above = aggregator or self._root_id
        own = self._party(LedgerKind.OPERATOR, party, above)
        below = [self._stations(holding)]
        if party not in self._parties.aggregators and self._parties.home_of(party) == aggregator:
            below += self._own(party)
        return [[one(own)], below, *self._inside(holding)]

    def _inside(self, holding: Holding) -> Levels:
        """Chargers and load devices at the stations of a holding, and their connectors."""
        equipment = self._facilities(ObjectKind.EQUIPMENT, LedgerKind.EQUIPMENT, holding)
        connectors = self._facilities(ObjectKind.CONNECTOR, LedgerKind.CONNECTOR, holding)
        return [[*equipment, self._devices_at(holding.stations)], connectors]

    def _stations(self, holding: Holding) -> Section:
        def part(first: int, size: int) -> list[LedgerNode]:
            found = []
            for each in holding.stations[first : first + size]:
                place = place_of(self._view, ObjectKind.STATION, each.operator_id, each.station_id)
                if place is not None:
                    found.append(facility(LedgerKind.STATION, each.station_id, place))
            return found

        return Section(len(holding.stations), part)

    def _facilities(
        self, kind: ObjectKind, node_kind: LedgerKind, holding: Holding
    ) -> list[Section]:
        """One section of all that an operator has, or one a station."""
        groups: Iterable[str | None] = [None]
        if not holding.whole:
            groups = [each.station_id for each in holding.stations]
        return [
            self._documents(
                KINDS[kind],
                holding.operator_id,
                group,
                lambda each: facility(node_kind, each.key, read_place(each)),
            )
            for group in groups
        ]

    def _own(self, party: str) -> list[Section]:
        """Resources of a party, and its load devices that stand at no station of the archives."""
        resources = self._documents(
            RESOURCES.kind, party, None, lambda each: self._resource(party, each.key)
        )
        devices = [
            key
            for station_id, keys in self._devices(party).items()
            if not self._has_station(party, station_id)
            for key in keys
        ]
        return [
            resources,
            listed(devices, lambda key: self._load_device(party, key, party)),
        ]

    def _devices_at(self, stations: Sequence[Station]) -> Section:
        found = [
            (owner, key, each.station_id)
            for each in stations
            for owner in dict.fromkeys((each.operator_id, each.aggregator_id))
            if owner
            for key in self._devices(owner).get(each.station_id, ())
        ]
        return listed(found, lambda one: self._load_device(*one))

    def _has_station(self, party: str, station_id: str) -> bool:
        return (party, station_id) in self._stations_of_parties

    @cached_property
    def _stations_of_parties(self) -> set[tuple[str, str]]:
        return {
            (party, each.station_id)
            for operator_id in self._parties.operators
            for each in self._parties.holding(operator_id).stations
            for party in (each.operator_id, each.aggregator_id)
        }

    def _devices(self, owner: str) -> dict[str, list[str]]:
        """Load devices of ``owner`` by station; "" is none."""
        found = self._devices_by_owner.get(owner)
        if found is None:
            found = self._devices_by_owner[owner] = {}
            for each in self._view.documents(LOAD_DEVICES.kind, owner=owner):
                found.setdefault(each.group, []).append(each.key)
        return found

    def _documents(
        self, kind: str, owner: str, group: str | None, made: Callable[[Document], LedgerNode]
    ) -> Section:
        def part(first: int, size: int) -> list[LedgerNode]:
            found = self._view.documents(kind, owner=owner, group=group, offset=first, limit=size)
            return [made(each) for each in found]

        return Section(self._view.count_documents(kind, owner=owner, group=group), part)

    def _party(self, kind: LedgerKind, party: str, above: str) -> LedgerNode:
        info = self._parties.infos.get(party)
        return node(kind, party, party, above, info.operator_name if info else None)

    def _resource(self, owner: str, resource_id: str) -> LedgerNode:
        found = RESOURCES.get(self._view, owner, resource_id)
        return node(LedgerKind.RESOURCE, resource_id, owner, owner, found.resource_name)

    def _load_device(self, owner: str, device_id: str, above: str) -> LedgerNode:
        found = LOAD_DEVICES.get(self._view, owner, device_id)
        return node(LedgerKind.LOAD_DEVICE, device_id, owner, above, found.load_device_name)
