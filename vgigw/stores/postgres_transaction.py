"""A look at the shared store, and changes that become durable together."""

from __future__ import annotations

from typing import Any

import psycopg

from vgigw.errors import VgigwError
from vgigw.stores.postgres_faults import translate
from vgigw.stores.postgres_words import said
from vgigw.stores.sql_statements import Arguments
from vgigw.stores.sql_transaction import SqlTransaction
from vgigw.stores.sql_view import SqlView

Connection = psycopg.Connection[tuple[Any, ...]]


class PostgresView(SqlView):
    """A ``View`` on a connection whose transaction somebody else began and ends."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _all(self, sql: str, arguments: Arguments = ()) -> list[tuple[Any, ...]]:
        return self._execute(said(sql), arguments).fetchall()

    def _execute(self, sql: str, arguments: Arguments) -> psycopg.Cursor[tuple[Any, ...]]:
        try:
            return self._connection.execute(sql.encode(), arguments)
        except psycopg.Error as error:
            raise self._trouble(error) from error

    def _trouble(self, error: psycopg.Error) -> VgigwError:
        # After any error of a statement the transaction takes no other.
        if self.failure is None:
            self.failure = error
        return translate(error)


class PostgresTransaction(PostgresView, SqlTransaction):
    """A ``Transaction`` on a connection inside a transaction that somebody else ends."""

    def _change(self, sql: str, arguments: Arguments) -> int:
        return self._execute(said(sql), arguments).rowcount

    def _insert(self, sql: str, arguments: Arguments) -> int:
        found = self._execute(f"{said(sql)} RETURNING id", arguments).fetchone()
        return 0 if found is None else int(found[0])
