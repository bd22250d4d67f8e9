"""A peer on a loopback socket that carries messages out, and then answers what a script says: raw
bytes, at its own pace."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterable
from urllib.parse import unquote

from tests.trio import BASES, PLATFORM, Trio
from vgigw.envelope.wire import WireAnswer, WireRequest

Script = Callable[[WireAnswer], Iterable[bytes | float]]
"""From the genuine answer: bytes to send, and seconds to wait."""


def raw(answer: WireAnswer, status: str = "") -> bytes:
    """An answer as HTTP/1.1, under another ``status`` line where one is given."""
    fields = {name: text for name, text in answer.headers.items() if name != "content-length"}
    fields["content-length"] = str(len(answer.body))
    lines = [f"HTTP/1.1 {status or f'{answer.status} X'}"]
    lines += [f"{name}: {text}" for name, text in fields.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + answer.body


class ScriptedPeer:
    """The platform of ``trio`` behind a socket; ``script`` None = its own answers."""

    def __init__(self, trio: Trio, receive_buffer: int = 0) -> None:
        self.script: Script | None = None
        self.bytes_per_s = 0.0
        self.requests = 0
        self.connections = 0
        self._trio = trio
        self._server = socket.socket()
        if receive_buffer:
            self._server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._server.bind(("127.0.0.1", 0))
        self._server.listen(64)
        self._ended = threading.Event()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._server.getsockname()[1]}/{BASES[self._trio.door]}"

    def close(self) -> None:
        self._ended.set()
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        base = f"loop://{PLATFORM}/{BASES[self._trio.door]}"
        with connection, contextlib.suppress(OSError):
            connection.settimeout(10)
            while (request := self._read(connection)) is not None:
                with self._lock:
                    self.requests += 1
                    genuine = self._trio.net.exchange(base, request)
                for part in self.script(genuine) if self.script else (raw(genuine),):
                    if isinstance(part, bytes):
                        connection.sendall(part)
                    elif part < 0:
                        return
                    else:
                        self._ended.wait(part)

    def _read(self, connection: socket.socket) -> WireRequest | None:
        data = b""
        while b"\r\n\r\n" not in data:
            part = connection.recv(65536)
            if not part:
                return None
            data += part
        head, _, body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {
            name.lower(): text.strip() for name, _, text in (s.partition(":") for s in lines)
        }
        while len(body) < int(headers.get("content-length", 0)):
            if self._ended.is_set():
                return None
            if self.bytes_per_s:
                time.sleep(1 / self.bytes_per_s)
            part = connection.recv(1 if self.bytes_per_s else 65536)
            if not part:
                return None
            body += part
        method, target, _ = first.split(" ")
        path, _, query = target.partition("?")
        return WireRequest(
            method=method, path=unquote(path), query=query, headers=headers, body=body
        )
