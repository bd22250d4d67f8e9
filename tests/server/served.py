"""A gateway of the server's own making and its WSGI application, called without a socket."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from falcon.testing import TestClient
from msgspec.structs import replace

from tests.stores.fresh import store_at
from tests.trio import BASES, OPERATOR, PLATFORM, Trio
from vgigw.envelope.wire import WireRequest
from vgigw.gateway.gateway import silent
from vgigw.objects import InformationObject
from vgigw.operations import Operation
from vgigw.ports import Fence, Observer
from vgigw.server.assembly import Gateway
from vgigw.server.wsgi import WsgiApplication

REMOTE = "203.0.113.7"


class Served:
    """The platform of a trio by ``suite``, on a file, behind its WSGI application."""

    def __init__(
        self,
        folder: Path,
        observer: Observer | None = None,
        suite: str = "tcec102",
        **changes: Any,
    ) -> None:
        self.trio = Trio(suite=suite)
        identity = replace(self.trio.platform.identity, **changes)
        self.store: Any = store_at(folder / "served.sqlite3")
        self._made = partial(Gateway, identity, sender=self.trio.net, observer=observer or silent)
        self.fence(None)

    def fence(self, fence: Fence | None) -> None:
        """A new gateway on the same store, behind ``fence``."""
        self.gateway = self._made(self.store, fence=fence)
        self.trio.stores[PLATFORM] = self.store
        self.trio.gateways[PLATFORM] = self.gateway
        self.trio.net.join(PLATFORM, self.gateway)

    def client(self) -> TestClient:
        """A client of a fresh application, which reads the trio's clock."""
        return TestClient(WsgiApplication(self.gateway, self.trio.clock))

    def sealed(self, door: str, operation: Operation, request: InformationObject) -> WireRequest:
        """What OPERATOR would send, with a token."""
        return self.trio.sealed(operation, request, self.trio.token(OPERATOR), door=door)

    def post(self, wire: WireRequest, remote: str = "127.0.0.1", **headers: str) -> Any:
        """The answer of the application to ``wire``, come from ``remote``."""
        return self.client().simulate_request(
            wire.method,
            wire.path,
            query_string=wire.query,
            body=wire.body,
            headers={**wire.headers, **headers},
            extras={"REMOTE_ADDR": remote},
        )

    def close(self) -> None:
        self.gateway.close()


DOORS = list(BASES)
