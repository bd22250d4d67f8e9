"""One measurement of the way in: gateway and floor by turns, the same load, CPU a record."""

from __future__ import annotations

import math
import statistics
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from vgigw.testing.bench import floor_process, floor_store, gateway_process, rings
from vgigw.testing.bench.process import Pinned, cpus
from vgigw.testing.bench.report import Report, machine
from vgigw.testing.bench.scene import DoorName, Job, Sent
from vgigw.testing.gateway_process import free_port

_WARM_UP_S = 1.0
_KEYS = "keys"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to measure. ``seconds`` is the length of one window; each round has two of them."""

    door: DoorName
    suite: str = "tcec102"
    batch: int = 100
    seconds: float = 3.0
    rounds: int = 2
    connections: int = 8
    threads: int | None = None
    """Blocking threads of the gateway; None is its default."""
    floor_threads: int = 8
    warm_up_s: float = _WARM_UP_S


class _Side:
    """A server, its load, and what both saw."""

    def __init__(self, server: Pinned, load: Pinned, stored: Callable[[], int]) -> None:
        self._server = server
        self._load = load
        self._stored = stored
        self.windows: list[Sent] = []
        self.us_per_record: list[float] = []
        self.acknowledged = 0
        self.refused = 0

    def warm_up(self, seconds: float) -> None:
        self._send(seconds)

    def measure(self, seconds: float) -> None:
        before_s = self._server.cpu_s()
        sent = self._send(seconds)
        used_s = self._server.cpu_s() - before_s
        self.windows.append(sent)
        self.us_per_record.append(used_s * 1e6 / max(sent.records, 1))

    def stop(self) -> int:
        """Ends both; how many records the server had stored."""
        self._load.stop()
        self._server.stop()
        return self._stored()

    def _send(self, seconds: float) -> Sent:
        sent = msgspec.json.decode(self._load.ask(str(seconds)), type=Sent)
        self.acknowledged += sent.records
        self.refused += sent.refused
        return sent


def measure(plan: Plan, progress: Callable[[str], None] = lambda _: None) -> Report:
    """Run the plan. Raises ``Misconfigured`` where a process does not start."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vgigw-bench-")))
        progress("starting")
        rings.make(folder / _KEYS, plan.suite, datetime.now(UTC))
        gateway, floor = _gateway(plan, folder, stack), _floor(plan, folder, stack)
        sides = (("gateway", gateway), ("floor", floor))
        for _, side in sides:
            side.warm_up(plan.warm_up_s)
        for number in range(plan.rounds):
            # Who goes first changes, so that a slow drift of the machine hits both alike.
            for name, side in sides if number % 2 == 0 else sides[::-1]:
                progress(f"round {number + 1}: {name}")
                side.measure(plan.seconds)
        stored, floor_stored = gateway.stop(), floor.stop()
    return _report(plan, gateway, floor, stored, floor_stored)


def _gateway(plan: Plan, folder: Path, stack: ExitStack) -> _Side:
    own = folder / "gateway"
    own.mkdir()
    port = free_port()
    keys = folder / _KEYS
    config = gateway_process.write_config(own, port, plan.suite, plan.threads, keys=keys)
    server = stack.enter_context(Pinned(gateway_process.command(config), cpus()[0]))
    server.wait_for(port)
    held = rings.keys_of(keys, plan.suite)
    token = gateway_process.token(plan.door, plan.suite, port, held)
    load = _load(plan, folder, port, token, stack)
    return _Side(server, load, lambda: gateway_process.stored(own))


def _floor(plan: Plan, folder: Path, stack: ExitStack) -> _Side:
    own = folder / "floor"
    own.mkdir()
    port = free_port()
    command = floor_process.command(plan.door, port, plan.floor_threads)
    environment = {
        "FLOOR_STATE": str(own),
        "FLOOR_SUITE": plan.suite,
        "FLOOR_KEYS": str(folder / _KEYS),
    }
    server = stack.enter_context(Pinned(command, cpus()[0], environment))
    server.wait_for(port)
    load = _load(plan, folder, port, "x" * 64, stack)
    return _Side(server, load, lambda: floor_store.stored(own))


def _load(plan: Plan, folder: Path, port: int, token: str, stack: ExitStack) -> Pinned:
    command = [sys.executable, "-m", "vgigw.testing.bench.load"]
    load = stack.enter_context(Pinned(command, cpus()[1], talks=True))
    job = Job(
        door=plan.door,
        port=port,
        suite=plan.suite,
        batch=plan.batch,
        connections=plan.connections,
        token=token,
        keys=str(folder / _KEYS),
    )
    load.tell(msgspec.json.encode(job).decode())
    return load


def _report(plan: Plan, gateway: _Side, floor: _Side, stored: int, floor_stored: int) -> Report:
    server_us = statistics.median(gateway.us_per_record)
    floor_us = statistics.median(floor.us_per_record)
    latencies_ms = sorted(each for window in gateway.windows for each in window.latencies_ms)
    rates = [window.records / window.elapsed_s for window in gateway.windows]
    return Report(
        door=plan.door,
        suite=plan.suite,
        batch=plan.batch,
        seconds=plan.seconds,
        rounds=plan.rounds,
        connections=plan.connections,
        server_us_per_record=server_us,
        floor_us_per_record=floor_us,
        ratio=server_us / floor_us if floor_us else math.inf,
        records_per_s=statistics.median(rates),
        messages_per_s=statistics.median(rates) / plan.batch,
        p50_ms=_quantile(latencies_ms, 0.50),
        p99_ms=_quantile(latencies_ms, 0.99),
        refused=gateway.refused,
        acknowledged=gateway.acknowledged,
        stored=stored,
        floor_refused=floor.refused,
        floor_acknowledged=floor.acknowledged,
        floor_stored=floor_stored,
        **machine(),
    )


def _quantile(ordered: list[float], part: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else math.nan
