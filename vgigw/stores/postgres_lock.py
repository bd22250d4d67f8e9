"""A lock that one connection to the shared store holds, and no other."""

from __future__ import annotations

import contextlib
import threading

import psycopg

from vgigw.stores.postgres_transaction import Connection

_NAME = "hashtextextended('vgigw clockwork ' || current_schema(), 0)"
_TAKE = f"SELECT pg_try_advisory_lock({_NAME})"


class PostgresLock:
    """Any thread may call. A connection that breaks loses the lock."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Connection | None = None
        self._one = threading.Lock()
        self.ours = False

    def take(self) -> bool:
        """Whether it is ours now; does not wait for whoever holds it."""
        with self._one:
            # A second time: the connection of the first may have ended while we waited.
            for _ in range(2):
                try:
                    self.ours = self._tried()
                except psycopg.Error:
                    self._let_go()
                else:
                    break
            return self.ours

    def ask(self) -> None:
        """Look whether the connection still lives."""
        with self._one:
            if self._connection is None:
                return
            try:
                self._connection.execute("SELECT 1")
            except psycopg.Error:
                self._let_go()

    def give_back(self) -> None:
        """The next one may take it."""
        with self._one:
            self._let_go()

    def _tried(self) -> bool:
        if self._connection is None:
            self._connection = psycopg.connect(
                self._url,
                autocommit=True,
                connect_timeout=3,
                keepalives_idle=5,
                tcp_user_timeout=3000,
                fallback_application_name="vgigw-clockwork",
            )
        found = self._connection.execute(_TAKE).fetchone()
        return found is not None and bool(found[0])

    def _let_go(self) -> None:
        self.ours = False
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error):
                self._connection.close()
            self._connection = None
