"""A peer's name that resolves to somebody else later delivers nothing there. F88.

The name stands in the configuration; what it resolves to, whoever answers for it decides. The
address is not judged, as peers stand in private networks, too: who answers there has to be the
peer, by its certificate first and by its signature then.

The resolver is a stub, the sockets are real.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from msgspec.structs import replace

from tests.authority import Authority
from tests.hostile.called import Answerer
from tests.senders.test_http_sender import ASKED
from tests.senders.test_name_resolution import NAME, Address, Resolver, resolver
from tests.senders.test_unknown_answers import HTML, Linked
from tests.senders.tls_peer import TlsPeer, server_context
from tests.trio import BASES, PLATFORM
from vgigw.errors import PeerNotTrusted
from vgigw.ports import LetterState
from vgigw.ports.tls import TlsFiles
from vgigw.senders.http import HttpSender

__all__ = ["resolver"]
BASE = f"https://{NAME}/vgi/v1"


def place(base: str) -> Address:
    """Where a server on loopback listens."""
    where = urlsplit(base)
    return socket.AF_INET, (where.hostname, where.port)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def sender(authority: Authority) -> Iterator[HttpSender]:
    made = HttpSender(tls={BASE: TlsFiles(authorities=authority.file)})
    yield made
    made.close()


@pytest.mark.parametrize(("host", "ours"), [("", True), ("inside.example", True), (NAME, False)])
def test_f88_a_rebound_name_is_told_nothing_over_tls(
    host: str,
    ours: bool,
    resolver: Resolver,
    sender: HttpSender,
    authority: Authority,
    tmp_path: Path,
) -> None:
    """Not even by one inside whom the same authority knows by its address or by another name."""
    whose = authority if ours else Authority(tmp_path, "another")
    peer = TlsPeer(server_context(authority.issue("peer", host=NAME)))
    inside = TlsPeer(server_context(whose.issue("inside", host=host)))
    resolver.addresses = [place(peer.base)]
    assert sender.exchange(BASE, ASKED).body == b"ok"
    resolver.addresses = [place(inside.base)]
    with pytest.raises(PeerNotTrusted):
        sender.exchange(BASE, ASKED)
    assert (len(peer.requests), inside.requests, resolver.asked) == (1, [], 2)
    peer.close()
    inside.close()


def success(kind: str, body: bytes) -> bytes:
    lines = ["HTTP/1.1 200 OK", f"content-type: {kind}", f"content-length: {len(body)}"]
    return "\r\n".join([*lines, "connection: close", "", ""]).encode() + body


INSIDE = {
    "a service that says yes": success("application/json", b'{"Ret":0,"Data":"","SuccStat":0}'),
    "a page": success("text/html", HTML),
    "nothing": b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n",
}


@pytest.mark.parametrize("answer", INSIDE.values(), ids=INSIDE)
@pytest.mark.parametrize("door", BASES)
def test_f88_what_a_rebound_name_answers_counts_for_nothing(
    door: str, answer: bytes, resolver: Resolver
) -> None:
    """Where TLS tells nobody apart, as on loopback, the signature of the answer does."""
    linked = Linked(door)
    operator = linked.trio.operator
    named = replace(operator.identity.peers[PLATFORM], paths=(f"http://{NAME}/{BASES[door]}",))
    operator.identity.peers[PLATFORM] = named  # type: ignore[index]
    resolver.addresses = [place(linked.peer.base)]
    linked.push(2)
    assert linked.deliver().state is LetterState.DELIVERED

    linked.sender.close()
    with Answerer(answer) as inside:
        resolver.addresses = [place(inside.base)]
        linked.push(3)
        held = linked.deliver()
        assert (held.state, inside.requests) == (LetterState.WAITING, 1)

    resolver.addresses = [place(linked.peer.base)]
    again = linked.deliver(3600)
    assert (again.id, again.state) == (held.id, LetterState.DELIVERED)
    linked.close()
