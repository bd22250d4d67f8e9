"""A connection that looks at the embedded store, and can be made to give up by another thread."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import Any

from vgigw.errors import Busy
from vgigw.stores.sql_statements import Arguments
from vgigw.stores.sqlite_view import SqliteView


class Reader(sqlite3.Connection):
    """While it looks, the log cannot be begun anew (F25)."""

    given_up = False

    def give_up(self) -> None:
        """End the look of another thread, which is told so at its next statement."""
        # Said first: what it reads from now on may be of another snapshot.
        self.given_up = True
        self.interrupt()
        with contextlib.suppress(sqlite3.Error):
            self.execute("ROLLBACK")


class Look(SqliteView):
    """A ``View`` whose connection may be taken away. Then it raises ``Busy``."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self._reader = reader

    def _all(self, sql: str, arguments: Arguments = ()) -> list[tuple[Any, ...]]:
        try:
            return super()._all(sql, arguments)
        finally:
            self.check()

    def check(self) -> None:
        """Raises ``Busy`` for what was looked at for too long."""
        if self._reader.given_up:
            raise Busy("this took so long that the store's log grew too large")
