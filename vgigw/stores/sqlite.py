"""The embedded store: one SQLite file, durable before anything is acknowledged."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from vgigw.errors import Misconfigured, StoreFailed
from vgigw.ports import Transaction, View
from vgigw.stores.file_system import SameFile, refuse_network
from vgigw.stores.group_writer import GroupWriter
from vgigw.stores.sqlite_faults import ERRORS, translate
from vgigw.stores.sqlite_schema import check_version, create_schema, prepare_file
from vgigw.stores.sqlite_session import SqliteSession, commits_of
from vgigw.stores.sqlite_view import SqliteView
from vgigw.stores.stamp import Stamp

T = TypeVar("T")

_IDLE_READERS = 32
_STATEMENTS = 256
# Pages of 8 KiB and a log of 16 MiB halve the cost of a row of 40 KB and cost a small row little.
_SETTINGS = (
    "PRAGMA page_size = 8192",
    "PRAGMA synchronous = FULL",
    "PRAGMA wal_autocheckpoint = 2000",
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA cache_size = -16000",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA trusted_schema = OFF",
    # What is erased is overwritten, not only unlinked. JES-6.4.1c.
    "PRAGMA secure_delete = ON",
)


class SqliteStore:
    """A ``Store`` in one file (and its ``-wal`` and ``-shm``), of mode 0600.

    A write returns after ``COMMIT`` with ``synchronous=FULL``; writes of many threads share a
    commit. Several processes may open the same file. After an error of disk or file the store
    stays failed: close it and open a new one, which verifies what is there. A full disk fails the
    writes of that moment only.

    ``busy_wait_s``: how long to wait for another process that writes, then ``Busy``. ``on_failure``
    is called once when the store has failed.
    ``acknowledge_before_commit`` is FOR TESTS ONLY: it lets a write return before it is durable,
    and holds the commit back for a moment, to prove that a crash test notices.

    Raises ``Misconfigured`` when the file is not a store, is one of a newer version, or lies on a
    network file system. A store that is forgotten closes itself.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        busy_wait_s: float = 5.0,
        acknowledge_before_commit: bool = False,
        on_failure: Callable[[], object] = bool,
    ) -> None:
        self.path = Path(path).absolute()
        self._busy_wait_s = busy_wait_s
        refuse_network(self.path)
        prepare_file(self.path)
        self._readers: deque[sqlite3.Connection] = deque()
        self._lock = threading.Lock()
        self._closed = False
        self._stamp = Stamp(self.path)
        self._connection = self._open()
        try:
            self._writer = GroupWriter(
                SqliteSession(self._connection, SameFile(self.path).check, self._stamp),
                acknowledge_before_commit=acknowledge_before_commit,
                on_failure=on_failure,
            )
        except BaseException:
            self._connection.close()
            raise
        # Neither the writer nor this holds the store, else nobody could forget it.
        forgotten = weakref.finalize(self, _forget, self._writer, self._readers)
        # At the end of the process a thread may still be at work; what it acknowledged is on disk.
        forgotten.atexit = False

    @property
    def commits(self) -> int:
        """Commits so far; fewer than writes when writes shared them."""
        return self._writer.commits

    def write(self, work: Callable[[Transaction], T]) -> T:
        """See :class:`vgigw.ports.Store`. ``work`` runs on the store's own thread."""
        return self._writer.submit(work)

    def read(self, query: Callable[[View], T]) -> T:
        """See :class:`vgigw.ports.Store`. ``query`` runs on the caller's thread."""
        reader = self._take_reader()
        try:
            reader.execute("BEGIN")
            return query(SqliteView(reader))
        except ERRORS as error:
            raise translate(error) from error
        finally:
            self._give_back(reader)

    def close(self) -> None:
        """Finishes the writes that wait, writes the log back into the file, closes."""
        with self._lock:
            self._closed = True
        _forget(self._writer, self._readers)
        self._writer.close()

    def _open(self) -> sqlite3.Connection:
        try:
            connection = self._connect(*_SETTINGS)
            try:
                self._prepare(connection)
            except BaseException:
                connection.close()
                raise
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            raise Misconfigured(
                f"store {self.path} cannot be used: it is damaged, locked by another program, or "
                "on a file system without shared memory; check it with `sqlite3 FILE "
                "'PRAGMA integrity_check'` or restore a backup"
            ) from error
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        check_version(connection, self.path)
        self._log_ahead(connection)
        create_schema(connection, self.path)
        # Where a sync failed before, the system shows us a log that is not on the disk and will
        # not write it again: what it holds is written anew, into the file.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        stamped = self._stamp.read()
        self._stamp.check(stamped, commits_of(connection))

    def _connect(self, *settings: str) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path,
            timeout=self._busy_wait_s,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=_STATEMENTS,
        )
        try:
            for setting in settings:
                connection.execute(setting)
        except BaseException:
            connection.close()
            raise
        return connection

    def _log_ahead(self, connection: sqlite3.Connection) -> None:
        # SQLite does not wait by itself for this lock when several processes start at once.
        end = time.monotonic() + self._busy_wait_s
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.01)
            else:
                return

    def _take_reader(self) -> sqlite3.Connection:
        with self._lock:
            if self._closed:
                raise StoreFailed("the store is closed")
            if self._readers:
                return self._readers.pop()
        try:
            if not self.path.exists():
                raise StoreFailed("the store's file is gone")
            reader = self._connect(*_SETTINGS, "PRAGMA query_only = ON")
        except ERRORS as error:
            raise translate(error) from error
        return reader

    def _give_back(self, reader: sqlite3.Connection) -> None:
        try:
            if reader.in_transaction:
                reader.execute("ROLLBACK")
        except sqlite3.Error:
            reader.close()
            return
        with self._lock:
            if not self._closed and len(self._readers) < _IDLE_READERS:
                self._readers.append(reader)
                return
        reader.close()


def _forget(writer: GroupWriter, readers: deque[sqlite3.Connection]) -> None:
    """Close the idle readers, and let the writer finish and close."""
    while readers:
        readers.popleft().close()
    writer.end()
