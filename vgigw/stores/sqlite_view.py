"""A look at the embedded store."""

from __future__ import annotations

import sqlite3
from typing import Any

from vgigw.errors import VgigwError
from vgigw.stores.session import Reach
from vgigw.stores.sql_view import Arguments, SqlView
from vgigw.stores.sqlite_faults import ERRORS, reach_of, translate


class SqliteView(SqlView):
    """A ``View`` on a connection whose transaction somebody else began and ends."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def _all(self, sql: str, arguments: Arguments = ()) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(sql, arguments).fetchall()
        except ERRORS as error:
            raise self._trouble(error) from error

    def _trouble(self, error: Exception) -> VgigwError:
        if self.failure is None and reach_of(error) is not Reach.WORK:
            self.failure = error
        return translate(error)
