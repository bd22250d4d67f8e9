"""Request smuggling at a served gateway, and what is told of a body: nobody is fooled. F77, F80."""

from __future__ import annotations

import gzip
import socket
import time
import zlib
from collections.abc import Iterator

import pytest

from tests.hostile.framing import AMBIGUOUS, FRAMED, HEAD, HIDDEN
from tests.hostile.target import BASES, MIB, MOST_BYTES, Target, post, target

QUIET_S = 0.15


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with target(tmp_path_factory.mktemp("framing")) as made:
        yield made


@pytest.mark.parametrize("name", FRAMED)
def test_f80_what_is_one_message_is_answered_once_at_most(gateway: Target, name: str) -> None:
    framed, judged = FRAMED[name], gateway.judged()
    with gateway.costs() as cost:
        heard = gateway.say(framed.octets, QUIET_S)
    assert len(heard.statuses) <= framed.most
    assert gateway.judged() - judged <= framed.most
    assert heard.closed or name not in AMBIGUOUS
    assert cost[0] <= MOST_BYTES
    assert gateway.lives()


def test_f80_two_messages_are_two(gateway: Target) -> None:
    """Else counting would count nothing."""
    judged = gateway.judged()
    assert gateway.say(HIDDEN + HIDDEN, QUIET_S).statuses == [401, 401]
    assert gateway.judged() - judged == 2


CODINGS = {
    "gzip": gzip.compress(b" " * (32 * MIB), 1),
    "deflate": zlib.compress(b" " * (32 * MIB), 1),
    "br": b"\x8b" * 100,
}
ZSTD_BOMB = bytes.fromhex("28b52ffd00580000") + bytes.fromhex("02000800") * 1000


@pytest.mark.parametrize(
    "coding", [*CODINGS, "zstd", "gzip, gzip", "GZIP", "x-gzip", "identity, gzip"]
)
@pytest.mark.parametrize("door", BASES)
def test_f77_a_compressed_body_is_refused_and_not_unpacked(
    gateway: Target, door: str, coding: str
) -> None:
    body = CODINGS.get(coding, ZSTD_BOMB)
    with gateway.costs() as cost:
        heard = gateway.say(post(door, body, f"content-encoding: {coding}"))
    assert heard.statuses in ([415], [400], [200])
    assert heard.statuses != [200] or b'"Ret":4003' in heard.octets
    assert cost[0] <= MOST_BYTES


@pytest.mark.parametrize("door", BASES)
def test_f77_an_endless_body_is_cut_off_at_the_limit(gateway: Target, door: str) -> None:
    head = post(door, b"").partition(b"content-length")[0] + b"transfer-encoding: chunked\r\n\r\n"
    piece = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    sent = 0
    with gateway.costs() as cost, socket.create_connection(("127.0.0.1", gateway.port), 30) as link:
        link.sendall(head)
        try:
            while sent < 64 * MIB:
                sent += link.send(piece)
        except OSError:
            pass
    assert sent < 40 * MIB
    assert cost[0] <= 4 * 8 * MIB
    assert gateway.lives()


@pytest.mark.parametrize("door", BASES)
def test_f77_a_body_shorter_than_told_is_refused_and_holds_nobody(
    gateway: Target, door: str
) -> None:
    heard = gateway.say(post(door, b"{}", length=100), end=True)
    assert heard.statuses in ([], [400], [401], [200])
    assert heard.statuses != [200] or b'"Ret":4003' in heard.octets


@pytest.mark.parametrize("door", BASES)
def test_f77_what_is_behind_a_body_longer_than_told_is_no_part_of_it(
    gateway: Target, door: str
) -> None:
    judged = gateway.judged()
    heard = gateway.say(post(door, b"{}" + HIDDEN, length=2))
    assert len(heard.statuses) == 1
    assert gateway.judged() - judged == 1


def test_f77_bodies_that_are_announced_and_never_sent_cost_nothing(gateway: Target) -> None:
    """Lengths of terabytes are refused by what is told, without a byte of memory for them."""
    head = HEAD + b"content-length: 1000000000000\r\n\r\n"
    began = time.monotonic()
    with gateway.costs() as cost:
        for _ in range(50):
            assert gateway.say(head, end=True).statuses == [413]
    assert cost[0] <= MOST_BYTES
    assert time.monotonic() - began < 10
