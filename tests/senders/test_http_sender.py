"""The HTTP sender against a real socket: one exchange, complete or not at all. PLT-9.4."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.authority import Authority
from vgigw.envelope.wire import WireRequest
from vgigw.errors import PeerUnreachable
from vgigw.ports.tls import TlsFiles
from vgigw.senders.http import HttpSender
from vgigw.senders.tls import context_of

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Name: Value\r\n\r\nok"
ASKED = WireRequest(
    method="POST", path="/a b/../中文", query="x=1", headers={"authorization": "t"}, body=b"body"
)


class Peer:
    """Answers every connection with the same bytes, and keeps what it was sent."""

    def __init__(self, answer: bytes, hold_s: float = 0.0) -> None:
        self.requests: list[bytes] = []
        self._answer = answer
        self._hold_s = hold_s
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/base/"

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(2)
                seen = b""
                while b"\r\n\r\n" not in seen or (b"POST" in seen and b"body" not in seen):
                    part = connection.recv(65536)
                    if not part:
                        break
                    seen += part
                self.requests.append(seen)
                time.sleep(self._hold_s)
                try:
                    connection.sendall(self._answer)
                except OSError:
                    continue

    def close(self) -> None:
        # A listener that is closed under accept() does not wake it on every system.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(3)


@pytest.fixture
def peer(request: pytest.FixtureRequest) -> Iterator[Peer]:
    made = Peer(*request.param)
    yield made
    made.close()


@pytest.fixture
def sender() -> Iterator[HttpSender]:
    made = HttpSender(connect_s=0.5, read_s=0.3)
    yield made
    made.close()


def answering(*values: Any) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("peer", [values], indirect=True)


@answering(GOOD)
def test_a_request_arrives_as_it_was_sealed(peer: Peer, sender: HttpSender) -> None:
    answer = sender.exchange(peer.base, ASKED)
    assert (answer.status, answer.body) == (200, b"ok")
    assert answer.headers["x-name"] == "Value"
    head, _, body = peer.requests[0].partition(b"\r\n\r\n")
    assert body == b"body"
    assert head.startswith(b"POST /base/a%20b/%2E%2E/%E4%B8%AD%E6%96%87?x=1 HTTP/1.1\r\n")
    assert b"authorization: t" in head.lower()


@answering(GOOD)
def test_a_whole_path_begins_at_the_host(peer: Peer, sender: HttpSender) -> None:
    sender.exchange(peer.base, replace(ASKED, path="/callback", rooted=True))
    assert peer.requests[0].startswith(b"POST /callback?x=1 HTTP/1.1\r\n")


@answering(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
def test_attack_a_redirect_is_not_followed(peer: Peer, sender: HttpSender) -> None:
    assert sender.exchange(peer.base, ASKED).status == 302
    assert len(peer.requests) == 1


@answering(b"HTTP/1.1 503 Unavailable\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n")
def test_nothing_is_sent_twice_by_itself(peer: Peer, sender: HttpSender) -> None:
    assert sender.exchange(peer.base, ASKED).status == 503
    assert len(peer.requests) == 1


@pytest.mark.parametrize(
    "peer",
    [
        (b"",),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",),
        (b"garbage\r\n\r\n",),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",),
    ],
    indirect=True,
    ids=["nothing", "cut short", "cut chunk", "no HTTP", "not gzip"],
)
def test_an_answer_that_is_not_complete_is_none(peer: Peer, sender: HttpSender) -> None:
    with pytest.raises(PeerUnreachable) as failed:
        sender.exchange(peer.base, ASKED)
    assert "127.0.0.1" not in str(failed.value)
    assert len(peer.requests) == 1


@answering(GOOD, 1.0)
def test_a_peer_that_hangs_is_given_up_in_time(peer: Peer, sender: HttpSender) -> None:
    began = time.monotonic()
    with pytest.raises(PeerUnreachable):
        sender.exchange(peer.base, ASKED)
    assert time.monotonic() - began < 0.9


def test_a_port_where_nobody_listens_is_unreachable(sender: HttpSender) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(PeerUnreachable):
        sender.exchange(f"http://127.0.0.1:{port}", ASKED)


@pytest.mark.parametrize("base", ["ftp://x", "http://", "http://[::1"])
def test_a_base_that_is_no_address_is_unreachable_in_our_words(
    sender: HttpSender, base: str
) -> None:
    with pytest.raises(PeerUnreachable) as failed:
        sender.exchange(base, ASKED)
    assert str(failed.value) == PeerUnreachable.text


def test_a_thousand_peers_with_the_same_authorities_cost_what_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To read the authorities of the system takes a twentieth of a second."""
    made: list[TlsFiles] = []

    def noted(files: TlsFiles) -> ssl.SSLContext:
        made.append(files)
        return context_of(files)

    monkeypatch.setattr("vgigw.senders.pools.context_of", noted)
    own = TlsFiles(authorities=Authority(tmp_path, "own").file)
    plain = {f"http://127.0.0.1:{port}": TlsFiles() for port in range(1, 501)}
    secured = {f"https://127.0.0.1:{port}": own for port in range(501, 1001)}
    sender = HttpSender(tls=plain | secured)
    assert made == [own], "files of its own are looked at before anything is sent"
    for port in (1, 2):
        with pytest.raises(PeerUnreachable):
            sender.exchange(f"http://127.0.0.1:{port}", WireRequest(method="GET", path="/x"))
    assert made == [own, TlsFiles()]
    sender.close()
