"""A look at the embedded store."""

from __future__ import annotations

import sqlite3
from typing import Any

from vgigw.errors import VgigwError
from vgigw.stores.session import Reach
from vgigw.stores.sql_statements import Arguments
from vgigw.stores.sql_view import SqlView
from vgigw.stores.sqlite_faults import ERRORS, reach_of, translate


class SqliteView(SqlView):
    """A ``View`` on a connection whose transaction somebody else began and ends."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def _all(self, sql: str, arguments: Arguments = ()) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(sql, arguments).fetchall()
        except ERRORS as error:
            if _is_no_text(error):
                return self._as_it_stands(sql, arguments)
            raise self._trouble(error) from error

    def _as_it_stands(self, sql: str, arguments: Arguments) -> list[tuple[Any, ...]]:
        """What a flipped bit made no text of: the seal of its row tells which row it is."""
        usual = self._connection.text_factory
        self._connection.text_factory = lambda raw: raw.decode(errors="surrogateescape")
        try:
            return self._connection.execute(sql, arguments).fetchall()
        except ERRORS as error:
            raise self._trouble(error) from error
        finally:
            self._connection.text_factory = usual

    def _trouble(self, error: Exception) -> VgigwError:
        if self.failure is None and reach_of(error) is not Reach.WORK:
            self.failure = error
        return translate(error)


def _is_no_text(error: Exception) -> bool:
    """The module's own error, which has no code of SQLite's."""
    own = isinstance(error, sqlite3.OperationalError) and not hasattr(error, "sqlite_errorcode")
    return own and "UTF-8" in str(error)
