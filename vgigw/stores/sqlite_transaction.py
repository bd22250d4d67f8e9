"""Changes of the embedded store that become durable together."""

from __future__ import annotations

import sqlite3

from vgigw.stores.sql_statements import Arguments
from vgigw.stores.sql_transaction import SqlTransaction
from vgigw.stores.sqlite_faults import ERRORS
from vgigw.stores.sqlite_view import SqliteView


class SqliteTransaction(SqliteView, SqlTransaction):
    """A ``Transaction`` on a connection inside a transaction that somebody else ends.

    ``scrubbed`` says whether something was erased that must not stay in the log either.
    """

    scrubbed = False

    def scrub(self) -> None:
        self.scrubbed = True

    def _change(self, sql: str, arguments: Arguments) -> int:
        return self._execute(sql, arguments).rowcount

    def _insert(self, sql: str, arguments: Arguments) -> int:
        return self._execute(sql, arguments).lastrowid or 0

    def _execute(self, sql: str, arguments: Arguments) -> sqlite3.Cursor:
        try:
            return self._connection.execute(sql, arguments)
        except ERRORS as error:
            raise self._trouble(error) from error
