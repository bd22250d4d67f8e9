"""Many connections that say too little, too slowly, or do not listen; and honest callers beside."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from tests.hostile.framing import HEAD
from tests.hostile.target import Target
from tests.server.wired import Wire, bytes_of, head_of, upload
from tests.trio import OPERATOR, OTHER
from vgigw.operations import UPLOAD_TELEMETRY

OPENINGS = {
    "silent": (b"", b""),
    "a version of HTTP that never ends": (b"PRI * HTTP/2", b""),
    "headers by the byte": (HEAD, b"x"),
    "bodies by the byte": (HEAD + b"content-length: 8000\r\n\r\n", b" "),
    "chunks by the byte": (HEAD + b"transfer-encoding: chunked\r\n\r\n1f40\r\n", b" "),
    "answers that nobody reads": (
        b"GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n" * 4,
        b"",
    ),
}
"""What each says at once, and what every half second after."""


@contextlib.contextmanager
def crowd(port: int, count: int, opening: bytes, drip: bytes) -> Iterator[None]:
    """``count`` connections; one that was ended comes again at once."""
    over = threading.Event()

    def one() -> socket.socket:
        link = socket.create_connection(("127.0.0.1", port), timeout=10)
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.setblocking(False)
        with contextlib.suppress(OSError):
            link.send(opening)
        return link

    links = [one() for _ in range(count)]

    def run() -> None:
        while not over.wait(0.5):
            for at, link in enumerate(links):
                try:
                    if drip:
                        link.send(drip)
                except BlockingIOError:
                    continue
                except OSError:
                    link.close()
                    with contextlib.suppress(OSError):
                        links[at] = one()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(30)
        for link in links:
            link.close()


class Served(NamedTuple):
    """How honest callers fared."""

    statuses: Counter[int]
    took_s: list[float]

    @property
    def refused_share(self) -> float:
        return 1 - self.statuses[200] / self.statuses.total()

    @property
    def p99_s(self) -> float:
        return sorted(self.took_s)[int(len(self.took_s) * 0.99)]


def honest(target: Target, count: int, first: int = 1) -> Served:
    """``count`` genuine messages by every door from each of two peers, on new connections."""
    statuses: Counter[int] = Counter()
    took_s: list[float] = []
    lock = threading.Lock()

    def one(wire: Wire, door: str, number: int) -> None:
        sent = wire.sealed(door, UPLOAD_TELEMETRY, upload(wire.party, number, f"{door}-slow"))
        began = time.monotonic()
        with socket.create_connection(("127.0.0.1", target.port), timeout=60) as link:
            link.sendall(bytes_of(sent, close=True))
            status, _ = head_of(link)
        with lock:
            took_s.append(time.monotonic() - began)
            statuses[status] += 1

    wires = [Wire(party, target.port) for party in (OPERATOR, OTHER)]
    for wire in wires:
        wire.token()
    with ThreadPoolExecutor(4) as pool:
        asked = [
            pool.submit(one, wire, door, number)
            for number in range(first, first + count)
            for wire in wires
            for door in ("cec102", "rest", "soap")
        ]
    for each in asked:
        each.result()
    return Served(statuses, took_s)
