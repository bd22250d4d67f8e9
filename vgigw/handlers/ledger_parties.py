"""Who holds what in the ledger: operators under their aggregators, each with its stations. PLT-6.9.

An operator whose stations have several aggregators stands under each of them, with those stations;
one that is no peer stands under the aggregator that acts for it. PLT-8.2.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from vgigw.handlers.devices import LOAD_DEVICES
from vgigw.handlers.keeping import object_of
from vgigw.handlers.operators import OPERATORS
from vgigw.handlers.places import KINDS
from vgigw.handlers.resources import RESOURCES
from vgigw.objects import OperatorInfo
from vgigw.objects.enumerations import ObjectKind, OperatorRole
from vgigw.operations import Role
from vgigw.ports import Identity, View
from vgigw.rules.archives import acts_for


class Station(NamedTuple):
    """A station, with its aggregator ("" where there is none)."""

    operator_id: str
    station_id: str
    aggregator_id: str


class Holding(NamedTuple):
    """Stations of one operator that stand under one node; ``whole`` = all that it has."""

    operator_id: str
    stations: tuple[Station, ...]
    whole: bool


class Parties:
    """The parties of a platform's archives, as of ``now``."""

    def __init__(self, identity: Identity, view: View, now: datetime) -> None:
        self.infos = dict(_infos(view))
        stations = [
            Station(each.owner, each.key, each.group)
            for each in view.documents(KINDS[ObjectKind.STATION])
        ]
        self.aggregators = set(self._aggregators(identity, stations))
        self._by_operator: dict[str, list[Station]] = defaultdict(list)
        for station in stations:
            self._by_operator[station.operator_id].append(station)
        self._under: dict[str, set[str]] = defaultdict(set)
        for station in stations:
            self._under[self._aggregator_of(station)].add(station.operator_id)
        for info in self.infos.values():
            # An operator that speaks for itself names its aggregator itself, station by station.
            self._under[info.operator_id].update(acts_for(info, now) - set(identity.peers))
        placed = {each for operators in self._under.values() for each in operators}
        known = {*self.infos, *self._by_operator, *_with_own(identity, view)}
        self._under[""] |= known - placed - self.aggregators
        self._operators = placed | self._under[""]

    @property
    def operators(self) -> set[str]:
        """Parties that stand as an operator somewhere."""
        return self._operators

    def under(self, aggregator_id: str) -> list[Holding]:
        """Operators below an aggregator, or ("") directly below the platform."""
        return [
            self.holding(each, aggregator_id) for each in sorted(self._under.get(aggregator_id, ()))
        ]

    def holding(self, operator_id: str, aggregator_id: str | None = None) -> Holding:
        """What an operator has, of that what stands under an aggregator if one is named."""
        everything = self._by_operator.get(operator_id, [])
        here = tuple(
            each
            for each in everything
            if aggregator_id is None or self._aggregator_of(each) == aggregator_id
        )
        return Holding(operator_id, here, whole=len(here) == len(everything))

    def home_of(self, operator_id: str) -> str:
        """Below which aggregator ("" = none) an operator's resources stand, as they stand once."""
        if operator_id in self._under.get("", ()):
            return ""
        return min((a for a, below in self._under.items() if operator_id in below), default="")

    def _aggregators(self, identity: Identity, stations: list[Station]) -> Iterator[str]:
        yield from (each.aggregator_id for each in stations if each.aggregator_id)
        for info in self.infos.values():
            if info.operator_role is OperatorRole.AGGREGATOR:
                yield info.operator_id
        for peer in identity.peers.values():
            if peer.role is Role.AGGREGATOR:
                yield peer.operator_id

    def _aggregator_of(self, station: Station) -> str:
        """An aggregator's own station stands below itself."""
        own = station.operator_id if station.operator_id in self.aggregators else ""
        return station.aggregator_id or own


def _infos(view: View) -> Iterator[tuple[str, OperatorInfo]]:
    """Every party's archive, its own after what others tell of it."""
    told = view.documents(OPERATORS.kind)
    for each in sorted(told, key=lambda each: each.owner == each.key):
        yield each.key, object_of(OperatorInfo, each.payload)


def _with_own(identity: Identity, view: View) -> set[str]:
    """Peers that have a resource or a load device, though nobody said who they are."""
    return {
        party
        for party in identity.peers
        if view.count_documents(RESOURCES.kind, owner=party)
        or view.count_documents(LOAD_DEVICES.kind, owner=party)
    }
