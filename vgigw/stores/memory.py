"""A store that forgets: the same SQL on a database in memory, for tests and demonstrations."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

from vgigw.errors import StoreFailed
from vgigw.ports import Transaction, View
from vgigw.stores.sqlite_faults import translate
from vgigw.stores.sqlite_schema import create_schema
from vgigw.stores.sqlite_transaction import SqliteTransaction
from vgigw.stores.sqlite_view import SqliteView

T = TypeVar("T")


class MemoryStore:
    """A ``Store`` without a thread: works and queries run inline, one at a time.

    Nothing outlives the process, so what it acknowledges is not durable. One that is forgotten
    closes itself.
    """

    def __init__(self) -> None:
        self._connection = _connected()
        with _copying:
            _tables().backup(self._connection)
        self._lock = threading.RLock()
        self._busy = False
        self._closed = False
        weakref.finalize(self, self._connection.close)

    def write(self, work: Callable[[Transaction], T]) -> T:
        """See :class:`vgigw.ports.Store`."""
        with self._lock:
            tx = SqliteTransaction(self._begin("BEGIN IMMEDIATE"))
            try:
                result = work(tx)
                if tx.failure is not None:
                    raise translate(tx.failure) from tx.failure
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                raise translate(error) from error
            else:
                return result
            finally:
                self._end()

    def read(self, query: Callable[[View], T]) -> T:
        """See :class:`vgigw.ports.Store`."""
        with self._lock:
            view = SqliteView(self._begin("BEGIN"))
            try:
                found = query(view)
                if view.failure is not None:
                    raise translate(view.failure) from view.failure
                return found
            finally:
                self._end()

    def close(self) -> None:
        """Forgets everything. A second call does nothing."""
        with self._lock:
            self._closed = True
            self._connection.close()

    def _begin(self, sql: str) -> sqlite3.Connection:
        if self._closed:
            raise StoreFailed("the store is closed")
        if self._busy:
            raise StoreFailed("a work may not use the store again")
        self._connection.execute(sql)
        self._busy = True
        return self._connection

    def _end(self) -> None:
        self._busy = False
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


_copying = threading.Lock()


@cache
def _tables() -> sqlite3.Connection:
    """A database with the tables alone: to copy it takes a twentieth of making them."""
    connection = _connected()
    create_schema(connection, Path(":memory:"))
    return connection


def _connected() -> sqlite3.Connection:
    return sqlite3.connect(
        ":memory:", isolation_level=None, check_same_thread=False, cached_statements=256
    )
