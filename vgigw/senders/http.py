"""The HTTP sender: pooled connections, short time-outs, no redirect, no retry of its own.

Retries belong to the outbox, which keeps them over a restart. Each base has the TLS of its peer.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urljoin

import urllib3

from vgigw.envelope.wire import WireAnswer, WireRequest, encoded_path
from vgigw.errors import PeerUnreachable
from vgigw.ports.tls import SYSTEM, TlsFiles
from vgigw.senders.pools import Pools
from vgigw.senders.tls import unreachable

_CONNECT_S = 1.5
_READ_S = 3.0
_LARGEST_ANSWER_BYTES = 32 * 1024 * 1024


class HttpSender:
    """Sends over HTTP(S); any number of threads may call.

    ``tls`` are the files of those bases that have some of their own; any other is called without a
    certificate of ours, and trusted by the authorities of the system. Raises ``Misconfigured`` for
    files that cannot be used. A file that is replaced is read again.
    """

    def __init__(
        self,
        connect_s: float = _CONNECT_S,
        read_s: float = _READ_S,
        tls: Mapping[str, TlsFiles] | None = None,
    ) -> None:
        self._timeout = urllib3.Timeout(connect=connect_s, read=read_s)
        self._tls = dict(tls or {})
        # One for all who have the same: to read the authorities of the system takes a while.
        self._pools = {
            files: Pools(files, self._timeout) for files in {SYSTEM, *self._tls.values()}
        }

    def exchange(self, base: str, request: WireRequest) -> WireAnswer:
        """Raises ``PeerUnreachable`` when no complete answer came, ``PeerNotTrusted`` when nothing
        was sent because TLS did not come about."""
        start = urljoin(base, "/") if request.rooted else base
        url = start.rstrip("/") + _wire_path(request.path)
        if request.query:
            url += f"?{request.query}"
        try:
            pool = self._pools[self._tls.get(base, SYSTEM)].present()
            answer = pool.request(
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
            raise unreachable(cause) from cause
        if len(body) > _LARGEST_ANSWER_BYTES:
            raise PeerUnreachable("the answer is too large")
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return WireAnswer(status=answer.status, headers=headers, body=body)

    def close(self) -> None:
        """Close pooled connections."""
        for pools in self._pools.values():
            pools.close()


def _wire_path(path: str) -> str:
    # A segment of dots would be resolved away by every URL parser on the way.
    segments = encoded_path(path).split("/")
    return "/".join(s.replace(".", "%2E") if s in (".", "..") else s for s in segments)
