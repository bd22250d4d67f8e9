"""Where a test lets the process die: ``VGIGW_CRASHPOINT=before-commit`` or ``after-commit``.

``before-commit:5`` dies at the fifth time. For tests of durability only.
"""

from __future__ import annotations

import os

from vgigw.errors import Misconfigured

VARIABLE = "VGIGW_CRASHPOINT"
PLACES = ("before-commit", "after-commit")


class CrashPoint:
    """Ends the process with status 137, as a kill would, when its place was passed often enough."""

    def __init__(self, place: str, times: int) -> None:
        self._place = place
        self._left = times

    @classmethod
    def from_environment(cls) -> CrashPoint | None:
        """``None`` where the variable is not set. Raises ``Misconfigured``."""
        text = os.environ.get(VARIABLE, "")
        if not text:
            return None
        place, _, times = text.partition(":")
        if place not in PLACES or not (times or "1").isdecimal():
            raise Misconfigured(f"{VARIABLE} is one of {', '.join(PLACES)}, with :COUNT or without")
        return cls(place, int(times or "1"))

    def passed(self, place: str) -> None:
        if place != self._place:
            return
        self._left -= 1
        if self._left <= 0:
            os._exit(137)
