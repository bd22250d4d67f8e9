"""A simulated fleet: stations, connectors and vehicles that behave like measured ones.

Everything follows from the seed and the instants that are asked for; no clock is read. Sessions
come from measured distributions (:mod:`vgigw.testing.fleet.distributions`).
"""

from __future__ import annotations

import random
from datetime import datetime

from vgigw.errors import UnknownObject
from vgigw.objects.control import ControlCurve, ExecutionReport
from vgigw.objects.enumerations import ObjectKind, PolarityMode
from vgigw.objects.operating_enumerations import ConnectorStatus
from vgigw.objects.stations import StationInfo
from vgigw.objects.telemetry import OperatingRecord
from vgigw.testing.fleet.agenda import DAY_S, LEAD_DAYS, Agenda, local_midnight_s
from vgigw.testing.fleet.charging import Connector
from vgigw.testing.fleet.records import batches, connector_record, status_of, total_record
from vgigw.testing.fleet.regulation import Regulation, report
from vgigw.testing.fleet.sites import Post, Site, archive, lay_out, milliseconds

__all__ = ["Fleet", "batches"]

_REACTION_S = (2.0, 20.0)
_REMEMBERED_S = 2 * DAY_S
"""How long a limit that is over can still be reported on."""


class Fleet:
    """Stations of one operator. ValueError unless each station can have 1 to 99 connectors.

    The first instant asked for finds the fleet in full use: sessions that began days before are
    there. From then on instants may only rise (ValueError otherwise). ``resource_id`` names the
    whole fleet wherever a station's identifier is taken.
    """

    def __init__(
        self, seed: int, operator_id: str, stations: int = 40, connectors: int = 400
    ) -> None:
        rng = random.Random(f"{seed}/{operator_id}")
        self.operator_id = operator_id
        self.resource_id = f"FLEET-{operator_id}"
        self.sites: dict[str, Site] = {
            site.station_id: site for site in lay_out(rng, operator_id, stations, connectors)
        }
        self.posts: dict[str, Post] = {
            connector_id: charger.post
            for site in self.sites.values()
            for charger in site.chargers
            for connector_id in charger.connector_ids
        }
        self._meters = {
            each: (round(rng.uniform(500, 60_000), 3), round(rng.uniform(0, 900), 3))
            for each in self.posts
        }
        self._reaction_s = {
            each: round(rng.uniform(*_REACTION_S), 1) for each in (*self.sites, self.resource_id)
        }
        self._seed = seed
        self._connectors: dict[str, Connector] = {}
        self._regulations: list[Regulation] = []
        self._now_s: float | None = None

    def archives(self, now: datetime) -> tuple[StationInfo, ...]:
        """Archives of all stations, changed ``now`` (aware). ACC-6.2."""
        return tuple(archive(site, self.operator_id, now) for site in self.sites.values())

    def polarity(self, object_id: str) -> PolarityMode:
        """Polarity of a connector, a station or the fleet: GENERATION where any part can
        discharge. PLT-7.4. UnknownObject for another identifier."""
        parts = (object_id,) if object_id in self.posts else self._connector_ids(object_id)
        dual = any(self.posts[each].discharge_kw for each in parts)
        return PolarityMode.GENERATION if dual else PolarityMode.LOAD

    def records(self, at: datetime) -> tuple[OperatingRecord, ...]:
        """One record per connector at ``at`` (aware). PLT-8.4."""
        at = self._advance(at)
        return tuple(self._record(each, at) for each in self._connectors)

    def station_record(self, station_id: str, at: datetime) -> OperatingRecord:
        """Sum over a station, or over the fleet. PLT-9.5. UnknownObject for another one."""
        members = self._connector_ids(station_id)
        at = self._advance(at)
        whole = station_id == self.resource_id
        return total_record(
            ObjectKind.RESOURCE if whole else ObjectKind.STATION,
            station_id,
            (self._record(each, at) for each in members),
            self.polarity(station_id) is PolarityMode.GENERATION,
            at,
        )

    def statuses(self, at: datetime) -> dict[str, ConnectorStatus]:
        """State of every connector at ``at``. ACC-7.3."""
        self._advance(at)
        return {each: status_of(state) for each, state in self._connectors.items()}

    def apply_limit(
        self, resource_id: str, target_power_kw: float, start: datetime, end: datetime
    ) -> None:
        """Hold a station, or the fleet, at a target over [start, end). PLT-8.5a, PLT-6.8d2.

        ``target_power_kw`` is signed by the resource's polarity. A consumption target is a
        ceiling, shared in proportion to what the vehicles would draw; a delivery target makes
        vehicles that can discharge do so, down to 20 % charge. The group reacts some seconds
        after the start. A limit of any of the same connectors that overlaps it ends at ``start``.
        UnknownObject, ValueError where the end has passed or is not after the start.
        """
        members = self._connector_ids(resource_id)
        sign = 1 if self.polarity(resource_id) is PolarityMode.LOAD else -1
        start_s, end_s = start.timestamp(), end.timestamp()
        now_s = start_s if self._now_s is None else self._now_s
        if not max(start_s, now_s) < end_s:
            raise ValueError("the end must lie after the start and after the present")
        if self._now_s is None:
            self._advance(start)
        start_s = max(start_s, now_s)
        group = [self._connectors[each] for each in members]
        before = self._make_room({id(each) for each in group}, resource_id, start_s, end_s)
        self._regulations.append(
            Regulation(
                resource_id,
                group,
                sign * target_power_kw,
                (start_s, end_s),
                self._reaction_s[resource_id],
                before,
            )
        )

    def follow(self, command: ControlCurve) -> None:
        """Take over every point of a curve that is not over yet. UnknownObject, ValueError."""
        sign = 1 if command.polarity_mode is self.polarity(command.resource_id) else -1
        for point in command.points:
            if self._now_s is None or point.end_time.timestamp() > self._now_s:
                self.apply_limit(
                    command.resource_id,
                    sign * float(point.target_power),
                    point.start_time,
                    point.end_time,
                )

    def execution(self, command: ControlCurve, until: datetime) -> ExecutionReport:
        """What was carried out of a curve by ``until``. JES-6.5.3.

        UnknownObject where no limit of this resource lies in the curve's time; ValueError where
        it has not begun. See :func:`vgigw.testing.fleet.regulation.report` for the figures.
        """
        first_s = command.points[0].start_time.timestamp()
        last_s = command.points[-1].end_time.timestamp()
        until_s = milliseconds(until).timestamp()
        if self._now_s is None or until_s > self._now_s:
            self._advance(until)
        mine = [
            each
            for each in self._regulations
            if each.resource_id == command.resource_id
            and each.start_s < last_s
            and each.end_s > first_s
        ]
        if not mine:
            raise UnknownObject("no limit of this resource in that time")
        return report(command, mine, until_s)

    def _connector_ids(self, resource_id: str) -> tuple[str, ...]:
        if resource_id == self.resource_id:
            return tuple(self.posts)
        if resource_id not in self.sites:
            raise UnknownObject("no such station or resource")
        chargers = self.sites[resource_id].chargers
        return tuple(each for charger in chargers for each in charger.connector_ids)

    def _make_room(
        self, group: set[int], resource_id: str, start_s: float, end_s: float
    ) -> float | None:
        """End what the group does at ``start_s``; the target that it held until then, if any."""
        held: float | None = None
        for other in self._regulations:
            apart = other.end_s < start_s or other.start_s >= end_s
            if apart or not any(id(each) in group for each in other.connectors):
                continue
            if other.resource_id == resource_id and other.start_s < start_s:
                held = other.target_kw
            other.cut(start_s)
        self._regulations = [
            each
            for each in self._regulations
            if each.end_s > max(each.start_s, start_s - _REMEMBERED_S)
        ]
        return held

    def _record(self, connector_id: str, at: datetime) -> OperatingRecord:
        state, post = self._connectors[connector_id], self.posts[connector_id]
        return connector_record(connector_id, state, post, self._meters[connector_id], at)

    def _settle_in(self, now_s: float) -> None:
        first_day_s = local_midnight_s(now_s) - LEAD_DAYS * DAY_S
        for site in self.sites.values():
            for charger in site.chargers:
                for each in charger.connector_ids:
                    key = f"{self._seed}/{self.operator_id}/{each}"
                    agenda = Agenda(key, site.kind, charger.post, first_day_s)
                    rated_kw = charger.post.power_kw
                    self._connectors[each] = Connector(rated_kw, first_day_s, agenda.upcoming)

    def _advance(self, at: datetime) -> datetime:
        at = milliseconds(at)
        to_s = at.timestamp()
        if self._now_s is None:
            self._settle_in(to_s)
            for each in self._connectors.values():
                each.run(to_s)
            self._now_s = to_s
        if to_s < self._now_s:
            raise ValueError("time only moves forward")
        while self._now_s < to_s:
            self._now_s = self._stretch(self._now_s, to_s)
        for one in self._regulations:
            if one.start_s <= to_s < one.end_s:
                one.settle(to_s)
        return at

    def _stretch(self, now_s: float, to_s: float) -> float:
        """Live on to ``to_s`` or to the next start or end of a regulation."""
        for each in self._regulations:
            for edge_s in (each.start_s, each.end_s):
                if now_s < edge_s < to_s:
                    to_s = edge_s
        held: set[int] = set()
        for one in self._regulations:
            if one.start_s <= now_s < one.end_s:
                one.run(now_s, to_s)
                held.update(id(each) for each in one.connectors)
        for connector in self._connectors.values():
            if id(connector) not in held:
                connector.run(to_s)
        return to_s
