"""Clock, observer and fence: what hosts bring along."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

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
