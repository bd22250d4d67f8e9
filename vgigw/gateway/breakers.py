"""Which peers are left alone for a moment, because they could not be reached or asked for it.

Each kind of traffic has its own breaker, so that a message which is too much for a peer does not
stop commands to it; but a peer that what is urgent cannot reach is tried by nothing less urgent.
When the moment is over one message goes first, and the others follow only if it got through.
PLT-7.6b, PLT-9.4.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from vgigw.rules.catch_up import Traffic
from vgigw.rules.retry import LONGEST_RETRY_AFTER_S

_FIRST_S = 0.25
_LONGEST_S = 10.0
_ORDER = tuple(Traffic)
_MOST_DOUBLINGS = 10


class _Open(NamedTuple):
    failures: int
    since: datetime
    until: datetime
    unreachable: bool


class Breakers:
    """Of one gateway; any number of threads may ask and tell, each of its own traffic."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, Traffic], _Open] = {}

    def holds(self, destination: str, traffic: Traffic, now: datetime) -> bool:
        """Whether ``destination`` is left alone by ``traffic``; a clock that was set back holds
        nobody up."""
        for each in _ORDER[: _ORDER.index(traffic) + 1]:
            found = self._open.get((destination, each))
            concerned = found is not None and (each is traffic or found.unreachable)
            if found is not None and concerned and found.since <= now < found.until:
                return True
        return False

    def failed(
        self,
        destination: str,
        traffic: Traffic,
        now: datetime,
        asked_s: float | None = None,
        *,
        unreachable: bool,
    ) -> None:
        """Leave the peer alone, a little longer each time, and at least the ``asked_s`` seconds
        that it asked for, up to an hour."""
        before = self._open.get((destination, traffic))
        failures = 1 if before is None else before.failures + 1
        hold_s = min(_FIRST_S * 2 ** min(failures - 1, _MOST_DOUBLINGS), _LONGEST_S)
        if asked_s is not None and asked_s > 0:
            hold_s = max(hold_s, min(asked_s, LONGEST_RETRY_AFTER_S))
        until = now + timedelta(seconds=hold_s)
        self._open[destination, traffic] = _Open(failures, now, until, unreachable)

    def reached(self, destination: str, traffic: Traffic) -> bool:
        """The peer answered; whether it had been left alone before."""
        return self._open.pop((destination, traffic), None) is not None
