"""The Seq of outgoing envelopes: 0001 to 9999, unique within its second, and how it is written."""

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


def written(seq: str, habit: str) -> str:
    """``seq`` as a dialect writes it: ``padded``, ``unpadded``, or ``constant`` for 0001 always."""
    match habit:
        case "unpadded":
            return seq.lstrip("0")
        case "constant":
            return "0001"
    return seq
