"""The shared store: one PostgreSQL database behind any number of gateways."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg

from vgigw.errors import Misconfigured
from vgigw.ports import Transaction, View
from vgigw.stores.group_writer import SLOW_WAIT_S, GroupWriter
from vgigw.stores.postgres_faults import translate
from vgigw.stores.postgres_schema import check_server, create_schema
from vgigw.stores.postgres_session import PostgresSession
from vgigw.stores.postgres_transaction import Connection, PostgresView
from vgigw.stores.readers import Readers
from vgigw.stores.trust import Told, Trust

T = TypeVar("T")

_LOOK = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_STILL_MS = 4000
# A server takes a hundred connections by default, and several gateways share it.
_READERS = 16
_SETTINGS: dict[str, Any] = {
    "fallback_application_name": "vgigw",
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "tcp_user_timeout": 3000,
    "autocommit": True,
}


class PostgresStore:
    """A ``Store`` in the database at ``url`` (libpq's words), in the first schema of its search
    path: two identities that share a database need a schema each.

    A write returns after ``COMMIT`` with ``synchronous_commit = on`` or stricter; writes of many
    threads share a commit, and those of several gateways follow one another. A connection that
    breaks is replaced, and a commit of unknown end is answered ``Busy``: the repeat is given the
    answer that was kept.

    It has 17 connections at most, of which one writes.

    ``busy_wait_s``: how long to wait for another gateway that writes, then ``Busy``.
    ``slow_wait_s``: how long a write waits for others of ours, and for its commit, then ``Busy``.
    ``on_failure`` is called once when the store can write no more, with the error.

    Raises ``Misconfigured`` when the server cannot be reached, is too old, is a standby, does not
    sync, or holds the tables of a newer vgigw (of an older, too, without ``bring_forward``). A
    store that is forgotten closes itself.
    """

    def __init__(
        self,
        url: str,
        *,
        busy_wait_s: float = 5.0,
        slow_wait_s: float = SLOW_WAIT_S,
        acknowledge_before_commit: bool = False,
        on_failure: Told = bool,
        bring_forward: bool = True,
    ) -> None:
        connect = _Connector(url, busy_wait_s)
        opened = _opened(connect, bring_forward=bring_forward)
        session = PostgresSession(opened, connect.to_write)
        self._writer = GroupWriter(
            session,
            trust=Trust(on_failure),
            wait_s=slow_wait_s,
            acknowledge_before_commit=acknowledge_before_commit,
        )
        self._readers = Readers(
            connect.to_look, _LOOK, psycopg.Error, most=_READERS, wait_s=slow_wait_s
        )
        # Neither writer nor readers hold the store, else nobody could forget it.
        forgotten = weakref.finalize(self, _forget, self._writer, self._readers)
        forgotten.atexit = False

    @property
    def commits(self) -> int:
        """Commits so far; fewer than writes when writes shared them."""
        return self._writer.commits

    @property
    def waiting(self) -> int:
        """Works that nobody has begun."""
        return self._writer.waiting

    def write(self, work: Callable[[Transaction], T]) -> T:
        """See :class:`vgigw.ports.Store`. ``work`` runs on the store's own thread."""
        return self._writer.submit(work)

    def read(self, query: Callable[[View], T]) -> T:
        """See :class:`vgigw.ports.Store`. ``query`` runs on the caller's thread."""
        try:
            with self._readers.look() as reader:
                view = PostgresView(reader)
                found = query(view)
        except psycopg.Error as error:
            raise translate(error) from error
        # Whoever asks may go on without what could not be read: that would be a short answer.
        if view.failure is not None:
            raise translate(view.failure) from view.failure
        return found

    def close(self) -> None:
        """Finishes the writes that wait, closes the connections."""
        _forget(self._writer, self._readers)
        self._writer.close()


class _Connector:
    """Makes the connections of one store, which it does not hold."""

    def __init__(self, url: str, busy_wait_s: float) -> None:
        self._url = url
        self._busy_wait_ms = int(busy_wait_s * 1000)

    def to_write(self) -> Connection:
        connection = self.to_look()
        # Who stands still in a transaction has the lock that all who write wait for.
        connection.execute(f"SET idle_in_transaction_session_timeout = {_STILL_MS}")
        return connection

    def to_look(self) -> Connection:
        connection = psycopg.connect(self._url, **_SETTINGS)
        connection.execute(f"SET lock_timeout = {self._busy_wait_ms}")
        # Whatever the server's own default is: an acknowledgement follows the sync.
        connection.execute(
            "SELECT set_config('synchronous_commit', 'on', false) "
            "WHERE current_setting('synchronous_commit') IN ('off', 'local')"
        )
        return connection


def _opened(connect: _Connector, *, bring_forward: bool) -> Connection:
    try:
        connection = connect.to_write()
    except (psycopg.Error, ValueError) as error:
        # What libpq says may hold the password.
        raise Misconfigured(
            "the store's PostgreSQL cannot be reached: check gateway.store, that the server "
            "runs, and that this user may log in"
        ) from error
    try:
        check_server(connection)
        create_schema(connection, bring_forward=bring_forward)
    except BaseException:
        connection.close()
        raise
    return connection


def _forget(writer: GroupWriter, readers: Readers[Connection]) -> None:
    """Close the idle readers, and let the writer finish and close."""
    readers.close()
    writer.end()
