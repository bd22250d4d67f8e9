"""The HTTP sender: pooled connections, short time-outs, no redirect, no retry of its own.

Retries belong to the outbox, which keeps them over a restart.
"""

from __future__ import annotations

from urllib.parse import urljoin

import urllib3

from vgigw.envelope.wire import WireAnswer, WireRequest, encoded_path
from vgigw.errors import PeerUnreachable
from vgigw.senders.answer_time import PlainPool, SecurePool

_CONNECT_S = 1.5
_READ_S = 3.0
_LARGEST_ANSWER_BYTES = 32 * 1024 * 1024


class HttpSender:
    """Sends over HTTP(S); any number of threads may call."""

    def __init__(self, connect_s: float = _CONNECT_S, read_s: float = _READ_S) -> None:
        self._pool = urllib3.PoolManager(
            num_pools=32,
            maxsize=8,
            retries=False,
            timeout=urllib3.Timeout(connect=connect_s, read=read_s),
            headers={"user-agent": "vgigw"},
        )
        self._pool.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}

    def exchange(self, base: str, request: WireRequest) -> WireAnswer:
        """Raises ``PeerUnreachable`` when no complete answer came."""
        start = urljoin(base, "/") if request.rooted else base
        url = start.rstrip("/") + _wire_path(request.path)
        if request.query:
            url += f"?{request.query}"
        try:
            answer = self._pool.request(
                request.method,
                url,
                body=request.body or None,
                headers=dict(request.headers),
                redirect=False,
                preload_content=False,
            )
            try:
                body = answer.read(_LARGEST_ANSWER_BYTES + 1, decode_content=True)
            finally:
                answer.release_conn()
        except urllib3.exceptions.HTTPError as cause:
            raise PeerUnreachable() from cause
        if len(body) > _LARGEST_ANSWER_BYTES:
            raise PeerUnreachable("the answer is too large")
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return WireAnswer(status=answer.status, headers=headers, body=body)

    def close(self) -> None:
        """Close pooled connections."""
        self._pool.clear()


def _wire_path(path: str) -> str:
    # A segment of dots would be resolved away by every URL parser on the way.
    segments = encoded_path(path).split("/")
    return "/".join(s.replace(".", "%2E") if s in (".", "..") else s for s in segments)
