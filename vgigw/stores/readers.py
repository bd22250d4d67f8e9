"""The connections that look: taken by one thread at a time, kept while they are idle."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, Protocol, TypeVar

from vgigw.errors import Busy, StoreFailed

_ENDED = math.inf


class Looking(Protocol):
    """What SQLite's connections and PostgreSQL's have in common."""

    def execute(self, sql: Any, /) -> object: ...
    def close(self) -> None: ...


C = TypeVar("C", bound=Looking)


class Readers(Generic[C]):
    """``connect`` gives one more; ``begin`` lets it look at one snapshot. Errors are those of the
    database, of the class ``trouble``. Of ``most`` each serves one look at a time; whoever finds
    none waits for ``wait_s``, and then it is ``Busy``.

    It does not hold its store, which could then not be forgotten.
    """

    def __init__(
        self,
        connect: Callable[[], C],
        begin: str,
        trouble: type[Exception] | tuple[Any, ...],
        *,
        most: int,
        wait_s: float,
    ) -> None:
        self._connect = connect
        self._begin = begin
        self._trouble = trouble
        self._free = threading.BoundedSemaphore(most)
        self._wait_s = wait_s
        self._idle: deque[C] = deque()
        self._looking: dict[C, float] = {}
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def look(self) -> Iterator[C]:
        """A connection inside a transaction of its own. Raises ``StoreFailed`` once closed."""
        if not self._free.acquire(timeout=self._wait_s):
            raise Busy("too many look at the store, try again")
        try:
            reader = self._begun()
            with self._lock:
                self._looking[reader] = time.monotonic()
            try:
                yield reader
            finally:
                with self._lock:
                    ended = self._looking.pop(reader) == _ENDED
                if ended:
                    reader.close()
                else:
                    self._give_back(reader)
        finally:
            self._free.release()

    def end_looks(self, over_s: float, end: Callable[[C], None]) -> int:
        """``end`` is called with each that has looked for longer; how many there were."""
        # Under the lock none of them is given back, to be closed or to look at something else.
        with self._lock:
            before = time.monotonic() - over_s
            found = [reader for reader, began in self._looking.items() if began <= before]
            for reader in found:
                end(reader)
                self._looking[reader] = _ENDED
        return len(found)

    def close(self) -> None:
        """Those that look now end when they are given back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, deque()
        for reader in idle:
            reader.close()

    def _begun(self) -> C:
        while True:
            with self._lock:
                if self._closed:
                    raise StoreFailed("the store is closed")
                kept = self._idle.pop() if self._idle else None
            reader = kept or self._connect()
            try:
                reader.execute(self._begin)
            except self._trouble:
                reader.close()
                # One that was kept ended meanwhile; a new one tells whether the database is there.
                if kept is None:
                    raise
            else:
                return reader

    def _give_back(self, reader: C) -> None:
        try:
            reader.execute("ROLLBACK")
        except self._trouble:
            reader.close()
            return
        with self._lock:
            if not self._closed:
                self._idle.append(reader)
                return
        reader.close()
