"""Whether a store may go on: one error of disk or file, and it is not trusted again (0015)."""

from __future__ import annotations

import threading
from collections.abc import Callable

Told = Callable[[BaseException], object]
"""Told once, with the error that ended the store."""


class Trust:
    """Shared by the thread that writes and those that look; any of them may meet the error.

    ``lost`` is that error; from then on nothing is written, and nothing that is read is passed on.
    """

    def __init__(self, on_failure: Told) -> None:
        self._on_failure = on_failure
        self._lock = threading.Lock()
        self._told = False
        self.lost: BaseException | None = None

    def lose(self, error: BaseException) -> None:
        """The first error stays."""
        with self._lock:
            self.lost = self.lost or error

    def tell(self) -> None:
        """Once whoever waited has its answer. Does nothing while there is no error."""
        with self._lock:
            error = None if self._told else self.lost
            self._told = self.lost is not None
        if error is not None:
            self._on_failure(error)
