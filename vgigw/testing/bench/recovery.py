"""How soon a gateway is back after a kill: with a long journal, and by turns with an empty one.

A served gateway is killed under load and started again. From the start of its process count the
seconds to the first ``/readyz`` that says yes, and to the first message that it acknowledged.
"""

from __future__ import annotations

import os
import statistics
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import msgspec
import psutil

from vgigw.errors import Misconfigured
from vgigw.server.config import DATABASE, load
from vgigw.server.stores import store_of
from vgigw.testing.bench import gateway_process, log_filler
from vgigw.testing.bench.load import Connection
from vgigw.testing.bench.long_journal import Made, fill
from vgigw.testing.bench.process import Pinned
from vgigw.testing.bench.report import machine
from vgigw.testing.bench.scene import Job
from vgigw.testing.gateway_process import GatewayProcess, free_port

EMPTY, LONG, LONG_LOG = "empty", "long", "long-log"
_SUITE = "tcec102"
_STREAMS_OF_PROBES: Final = 1_000
_ANSWER_S: Final = 30.0


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to measure: ``records`` in the journal in messages of ``batch``, killed after ``load_s``
    of load, ``rounds`` times each; before a kill of the third kind the log is ``log_bytes`` long,
    0 = without that. ``stores`` are the addresses of two shared stores, none = embedded ones."""

    records: int
    batch: int = 500
    rounds: int = 3
    load_s: float = 1.0
    log_bytes: int = 0
    connections: int = 4
    stores: tuple[str, ...] = ()


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """One start after a kill; ``cpu_s`` is of all its processes up to the first acknowledgement,
    ``log_bytes`` what the killed one left in the log of an embedded store."""

    kind: str
    ready_s: float
    acknowledged_s: float
    cpu_s: float
    log_bytes: int
    busy: float
    """Processes that wanted a CPU when it started, on average over a minute."""


class Recovery(msgspec.Struct, frozen=True, kw_only=True):
    """Every start, medians of the seconds by kind, and how they compare with an empty store."""

    made: Made
    made_s: float
    store_bytes: int
    starts: tuple[Start, ...]
    ready_s: dict[str, float]
    acknowledged_s: dict[str, float]
    ratio: dict[str, float]
    cpu: str
    python: str
    versions: dict[str, str]

    def faults(self, most_s: float | None) -> list[str]:
        """Where a median of the seconds to ready is above ``most_s``."""
        if most_s is None:
            return []
        return [
            f"{kind}: ready after {ready_s:.2f} s, more than {most_s:g}"
            for kind, ready_s in self.ready_s.items()
            if kind != EMPTY and ready_s > most_s
        ]


def measure(
    plan: Plan, folder: Path, progress: Callable[[str], object], made: Callable[[int], object]
) -> Recovery:
    """Run the plan in ``folder``; ``made`` hears of records as they are written. Raises
    ``Misconfigured`` and ``GatewayDied`` where a gateway does not start."""
    with ExitStack() as stack:
        long = _Side(folder / LONG, plan, stack, plan.stores[0] if plan.stores else None)
        empty = _Side(folder / EMPTY, plan, stack, plan.stores[1] if plan.stores else None)
        progress("writing the journal")
        began_s = time.monotonic()
        filled = long.fill(plan, made)
        made_s = time.monotonic() - began_s
        for side in (long, empty):
            side.warm_up()
        turns = [(EMPTY, empty, 0), (LONG, long, 0)]
        turns += [(LONG_LOG, long, plan.log_bytes)] if plan.log_bytes else []
        starts = []
        for number in range(plan.rounds):
            # Who goes first changes, so that a slow drift of the machine hits all alike.
            for kind, side, log_bytes in turns if number % 2 == 0 else turns[::-1]:
                progress(f"round {number + 1}: {kind}")
                starts.append(side.kill_and_start(kind, plan.load_s, log_bytes))
        return _report(filled, made_s, long.store_bytes(), tuple(starts))


class _Side:
    """A gateway with its store, and the load on it."""

    def __init__(self, folder: Path, plan: Plan, stack: ExitStack, store: str | None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._plan = plan
        self._stack = stack
        self._port = free_port()
        self._config = gateway_process.write_config(
            folder, self._port, _SUITE, called_port=free_port(), store=store
        )
        self._database = None if store else load(self._config).state_dir / DATABASE
        self._gateway = stack.enter_context(GatewayProcess(self._config, self._port))
        self._job = Job(
            door="cec102",
            port=self._port,
            suite=_SUITE,
            batch=plan.batch,
            connections=plan.connections,
        )
        self._load: Pinned | None = None
        self._starts = 0

    def fill(self, plan: Plan, made: Callable[[int], object]) -> Made:
        store = store_of(load(self._config))
        try:
            return fill(store, plan.records, plan.batch, made)
        finally:
            store.close()

    def warm_up(self) -> None:
        """A first start and some load, as of a gateway that has served for a while."""
        self._gateway.start()
        token = gateway_process.token("cec102", _SUITE, self._port)
        self._job = msgspec.structs.replace(self._job, token=token)
        command = [sys.executable, "-m", "vgigw.testing.bench.load"]
        self._load = self._stack.enter_context(Pinned(command, None, talks=True))
        self._load.tell(msgspec.json.encode(self._job).decode())
        self._load.ask(str(self._plan.load_s))

    def kill_and_start(self, kind: str, load_s: float, log_bytes: int) -> Start:
        """Load, the log as long as wanted, SIGKILL to all that use the store, and a start."""
        under_load = threading.Thread(target=self._ask_load, args=(load_s + 0.5,))
        with ExitStack() as stack:
            if log_bytes:
                self._fill_log(log_bytes, stack)
            under_load.start()
            time.sleep(load_s)
            self._gateway.kill()
        under_load.join()
        left = self._log_bytes()
        self._starts += 1
        first = _STREAMS_OF_PROBES + self._starts
        probe = Connection(msgspec.structs.replace(self._job, first_stream=first), 0)
        began_s = time.monotonic()
        ready_s = self._gateway.start()
        _acknowledged(probe)
        acknowledged_s = time.monotonic() - began_s
        return Start(
            kind=kind,
            ready_s=round(ready_s, 3),
            acknowledged_s=round(acknowledged_s, 3),
            cpu_s=round(self._cpu_s(), 3),
            log_bytes=left,
            busy=round(os.getloadavg()[0], 1),
        )

    def store_bytes(self) -> int:
        """Of an embedded store; of a shared one nothing is known."""
        return 0 if self._database is None else self._database.stat().st_size

    def _ask_load(self, seconds: float) -> None:
        assert self._load is not None
        self._load.ask(str(seconds))

    def _fill_log(self, log_bytes: int, stack: ExitStack) -> None:
        if self._database is None:
            raise Misconfigured("the log of a shared store is its server's")
        command = [sys.executable, "-m", log_filler.__name__, str(self._database), str(log_bytes)]
        filler = stack.enter_context(Pinned(command, None, talks=True))
        stack.callback(filler.kill)
        if filler.read().strip() != log_filler.FULL:
            raise Misconfigured("the log did not become as long as was asked for")

    def _log_bytes(self) -> int:
        if self._database is None:
            return 0
        log = self._database.with_name(f"{self._database.name}-wal")
        return log.stat().st_size if log.exists() else 0

    def _cpu_s(self) -> float:
        root = psutil.Process(self._gateway.pid)
        times = [each.cpu_times() for each in (root, *root.children(recursive=True))]
        return sum(each.user + each.system for each in times)


def _acknowledged(probe: Connection) -> None:
    """Until a message is acknowledged. Raises ``Misconfigured`` where none is."""
    end_s = time.monotonic() + _ANSWER_S
    while time.monotonic() < end_s:
        if probe.send_one() is not None:
            probe.close()
            return
    raise Misconfigured("the gateway was ready and acknowledged nothing")


def _report(made: Made, made_s: float, store_bytes: int, starts: tuple[Start, ...]) -> Recovery:
    kinds = tuple(dict.fromkeys(each.kind for each in starts))
    ready_s = {k: statistics.median(s.ready_s for s in starts if s.kind == k) for k in kinds}
    first_s = {k: statistics.median(s.acknowledged_s for s in starts if s.kind == k) for k in kinds}
    return Recovery(
        made=made,
        made_s=round(made_s, 1),
        store_bytes=store_bytes,
        starts=starts,
        ready_s=ready_s,
        acknowledged_s=first_s,
        ratio={k: round(ready_s[k] / ready_s[EMPTY], 2) for k in kinds if k != EMPTY},
        **machine(),
    )
