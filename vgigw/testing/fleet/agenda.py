"""The sessions of one connector in the order of time, drawn day by day from the seed."""

from __future__ import annotations

import math
import random
import zlib
from datetime import UTC, datetime, timedelta, timezone

from vgigw.objects.operating_enumerations import ConnectorStatus
from vgigw.testing.fleet.charging import FREE, Session, charging_h
from vgigw.testing.fleet.distributions import Draw, SiteKind, draw
from vgigw.testing.fleet.sites import Post

BEIJING = timezone(timedelta(hours=8))
DAY_S = 86_400.0
LEAD_DAYS = 4
"""Days lived through before the first record; the longest connection lasts three."""

_ARRIVALS_A_DAY = {
    (SiteKind.PUBLIC, False): 1.6,
    (SiteKind.PUBLIC, True): 7.0,
    (SiteKind.WORKPLACE, False): 1.2,
    (SiteKind.WORKPLACE, True): 3.0,
    (SiteKind.PRIVATE, False): 0.8,
    (SiteKind.PRIVATE, True): 0.8,
}
"""By kind of site and whether the connector is a DC one; assumed."""
_DC_EFFICIENCY = 0.95
_DISCHARGE_EFFICIENCY = 0.92
_OUTAGES = (
    (ConnectorStatus.FAULT, 0.010),
    (ConnectorStatus.OFFLINE, 0.006),
    (ConnectorStatus.MAINTENANCE, 0.004),
)
"""Chance of each a day; assumed."""
_SHORTEST_S = 60.0
_AHEAD_S = 21_600
"""Each connector draws its next day up to so long before midnight, not all in one instant."""


def local_midnight_s(at_s: float) -> float:
    """Beginning of the Beijing day that holds ``at_s``, in seconds of the epoch."""
    day = datetime.fromtimestamp(at_s, UTC).astimezone(BEIJING)
    return day.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


def session_of(post: Post, drawn: Draw, start_s: float, rng: random.Random) -> Session:
    """What a drawn session becomes on this charger; the battery bounds the energy.

    On a fast charger (>= 30 kW) the driver leaves soon after the target is reached.
    """
    vehicle = drawn.vehicle
    if post.phases:
        current_a = min(post.amperes, vehicle.max_current_a[post.phases])
        limit_kw = min(vehicle.ac_charge_kw, 0.22 * current_a * post.phases)
        efficiency = vehicle.efficiency[post.phases]
    else:
        limit_kw, efficiency = vehicle.dc_charge_kw, _DC_EFFICIENCY
    pace = 100 * efficiency / vehicle.battery_kwh
    rise = min(drawn.energy_kwh * pace, 92.0)
    soc_start = rng.uniform(5.0, 97.0 - rise)
    discharge_kw = min(post.discharge_kw, vehicle.dc_discharge_kw)
    session = Session(
        start_s=start_s,
        end_s=start_s + round(drawn.connection_h * 3600, 3),
        model=vehicle.name,
        limit_kw=limit_kw,
        discharge_kw=discharge_kw,
        pace=pace,
        back_pace=100 / (_DISCHARGE_EFFICIENCY * vehicle.battery_kwh) if discharge_kw else 0.0,
        soc_start=soc_start,
        soc_target=soc_start + rise,
    )
    if post.power_kw < 30:
        return session
    ready_s = start_s + charging_h(session, min(FREE, post.power_kw)) * 3600
    leaves_s = round(ready_s + rng.uniform(60, 600), 3)
    return Session(
        **{name: getattr(session, name) for name in Session.__slots__}
        | {"end_s": min(session.end_s, leaves_s)}
    )


class Agenda:
    """Sessions of one connector from ``first_day_s`` on; who finds it taken drives on."""

    def __init__(self, key: str, kind: SiteKind, post: Post, first_day_s: float) -> None:
        self._key, self._kind, self._post = key, kind, post
        self._next_day_s = first_day_s
        self._free_from_s = first_day_s
        self._ahead_s = zlib.crc32(key.encode()) % _AHEAD_S
        self._sessions: list[Session] = []

    def upcoming(self, index: int, until_s: float) -> Session | None:
        """The session of that number, None where no day up to ``until_s`` has one."""
        while index >= len(self._sessions) and self._next_day_s <= until_s + self._ahead_s:
            self._draw_day()
        return self._sessions[index] if index < len(self._sessions) else None

    def _draw_day(self) -> None:
        midnight_s = self._next_day_s
        self._next_day_s += DAY_S
        day = datetime.fromtimestamp(midnight_s, BEIJING)
        rng = random.Random(f"{self._key}/{day:%Y-%m-%d}")
        today = self._outages(rng, midnight_s)
        for _ in range(_poisson(rng, _ARRIVALS_A_DAY[self._kind, self._post.phases == 0])):
            drawn = draw(rng, self._kind, day.weekday() >= 5)
            if drawn is not None:
                start_s = round(midnight_s + drawn.arrival_s, 3)
                today.append(session_of(self._post, drawn, start_s, rng))
        for session in sorted(today, key=lambda each: each.start_s):
            long_enough = session.end_s - session.start_s >= _SHORTEST_S
            if session.start_s > self._free_from_s and long_enough:
                self._sessions.append(session)
                self._free_from_s = session.end_s

    def _outages(self, rng: random.Random, midnight_s: float) -> list[Session]:
        found = []
        for state, chance in _OUTAGES:
            if rng.random() < chance:
                start_s = round(midnight_s + rng.uniform(0, DAY_S), 3)
                end_s = round(start_s + rng.uniform(0.5, 12.0) * 3600, 3)
                found.append(Session(start_s=start_s, end_s=end_s, outage=state))
        return found


def _poisson(rng: random.Random, mean: float) -> int:
    count, left = -1, 1.0
    floor = math.exp(-mean)
    while left > floor:
        left *= rng.random()
        count += 1
    return count
