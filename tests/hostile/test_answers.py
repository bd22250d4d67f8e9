"""What a peer answers is not trusted either: the same bounds hold for it. F75, F76, F77."""

from __future__ import annotations

import functools
import gzip
import re
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.hostile.called import Answerer, called, caller
from tests.hostile.documents import DEAR_JSON, DEAR_XML, XML
from tests.hostile.ear import Ear
from tests.hostile.target import MIB, MOST_BYTES, TYPES
from tests.trio import BASES
from vgigw.errors import PeerAnswerInvalid, PeerUnreachable

NOT_BELIEVED = (PeerAnswerInvalid, PeerUnreachable)
LARGEST_ANSWER = 32 * MIB
SIZE = MIB


@contextmanager
def costs() -> Iterator[list[int]]:
    """By how many bytes this process grew at most inside, as the one item of a list."""
    Path("/proc/self/clear_refs").write_text("5")
    before = psutil.Process().memory_info().rss
    cost: list[int] = []
    yield cost
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert peak is not None
    cost.append(int(peak[1]) * 1024 - before)


def answer(door: str, body: bytes, *fields: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", f"content-type: {TYPES[door]}", f"content-length: {len(body)}"]
    return "\r\n".join([*lines, *fields, "", ""]).encode() + body


def not_believed(door: str, told: bytes, most: int, times: int = 1) -> None:
    """The answer is refused within ``most`` bytes and some seconds."""
    with Answerer(told, times) as peer, caller(peer.base, door) as gateway:
        began = time.monotonic()
        with costs() as cost, pytest.raises(NOT_BELIEVED):
            called(gateway)
        assert time.monotonic() - began < 12
        assert cost[0] <= most


@pytest.mark.parametrize("attack", XML)
def test_f75_hostile_xml_as_an_answer_is_not_believed_and_nobody_is_called(attack: str) -> None:
    with Ear() as ear:
        body = XML[attack].replace("{ear}", ear.base).encode()
        not_believed("soap", answer("soap", body), MOST_BYTES + 6 * len(body))
        assert ear.calls == 0


@pytest.mark.parametrize("dear", DEAR_XML.values(), ids=DEAR_XML)
def test_f75_dear_xml_as_an_answer_is_refused_before_it_is_read(
    dear: Callable[[int], bytes],
) -> None:
    not_believed("soap", answer("soap", dear(SIZE)), MOST_BYTES + 6 * SIZE)


@pytest.mark.parametrize("dear", DEAR_JSON.values(), ids=DEAR_JSON)
@pytest.mark.parametrize("door", ["cec102", "rest"])
def test_f76_hostile_json_as_an_answer_is_not_believed(
    door: str, dear: Callable[[int], bytes]
) -> None:
    not_believed(door, answer(door, dear(SIZE)), MOST_BYTES + 6 * SIZE)


UNFOLDED = 100 * MIB


@functools.cache
def bomb(coding: str) -> bytes:
    if coding == "gzip, gzip":
        return gzip.compress(bomb("gzip"))
    compress = gzip.compress if coding == "gzip" else zlib.compress
    return compress(b" " * UNFOLDED, 1)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "gzip, gzip"])
@pytest.mark.parametrize("door", BASES)
def test_f77_an_answer_that_unfolds_is_given_up_at_the_limit(door: str, coding: str) -> None:
    told = answer(door, bomb(coding), f"content-encoding: {coding}")
    not_believed(door, told, 4 * LARGEST_ANSWER)


@pytest.mark.parametrize(
    "told",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n{}\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 50_000,
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 50_000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 5_000_000 + b"\r\n\r\n",
    ],
    ids=["-1", "huge", "two", "chunk -1", "chunk 2^64", "1xx", "fields", "long field"],
)
def test_f77_an_answer_whose_length_is_a_lie_is_not_believed(told: bytes) -> None:
    not_believed("rest", told, 4 * MOST_BYTES)


def test_f77_an_endless_answer_is_given_up_at_the_limit() -> None:
    piece = b"100000\r\n" + b" " * MIB + b"\r\n"
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    with Answerer(head + piece * 64) as peer, caller(peer.base, "rest") as gateway:
        with costs() as cost, pytest.raises(NOT_BELIEVED):
            called(gateway)
        assert cost[0] <= 4 * LARGEST_ANSWER
