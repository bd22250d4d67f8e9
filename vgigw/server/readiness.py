"""Whether the store takes writes: one look a second for everybody who asks. F79.

Who asks needs no sign-in. A look for each of them would fill the store's queue, which keeps bulk
out (F61).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from vgigw.errors import VgigwError

FRESH_S: Final = 1.0
"""For so long the result of a look is told to whoever asks, and so long a look may take: a store
that takes longer is not ready."""


class Readiness:
    """The readiness of one gateway, for any thread and every application on it. ``look`` writes
    nothing the whole way that an acknowledgement takes; raises where that is not possible."""

    def __init__(
        self, look: Callable[[], object], clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        self.clock_s = clock_s
        self._look = look
        self._changed = threading.Condition()
        self._ready = False
        self._looked_s = float("-inf")
        self._looking_since_s: float | None = None

    def is_ready(self) -> bool:
        """The result of a look that ended within the last second, else that of a new one.

        While another thread looks: the result before, if it is no older than two seconds, else
        what comes out within a second of the look's beginning. Nobody waits beyond that.
        """
        with self._changed:
            since_s = self._looking_since_s
            age_s = self.clock_s() - self._looked_s
            if age_s <= (FRESH_S if since_s is None else 2 * FRESH_S):
                return self._ready
            if since_s is not None:
                left_s = since_s + FRESH_S - self.clock_s()
                over = self._changed.wait_for(self._is_over, max(0.0, left_s))
                return over and self._ready
            self._looking_since_s = self.clock_s()
        return self._looked()

    def _is_over(self) -> bool:
        return self._looking_since_s is None

    def _looked(self) -> bool:
        ready = False
        try:
            self._look()
            ready = True
        except VgigwError:
            pass  # What is wrong with the store is told in the log; here only that it is not ready.
        finally:
            with self._changed:
                self._ready, self._looked_s = ready, self.clock_s()
                self._looking_since_s = None
                self._changed.notify_all()
        return ready
