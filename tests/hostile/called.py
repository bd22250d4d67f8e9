"""A peer that we call, whose answers are whatever it likes; and a gateway that calls it."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Self

from tests.stores.fresh import fresh_store
from tests.trio import BASES, DISPATCH, PLATFORM, ROLES, secrets_of
from vgigw.crypto.suite import SUITES
from vgigw.gateway import Gateway
from vgigw.handlers import builtin
from vgigw.objects import InformationObject, TokenRequest
from vgigw.operations import QUERY_TOKEN, Role
from vgigw.ports import Identity, Peer
from vgigw.senders.http import HttpSender
from vgigw.server.assembly import couriers_for

_LENGTH = re.compile(rb"(?i)content-length: *(\d+)")


class Answerer:
    """Answers each request with the same bytes, as often as told to, and hangs up."""

    def __init__(self, answer: bytes, times: int = 1) -> None:
        self.requests = 0
        self._answer, self._times = answer, times
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            with link, suppress(OSError):
                link.settimeout(2)
                self._read(link)
                self.requests += 1
                for _ in range(self._times):
                    link.sendall(self._answer)

    @staticmethod
    def _read(link: socket.socket) -> None:
        seen = b""
        while b"\r\n\r\n" not in seen and (part := link.recv(65_536)):
            seen += part
        head, _, body = seen.partition(b"\r\n\r\n")
        told = _LENGTH.search(head)
        while told and len(body) < int(told[1]) and (part := link.recv(65_536)):
            body += part

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # A listener that is closed under accept() does not wake it on every system.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(3)


@contextmanager
def caller(base: str, door: str) -> Iterator[Gateway]:
    """A dispatch whose platform is at ``base``."""
    secrets = secrets_of(DISPATCH)
    peer = Peer(
        operator_id=PLATFORM,
        role=Role.PLATFORM,
        doors=frozenset(BASES),
        suite="tcec102",
        inbound=secrets,
        outbound=secrets,
        door=door,
        paths=(f"{base}/{BASES[door]}",),
    )
    identity = Identity(operator_id=DISPATCH, role=ROLES[DISPATCH], peers={PLATFORM: peer})
    sender = HttpSender(connect_s=1.0, read_s=2.0)
    store = fresh_store()
    yield Gateway(
        identity=identity,
        store=store,
        duties=builtin(identity),
        couriers=couriers_for(identity, SUITES),
        sender=sender,
    )
    sender.close()


def called(gateway: Gateway) -> InformationObject:
    """What the platform says to the request for a token, which goes before any other."""
    secret = secrets_of(DISPATCH).operator_secret.decode()
    asked = TokenRequest(operator_id=DISPATCH, operator_secret=secret)
    return gateway.call(PLATFORM, QUERY_TOKEN, asked, datetime.now(UTC))
