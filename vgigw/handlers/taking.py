"""What peers took of a stream lately: by it, a record at fault is told from a peer at fault. F63.

In memory: after a restart nothing is known, so that nothing is declared until something was taken.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

TAKEN_WITHIN: Final = timedelta(minutes=2)
"""Own design number: a peer that took nothing for so long is at fault itself."""
MOST_IN_VAIN: Final = 32
"""Own design number: a job's letters are divided so often while nothing of the stream is taken."""

Stream = tuple[str, str, str]
"""Peer, source and stream."""


class Taking:
    """By peer, source and stream."""

    def __init__(self) -> None:
        self._taken_at: dict[Stream, datetime] = {}
        self._in_vain: dict[Stream, tuple[str, int]] = {}

    def took(self, stream: Stream, now: datetime) -> None:
        """The peer took a letter of the stream."""
        self._taken_at[stream] = now
        self._in_vain.pop(stream, None)

    def took_since(self, stream: Stream, since: datetime, begun: datetime, now: datetime) -> bool:
        """Whether the peer took something of the stream after ``since``, and that not long ago, or
        after ``begun``. A ``since`` later than ``now``, and a taking further ahead than that, is
        of a clock that was set back, and says nothing. F55"""
        taken_at = self._taken_at.get(stream)
        since = begun if since > now else since
        if taken_at is None or taken_at < since <= now or taken_at - now > TAKEN_WITHIN:
            return False
        return begun <= taken_at or now - taken_at <= TAKEN_WITHIN

    def may_divide(self, stream: Stream, group: str) -> bool:
        """Whether a letter of ``group`` that is refused is divided once more; it is counted."""
        counted_of, count = self._in_vain.get(stream, (group, 0))
        count = count if counted_of == group else 0
        if count >= MOST_IN_VAIN:
            return False
        self._in_vain[stream] = (group, count + 1)
        return True
