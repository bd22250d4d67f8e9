"""How much may be under way at once: requests and bytes over all, counted before anything is read.

A request first holds its bytes, then is read, then waits for a place in which it is carried out. A
part of the places and of the bytes is kept for control, so that it passes when bulk is refused.
F60-F62; I11: bytes in flight never exceed their bound.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

from vgigw.errors import Busy
from vgigw.ports import Limits

URGENT_PLACES: Final = 4
"""Kept for control, beside the places of all."""

_AGAIN_S: Final = 2.0


class Room:
    """The room of one process: ``places`` for requests that are carried out, ``limits`` for those
    that wait. Any number of threads may call."""

    def __init__(self, limits: Limits, places: int) -> None:
        self.limits = limits
        self.places = places
        self.bytes_held = 0
        self.most_bytes_held = 0
        """The most there ever were, for whoever watches the bound."""
        self.readers = 0
        """How many bodies may be read beside all that waits; for a server with so many threads more
        than ``threads``. F79"""
        self._reading = 0
        self._requests = 0
        self._inside = 0
        self._lock = threading.Lock()
        self._waiting: dict[bool, deque[threading.Lock]] = {True: deque(), False: deque()}

    @property
    def threads(self) -> int:
        """Threads that a server needs, so that nobody waits for one, not even to be refused."""
        return self.places + self.limits.requests_waiting + 2 * URGENT_PLACES

    @contextlib.contextmanager
    def hold(self, size_bytes: int, *, urgent: bool) -> Iterator[Callable[[int], None]]:
        """Room for a body that is not read yet, and a function that holds so many bytes more, for
        one whose length nobody told. Both raise ``Busy``, at once."""
        most = self._most_requests(urgent=urgent)
        held = 0

        def more(size: int) -> None:
            nonlocal held
            with self._lock:
                self._take_bytes(size, urgent=urgent)
                held += size

        with self._lock:
            if self._requests >= most:
                raise _busy()
            self._take_bytes(size_bytes, urgent=urgent)
            self._requests += 1
            held = size_bytes
        try:
            yield more
        finally:
            with self._lock:
                self._requests -= 1
                self.bytes_held -= held

    @contextlib.contextmanager
    def reading(self, *, urgent: bool) -> Iterator[None]:
        """Inside ``hold``, around the reading of a body: until it is there it counts as one of
        ``readers``, so that slow ones take no room from those that are quick. Raises ``Busy``, also
        at the end, where too many wait."""
        if not self.readers:
            yield
            return
        with self._lock:
            if self._reading >= self.readers:
                raise _busy()
            self._reading += 1
            self._requests -= 1
        try:
            yield
        finally:
            with self._lock:
                self._reading -= 1
                self._requests += 1
                over = self._requests > self._most_requests(urgent=urgent)
        if over:
            raise _busy()

    def _most_requests(self, *, urgent: bool) -> int:
        return self.places + self.limits.requests_waiting + (URGENT_PLACES if urgent else 0)

    def _take_bytes(self, size: int, *, urgent: bool) -> None:
        limits = self.limits
        most = limits.bytes_in_flight if urgent else limits.bulk_bytes_in_flight
        if self.bytes_held + size > most:
            raise _busy()
        self.bytes_held += size
        self.most_bytes_held = max(self.most_bytes_held, self.bytes_held)

    @contextlib.contextmanager
    def place(self, *, urgent: bool) -> Iterator[None]:
        """A place to be carried out in, waited for in turn, control first. Raises ``Busy`` when
        the wait was too long."""
        self._enter(urgent=urgent)
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                self._let_in()

    def _enter(self, *, urgent: bool) -> None:
        gate = threading.Lock()
        gate.acquire()
        with self._lock:
            self._waiting[urgent].append(gate)
            self._let_in()
        if gate.acquire(timeout=self.limits.wait_s):
            return
        with self._lock:
            if gate in self._waiting[urgent]:
                self._waiting[urgent].remove(gate)
                raise _busy()

    def _let_in(self) -> None:
        """Open the gates of those whose turn it is; the lock is held."""
        for urgent, more in ((True, URGENT_PLACES), (False, 0)):
            waiting = self._waiting[urgent]
            while waiting and self._inside < self.places + more:
                self._inside += 1
                waiting.popleft().release()


def _busy() -> Busy:
    busy = Busy("too much at a time, try again")
    busy.retry_after_s = _AGAIN_S
    return busy
