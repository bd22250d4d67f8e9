"""The connection that writes to the embedded store."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable

from vgigw.errors import VgigwError
from vgigw.stores import sqlite_faults
from vgigw.stores.session import Reach
from vgigw.stores.sqlite_transaction import SqliteTransaction


class SqliteSession:
    """``check`` is called before each commit and raises when the file is not the one we opened."""

    def __init__(self, connection: sqlite3.Connection, check: Callable[[], None]) -> None:
        self._connection = connection
        self._check = check
        self.execute = connection.execute

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def begin(self) -> SqliteTransaction:
        self._connection.execute("BEGIN IMMEDIATE")
        return SqliteTransaction(self._connection)

    def commit(self) -> None:
        self._check()
        self._connection.execute("COMMIT")

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
