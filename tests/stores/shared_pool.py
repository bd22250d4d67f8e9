"""Stores in PostgreSQL for tests: a schema each, and few connections, however many there are."""

from __future__ import annotations

import gc
import threading
import weakref
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tests.stores.postgres_server import Schemas
from vgigw.errors import StoreFailed
from vgigw.ports import Store, Transaction, View

if TYPE_CHECKING:
    from vgigw.stores.postgres import PostgresStore

T = TypeVar("T")

# A store has three connections, and there are several workers: a server takes 100 by default.
_OPEN, _READERS = 8, 2
_SCHEMAS = 40


class Lent:
    """A store whose schema goes from one test to the next: to connect and to make the tables takes
    longer than most tests."""

    def __init__(self, pool: Pool, url: str) -> None:
        self._pool = pool
        self._url: str | None = url

    def write(self, work: Callable[[Transaction], T]) -> T:
        with self._pool.connected(self._held()) as store:
            return store.write(work)

    def read(self, query: Callable[[View], T]) -> T:
        with self._pool.connected(self._held()) as store:
            return store.read(query)

    def close(self) -> None:
        self._url = None

    def _held(self) -> str:
        if self._url is None:
            raise StoreFailed("the store is closed")
        return self._url


class Pool:
    """Any number of schemas; of their stores only the last that were used are open."""

    def __init__(self) -> None:
        self._schemas = Schemas()
        self._lock = threading.RLock()
        self._of_path: dict[Path, str] = {}
        self._idle: deque[str] = deque()
        self._made, self._enough = 0, _SCHEMAS
        self._used: set[str] = set()
        self._open: OrderedDict[str, PostgresStore] = OrderedDict()
        self._busy: Counter[str] = Counter()

    def lend(self) -> Store:
        """An empty store. Whoever forgets it gives it back."""
        if not self._idle and self._made >= self._enough:
            gc.collect()
            # Some tests are not forgotten, such as those whose parameters are errors; and to look
            # for a few that are takes longer than to make others.
            self._enough += 0 if len(self._idle) >= _SCHEMAS // 2 else _SCHEMAS
        url = self._free()
        lent = Lent(self, url)
        weakref.finalize(lent, self._idle.append, url).atexit = False
        return lent

    @contextmanager
    def connected(self, url: str) -> Iterator[PostgresStore]:
        """The store there, open at least as long as this lasts."""
        with self._lock:
            store = self._open.pop(url, None)
            if store and not self._busy[url] and len(store._readers._idle) > _READERS:
                store.close()
                store = None
            store = store or _opened(url)
            self._open[url] = store
            self._used.add(url)
            self._busy[url] += 1
            self._close_some()
        try:
            yield store
        finally:
            with self._lock:
                self._busy[url] -= 1

    def at(self, path: Path) -> str:
        """The address of the store of ``path``."""
        place = path.resolve()
        if place not in self._of_path:
            self._of_path[place] = self._schemas.url()
        return self._of_path[place]

    def open(self, path: Path) -> Store:
        return _opened(self.at(path))

    def close(self) -> None:
        for store in self._open.values():
            store.close()
        self._schemas.close()

    def _free(self) -> str:
        if not self._idle:
            self._made += 1
            return self._schemas.url()
        url = self._idle.popleft()
        if url in self._used:
            self._schemas.empty(url)
            self._used.discard(url)
        return url

    def _close_some(self) -> None:
        for url in [each for each in self._open if not self._busy[each]]:
            if len(self._open) <= _OPEN:
                return
            self._open.pop(url).close()


def _opened(url: str) -> PostgresStore:
    from vgigw.stores.postgres import PostgresStore

    return PostgresStore(url)


@cache
def shared_pool() -> Pool:
    """Of this process. Skips where there is no server."""
    return Pool()
