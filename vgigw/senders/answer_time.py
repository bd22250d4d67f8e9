"""Connections that give an answer up when it comes too slowly, however often a byte of it arrives.

A time-out of a socket counts from one byte to the next: a peer, or whatever stands between, that
lets its answer drip would hold a sender for ever. PLT-9.4b.
"""

from __future__ import annotations

import io
import time
from http import HTTPStatus
from http.client import HTTPResponse
from socket import socket
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

ANSWER_S = 4.0
"""Own design number: twice this, for a token and for what needs it, leaves time to switch."""
LEAST_BYTES_PER_S = 65_536
_MOST_INTERIM = 16
"""Own design number: answers before the answer; more are none."""
_WITHOUT_BODY = frozenset({101, 204, 304})


class _Timed(io.RawIOBase):
    """Reads a socket until ``ANSWER_S`` after it was made, and longer by what has arrived."""

    def __init__(self, inner: Any, source: socket) -> None:
        super().__init__()
        self._inner = inner
        self._source = source
        self._wait_s = source.gettimeout() or ANSWER_S
        self._until = time.monotonic() + ANSWER_S

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left_s = self._until - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        self._source.settimeout(min(left_s, self._wait_s))
        count: int | None = self._inner.readinto(buffer)
        self._until += (count or 0) / LEAST_BYTES_PER_S
        return count

    def close(self) -> None:
        self._inner.close()
        super().close()


def _is_interim(status: int) -> bool:
    return 100 <= status < 200 and status != HTTPStatus.SWITCHING_PROTOCOLS


class _Response(HTTPResponse):
    def __init__(self, sock: socket, *args: Any, **more: Any) -> None:
        super().__init__(sock, *args, **more)
        self.fp.close()
        self.fp = io.BufferedReader(_Timed(sock.makefile("rb", buffering=0), sock))

    def begin(self) -> None:
        """Read the head of the answer. Those that only tell that it will come (1xx) are passed
        over; one that has no body by its status ends its connection, as whatever follows it would
        be taken for the next answer. F39."""
        super().begin()
        for _ in range(_MOST_INTERIM):
            if not _is_interim(self.status):
                break
            # As before the first.
            vars(self)["headers"] = None
            super().begin()
        if _is_interim(self.status) or self.status in _WITHOUT_BODY:
            self.will_close = True


class _Plain(HTTPConnection):
    response_class = _Response


class _Secure(HTTPSConnection):
    response_class = _Response

    def connect(self) -> None:
        """Connect so that an end without the peer's word for it (close_notify) is an error: an
        answer without a length may have been cut there. F43."""
        super().connect()
        link: Any = self.sock
        if hasattr(link, "suppress_ragged_eofs"):
            link.suppress_ragged_eofs = False


class PlainPool(HTTPConnectionPool):
    """Connections by HTTP."""

    ConnectionCls = _Plain


class SecurePool(HTTPSConnectionPool):
    """Connections by HTTPS."""

    ConnectionCls = _Secure
