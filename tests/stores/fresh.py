"""A store for a test: in memory or a file, or in PostgreSQL with ``VGIGW_TEST_STORE=postgres``."""

from __future__ import annotations

import gc
import os
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tests.stores.postgres_server import Schemas
from vgigw.errors import StoreFailed
from vgigw.ports import Store, Transaction, View
from vgigw.server.stores import DATABASE
from vgigw.stores import MemoryStore, SqliteStore

if TYPE_CHECKING:
    from vgigw.stores.postgres import PostgresStore

T = TypeVar("T")

ASKED = os.environ.get("VGIGW_TEST_STORE") == "postgres"

# Each has two connections or three, and there are several workers: a server takes 100 by default.
_AT_ONCE, _READERS = 10, 3

_shared = ASKED
_of_one_test = True


def on_postgres(wanted: bool) -> None:
    """Whether the stores that are made from now on are in PostgreSQL, where that is asked for."""
    global _shared  # noqa: PLW0603 - a test is the only one in its process
    _shared = ASKED and wanted


@contextmanager
def of_many_tests() -> Iterator[None]:
    """Stores that are made in here outlive the test."""
    global _of_one_test  # noqa: PLW0603 - a test is the only one in its process
    before, _of_one_test = _of_one_test, False
    try:
        yield
    finally:
        _of_one_test = before


def end_of_test() -> None:
    """The stores of one test are closed, whoever may still hold them."""
    if _pool.cache_info().currsize:
        _pool().take_back()


def fresh_store() -> Store:
    """An empty one. Whoever forgets it has closed it. Skips where there is no server."""
    return _pool().lend() if _shared else MemoryStore()


def store_at(path: Path) -> Store:
    """The store that is found again by ``path`` when it is opened again: a file, where it is not a
    schema."""
    return _pool().open(path) if _shared else SqliteStore(path)


def stored_for(config: Path) -> Path:
    """``config`` itself, once it names the store that ``store_at`` finds in ``var/`` beside it."""
    if _shared:
        url = _pool().at(config.parent / "var" / DATABASE)
        lines = [
            f'{line}\nstore = "{url}"' if line == "[gateway]" else line
            for line in config.read_text("utf-8").splitlines()
            if not line.startswith("store = ")
        ]
        config.write_text("\n".join(lines), "utf-8")
    return config


@contextmanager
def dropped_in_the_end() -> Iterator[None]:
    """Around all tests of a process."""
    yield
    if _pool.cache_info().currsize:
        _pool().close()


class _Lent:
    """A store that goes from one test to the next: to connect, and to make the tables, takes longer
    than most tests."""

    def __init__(self, store: PostgresStore) -> None:
        self._store: PostgresStore | None = store

    def write(self, work: Callable[[Transaction], T]) -> T:
        return self._open().write(work)

    def read(self, query: Callable[[View], T]) -> T:
        return self._open().read(query)

    def close(self) -> None:
        self._store = None

    def _open(self) -> PostgresStore:
        if self._store is None:
            raise StoreFailed("the store is closed")
        return self._store


class _Pool:
    """Stores, each in a schema of its own."""

    def __init__(self) -> None:
        self._schemas = Schemas()
        self._urls: dict[Path, str] = {}
        self._idle: deque[tuple[str, PostgresStore]] = deque()
        self._made = 0
        self._of_test: list[weakref.finalize[..., _Lent]] = []

    def lend(self) -> Store:
        if not self._idle and self._made >= _AT_ONCE:
            gc.collect()
        url, store = self._idle.popleft() if self._idle else self._new()
        if len(store._readers._idle) > _READERS:
            store.close()
            store = _opened(url)
        self._schemas.empty(url)
        lent = _Lent(store)
        # Whoever forgets it gives it back.
        back = weakref.finalize(lent, self._idle.append, (url, store))
        back.atexit = False
        if _of_one_test:
            self._of_test.append(back)
        return lent

    def take_back(self) -> None:
        while self._of_test:
            back = self._of_test.pop()
            held = back.peek()
            if held is not None:
                held[0].close()
                back()

    def at(self, path: Path) -> str:
        place = path.resolve()
        if place not in self._urls:
            self._urls[place] = self._schemas.url()
        return self._urls[place]

    def open(self, path: Path) -> Store:
        return _opened(self.at(path))

    def close(self) -> None:
        self.take_back()
        for _, store in self._idle:
            store.close()
        self._schemas.close()

    def _new(self) -> tuple[str, PostgresStore]:
        self._made += 1
        url = self._schemas.url()
        return url, _opened(url)


def _opened(url: str) -> PostgresStore:
    from vgigw.stores.postgres import PostgresStore

    return PostgresStore(url)


@cache
def _pool() -> _Pool:
    return _Pool()
