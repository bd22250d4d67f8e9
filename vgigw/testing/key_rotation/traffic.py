"""Messages from one side to the other, over one door, each sent once: a refusal is never hidden.

The caller lives in this process and shares the ring of the served gateway of its side, so that it
signs and encrypts with whatever key the commands put in force.
"""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec.structs import replace

from vgigw.codec.example_exchange import request_of
from vgigw.crypto.secret_sets import SecretSets
from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.errors import NotGenuine, VgigwError
from vgigw.operations import BY_NAME, Operation, Role
from vgigw.senders.http import HttpSender
from vgigw.server.assembly import Gateway, SystemClock
from vgigw.stores.sqlite import SqliteStore
from vgigw.testing.loopback import doors_of

SENT: Final[dict[Role, Operation]] = {
    Role.OPERATOR: BY_NAME["PushCustomer"],
    Role.PLATFORM: BY_NAME["PushGridNode"],
}
"""What each role sends: of class IMP and SEN, so that each door encrypts it."""
_READ_S: Final = 10.0
_PAUSE_S: Final = 0.02
_CALLS_A_CONNECTION: Final = 10
_SIGNED_BY: Final = re.compile(rb"sign-[12](?=[.\"])")

Named = Callable[[str, WireRequest], Iterable[str]]
"""By which keys a request to a base was signed."""


class _Fresh:
    """A sender that connects anew every few calls, so that each worker has its share of them;
    counts by which key requests were signed."""

    def __init__(self) -> None:
        self.named: Named = _said
        self._http = HttpSender(read_s=_READ_S)
        self._calls = 0
        self.signed_by: Counter[str] = Counter()

    def exchange(self, base: str, request: WireRequest) -> WireAnswer:
        self._calls += 1
        if self._calls % _CALLS_A_CONNECTION == 0:
            self._http.close()
            self._http = HttpSender(read_s=_READ_S)
        self.signed_by.update(self.named(base, request))
        return self._http.exchange(base, request)

    def close(self) -> None:
        self._http.close()


def _said(_: str, request: WireRequest) -> Iterable[str]:
    """Private keys: a message names its own."""
    seen = request.body + " ".join(request.headers.values()).encode()
    return {each.decode() for each in _SIGNED_BY.findall(seen)}


def _fitting(gateway: Gateway, other: str, door_name: str) -> Named:
    """Sets of secrets, which no message names: found by its signature."""
    peer = gateway.identity.peers[other]
    sets: Any = peer.outbound
    door = next(each for each in doors_of(gateway).values() if each.name == door_name)

    def named(base: str, request: WireRequest) -> Iterable[str]:
        claim = door.read(replace(request, path=urlsplit(base).path + request.path))
        for held in sets.to_verify(claim.sent_at):
            with suppress(NotGenuine):
                door.verify(claim, replace(peer, inbound=held.key))
                yield held.key_id

    return named


class Caller:
    """A thread that sends as the configuration says, one message after the other, until stopped."""

    def __init__(self, config: Path, own: Role, other: str, door: str) -> None:
        self.door = door
        self._operation, self._other = SENT[own], other
        self._sender = _Fresh()
        store = SqliteStore(config.with_suffix(".sqlite3"))
        self._gateway = Gateway.from_config(config, store=store, sender=self._sender)
        if isinstance(self._gateway.identity.peers[other].outbound, SecretSets):
            self._sender.named = _fitting(self._gateway, other, door)
        self._example: Any = request_of(self._operation)
        self.sent: list[str] = []
        self.acknowledged: list[tuple[str, float]] = []
        """Key of each message that was acknowledged, and when by the monotonic clock."""
        self.refused: list[tuple[str, float]] = []
        """What each that was not acknowledged met with, and when."""
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._name = f"{own.value}-{door}"

    @property
    def signed_by(self) -> Counter[str]:
        """How many requests each signing key was named in."""
        return self._sender.signed_by

    @property
    def kind(self) -> str:
        """Of the documents that the peer keeps of what is sent."""
        return self._operation.request.__name__

    def start(self, prefix: str = "") -> None:
        """Begin to send, and to count anew; ``prefix`` tells the messages from earlier ones."""
        self.sent, self.acknowledged, self.refused = [], [], []
        self._stopping.clear()
        self._thread = threading.Thread(
            target=self._run, args=(prefix,), name=self._name, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Send nothing more; returns when the last message is answered. May be called again."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def close(self) -> None:
        """Stop, and close store and connections."""
        self.stop()
        self._gateway.close()
        self._sender.close()

    def _run(self, prefix: str) -> None:
        clock = SystemClock()
        while not self._stopping.wait(_PAUSE_S):
            key = f"{prefix}{self.door}-{len(self.sent) + 1}"
            request = replace(self._example, **{self._operation.key[0]: key})
            self.sent.append(key)
            try:
                self._gateway.call(self._other, self._operation, request, clock.now())
            except VgigwError as refusal:
                self.refused.append((f"{type(refusal).__name__} {refusal}", time.monotonic()))
            else:
                self.acknowledged.append((key, time.monotonic()))
