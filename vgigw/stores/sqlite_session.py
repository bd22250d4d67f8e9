"""The connection that writes to the embedded store."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable

from vgigw.errors import VgigwError
from vgigw.stores import sqlite_faults
from vgigw.stores.session import Reach
from vgigw.stores.sqlite_transaction import SqliteTransaction
from vgigw.stores.stamp import Stamp

_COMMITS = "store-commits"


class SqliteSession:
    """``check`` is called before each commit and raises when the file is not the one we opened;
    ``stamp`` is told after it."""

    def __init__(
        self, connection: sqlite3.Connection, check: Callable[[], None], stamp: Stamp
    ) -> None:
        self._connection = connection
        self._check = check
        self._stamp = stamp
        self._transaction: SqliteTransaction | None = None
        self._log_to_clear = False
        self._changes_before = 0
        self.execute = connection.execute

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    @property
    def changed(self) -> bool:
        return self._connection.total_changes > self._changes_before

    def begin(self) -> SqliteTransaction:
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
            self._log_to_clear = True
        if self._log_to_clear:
            self._clear_log()

    def rollback(self) -> None:
        self._connection.execute("ROLLBACK")

    def reach_of(self, error: BaseException) -> Reach:
        return sqlite_faults.reach_of(error)

    def translate(self, error: BaseException) -> VgigwError:
        return sqlite_faults.translate(error)

    def _clear_log(self) -> None:
        """Empty the log, where erased content still stands, or try again at the next commit: a
        reader that looks at it now is not waited for. JES-6.4.1c."""
        (patience_ms,) = self._connection.execute("PRAGMA busy_timeout").fetchone()
        # The commit stands, whatever becomes of this.
        with contextlib.suppress(sqlite3.Error):
            self._connection.execute("PRAGMA busy_timeout = 0")
            found = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            self._log_to_clear = bool(found[0])
        with contextlib.suppress(sqlite3.Error):
            self._connection.execute(f"PRAGMA busy_timeout = {int(patience_ms)}")

    def end(self) -> None:
        # Where this fails the log is read again at the next start; nothing is lost by leaving it.
        with contextlib.suppress(sqlite3.Error):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._connection.close()
        self._stamp.close()


def commits_of(connection: sqlite3.Connection) -> int:
    """How many commits the store has made."""
    found = connection.execute("SELECT value FROM counter WHERE name = ?", (_COMMITS,)).fetchone()
    return int(found[0]) if found else 0


def count_commit(connection: sqlite3.Connection) -> int:
    """One more, in the transaction that is open."""
    connection.execute(
        "INSERT INTO counter (name, value) VALUES (?, 1) "
        "ON CONFLICT (name) DO UPDATE SET value = value + 1",
        (_COMMITS,),
    )
    return commits_of(connection)
