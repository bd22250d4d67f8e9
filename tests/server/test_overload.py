"""More than a served gateway can do: refused with the time to wait, bounded, and control passes.

F60 to F62, I11. ``VGIGW_TEST_OVERLOAD_S`` makes the load last longer (1 s unless told).
"""

from __future__ import annotations

import os
import socket
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from tests.server.wired import Wire, bytes_of, head_of, served, upload
from tests.trio import DISPATCH, OPERATOR, OTHER
from vgigw.objects import Heartbeat
from vgigw.objects.operating_enumerations import ChannelRole
from vgigw.operations import HEARTBEAT, UPLOAD_TELEMETRY
from vgigw.testing.gateway_process import GatewayProcess

LASTS_S = float(os.environ.get("VGIGW_TEST_OVERLOAD_S", "1"))
MIB = 1024 * 1024
UPLOAD = "/vgi/v1/telemetry"


def link_to(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=60)


def resident_bytes(process: GatewayProcess) -> int:
    """Of the worker, the greatest of all processes of the gateway."""
    main = psutil.Process(process.pid)
    return max(each.memory_info().rss for each in (main, *main.children(recursive=True)))


def test_i11_large_bodies_are_turned_away_before_they_are_read(tmp_path: Path) -> None:
    """Bodies of 4 MiB that come slowly: those that fit are waited for, 100 others refused."""
    limits = {"bytes_in_flight": 32 * MIB}
    fitting, others, size = 7, 100, 4 * MIB - 1024
    head = (
        f"POST {UPLOAD} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        f"content-length: {size}\r\n\r\n"
    ).encode()
    with served(tmp_path, limits=limits) as (process, port), ExitStack() as stack:
        before = resident_bytes(process)
        slow = [stack.enter_context(link_to(port)) for _ in range(fitting)]
        for link in slow:
            link.sendall(head + b" " * 65_536)
        time.sleep(0.5)
        answers = Counter[tuple[int, str]]()
        for _ in range(others):
            with link_to(port) as link:
                link.sendall(head)
                status, fields = head_of(link)
                answers[status, fields.get("retry-after", "")] += 1
        assert answers == {(503, "2"): others}
        with ThreadPoolExecutor(fitting) as pool:
            sent = [pool.submit(link.sendall, b" " * (size - 65_536)) for link in slow]
            assert [each.result(60) for each in sent] == [None] * fitting
        assert [head_of(link)[0] for link in slow] == [401] * fitting
        grown = resident_bytes(process) - before
        with link_to(port) as link:
            link.sendall(head + b" " * size)
            assert head_of(link)[0] == 401
    sys.stdout.write(
        f"I11: {fitting + others} bodies of 4 MiB, resident memory + {grown / MIB:.0f} MiB\n"
    )
    assert grown < 4 * 32 * MIB


class Load:
    """Many connections that send one message after the other and obey nothing."""

    def __init__(self, port: int, requests: list[bytes]) -> None:
        self._port, self._requests = port, requests
        self.answers: Counter[tuple[int, bool]] = Counter()
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run, args=(each,)) for each in requests]

    @contextmanager
    def running(self) -> Iterator[None]:
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in self._threads:
                thread.join(60)

    def _run(self, request: bytes) -> None:
        with link_to(self._port) as link:
            while not self._over.is_set():
                link.sendall(request)
                status, fields = head_of(link)
                with self._lock:
                    self.answers[status, "retry-after" in fields] += 1


@pytest.mark.parametrize("door", ["rest", "cec102", "soap"])
def test_f61_over_all_bounds_bulk_is_refused_and_every_beat_passes(
    tmp_path: Path, door: str
) -> None:
    """40 connections for 2 places and 4 that wait: more than three times what is carried out."""
    listen, limits = {"threads": 2}, {"requests_waiting": 4, "wait_s": 0.2}
    with served(tmp_path, listen=listen, limits=limits) as (_, port):
        wire, dispatch = Wire(OPERATOR, port), Wire(DISPATCH, port)
        bulk = [
            bytes_of(wire.sealed(door, UPLOAD_TELEMETRY, upload(OPERATOR, n))) for n in range(1, 41)
        ]
        dispatch.token()
        took_s: list[float] = []
        load = Load(port, bulk)
        with load.running():
            end = time.monotonic() + LASTS_S
            while time.monotonic() < end or len(took_s) < 10:
                beat = Heartbeat(
                    link_id="L",
                    seq=len(took_s) + 1,
                    time=datetime.now(UTC).replace(microsecond=0),
                    channel_role=ChannelRole.MAIN,
                )
                sealed = dispatch.sealed(door, HEARTBEAT, beat)
                began = time.monotonic()
                assert dispatch.give(sealed).status == 200
                took_s.append(time.monotonic() - began)
    slowest = max(took_s)
    refused, passed = load.answers[503, True], load.answers[200, False]
    sys.stdout.write(
        f"F61 {door}: {passed} of bulk passed, {refused} got 503; {len(took_s)} beats of control, "
        f"median {statistics.median(took_s):.3f} s, slowest {slowest:.3f} s\n"
    )
    assert set(load.answers) == {(200, False), (503, True)}
    assert min(refused, passed) > 0
    assert slowest < 2


def test_f60_a_peer_at_ten_times_its_rate_gets_429_and_another_is_served(tmp_path: Path) -> None:
    with served(tmp_path, limits={"messages_per_s": 3}) as (_, port):
        wire, other = Wire(OPERATOR, port), Wire(OTHER, port)
        request = bytes_of(wire.sealed("rest", UPLOAD_TELEMETRY, upload(OPERATOR, 1)))
        load = Load(port, [request])
        theirs = Counter[int]()
        with load.running():
            end = time.monotonic() + LASTS_S
            while time.monotonic() < end:
                sealed = other.sealed(
                    "rest", UPLOAD_TELEMETRY, upload(OTHER, sum(theirs.values()) + 1)
                )
                theirs[other.give(sealed).status] += 1
                time.sleep(0.3)
    refused, passed = load.answers[429, True], load.answers[200, False]
    sys.stdout.write(f"F60: {passed} passed, {refused} got 429; of another peer {dict(theirs)}\n")
    assert set(load.answers) == {(200, False), (429, True)}
    assert refused > passed > 0
    assert set(theirs) == {200}


def test_f62_a_thousand_connections_in_a_second_are_all_admitted(tmp_path: Path) -> None:
    """Each sends one message and comes again when it was told to; none is lost, none is kept."""
    count = 1_000
    with served(tmp_path) as (process, port):
        wire = Wire(OPERATOR, port)
        sealed = wire.sealed("rest", UPLOAD_TELEMETRY, upload(OPERATOR, 1))
        request = bytes_of(sealed, close=True)
        worker = max(
            psutil.Process(process.pid).children(recursive=True),
            key=lambda each: each.num_threads(),
        )
        files = worker.num_fds()
        began = time.monotonic()
        waiting, answers, rounds = count, Counter[int](), 0
        while waiting and rounds < 60:
            links = [link_to(port) for _ in range(waiting)]
            for link in links:
                link.sendall(request)
            for link in links:
                status = head_of(link)[0]
                answers[status] += 1
                waiting -= status == 200
                link.close()
            rounds += 1
            if waiting:
                time.sleep(1)
        took_s = time.monotonic() - began
        sys.stdout.write(f"F62: {count} connections, {dict(answers)}, {took_s:.1f} s\n")
        assert (waiting, set(answers) <= {200, 503}) == (0, True)
        assert took_s < 60
        end = time.monotonic() + 30
        while worker.num_fds() > files + 200:
            assert time.monotonic() < end
            time.sleep(0.1)
