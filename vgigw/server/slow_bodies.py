"""Bodies that do not come and answers that nobody reads: their connections are ended, since the
server itself waits for ever.

Who vanished, or is slow on purpose, would keep a thread and a share of the room, or the memory of
an answer. The server does not tell which connection a request came on, so that those are found by
what the kernel counts of each (Linux). F79
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import structlog

BODY_S: Final = 10.0
"""In which a body must have come, and longer by what has."""
LEAST_BYTES_PER_S: Final = 65_536
_LOOKS_APART_S: Final = 5.0
_TCP_INFO_BYTES: Final = 160
_STUCK_LOOKS: Final = 3
_SLOW_LOOKS: Final = 2
_LEAST_READ_BYTES_PER_S: Final = 4_096
_UNACKED, _ACKED, _RECEIVED, _UNSENT = 24, 120, 128, 144
"""Where these stand in the kernel's ``tcp_info``: the first and the last of four bytes, the others
of eight."""


class _Link(NamedTuple):
    """What the kernel has counted of a connection in bytes; at how many looks in a row its answer
    was stuck, and at how many it was slow; whether anything came before the last one."""

    acked: int
    received: int
    unacked: int
    unsent: int
    stuck: int = 0
    slow: int = 0
    came: bool = False


class _Reading:
    def __init__(self, began_s: float) -> None:
        self.until_s = began_s + BODY_S


class Bodies:
    """The bodies that are being read, and the requests that are carried out; for any thread."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self.clock_s = clock_s
        self._readings: set[_Reading] = set()
        self._carried_out: dict[int, float] = {}

    @contextlib.contextmanager
    def reading(self) -> Iterator[Callable[[int], None]]:
        """Around the reading of one body; the function is told how many bytes more have come."""
        one = _Reading(self.clock_s())

        def came(size_bytes: int) -> None:
            one.until_s += size_bytes / LEAST_BYTES_PER_S

        self._readings.add(one)
        try:
            yield came
        finally:
            self._readings.discard(one)

    @contextlib.contextmanager
    def carrying_out(self) -> Iterator[None]:
        """Around what follows: its connection is as silent, and for no fault of the peer."""
        key = threading.get_ident()
        self._carried_out[key] = self.clock_s()
        try:
            yield
        finally:
            del self._carried_out[key]

    @property
    def overdue(self) -> int:
        """How many bodies should have come by now."""
        now_s = self.clock_s()
        return sum(now_s > one.until_s for one in self._readings.copy())

    def all_quick(self, within_s: float) -> bool:
        """Whether nothing has been carried out for as long as that."""
        since_s = self.clock_s() - within_s
        return all(began_s > since_s for began_s in self._carried_out.copy().values())


class SlowLinks:
    """Ends connections to ``port`` of this process that are too slow."""

    def __init__(self, bodies: Bodies, port: int) -> None:
        self._bodies = bodies
        self._port = port
        self._before: dict[tuple[object, ...], _Link] = {}
        self._looked_s = bodies.clock_s()

    def look(self) -> int:
        """To be called about once a second; how many connections were ended.

        What is compared are looks of some seconds apart.
        """
        now_s = self._bodies.clock_s()
        apart_s = now_s - self._looked_s
        if apart_s < _LOOKS_APART_S:
            return 0
        # Else a request that is only slow to answer could be taken for one that does not come.
        quick = self._bodies.all_quick(_LOOKS_APART_S)
        bodies_end = self._bodies.overdue > 0 and quick
        found: dict[tuple[object, ...], _Link] = {}
        ended = 0
        for name, link, sock in self._links():
            before = self._before.get(name)
            now = link if before is None else _compared(before, link, apart_s)
            if not bodies_end:
                now = now._replace(slow=0)
            if now.slow < _SLOW_LOOKS and now.stuck < _STUCK_LOOKS:
                found[name] = now
                continue
            ended += 1
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self._before, self._looked_s = found, now_s
        return ended

    def _links(self) -> Iterator[tuple[tuple[object, ...], _Link, socket.socket]]:
        for file in list(Path("/proc/self/fd").iterdir()):
            with contextlib.suppress(OSError, struct.error):
                if not str(file.readlink()).startswith("socket:"):
                    continue
                with _socket_of(os.dup(int(file.name))) as sock:
                    if sock.family not in (socket.AF_INET, socket.AF_INET6):
                        continue
                    own, other = sock.getsockname(), sock.getpeername()
                    if own[1] == self._port:
                        yield (*own[:2], *other[:2]), _link_of(sock), sock


def _socket_of(number: int) -> socket.socket:
    """Closes what is no socket any more: a number is given anew as soon as it is free."""
    try:
        return socket.socket(fileno=number)
    except BaseException:
        os.close(number)
        raise


def _link_of(sock: socket.socket) -> _Link:
    info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
    acked, received = struct.unpack_from("=QQ", info, _ACKED)
    unacked, unsent = (struct.unpack_from("=I", info, at)[0] for at in (_UNACKED, _UNSENT))
    return _Link(acked, received, unacked, unsent)


def _compared(before: _Link, now: _Link, apart_s: float) -> _Link:
    """``now`` with what its comparison with the look before says.

    What comes after a silence may be a request that is about to be answered: it is slow at this
    look for the first time, however long nobody asked for anything.
    """
    came = now.received > before.received
    slow = 0
    if _is_slow(before, now, apart_s):
        slow = 1 if came and not before.came else before.slow + 1
    stuck = before.stuck + 1 if _is_stuck(before, now, apart_s) else 0
    return now._replace(stuck=stuck, slow=slow, came=came)


def _is_slow(before: _Link, now: _Link, apart_s: float) -> bool:
    """Whether hardly anything came, and nothing was answered."""
    silent = now.acked == before.acked and not now.unacked and not now.unsent
    return silent and now.received - before.received < apart_s * LEAST_BYTES_PER_S


def _is_stuck(before: _Link, now: _Link, apart_s: float) -> bool:
    """Whether what we have to say waits, and hardly anything of it was heard."""
    waits = before.unsent > 0 and now.unsent > 0
    return waits and now.acked - before.acked < apart_s * _LEAST_READ_BYTES_PER_S


class SlowLinksThread:
    """Looks once a second; where the kernel counts nothing, not at all."""

    def __init__(self, links: SlowLinks) -> None:
        self._links = links
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="vgigw-slow-bodies", daemon=True)

    def start(self) -> None:
        if sys.platform == "linux":
            self._thread.start()

    def stop(self) -> None:
        """Wait for the look that is going on."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(2.0)

    def _run(self) -> None:
        while not self._over.wait(1.0):
            try:
                ended = self._links.look()
            except Exception as error:  # noqa: BLE001 - the next look may do better
                structlog.get_logger().warning("slow.unseen", kind=type(error).__name__)
                continue
            if ended:
                structlog.get_logger().warning("slow.ended", connections=ended)
