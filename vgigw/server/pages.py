"""The open pages: health, readiness, contract."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote

import falcon

from vgigw.codec import published
from vgigw.operations import FACES
from vgigw.ports import Clock
from vgigw.rules.quota import Quota, full, take

if TYPE_CHECKING:
    from vgigw.server.assembly import Gateway

# A name or address and perhaps a port: nothing that could end a URL or begin another.
_HOST = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9._-]{0,252}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")

_LARGE_PAGES = Quota(rate=20, burst=200)


class Pages:
    """Pages that need no sign-in and show nothing of any peer; the large ones so often in a time,
    since a page lies in memory until whoever asked for it has read it. F79"""

    def __init__(self, gateway: Gateway, clock: Clock) -> None:
        self._gateway = gateway
        self._clock = clock
        self._lock = threading.Lock()
        self._bucket = full(_LARGE_PAGES, clock.now())

    def add_to(self, app: falcon.App[falcon.Request, falcon.Response]) -> None:
        """Add the routes."""
        app.add_route("/healthz", _Page(lambda: (200, "text/plain", b"ok\n")))
        app.add_route("/readyz", _Page(self._ready))
        app.add_route(
            "/openapi.json",
            _Page(self._openapi),
        )

    def _ready(self) -> tuple[int, str, bytes]:
        if not self._gateway.readiness.is_ready():
            return 503, "text/plain", b"store is not ready\n"
        return 200, "text/plain", b"ready\n"

    def _openapi(self) -> tuple[int, str, bytes]:
        self._count()
        body = (published.files() / "schemas" / "openapi.json").read_bytes()
        return 200, "application/json", body

    def _count(self) -> None:
        """Count a large page. Raises 503 where there were too many."""
        with self._lock:
            self._bucket, wait_s = take(_LARGE_PAGES, self._bucket, 1, self._clock.now())
        if wait_s:
            raise falcon.HTTPServiceUnavailable(title="too many pages", retry_after=1)

    def serve_wsdl(self, req: falcon.Request, resp: falcon.Response) -> None:
        """``GET /soap/{face}?wsdl``: the published file with our own address in it.

        Where the gateway has no public address it is the one that this request came to.
        """
        face = req.path.rsplit("/", 1)[-1]
        wanted = req.query_string.lower() in ("wsdl", "singlewsdl")
        if not wanted or face not in FACES:
            raise falcon.HTTPNotFound(title="ask for ?wsdl of a face")
        self._count()
        url = self._gateway.public_url
        if not url:
            url = _asked_url(req, tls=self._gateway.behind_tls_proxy)
            # A cache between us would hand one caller's address to the next.
            resp.cache_control = ("no-store",)
        resp.content_type = "text/xml; charset=utf-8"
        resp.data = published.served_wsdl(face, f"{url.rstrip('/')}/soap/{face}")


def _asked_url(req: falcon.Request, *, tls: bool) -> str:
    """Where ``req`` was sent to, up to where we are mounted. Raises 400 for a strange Host."""
    host = req.env.get("HTTP_HOST", "")
    if not _HOST.fullmatch(host):
        raise falcon.HTTPBadRequest(title="the Host header is not a name or address")
    return f"{'https' if tls else req.scheme}://{host}{quote(req.root_path)}"


class _Page:
    def __init__(self, content: Callable[[], tuple[int, str, bytes]]) -> None:
        self._content = content

    def on_head(self, req: falcon.Request, resp: falcon.Response) -> None:
        self.on_get(req, resp)

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        status, media, body = self._content()
        resp.status = status
        resp.content_type = media
        resp.data = body
