"""A peer that is slow at a large batch gets commands and live messages in time. I17, F41, F42.

Real sockets and threads: an operator's clockwork, a platform behind a link that lets small messages
pass, and reads large ones at ten bytes a second, or holds their answers back.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from msgspec.structs import replace

from tests.stores.fresh import store_at
from tests.trio import BASES, PLATFORM, Trio, batch
from vgigw.objects import Heartbeat, TelemetryBatch
from vgigw.objects.operating_enumerations import ChannelRole, ReportMode
from vgigw.operations import BACKFILL_DATA, HEARTBEAT, UPLOAD_TELEMETRY
from vgigw.ports import LetterState
from vgigw.rules.pacing import BOUND_S, percentile
from vgigw.senders.http import HttpSender
from vgigw.server.assembly import Gateway, SystemClock
from vgigw.server.ticker import Ticker
from vgigw.server.wsgi import WsgiApplication

LARGE_BYTES = 16_384
RUN_S = 2.5
EVERY_S = 0.1


class SlowLink:
    """Relays what is small; a large message is read ``bytes_per_s`` at a time, or its answer held
    back for ``answer_s``."""

    def __init__(
        self, target_port: int, *, bytes_per_s: float = 0.0, answer_s: float = 0.0
    ) -> None:
        self._target = target_port
        self._bytes_per_s = bytes_per_s
        self._answer_s = answer_s
        self.large = 0
        self._server = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._server.accept()
                threading.Thread(target=self._relay, args=(near,), daemon=True).start()

    def _relay(self, near: socket.socket) -> None:
        with contextlib.suppress(OSError), near:
            far = socket.create_connection(("127.0.0.1", self._target))
            held = threading.Event()
            threading.Thread(target=self._answers, args=(far, near, held), daemon=True).start()
            with far:
                while data := near.recv(65536):
                    if len(data) >= LARGE_BYTES and not held.is_set():
                        self.large += 1
                        held.set()
                    while held.is_set() and self._bytes_per_s and data:
                        far.sendall(data[:1])
                        data = data[1:]
                        time.sleep(1 / self._bytes_per_s)
                    far.sendall(data)

    def _answers(self, far: socket.socket, near: socket.socket, held: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := far.recv(65536):
                if held.is_set():
                    time.sleep(self._answer_s)
                    held.clear()
                near.sendall(data)


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def platform_port(tmp_path: Path) -> Iterator[int]:
    trio = Trio("rest")
    store = store_at(tmp_path / "platform.sqlite3")
    gateway = Gateway(trio.platform.identity, store, sender=trio.net)
    with make_server(
        "127.0.0.1", 0, WsgiApplication(gateway, SystemClock()), _Server, _Quiet
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()
    gateway.close()


def large(number: int) -> TelemetryBatch:
    first = 5000 * number + 1
    return batch(first, first + 4999, stream_id="BULK", report_mode=ReportMode.BACKFILL)


def latencies(folder: Path, port: int, bulk: int) -> dict[str, tuple[float, ...]]:
    """How late what was sent in the run was with the peer, by operation, seconds."""
    trio, clock = Trio("rest"), SystemClock()
    base = f"http://127.0.0.1:{port}/{BASES['rest']}"
    peer = replace(trio.operator.identity.peers[PLATFORM], paths=(base,))
    identity = replace(trio.operator.identity, peers={PLATFORM: peer})
    store = store_at(folder / "operator.sqlite3")
    gateway = Gateway(identity, store, sender=HttpSender())
    for number in range(bulk):
        gateway.send(PLATFORM, BACKFILL_DATA, large(number), clock.now())
    ticker = Ticker(gateway, clock)
    ticker.start()
    end = time.monotonic() + RUN_S
    number = 0
    while time.monotonic() < end:
        number += 1
        now = datetime.now(UTC).replace(microsecond=0)
        beat = Heartbeat(link_id="L", seq=number, time=now, channel_role=ChannelRole.MAIN)
        gateway.send(PLATFORM, HEARTBEAT, beat, clock.now())
        gateway.send(PLATFORM, UPLOAD_TELEMETRY, batch(number, number), clock.now())
        time.sleep(EVERY_S)
    time.sleep(1.0)
    ticker.stop(5.0)
    found: dict[str, tuple[float, ...]] = {}
    for letter in store.read(lambda view: view.letters()):
        if letter.operation != BACKFILL_DATA.name:
            assert letter.state is LetterState.DELIVERED, (letter.operation, letter.last_error)
            late_s = (letter.next_at - letter.created_at).total_seconds()
            found[letter.operation] = (*found.get(letter.operation, ()), late_s)
    gateway.close()
    return found


SLOW = {"reads 10 B/s": {"bytes_per_s": 10.0}, "answers after 2.5 s": {"answer_s": 2.5}}


@pytest.mark.parametrize("slow", SLOW.values(), ids=SLOW.keys())
def test_i17_a_batch_on_the_wire_to_a_slow_peer_holds_up_no_command(
    tmp_path: Path,
    platform_port: int,
    slow: dict[str, float],
) -> None:
    link = SlowLink(platform_port, **slow)
    found = latencies(tmp_path, link.port, 2)
    link.close()
    assert link.large >= 1, "no large batch was on its way"
    for name in (HEARTBEAT.name, UPLOAD_TELEMETRY.name):
        p99_s = percentile(found[name], 0.99)
        assert p99_s is not None
        print(f"{name}: p99 {p99_s:.3f} s beside a large batch")  # noqa: T201 - the figure
        assert p99_s < BOUND_S
