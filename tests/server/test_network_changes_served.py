"""A changed source address through a served gateway behind a proxy, and its restart. PLT-8.11b."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.server.served import REMOTE, Served
from tests.trio import OPERATOR, Trio, batch, ret_of
from vgigw.envelope.wire import WireAnswer
from vgigw.operations import UPLOAD_TELEMETRY
from vgigw.ports import OnChange, Protection
from vgigw.server.arrival import TrustedProxy

APPROVED, PROXY, HEADER = "198.51.100.9", "10.1.2.3", "X-Forwarded-For"


class Site(Served):
    """The operator may call from one network; a proxy tells where it calls from."""

    def __init__(self, folder: Path) -> None:
        peers = dict(Trio().platform.identity.peers)
        peers[OPERATOR] = replace(
            peers[OPERATOR],
            networks=("198.51.100.0/24", "127.0.0.0/8"),
            on_change=OnChange.HOLD,
            protection=Protection.TRANSPORT,
        )
        super().__init__(folder, peers=peers)
        self.number = 0

    def start_anew(self) -> None:
        """Another gateway on the same store."""
        self.fence(None)
        self.behind_proxy()

    def behind_proxy(self) -> None:
        self.gateway.behind_tls_proxy = True
        self.gateway.proxy = TrustedProxy(networks=(PROXY,), source_header=HEADER)

    def code(self, door: str, source: str, remote: str = PROXY) -> int:
        """The code of a message that came from ``source``, as ``remote`` tells."""
        self.number += 1
        asked = batch(self.number, self.number, send_time=self.trio.now)
        answer = self.post(self.sealed(door, UPLOAD_TELEMETRY, asked), remote, **{HEADER: source})
        return ret_of(WireAnswer(status=200, body=answer.content))

    def look(self) -> None:
        self.gateway.look_after(self.trio.wait(6))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    made.behind_proxy()
    yield made
    made.close()


@pytest.mark.parametrize("door", ["rest", "soap"])
def test_plt_8_11b_a_changed_address_holds_the_link_also_after_a_restart(
    site: Site, door: str
) -> None:
    assert site.code(door, APPROVED) == 0
    assert site.code(door, REMOTE) == 4304
    site.look()
    assert site.code(door, APPROVED) == 4304
    site.start_anew()
    assert site.code(door, APPROVED) == 4304


def test_attack_a_client_that_writes_addresses_itself_changes_nothing(site: Site) -> None:
    assert site.code("rest", f"{REMOTE}, {APPROVED}") == 0
    assert site.code("rest", REMOTE, remote="203.0.113.99") == 4105
    site.look()
    assert site.code("rest", APPROVED) == 0
