"""Clock and observer: the two things that every host has."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Where hosts take the time from; the gateway itself is told ``now``."""

    def now(self) -> datetime: ...


class Observer(Protocol):
    """Told what happened; must not raise. Facts never hold a secret or a personal datum."""

    def __call__(self, event: str, /, **facts: object) -> None: ...
