"""The connection that writes to the embedded store."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable

from vgigw.errors import VgigwError
from vgigw.stores import sql_records as records
from vgigw.stores import sqlite_faults
from vgigw.stores.session import Reach
from vgigw.stores.sqlite_log import Log
from vgigw.stores.sqlite_transaction import SqliteTransaction
from vgigw.stores.stamp import Stamp

_COMMITS = "store-commits"


class SqliteSession:
    """``check`` is called before each commit and raises when the file is not the one we opened;
    ``stamp`` and ``log`` are told after it."""

    def __init__(
        self, connection: sqlite3.Connection, check: Callable[[], None], stamp: Stamp, log: Log
    ) -> None:
        self._connection = connection
        self._check = check
        self._stamp = stamp
        self._log = log
        self._transaction: SqliteTransaction | None = None
        self._changes_before = 0
        self.execute = connection.execute

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    @property
    def changed(self) -> bool:
        return self._connection.total_changes > self._changes_before

    def begin(self) -> SqliteTransaction:
        self._log.check_room()
        self._connection.execute("BEGIN IMMEDIATE")
        self._changes_before = self._connection.total_changes
        self._transaction = SqliteTransaction(self._connection)
        return self._transaction

    def commit(self) -> None:
        self._check()
        commits = count_commit(self._connection) if self.changed else 0
        self._connection.execute("COMMIT")
        if commits:
            self._stamp.write(commits)
        if self._transaction is not None and self._transaction.scrubbed:
            self._log.clear()
        if commits:
            self._log.keep()

    def rollback(self) -> None:
        self._connection.execute("ROLLBACK")

    def reach_of(self, error: BaseException) -> Reach:
        return sqlite_faults.reach_of(error)

    def translate(self, error: BaseException) -> VgigwError:
        return sqlite_faults.translate(error)

    def end(self) -> None:
        # Where this fails the log is read again at the next start; nothing is lost by leaving it.
        with contextlib.suppress(sqlite3.Error):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._connection.close()
        self._stamp.close()


def commits_of(connection: sqlite3.Connection) -> int:
    """How many commits the store has made. Raises SQLite's own errors, and ``StoreDamaged``."""
    found = connection.execute(
        f"SELECT {records.COUNTER_COLUMNS} FROM counter WHERE name = ?",  # noqa: S608 - fixed terms
        (_COMMITS,),
    ).fetchone()
    return records.counter_of(found) if found else 0


def count_commit(connection: sqlite3.Connection) -> int:
    """One more, in the transaction that is open."""
    commits = commits_of(connection) + 1
    connection.execute(
        "INSERT INTO counter (name, value, seal) VALUES (?, ?, ?) ON CONFLICT (name) "
        "DO UPDATE SET value = excluded.value, seal = excluded.seal",
        records.counter_columns(_COMMITS, commits),
    )
    return commits
