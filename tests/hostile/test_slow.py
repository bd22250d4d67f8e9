"""Slow on purpose: honest callers are served beside, and what does not come is ended. F79.

``VGIGW_SLOW_SOCKETS`` is how many connections are slow (300 unless told; 2000 in the long form,
which also waits for their end).
"""

from __future__ import annotations

import itertools
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.hostile.framing import HEAD
from tests.hostile.slow import OPENINGS, crowd, honest
from tests.hostile.target import MIB, Target, post, target
from vgigw.errors import PeerAnswerInvalid
from vgigw.server.slow_bodies import BODY_S, Bodies, SlowLinks

SOCKETS = int(os.environ.get("VGIGW_SLOW_SOCKETS", "300"))
LONG = SOCKETS >= 1_000
MESSAGES = 20 if LONG else 5
"""Of each of two peers by each of three doors."""


_firsts = itertools.count(1, 1_000)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with target(tmp_path_factory.mktemp("slow")) as made:
        yield made


def warmed(gateway: Target, first: int) -> None:
    """What is made once is there; the crowd of before, which is just gone, may still be put off."""
    end = time.monotonic() + 20
    while True:
        try:
            honest(gateway, 1, first)
        except PeerAnswerInvalid:
            assert time.monotonic() < end, "nobody is served"
            time.sleep(1)
        else:
            return


@pytest.mark.parametrize(("opening", "drip"), OPENINGS.values(), ids=OPENINGS)
def test_f79_who_is_slow_keeps_nobody_waiting(gateway: Target, opening: bytes, drip: bytes) -> None:
    first = next(_firsts)
    warmed(gateway, first)
    with gateway.costs() as cost, crowd(gateway.port, SOCKETS, opening, drip):
        time.sleep(0.3)
        served = honest(gateway, MESSAGES, first=first + 1)
    sys.stdout.write(
        f"F79: {SOCKETS} slow, {served.statuses.total()} honest, {served.refused_share:.1%} "
        f"refused, p99 {served.p99_s:.2f} s, memory + {cost[0] / MIB:.0f} MiB\n"
    )
    assert served.refused_share <= 0.01
    assert served.p99_s <= 2.0
    assert cost[0] <= 512 * MIB
    assert gateway.lives()


