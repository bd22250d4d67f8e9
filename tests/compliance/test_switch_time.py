"""From a fault of the main path to what the peer has acknowledged by the other: 10 s at most.

Real sockets and the machine's clock; the time in which the fault is noticed counts. PLT-9.4b.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.stores.fresh import fresh_store
from tests.trio import BASES, OPERATOR, PLATFORM, ROLES, Trio, batch
from vgigw.objects import TelemetryBatch
from vgigw.operations import UPLOAD_TELEMETRY
from vgigw.ports import Identity, LetterState
from vgigw.server.assembly import Gateway, SystemClock
from vgigw.server.ticker import Ticker
from vgigw.testing.simulators.listener import Listener

LIMIT_S = 10.0
AFTERWARDS_S = 1.0
SENT = ((1, 3), (4, 6))
Fault = Callable[[socket.socket, threading.Event], None]


def silent(connection: socket.socket, over: threading.Event) -> None:
    """Takes the request and never says a word."""
    with connection:
        over.wait(60)


def dripping(connection: socket.socket, over: threading.Event) -> None:
    """Answers, but so slowly that the answer never ends: each byte arrives within a time-out."""
    with connection, suppress(OSError):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not over.wait(1.0):
            connection.sendall(b"x")


def hanging_up(connection: socket.socket, _: threading.Event) -> None:
    """Ends each connection at once."""
    connection.close()


@contextmanager
def spoilt(fault: Fault) -> Iterator[str]:
    """The address of a main path that has ``fault``."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    threading.Thread(target=fault, args=(connection, over), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            over.set()


@contextmanager
def nobody() -> Iterator[str]:
    """An address at which nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


FAULTS: dict[str, Callable[[], AbstractContextManager[str]]] = {
    "killed": nobody,
    "hangs up": lambda: spoilt(hanging_up),
    "silent": lambda: spoilt(silent),
    "drips": lambda: spoilt(dripping),
}


def seconds_until_acknowledged(main: str, standby: str, door: str) -> tuple[float, ...]:
    """How long each message of an operator takes that has neither token nor connection yet."""
    known = Trio(door).peer(OPERATOR, PLATFORM)
    paths = tuple(f"{each}/{BASES[door]}" for each in (main, standby))
    peers = {PLATFORM: replace(known, paths=paths)}
    identity = Identity(operator_id=OPERATOR, role=ROLES[OPERATOR], peers=peers)
    gateway, clock = Gateway(identity, fresh_store()), SystemClock()
    ticker = Ticker(gateway, clock)
    ticker.start()
    try:
        return tuple(_until_taken(gateway, batch(*each)) for each in SENT)
    finally:
        ticker.stop()
        gateway.close()


def _until_taken(gateway: Gateway, sent: TelemetryBatch) -> float:
    began = time.monotonic()
    gateway.send(PLATFORM, UPLOAD_TELEMETRY, sent, SystemClock().now())
    while gateway.store.read(lambda view: view.count_letters(state=LetterState.WAITING)):
        if time.monotonic() - began > 3 * LIMIT_S:
            break
        time.sleep(0.01)
    return time.monotonic() - began


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("door", list(BASES))
def test_plt_9_4b_a_fault_of_the_main_path_costs_ten_seconds_at_most(
    fault: str, door: str, tmp_path: Path
) -> None:
    trio = Trio(door)
    platform = Gateway(trio.platform.identity, fresh_store())
    with ExitStack() as stack:
        stack.callback(platform.close)
        standby = Listener(platform.wsgi())
        stack.callback(standby.close)
        main = stack.enter_context(FAULTS[fault]())

        first_s, second_s = seconds_until_acknowledged(
            main, f"http://127.0.0.1:{standby.port}", door
        )

        held = platform.store.read(lambda view: view.rows(owner=OPERATOR))
        assert [(row.seq_from, row.seq_to) for row in held] == list(SENT)
        assert first_s <= LIMIT_S
        assert second_s <= AFTERWARDS_S, "the switch is not done"
