"""The floor's store: one row a batch, appended by one thread that commits what waits together.

SQLite in WAL mode with ``synchronous=FULL``, an answer after its commit, as the gateway's store;
without replay guard, sequence, savepoint or anything else that a gateway looks after.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

FILE = "floor.sqlite3"
_TABLE = (
    "CREATE TABLE IF NOT EXISTS batch (id INTEGER PRIMARY KEY, stream TEXT NOT NULL, "
    "seq_from INTEGER NOT NULL, seq_to INTEGER NOT NULL, payload BLOB NOT NULL)"
)
_APPEND = "INSERT INTO batch (stream, seq_from, seq_to, payload) VALUES (?, ?, ?, ?)"

Row = tuple[str, int, int, bytes]


class _Waiting:
    __slots__ = ("gate", "row")

    def __init__(self, row: Row) -> None:
        self.row = row
        self.gate = threading.Lock()
        self.gate.acquire()


class FloorStore:
    """Appends rows; any number of threads may call."""

    def __init__(self, folder: Path) -> None:
        self._connection = sqlite3.connect(
            folder / FILE, isolation_level=None, check_same_thread=False
        )
        for statement in (
            "PRAGMA page_size = 8192",
            "PRAGMA journal_mode = WAL",
            "PRAGMA synchronous = FULL",
            "PRAGMA wal_autocheckpoint = 2000",
            _TABLE,
        ):
            self._connection.execute(statement)
        self._queue: queue.SimpleQueue[_Waiting] = queue.SimpleQueue()
        threading.Thread(target=self._serve, name="floor-store", daemon=True).start()

    def append(self, row: Row) -> None:
        """Returns after the commit."""
        waiting = _Waiting(row)
        self._queue.put(waiting)
        waiting.gate.acquire()

    def _serve(self) -> None:
        execute = self._connection.execute
        while True:
            group = [self._queue.get()]
            execute("BEGIN IMMEDIATE")
            execute(_APPEND, group[0].row)
            while not self._queue.empty():
                group.append(self._queue.get())
                execute(_APPEND, group[-1].row)
            execute("COMMIT")
            for waiting in group:
                waiting.gate.release()


def stored(folder: Path) -> int:
    """Records that lie in the store of a floor that has stopped."""
    with closing(sqlite3.connect(folder / FILE)) as connection:
        (count,) = connection.execute(
            "SELECT coalesce(sum(seq_to - seq_from + 1), 0) FROM batch"
        ).fetchone()
    return int(count)
