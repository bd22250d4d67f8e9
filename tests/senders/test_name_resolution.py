"""Names of peers: looked up anew for each connection, and a dead address is passed over. F45.

The resolver is a stub, the sockets are real.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.senders.test_http_sender import ASKED, GOOD, Peer
from vgigw.errors import PeerUnreachable
from vgigw.senders.http import HttpSender

NAME = "peer.example"
Address = tuple[socket.AddressFamily, tuple[Any, ...]]


class Resolver:
    """Answers for ``NAME`` what it is told, and for all else as ever."""

    def __init__(self) -> None:
        self.addresses: list[Address] = []
        self.asked = 0
        self._real = socket.getaddrinfo

    def __call__(self, host: Any, *arguments: Any, **more: Any) -> list[Any]:
        if host != NAME:
            return self._real(host, *arguments, **more)
        self.asked += 1
        if not self.addresses:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        kind = socket.SOCK_STREAM, socket.IPPROTO_TCP, ""
        return [(family, *kind, where) for family, where in self.addresses]


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Resolver:
    made = Resolver()
    monkeypatch.setattr(socket, "getaddrinfo", made)
    return made


@pytest.fixture
def sender() -> Iterator[HttpSender]:
    made = HttpSender()
    yield made
    made.close()


def at(peer: Peer) -> Address:
    return socket.AF_INET, ("127.0.0.1", peer._listener.getsockname()[1])


@contextlib.contextmanager
def dead_address() -> Iterator[Address]:
    """Where nobody answers, not even that nobody is there: its queue is full. By IPv6, where this
    machine has it."""
    with contextlib.ExitStack() as stack:
        family, host = socket.AF_INET6, "::1"
        try:
            listener = stack.enter_context(socket.socket(family))
            listener.bind((host, 0))
        except OSError:
            family, host = socket.AF_INET, "127.0.0.1"
            listener = stack.enter_context(socket.socket(family))
            listener.bind((host, 0))
        listener.listen(0)
        where = listener.getsockname()
        for _ in range(4):
            filling = stack.enter_context(socket.socket(family))
            filling.setblocking(False)
            filling.connect_ex(where)
        time.sleep(0.1)
        yield family, where


def test_f45_a_dead_address_is_passed_over_within_two_seconds(
    resolver: Resolver, sender: HttpSender
) -> None:
    peer = Peer(GOOD)
    with dead_address() as dead:
        resolver.addresses = [dead, at(peer)]
        began = time.monotonic()
        answer = sender.exchange(f"http://{NAME}:80", ASKED)
        took_s = time.monotonic() - began
    print(f"fell back after {took_s:.2f} s")  # noqa: T201 - the figure
    assert answer.body == b"ok"
    assert 1.0 < took_s < 4.0, "the machine may be slow; it is 1.5 s by itself"
    peer.close()


def test_f45_a_name_that_is_not_known_is_asked_for_again_and_found_when_it_is_back(
    resolver: Resolver, sender: HttpSender
) -> None:
    for tries in (1, 2, 3):
        with pytest.raises(PeerUnreachable) as failed:
            sender.exchange(f"http://{NAME}:80", ASKED)
        assert (NAME in str(failed.value), resolver.asked) == (False, tries)
    peer = Peer(GOOD)
    resolver.addresses = [at(peer)]
    assert sender.exchange(f"http://{NAME}:80", ASKED).body == b"ok"
    peer.close()


def test_f45_a_name_that_moved_is_followed_with_the_next_connection(
    resolver: Resolver, sender: HttpSender
) -> None:
    last = GOOD.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    before, after = Peer(last), Peer(last)
    for peer in (before, after):
        resolver.addresses = [at(peer)]
        sender.exchange(f"http://{NAME}:80", ASKED)
    assert [len(peer.requests) for peer in (before, after)] == [1, 1]
    before.close()
    after.close()
