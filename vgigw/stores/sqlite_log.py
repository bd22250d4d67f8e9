"""The log of the embedded store: told when it is long, and kept within a bound (F25)."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from vgigw.errors import Busy
from vgigw.ports import Observer

_TRY_FOR_MS = 100


class Lengths(NamedTuple):
    """Bytes at which the log is told, and at which nothing is added to it; and for how many seconds
    somebody may look at the store while it is long."""

    large: int = 256 * 1024 * 1024
    most: int = 512 * 1024 * 1024
    look_s: float = 10.0


class Log:
    """Used by the thread that writes. ``end_looks(over_s)`` ends the looks of this process that
    last longer; those of others it cannot end."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path,
        lengths: Lengths,
        end_looks: Callable[[float], int],
        observer: Observer,
    ) -> None:
        self._connection = connection
        self._path = path.with_name(f"{path.name}-wal")
        self._lengths = lengths
        self._end_looks = end_looks
        self._observer = observer
        self._next_try = 0
        self._told = False
        self._clear_wanted = False
        self.saving = False
        """Whether it is emptied after each commit: it takes many times what it says, and a disk
        without space could not take it back into the file. F17."""

    def check_room(self) -> None:
        """Raises ``Busy`` while the log is as long as it may be."""
        if self._told and self._full(self._length()):
            self._next_try = 0
            self.keep()
            if self._full(self._length()):
                raise Busy("the store's log is full: a program looks at the store for too long")

    def clear(self) -> None:
        """Empty it, where erased content still stands, or try again after the next commit: a
        reader that looks at it now is not waited for. JES-6.4.1c."""
        self._clear_wanted = not self._emptied(0)

    def keep(self) -> None:
        """After each commit."""
        if self._clear_wanted or self.saving:
            self.clear()
        length, lengths = self._length(), self._lengths
        if length < lengths.large:
            self._next_try = 0
            if self._told and length < lengths.large // 2:
                self._told = False
                self._observer("store.log_short", bytes=length)
            return
        ended = self._end_looks(self._allowed_s(length))
        if not ended and length < self._next_try:
            return
        self._next_try = length + lengths.large // 16
        emptied = self._emptied(_TRY_FOR_MS)
        if ended or not self._told:
            self._told = True
            self._observer("store.log_long", bytes=length, looks_ended=ended, emptied=emptied)

    def _full(self, length: int) -> bool:
        # The last group may have been a large one.
        return length > self._lengths.most * 15 // 16

    def _allowed_s(self, length: int) -> float:
        """How long somebody may look at the store while the log has this length."""
        if self._full(length):
            return 0.0
        halfway = (self._lengths.large + self._lengths.most) // 2
        return self._lengths.look_s if length < halfway else self._lengths.look_s / 10

    def _length(self) -> int:
        try:
            return self._path.stat().st_size
        except OSError:
            return 0

    def _emptied(self, patience_ms: int) -> bool:
        """Whether nobody looked at what stands in the log, so that it could be emptied."""
        (usual_ms,) = self._connection.execute("PRAGMA busy_timeout").fetchone()
        found = (1,)
        # The commit stands, whatever becomes of this.
        with contextlib.suppress(sqlite3.Error):
            self._connection.execute(f"PRAGMA busy_timeout = {patience_ms}")
            found = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        with contextlib.suppress(sqlite3.Error):
            self._connection.execute(f"PRAGMA busy_timeout = {int(usual_ms)}")
        return not found[0]
