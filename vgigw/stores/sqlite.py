"""The embedded store: one SQLite file, durable before anything is acknowledged."""

from __future__ import annotations

import os
import sqlite3
import time
import weakref
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from vgigw.errors import Misconfigured, StoreDamaged, StoreFailed
from vgigw.gateway.gateway import silent
from vgigw.ports import Observer, Transaction, View
from vgigw.stores.file_system import SameFile, refuse_network
from vgigw.stores.group_writer import SLOW_WAIT_S, GroupWriter
from vgigw.stores.readers import Readers
from vgigw.stores.session import Reach
from vgigw.stores.sqlite_faults import ERRORS, reach_of, translate
from vgigw.stores.sqlite_log import Lengths, Log
from vgigw.stores.sqlite_reader import Look, Reader
from vgigw.stores.sqlite_schema import check_version, create_schema, prepare_file
from vgigw.stores.sqlite_session import SqliteSession, commits_of
from vgigw.stores.stamp import Stamp
from vgigw.stores.trust import Told, Trust

T = TypeVar("T")
K = TypeVar("K", bound=sqlite3.Connection)

_STATEMENTS = 256
_READERS = 32
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
    commit. Several processes may open the same file. After an error of disk or file, met by a write
    or by a read, the store stays failed: close it and open a new one, which verifies what is there.
    A full disk fails the writes of that moment only.

    ``busy_wait_s``: how long to wait for another process that writes, then ``Busy``.
    ``slow_wait_s``: how long a write waits for others of ours, and for its commit, then ``Busy``.
    ``on_failure`` is called once when the store has failed, with the error. ``observer`` is told
    when the log is long: then looks of this process that keep it so are ended with ``Busy``, and
    where that does not help, writes are refused with ``Busy`` at ``log_lengths.most`` (F25).
    ``acknowledge_before_commit`` is FOR TESTS ONLY: it lets a write return before it is durable,
    and holds the commit back for a moment, to prove that a crash test notices.

    Raises ``Misconfigured`` when the file is not a store, is one of a newer version (of an older,
    too, without ``bring_forward``), or lies on a network file system. A store that is forgotten
    closes itself.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        busy_wait_s: float = 5.0,
        slow_wait_s: float = SLOW_WAIT_S,
        acknowledge_before_commit: bool = False,
        on_failure: Told = bool,
        observer: Observer = silent,
        log_lengths: Lengths = Lengths(),  # noqa: B008 - frozen
        bring_forward: bool = True,
    ) -> None:
        self.path = Path(path).absolute()
        self._bring_forward = bring_forward
        self._busy_wait_s = busy_wait_s
        refuse_network(self.path)
        prepare_file(self.path)
        self._connection = self._open()
        self._trust = Trust(on_failure)
        connect = partial(_looking, self.path, busy_wait_s)
        self._readers = Readers(connect, "BEGIN", ERRORS, most=_READERS, wait_s=slow_wait_s)
        end_looks = partial(self._readers.end_looks, end=Reader.give_up)
        self._log = log = Log(self._connection, self.path, log_lengths, end_looks, observer)
        try:
            self._writer = GroupWriter(
                SqliteSession(self._connection, SameFile(self.path).check, self._stamp, log),
                trust=self._trust,
                wait_s=slow_wait_s,
                acknowledge_before_commit=acknowledge_before_commit,
            )
        except BaseException:
            self._connection.close()
            raise
        # Neither writer nor readers hold the store, else nobody could forget it.
        forgotten = weakref.finalize(self, _forget, self._writer, self._readers)
        # At the end of the process a thread may still be at work; what it acknowledged is on disk.
        forgotten.atexit = False

    @property
    def commits(self) -> int:
        """Commits so far; fewer than writes when writes shared them."""
        return self._writer.commits

    @property
    def waiting(self) -> int:
        """Works that nobody has begun."""
        return self._writer.waiting

    def save_space(self, saving: bool) -> None:
        """Whether to write with as little space as can be, at the price of time. F17."""
        self._log.saving = saving

    def write(self, work: Callable[[Transaction], T]) -> T:
        """See :class:`vgigw.ports.Store`. ``work`` runs on the store's own thread."""
        return self._writer.submit(work)

    def read(self, query: Callable[[View], T]) -> T:
        """See :class:`vgigw.ports.Store`. ``query`` runs on the caller's thread."""
        view: Look | None = None
        try:
            with self._readers.look() as reader:
                view = Look(reader)
                found = query(view)
                view.check()
        except ERRORS as error:
            if view is None:
                self._judge(error)
            raise translate(error) from error
        finally:
            if view is not None and view.failure is not None:
                self._judge(view.failure)
        # Whoever asks may go on without what could not be read: that would be a short answer.
        failure = view.failure or self._trust.lost
        if failure is not None:
            raise translate(failure) from failure
        return found

    def close(self) -> None:
        """Finishes the writes that wait, writes the log back into the file, closes."""
        _forget(self._writer, self._readers)
        self._writer.close()

    def _judge(self, error: BaseException) -> None:
        if reach_of(error) is Reach.STORE:
            self._trust.lose(error)
            self._trust.tell()

    def _open(self) -> sqlite3.Connection:
        try:
            self._stamp = Stamp(self.path)
            connection = _connected(
                self.path, self._busy_wait_s, *_SETTINGS, kind=sqlite3.Connection
            )
            try:
                self._prepare(connection)
            except BaseException:
                connection.close()
                self._stamp.close()
                raise
        except (sqlite3.DatabaseError, UnicodeDecodeError, OSError, StoreDamaged) as error:
            raise Misconfigured(
                f"store {self.path} cannot be used: it is damaged, its disk fails, it is locked by "
                "another program, or on a file system without shared memory; check it with "
                "`sqlite3 FILE 'PRAGMA integrity_check'` or restore a backup"
            ) from error
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        check_version(connection, self.path)
        self._log_ahead(connection)
        create_schema(connection, self.path, bring_forward=self._bring_forward)
        # Where a sync failed before, the system shows us a log that is not on the disk and will
        # not write it again: what it holds is written anew, into the file.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        stamped = self._stamp.read()
        self._stamp.check(stamped, commits_of(connection))

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


def _looking(path: Path, busy_wait_s: float) -> Reader:
    # SQLite would make a new file.
    if not path.exists():
        raise StoreFailed("the store's file is gone")
    return _connected(path, busy_wait_s, *_SETTINGS, "PRAGMA query_only = ON", kind=Reader)


def _connected(path: Path, busy_wait_s: float, *settings: str, kind: type[K]) -> K:
    connection = sqlite3.connect(
        path,
        factory=kind,
        timeout=busy_wait_s,
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


def _forget(writer: GroupWriter, readers: Readers[Reader]) -> None:
    """Close the idle readers, and let the writer finish and close."""
    readers.close()
    writer.end()
