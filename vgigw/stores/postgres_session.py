"""The connection that writes to the shared store; a new one where the old one broke."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import psycopg
from psycopg.pq import TransactionStatus

from vgigw.errors import VgigwError
from vgigw.stores import postgres_faults
from vgigw.stores.postgres_schema import LOCK
from vgigw.stores.postgres_transaction import Connection, PostgresTransaction
from vgigw.stores.session import Reach

_BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
"""Whatever the server's default is: what is read after the lock is what was committed before it."""
_LOCKED = f"SELECT pg_advisory_xact_lock({LOCK})"


class PostgresSession:
    """Transactions that follow one another among all gateways that share the store.

    ``connect`` gives a connection in autocommit mode.
    """

    def __init__(self, connection: Connection, connect: Callable[[], Connection]) -> None:
        self._connection = connection
        self._connect = connect

    @property
    def in_transaction(self) -> bool:
        return self._connection.info.transaction_status is not TransactionStatus.IDLE

    @property
    def changed(self) -> bool:
        return True

    def begin(self) -> PostgresTransaction:
        """Waits for whoever writes now, as long as the connection's ``lock_timeout``."""
        if self._connection.closed or self._connection.broken:
            self._connection = self._connect()
        try:
            self.execute(_BEGIN)
        except psycopg.OperationalError:
            # The server went away since the last group, which nobody had noticed yet.
            self._connection.close()
            self._connection = self._connect()
            self.execute(_BEGIN)
        self.execute(_LOCKED)
        return PostgresTransaction(self._connection)

    def execute(self, sql: str) -> object:
        return self._connection.execute(sql.encode())

    def commit(self) -> None:
        self.execute("COMMIT")

    def rollback(self) -> None:
        if not self._connection.broken:
            self.execute("ROLLBACK")

    def reach_of(self, error: BaseException) -> Reach:
        return postgres_faults.reach_of(error)

    def translate(self, error: BaseException) -> VgigwError:
        return postgres_faults.translate(error)

    def end(self) -> None:
        with contextlib.suppress(psycopg.Error):
            self._connection.close()