class Ends:
    """Connections to a listener of this process, both ends at hand."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        self.port: int = self._listener.getsockname()[1]
        self._kept: list[socket.socket] = []

    def new(self) -> tuple[socket.socket, socket.socket]:
        """Ours, and that of the peer."""
        peer = self._stack.enter_context(socket.create_connection(("127.0.0.1", self.port)))
        own, _ = self._listener.accept()
        peer.settimeout(0.2)
        return self._stack.enter_context(own), peer


def filled(own: socket.socket) -> int:
    """Send until nothing more is taken; how many bytes were."""
    sent = 0
    with suppress(BlockingIOError):
        while True:
            sent += own.send(b"x" * 65_536)
    return sent


def is_ended(peer: socket.socket) -> bool:
    try:
        return peer.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel counts nothing of connections")
def test_f79_only_connections_on_which_nothing_goes_on_are_ended() -> None:
    now_s = [100.0]
    bodies = Bodies(lambda: now_s[0])
    with ExitStack() as stack:
        ends, elsewhere = Ends(stack), Ends(stack)
        stalled, dripping, answered, busy, asking, foreign = (
            ends.new(), ends.new(), ends.new(), ends.new(), ends.new(), elsewhere.new()
        )  # fmt: skip
        links = SlowLinks(bodies, ends.port)
        now_s[0] += 5
        assert links.look() == 0  # Nothing is overdue.
        with bodies.reading():
            now_s[0] += BODY_S + 1
            dripping[1].send(b"x")
            assert links.look() == 0  # Slow at one look is not yet slow.
            dripping[1].send(b"x")
            asking[1].send(b"x")  # It was silent for long, and its request is in hand.
            answered[0].send(b"x")
            answered[1].recv(1)
            for _ in range(16):
                busy[1].sendall(b"x" * 65_536)
                left = 65_536
                while left:
                    left -= len(busy[0].recv(left))
            fresh = ends.new()
            time.sleep(0.1)
            now_s[0] += 5
            assert links.look() == 2
        assert [is_ended(peer) for _, peer in (stalled, dripping)] == [True, True]
        others = (answered, busy, asking, foreign, fresh)
        assert not any(is_ended(peer) for _, peer in others)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel counts nothing of connections")
def test_f79_none_is_ended_while_a_request_is_slow_to_answer() -> None:
    now_s = [100.0]
    bodies = Bodies(lambda: now_s[0])
    with ExitStack() as stack:
        ends = Ends(stack)
        waiting = ends.new()
        links = SlowLinks(bodies, ends.port)
        with bodies.reading():
            with bodies.carrying_out():
                for _ in range(4):
                    now_s[0] += BODY_S
                    assert links.look() == 0
            now_s[0] += 5
            assert links.look() == 0  # What was just carried out may be about to be answered.
            now_s[0] += 5
            assert links.look() == 1
        assert is_ended(waiting[1])


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel counts nothing of connections")
def test_f79_a_number_that_is_no_socket_any_more_leaves_nothing_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    links = SlowLinks(Bodies(), 1)
    with Path(os.devnull).open("rb"):
        monkeypatch.setattr(Path, "readlink", lambda _: Path("socket:[1]"))
        before = len(list(Path("/proc/self/fd").iterdir()))
        assert list(links._links()) == []
        assert len(list(Path("/proc/self/fd").iterdir())) <= before


def test_f79_what_comes_in_time_is_not_overdue() -> None:
    now_s = [0.0]
    bodies = Bodies(lambda: now_s[0])
    with bodies.reading() as came:
        for _ in range(100):
            now_s[0] += 1
            came(65_536)
        assert bodies.overdue == 0
        now_s[0] += BODY_S + 1
        assert bodies.overdue == 1
    assert bodies.overdue == 0


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel counts nothing of connections")
def test_f79_an_answer_that_nobody_reads_is_given_up() -> None:
    now_s = [100.0]
    bodies = Bodies(lambda: now_s[0])
    with ExitStack() as stack:
        ends = Ends(stack)
        unread, read, quiet = ends.new(), ends.new(), ends.new()
        links, ended = SlowLinks(bodies, ends.port), list[int]()
        for own, _ in (unread, read):
            own.setblocking(False)
        for own, _ in (unread, read):
            # The kernel may be late with what it was given.
            while filled(own):
                time.sleep(0.05)
        for _ in range(4):
            for own, _ in (unread, read):
                filled(own)
            now_s[0] += 5
            ended.append(links.look())
            left = 8 * 65_536
            while left:
                left -= len(read[1].recv(left))
        assert ended == [0, 0, 0, 1]
        assert not is_ended(read[1])
        assert not is_ended(quiet[1])
        with pytest.raises(OSError, match=r"ipe|reset"):
            unread[0].send(b"x")


@pytest.mark.skipif(not LONG, reason="takes half a minute: VGIGW_SLOW_SOCKETS=2000")
def test_f79_large_bodies_that_do_not_come_give_their_room_back(gateway: Target) -> None:
    """Seven of 8 MiB that are announced hold the room of all bulk, for as long as they may."""
    with ExitStack() as stack:
        head = HEAD + b"content-length: %d\r\n\r\n" % (8 * MIB)
        for _ in range(7):
            link = socket.create_connection(("127.0.0.1", gateway.port))
            stack.enter_context(link).sendall(head + b" " * 65_536)
        time.sleep(1)
        assert gateway.say(post("rest", b" " * MIB), 20).statuses == [503]
        began = time.monotonic()
        while gateway.say(post("rest", b" " * MIB), 20).statuses == [503]:
            assert time.monotonic() - began < 3 * BODY_S
            time.sleep(1)
    assert '"event":"slow.ended"' in gateway.process.log()
