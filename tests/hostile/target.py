"""A served gateway as a target: raw bytes in, answers out, and what it cost in memory."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil

from tests.server.wired import Wire, served
from tests.trio import OPERATOR
from vgigw.testing.gateway_process import GatewayProcess

MIB = 1024 * 1024
MOST_BYTES = 10 * MIB
"""Of memory, that any one hostile message may cost (F75, F76), beside its own bytes."""

BASES = {"cec102": "/evcs/v1/query_token", "rest": "/vgi/v1/telemetry", "soap": "/soap/dispatch"}
TYPES = {"cec102": "application/json", "rest": "application/json", "soap": "text/xml"}
_STATUS = re.compile(rb"HTTP/1\.[01] (\d\d\d) ")


class Heard(NamedTuple):
    """What came back on a connection, and whether the other side hung up."""

    octets: bytes
    closed: bool

    @property
    def statuses(self) -> list[int]:
        """Of each answer."""
        return [int(found) for found in _STATUS.findall(self.octets)]


class Target:
    """A gateway that is served, and a peer of it that knows its own secrets."""

    def __init__(self, process: GatewayProcess, port: int) -> None:
        self.process, self.port = process, port
        self.wire = Wire(OPERATOR, port)
        self._worker = max(
            psutil.Process(process.pid).children(recursive=True),
            key=lambda each: each.memory_info().rss,
        ).pid

    def say(self, octets: bytes, quiet_s: float = 1.0, *, end: bool = False) -> Heard:
        """Everything that comes back for ``octets`` until it hangs up or is quiet so long; ``end``
        says that no more will be sent."""
        heard = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as link:
            try:
                link.sendall(octets)
                if end:
                    link.shutdown(socket.SHUT_WR)
                link.settimeout(quiet_s)
                while more := link.recv(65_536):
                    heard += more
            except TimeoutError:
                return Heard(heard, closed=False)
            except OSError:  # It hung up while we still spoke.
                return Heard(heard, closed=True)
        return Heard(heard, closed=True)

    def judged(self) -> int:
        """How many messages the gateway has judged so far, as its log tells."""
        return len(re.findall(r'"event":\s*"message\.(?:refused|accepted)"', self.process.log()))

    def lives(self) -> bool:
        """Whether the worker is the one that it was, and answers."""
        return psutil.pid_exists(self._worker) and self.process.is_ready()

    @contextmanager
    def costs(self) -> Iterator[list[int]]:
        """By how many bytes the worker's memory grew at most inside, as the one item of a list."""
        told = Path(f"/proc/{self._worker}")
        (told / "clear_refs").write_text("5")  # The peak begins anew.
        before = psutil.Process(self._worker).memory_info().rss
        cost: list[int] = []
        yield cost
        peak = re.search(r"VmHWM:\s+(\d+) kB", (told / "status").read_text())
        assert peak is not None
        cost.append(int(peak[1]) * 1024 - before)


@contextmanager
def target(folder: Path, **sections: dict[str, object]) -> Iterator[Target]:
    """A target that has been called once by every door, so that what is made once is there."""
    with served(folder, **sections) as (process, port):
        made = Target(process, port)
        for door in BASES:
            made.say(post(door, b"{}"))
        made.wire.token()
        yield made
        made.wire.close()


def post(door: str, body: bytes, *fields: str, length: int | None = None) -> bytes:
    """A message to ``door`` as it stands on the wire, on a connection that ends with it."""
    told = len(body) if length is None else length
    lines = [f"POST {BASES[door]} HTTP/1.1", "host: localhost", "connection: close"]
    lines += [f"content-type: {TYPES[door]}", f"content-length: {told}", *fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
