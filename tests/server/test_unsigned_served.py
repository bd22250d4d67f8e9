"""Unsigned messages to a served gateway: over TLS with client certificates, and behind a proxy.

PLT-10.3a. The server that ends TLS hands over its socket, as gunicorn does.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest
import urllib3
from msgspec.structs import replace

from tests.authority import Authority, Issued
from tests.senders.tls_peer import server_context
from tests.server.served import REMOTE, Served
from tests.server.wired import upload
from tests.trio import OPERATOR, OTHER, Trio, ret_of
from tests.unsigned import unsigned
from vgigw.envelope.wire import WireAnswer, WireRequest, encoded_path
from vgigw.operations import UPLOAD_TELEMETRY
from vgigw.ports import Protection
from vgigw.server.arrival import TrustedProxy
from vgigw.server.wsgi import WsgiApplication

DOORS = ["rest", "soap"]
HEADER, PROXY = "Client-Cert", "10.1.2.3"


class _Handler(WSGIRequestHandler):
    def get_environ(self) -> dict[str, Any]:
        return {**super().get_environ(), "gunicorn.socket": self.connection}

    def log_message(self, *_: Any) -> None:
        pass


class Site:
    """A served platform, who may come to it, and their certificates."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = Authority(folder)
        self.own, self.others = (self.authority.issue(name) for name in ("own", "others"))
        profile = {"unsigned": True, "protection": Protection.TRANSPORT}
        known = {"certificates": (self.own.fingerprint,), **profile}
        peers = dict(Trio().platform.identity.peers)
        peers[OPERATOR] = replace(peers[OPERATOR], **known)
        peers[OTHER] = replace(peers[OTHER], certificates=(self.others.fingerprint,))
        self.served = Served(folder, peers=peers)
        # The certificates are of today.
        self.served.trio.clock.move_to(datetime.now(UTC))

    def wire(self, door: str) -> WireRequest:
        sealed = self.served.sealed(door, UPLOAD_TELEMETRY, upload(OPERATOR, 1))
        return unsigned(sealed, at=self.served.trio.now)

    def over_tls(self, wire: WireRequest, shown: Issued | None) -> WireAnswer:
        """What the gateway answers over a connection of ``shown``."""
        server = WSGIServer(("127.0.0.1", 0), _Handler)
        server.set_app(WsgiApplication(self.served.gateway, self.served.trio.clock))
        context = server_context(self.authority.issue("server"), self.authority)
        context.verify_mode = ssl.CERT_OPTIONAL
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.handle_request, daemon=True)
        thread.start()
        ours: dict[str, Any] = (
            {"cert_file": str(shown.certificate), "key_file": str(shown.key)} if shown else {}
        )
        pool = urllib3.PoolManager(
            retries=False, timeout=10, ca_certs=str(self.authority.file), **ours
        )
        url = f"https://127.0.0.1:{server.server_port}{encoded_path(wire.path)}"
        answer = pool.request(wire.method, url, body=wire.body, headers=dict(wire.headers))
        thread.join(10)
        server.server_close()
        return WireAnswer(status=answer.status, body=answer.data)

    def by_proxy(self, wire: WireRequest, shown: Issued, remote: str = PROXY) -> int:
        """The code that a proxy gets for passing ``wire`` on with the certificate of ``shown``."""
        self.served.gateway.behind_tls_proxy = True
        self.served.gateway.proxy = TrustedProxy(networks=(PROXY,), certificate_header=HEADER)
        told = {HEADER: quote(shown.pem, safe="")}
        answer = self.served.post(wire, remote, **told)
        return ret_of(WireAnswer(status=200, body=answer.content))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.served.close()


@pytest.mark.parametrize("door", DOORS)
def test_plt_10_3a_a_certificate_of_ones_own_vouches_over_real_tls(site: Site, door: str) -> None:
    assert ret_of(site.over_tls(site.wire(door), site.own)) == 0
    assert sorted(site.served.trio.records()) == [1]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("whose", ["others", "nobody's", "none"])
def test_attack_any_other_certificate_vouches_for_nothing(
    site: Site, door: str, whose: str
) -> None:
    nobodys = site.authority.issue("nobody")
    shown = {"others": site.others, "nobody's": nobodys, "none": None}[whose]
    assert ret_of(site.over_tls(site.wire(door), shown)) == 4001
    assert site.served.trio.records() == {}


@pytest.mark.parametrize("door", DOORS)
def test_plt_10_3a_behind_a_proxy_its_header_tells_the_certificate(site: Site, door: str) -> None:
    wire = site.wire(door)
    assert site.by_proxy(wire, site.others) == 4001
    assert site.by_proxy(wire, site.own) == 0


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("remote", [REMOTE, "127.0.0.1", "10.1.2.4"])
def test_attack_a_header_of_anybody_else_vouches_for_nothing(
    site: Site, door: str, remote: str
) -> None:
    assert site.by_proxy(site.wire(door), site.own, remote) == 4001
    assert site.served.trio.records() == {}


@pytest.mark.parametrize("door", DOORS)
def test_attack_on_this_machine_a_header_vouches_for_nothing(site: Site, door: str) -> None:
    told = {HEADER: quote(site.own.pem, safe="")}
    answer = site.served.post(site.wire(door), "127.0.0.1", **told)
    assert ret_of(WireAnswer(status=200, body=answer.content)) == 4001
