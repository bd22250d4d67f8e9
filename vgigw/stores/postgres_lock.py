"""A lock for each epoch of a turn, that one connection to the shared store holds, and no other."""

from __future__ import annotations

import contextlib
import threading

import psycopg

from vgigw.stores.postgres_transaction import Connection

_NAME = "hashtextextended('vgigw clockwork ' || current_schema() || ' ' || %s::text, 0)"
_TAKE = f"SELECT pg_try_advisory_lock({_NAME})"
_LET_GO = f"SELECT pg_advisory_unlock({_NAME})"


class PostgresLock:
    """Any thread may call. A connection that breaks loses the lock."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Connection | None = None
        self._epoch: int | None = None
        self._one = threading.Lock()

    def take(self, epoch: int) -> bool:
        """Whether the lock of ``epoch`` is ours now; does not wait. One of another is let go."""
        with self._one:
            if self._epoch == epoch and self._lives():
                return True
            self._let_go()
            if self._asked(_TAKE, epoch):
                self._epoch = epoch
            return self._epoch is not None

    def free(self, epoch: int) -> bool:
        """Whether nobody holds the lock of ``epoch``."""
        with self._one:
            return self._asked(_TAKE, epoch) and self._asked(_LET_GO, epoch)

    def let_go(self) -> None:
        """What is ours, if anything is."""
        with self._one:
            self._let_go()

    def close(self) -> None:
        """The same, for good."""
        with self._one:
            self._let_go()
            self._end()

    def _let_go(self) -> None:
        epoch, self._epoch = self._epoch, None
        if epoch is not None and self._connection is not None:
            # Where this fails the connection is broken, and the lock was lost with it.
            with contextlib.suppress(psycopg.Error):
                self._connection.execute(_LET_GO.encode(), (epoch,))

    def _lives(self) -> bool:
        """Whether the connection does that took what is ours."""
        try:
            return self._connection is not None and bool(self._connection.execute("SELECT 1"))
        except psycopg.Error:
            return False

    def _asked(self, question: str, epoch: int) -> bool:
        # A second time: the connection of the first may have ended while nobody used it.
        for _ in range(2):
            try:
                found = self._connected().execute(question.encode(), (epoch,)).fetchone()
            except psycopg.Error:
                self._end()
            else:
                return found is not None and bool(found[0])
        return False

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = psycopg.connect(
                self._url,
                autocommit=True,
                connect_timeout=3,
                keepalives_idle=5,
                tcp_user_timeout=3000,
                fallback_application_name="vgigw-clockwork",
            )
        return self._connection

    def _end(self) -> None:
        self._epoch = None
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error):
                self._connection.close()
            self._connection = None
