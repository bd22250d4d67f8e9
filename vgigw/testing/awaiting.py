"""Waiting for a condition, bounded, with an error that says what did not come."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_LOOK_EVERY_S = 0.02


class DidNotCome(Exception):
    """What was waited for did not come in time; the text says what, and how long it had."""


def await_until(condition: Callable[[], T], within_s: float, what: str) -> T:
    """The first true value of ``condition``, looked at 50 times a second.

    Raises ``DidNotCome`` after ``within_s``.
    """
    end = time.monotonic() + within_s
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise DidNotCome(f"{what} did not come within {within_s:g} s")
        time.sleep(_LOOK_EVERY_S)
