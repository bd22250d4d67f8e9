"""One session's battery in closed form, and a connector that lives through its sessions.

Power is constant up to 80 % and then falls in a straight line to a tenth at 100 %. Because every
step is solved exactly, the state at an instant does not depend on how often it was asked for.
Times are seconds of the Unix epoch, powers kW at the connector, charge levels percent.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from vgigw.objects.operating_enumerations import ConnectorStatus

KNEE = 80.0
TAIL = 0.1
SLOPE = (1 - TAIL) / (100.0 - KNEE)
SOC_FLOOR = 20.0
"""Default discharge floor, percent. JES-6.1.5."""
FREE = math.inf


@dataclass(frozen=True, slots=True)
class Session:
    """A connector in use from ``start_s`` to ``end_s``, or out of order where ``outage`` is set.

    ``limit_kw`` is what the vehicle takes on this kind of connector below 80 %; ``pace`` is
    percent of charge per kWh; ``discharge_kw`` is 0 where it cannot discharge.
    """

    start_s: float
    end_s: float
    outage: ConnectorStatus | None = None
    model: str = ""
    limit_kw: float = 0.0
    discharge_kw: float = 0.0
    pace: float = 0.0
    back_pace: float = 0.0
    soc_start: float = 0.0
    soc_target: float = 0.0


def taper(soc: float) -> float:
    """Share of the vehicle's limit that it takes at this charge level (1 to 0.1)."""
    return 1.0 if soc <= KNEE else max(TAIL, 1.0 - SLOPE * (soc - KNEE))


def _bend(session: Session, cap_kw: float) -> float:
    """Charge level above which the taper, not the cap, decides."""
    if cap_kw >= session.limit_kw:
        return KNEE
    return min(100.0, KNEE + (1 - cap_kw / session.limit_kw) / SLOPE)


def charge(session: Session, soc: float, cap_kw: float, hours: float) -> float:
    """Charge level after charging for ``hours`` under ``cap_kw``; never above the target."""
    target = session.soc_target
    if cap_kw <= 0 or session.limit_kw <= 0 or hours <= 0 or soc >= target:
        return soc
    stop = min(target, _bend(session, cap_kw))
    if soc < stop:
        rise = session.pace * min(cap_kw, session.limit_kw)
        needed_h = (stop - soc) / rise
        if needed_h >= hours:
            return min(stop, soc + rise * hours)
        soc, hours = stop, hours - needed_h
    if soc < target:
        left = taper(soc) * math.exp(-SLOPE * session.pace * session.limit_kw * hours)
        soc = min(target, max(soc, KNEE + (1 - left) / SLOPE))
    return soc


def charging_h(session: Session, cap_kw: float) -> float:
    """Hours from the first to the target charge level under ``cap_kw``."""
    soc, target = session.soc_start, session.soc_target
    power_kw = min(cap_kw, session.limit_kw)
    bend = min(target, max(soc, _bend(session, cap_kw)))
    hours = (bend - soc) / (session.pace * power_kw)
    if target > bend:
        speed = SLOPE * session.pace * session.limit_kw
        hours += math.log(taper(bend) / taper(target)) / speed
    return hours


def discharge(session: Session, soc: float, power_kw: float, hours: float) -> float:
    """Charge level after discharging; stops at the floor."""
    if soc <= SOC_FLOOR:
        return soc
    return max(SOC_FLOOR, soc - session.back_pace * power_kw * hours)


class Connector:
    """State of one connector: present session, charge level, meters.

    ``allowed_kw`` is what a control leaves it: ``FREE``, a cap (>= 0), or minus the discharge
    power. ``upcoming(index, until_s)`` gives its sessions in order, None where none starts by
    then (it may give a later one).
    """

    __slots__ = (
        "allowed_kw",
        "at_s",
        "charged_kwh",
        "discharged_kwh",
        "index",
        "plugged",
        "rated_kw",
        "soc",
        "upcoming",
    )

    def __init__(
        self, rated_kw: float, at_s: float, upcoming: Callable[[int, float], Session | None]
    ) -> None:
        self.rated_kw = rated_kw
        self.at_s = at_s
        self.upcoming = upcoming
        self.index = 0
        self.plugged: Session | None = None
        self.soc = 0.0
        self.allowed_kw = FREE
        self.charged_kwh = 0.0
        self.discharged_kwh = 0.0

    @property
    def natural_kw(self) -> float:
        """What the vehicle would draw now without a control."""
        session = self.plugged
        if session is None or self.soc >= session.soc_target:
            return 0.0
        return min(self.rated_kw, session.limit_kw * taper(self.soc))

    @property
    def reserve_kw(self) -> float:
        """What the vehicle could deliver now."""
        session = self.plugged
        return session.discharge_kw if session is not None and self.soc > SOC_FLOOR else 0.0

    @property
    def net_kw(self) -> float:
        """Consumption now; negative while it delivers."""
        if self.allowed_kw < 0:
            return -min(-self.allowed_kw, self.reserve_kw)
        return min(self.allowed_kw, self.natural_kw)

    @property
    def net_kwh(self) -> float:
        return self.charged_kwh - self.discharged_kwh

    def next_edge(self, until_s: float) -> float:
        """When the next session starts or the present one ends, at most ``until_s``."""
        if self.plugged is not None:
            return min(self.plugged.end_s, until_s)
        session = self.upcoming(self.index, until_s)
        return until_s if session is None else min(session.start_s, until_s)

    def run(self, to_s: float) -> None:
        """Live on to ``to_s``."""
        while True:
            if self.plugged is None:
                session = self.upcoming(self.index, to_s)
                if session is None or session.start_s > to_s:
                    break
                self.plugged, self.soc = session, session.soc_start
                self.at_s = max(self.at_s, session.start_s)
            session = self.plugged
            self._flow(session, min(to_s, session.end_s))
            if session.end_s > to_s:
                break
            self.plugged = None
            self.index += 1
        self.at_s = to_s

    def _flow(self, session: Session, to_s: float) -> None:
        hours, before = (to_s - self.at_s) / 3600, self.soc
        self.at_s = to_s
        if session.outage is not None or hours <= 0:
            return
        if self.allowed_kw < 0:
            self.soc = discharge(
                session, before, min(-self.allowed_kw, session.discharge_kw), hours
            )
            if session.back_pace:
                self.discharged_kwh += (before - self.soc) / session.back_pace
            return
        self.soc = charge(session, before, min(self.allowed_kw, self.rated_kw), hours)
        self.charged_kwh += (self.soc - before) / session.pace
