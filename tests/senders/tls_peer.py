"""A peer of flesh and TLS on loopback, which may break off where it is told to. F43, F44."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from socket import create_server, socket
from typing import Literal

from tests.authority import Authority, Issued

Cut = Literal["", "in handshake", "in record", "no close_notify"]
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
WITHOUT_LENGTH = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok"
OLD = "ALL:@SECLEVEL=0"


def server_context(issued: Issued, clients: Authority | None = None) -> ssl.SSLContext:
    """A server that shows ``issued``, and asks for a certificate of ``clients``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued.certificate, issued.key)
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cafile=str(clients.file))
    return context


class TlsPeer:
    """Answers over TLS until it is closed, with the same to all or with what ``answer`` makes of a
    request; ``requests`` is what arrived, ``shown`` the certificates of those who came."""

    def __init__(
        self,
        context: ssl.SSLContext,
        cut: Cut = "",
        answer: bytes | Callable[[bytes], bytes] = WHOLE,
    ) -> None:
        self._context = context
        self._cut = cut
        self._answer = answer
        self.requests: list[bytes] = []
        self.shown: list[bytes | None] = []
        self._server = create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def base(self) -> str:
        return f"https://127.0.0.1:{self._server.getsockname()[1]}/vgi/v1"

    def close(self) -> None:
        with suppress(OSError):
            self._server.shutdown(2)
        self._server.close()
        self._thread.join(3)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                raw, _ = self._server.accept()
                with raw, suppress(OSError, ssl.SSLError):
                    raw.settimeout(3)
                    self._talk(raw)

    def _talk(self, raw: socket) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        link = self._context.wrap_bio(incoming, outgoing, server_side=True)
        while True:
            try:
                link.do_handshake()
                break
            except ssl.SSLWantReadError:
                flight = outgoing.read()
                if self._cut == "in handshake" and flight:
                    raw.sendall(flight[: len(flight) // 2])
                    return
                raw.sendall(flight)
                incoming.write(raw.recv(65536) or _over())
            except ssl.SSLError:
                raw.sendall(outgoing.read())
                raise
        raw.sendall(outgoing.read())
        self.shown.append(link.getpeercert(binary_form=True))
        self.requests.append(_request(link, raw, incoming))
        answer = self._answer
        link.write(answer if isinstance(answer, bytes) else answer(self.requests[-1]))
        record = outgoing.read()
        if self._cut == "in record":
            raw.sendall(record[:-1])
        elif self._cut == "no close_notify":
            raw.sendall(record)
        else:
            with suppress(ssl.SSLError):
                link.unwrap()
            raw.sendall(record + outgoing.read())


def _request(link: ssl.SSLObject, raw: socket, incoming: ssl.MemoryBIO) -> bytes:
    seen = b""
    while not _is_whole(seen):
        try:
            seen += link.read()
        except ssl.SSLWantReadError:
            incoming.write(raw.recv(65536) or _over())
    return seen


def _is_whole(seen: bytes) -> bool:
    head, end, body = seen.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
    return bool(end) and len(body) >= int(fields.get(b"content-length", 0))


def _over() -> bytes:
    raise OSError("the other side hung up")
