"""Time that passes only when everybody sleeps: threads of one process, one of them at a time.

So hours of several gateways, each with the threads of its clockwork, pass in seconds and the same
way each time. A link takes the time that its bytes need, packet by packet, shared by all on it.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.errors import PeerUnreachable
from vgigw.ports import Sender

PACKET_BYTES = 1500
PATIENCE_S = 4.0
"""As a sender over HTTP: an exchange that takes longer did not get through."""


class Stopped(BaseException):
    """The test is over."""


class VirtualTime:
    """A clock, and the threads that sleep by it."""

    def __init__(self, begin: datetime) -> None:
        self._now = begin
        self._order = itertools.count()
        self._asleep: list[tuple[datetime, int, threading.Semaphore]] = []
        self._main = threading.Semaphore(0)
        self._stopped = False
        self._threads: list[threading.Thread] = []
        self.failed: list[BaseException] = []

    def now(self) -> datetime:
        return self._now

    def spawn(self, work: Callable[[], float]) -> None:
        """A thread that does ``work`` again and again, each time after the seconds it returned."""
        wake = threading.Semaphore(0)

        def run() -> None:
            try:
                wake.acquire()
                while True:
                    self._sleep(work(), wake)
            except Stopped:
                pass
            except BaseException as cause:  # noqa: BLE001 - told by ``pass_until``
                self.failed.append(cause)
            self._main.release()

        thread = threading.Thread(target=run, daemon=True)
        thread.wake = wake  # type: ignore[attr-defined]
        self._threads.append(thread)
        thread.start()
        self._push(self._now, wake)

    def sleep(self, seconds: float) -> None:
        """Of a thread that was spawned here; anybody else's time stands still."""
        wake = getattr(threading.current_thread(), "wake", None)
        if wake is not None:
            self._sleep(seconds, wake)

    def pass_until(self, done: Callable[[], bool], most_s: float) -> None:
        """Let time pass until ``done``, looked at each second; fails after ``most_s``."""
        end = self._now + timedelta(seconds=most_s)
        while not done():
            assert self._now < end, "it did not come to pass"
            self.pass_for(1.0)

    def pass_for(self, seconds: float) -> None:
        """Let so much time pass."""
        end = self._now + timedelta(seconds=seconds)
        while self._asleep and self._asleep[0][0] <= end:
            at, _, wake = heapq.heappop(self._asleep)
            self._now = max(at, self._now)
            wake.release()
            self._main.acquire()
            if self.failed:
                raise self.failed[0]
        self._now = end

    def stop(self) -> None:
        """End every thread."""
        self._stopped = True
        for _, _, wake in self._asleep:
            wake.release()
        for thread in self._threads:
            thread.join(5)

    def _sleep(self, seconds: float, wake: threading.Semaphore) -> None:
        self._push(self._now + timedelta(seconds=seconds), wake)
        self._main.release()
        wake.acquire()
        if self._stopped:
            raise Stopped

    def _push(self, at: datetime, wake: threading.Semaphore) -> None:
        heapq.heappush(self._asleep, (at, next(self._order), wake))


class VirtualLinks:
    """A sender whose exchanges take virtual time; each pair of parties has a link of its own."""

    def __init__(
        self, inner: Sender, time: VirtualTime, *, bytes_per_s: float, delay_s: float
    ) -> None:
        self._inner = inner
        self._time = time
        self._bytes_per_s = bytes_per_s
        self._delay_s = delay_s
        self._free_at: dict[str, datetime] = {}

    def exchange(self, base: str, request: WireRequest) -> WireAnswer:
        begun = self._time.now()
        self._carry(base, len(request.body), begun)
        answer = self._inner.exchange(base, request)
        self._time.sleep(self._delay_s)
        return answer

    def _carry(self, base: str, size: int, begun: datetime) -> None:
        """Packet by packet, each behind those that are on the link already."""
        for place in range(0, size + 1, PACKET_BYTES):
            packet = min(PACKET_BYTES, size - place)
            now = self._time.now()
            if now - begun > timedelta(seconds=PATIENCE_S):
                raise PeerUnreachable()
            start = max(now, self._free_at.get(base, now))
            free_at = start + timedelta(seconds=packet / self._bytes_per_s)
            self._free_at[base] = free_at
            self._time.sleep((free_at - now).total_seconds())
