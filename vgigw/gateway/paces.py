"""How much of each peer's time what waited may take, by how late live messages are. PLT-7.9d."""

from __future__ import annotations

import threading
from datetime import datetime

from vgigw.ports import Letter
from vgigw.rules import pacing
from vgigw.rules.catch_up import LIVE, ROUND
from vgigw.rules.pacing import Pace


class Paces:
    """Of one gateway; kept in memory only, as a new process finds out again within seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._paces: dict[str, Pace] = {}
        self._reached_at: dict[str, datetime] = {}

    def of(self, destination: str) -> Pace:
        """As it stands now."""
        return self._paces.get(destination, Pace())

    def room(self, destination: str, now: datetime) -> int:
        """How many letters that waited may go before the next look; none while they rest."""
        pace = self._judged(destination, now)
        return max(int(ROUND * pace.share), 1) if pace.may_go(now) else 0

    def spent(self, destination: str, took_s: float, now: datetime) -> bool:
        """A letter that waited took so long; whether the next may go at once."""
        with self._lock:
            pace = pacing.spent(self.of(destination), took_s, now)
            self._paces[destination] = pace
        return pace.may_go(now)

    def delivered(self, letter: Letter, now: datetime) -> None:
        """Live is what was made while its peer could be reached, and met with no fault."""
        since = self._reached_at.setdefault(letter.destination, now)
        if letter.lane not in LIVE or letter.faults or letter.created_at < since:
            return
        late_s = (now - letter.created_at).total_seconds()
        with self._lock:
            pace = pacing.delivered_live(self.of(letter.destination), late_s, now)
            self._paces[letter.destination] = pace

    def reached_again(self, destination: str, now: datetime) -> None:
        """What waited until now was no live message, however new it is."""
        self._reached_at[destination] = now

    def _judged(self, destination: str, now: datetime) -> Pace:
        with self._lock:
            pace = pacing.judged(self.of(destination), now)
            self._paces[destination] = pace
        return pace
