"""Clock, observer, fence and gauge: what hosts bring along."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec

from vgigw.ports.store import View


class Clock(Protocol):
    """Where hosts take the time from; the gateway itself is told ``now``."""

    def now(self) -> datetime: ...


class Observer(Protocol):
    """Told what happened; must not raise. Facts never hold a secret or a personal datum."""

    def __call__(self, event: str, /, **facts: object) -> None: ...


class Fence(Protocol):
    """Asked in each transaction of the clockwork, where several processes share a store."""

    def check(self, view: View, /) -> None:
        """Raises ``TurnLost`` where another process has the clockwork now."""


class Strain(msgspec.Struct, frozen=True, kw_only=True):
    """How a store stands: works that wait for their commit, and what is free where it writes; None
    where that is not ours to know."""

    waiting: int = 0
    free_bytes: int | None = None


class Gauge(Protocol):
    """Reads how the store stands; asked with every writing message, so it remembers for a moment
    what is dear to ask."""

    def __call__(self) -> Strain: ...
