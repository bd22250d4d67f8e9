"""The Seq of outgoing envelopes: 0001 to 9999, unique within its second."""

from __future__ import annotations

import threading
from datetime import datetime

from vgigw.rules.freshness import SecondSequence, next_seq


class SequenceNumbers:
    """One allocator a sender, shared by its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state: SecondSequence | None = None

    def next(self, now: datetime) -> tuple[str, str]:
        """``(TimeStamp, Seq)`` of the next envelope."""
        with self._lock:
            self._state = next_seq(self._state, now)
            return self._state.time_stamp, self._state.seq
