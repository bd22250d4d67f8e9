"""The whole: start, load, kill, look, start again; and the report of it."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

import msgspec

from vgigw.server.config import DATABASE
from vgigw.server.serve import LOSE
from vgigw.stores.crash_point import PLACES, VARIABLE
from vgigw.testing.crash.lane import Lane
from vgigw.testing.crash.parties import Parties
from vgigw.testing.crash.stored import read_stored
from vgigw.testing.crash.verdict import Verdict, judge
from vgigw.testing.gateway_process import GatewayProcess, free_port
from vgigw.testing.power_loss import ForgetfulDisk

EARLIEST_S, LATEST_S = 0.03, 0.8
"""Between these, after the load began, a kill comes."""

_CRASH_COMMITS = (10, 60)
_CRASH_WAIT_S = 20.0
_NAMED = 20


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """``kills`` at random moments drawn from ``seed``, then one at each of ``crash_points``.

    ``lose`` lets the store acknowledge before it commits, so that the run must fail. With
    ``power_loss`` each kill is followed by the loss of what was not synced, every other time with a
    random half of it kept.
    """

    kills: int
    seed: int
    crash_points: tuple[str, ...] = ()
    lose: bool = False
    power_loss: bool = False


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a run found. Times in seconds; of each kind of finding the first lines are named.

    ``acknowledged`` counts messages by operation. ``repeated`` were sent again after a kill, and
    of these ``repeated_after_commit`` were stored already, so that a second effect was possible.
    """

    passed: bool
    seed: int
    lose: bool
    power_loss: bool
    kills: int
    crash_points: int
    acknowledged: dict[str, int]
    acknowledged_in_all: int
    unanswered: int
    repeated: int
    repeated_after_commit: int
    missing: int
    twice: int
    altered: int
    foreign: int
    refused: int
    found: dict[str, tuple[str, ...]]
    restart_s: float
    longest_restart_s: float
    run_s: float


class Run:
    """One run in ``folder``, which must be empty. A context manager that leaves no process.

    :meth:`carry_out` does all of it; the other methods are its steps.
    """

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings = settings
        self._random = random.Random(settings.seed)
        self._began = time.monotonic()
        self._resources = contextlib.ExitStack()
        dead = self._resources.enter_context(socket.socket())
        dead.bind(("127.0.0.1", 0))
        port = free_port()
        self._parties = Parties(settings.seed, port, dead.getsockname()[1])
        self.database = folder / "var" / DATABASE
        self._disk = ForgetfulDisk(folder, folder) if settings.power_loss else None
        self._gateway = self._resources.enter_context(
            GatewayProcess(self._parties.write_config(folder), port)
        )
        self._restarts_s: list[float] = []
        self._crashes = 0
        self._kills = 0
        self._stored_unanswered = 0
        self._looked_at: dict[Lane, int] = {}
        self._found: dict[str, dict[str, None]] = {name: {} for name in Verdict.__struct_fields__}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._parties.hang_up()
        self._resources.close()

    @property
    def lanes(self) -> tuple[Lane, ...]:
        return self._parties.lanes

    def carry_out(self, progress: Callable[[int], object] = int) -> Report:
        """All kills; ``progress`` is told 1 after each. Raises ``GatewayDied`` if the gateway
        does not come up, AssertionError if the first messages are not taken.
        """
        self.begin()
        for _ in range(self._settings.kills):
            self.kill_under_load(self._random.uniform(EARLIEST_S, LATEST_S))
            progress(1)
        for place in self._settings.crash_points:
            self.crash_under_load(f"{place}:{self._random.randint(*_CRASH_COMMITS)}")
            progress(1)
        self.finish()
        return self.report()

    def begin(self) -> None:
        """A first message of each lane, without a kill."""
        self._start()
        for lane in self.lanes:
            lane.send_one()
        self._stop()

    def kill_under_load(self, after_s: float) -> None:
        """Start, load for ``after_s``, kill, and look at what the dead left behind."""
        self._start(lose=self._settings.lose)
        # Lanes that get no answer stop; the kill keeps to its moment all the same.
        self._load(lambda _: not threading.Event().wait(after_s))
        self._kills += 1
        self._look_at_the_dead()

    def suffer_under_load(self, environment: Mapping[str, str], for_s: float) -> None:
        """The same, while the gateway runs in ``environment``, such as a disk that fails."""
        self.endure_under_load(lambda _: threading.Event().wait(for_s), environment)

    def endure_under_load(
        self, ordeal: Callable[[int], object], environment: Mapping[str, str] | None = None
    ) -> None:
        """The same, until ``ordeal`` is over; it is told the gateway's process group."""
        self._start(more=environment)
        self._load(lambda _: bool(ordeal(self._gateway.group)))
        self._kills += 1
        self._look_at_the_dead()

    def is_ready(self) -> bool:
        """Whether the gateway says at this moment that it takes messages."""
        return self._gateway.is_ready()

    def crash_under_load(self, point: str) -> None:
        """The same, but the gateway dies by itself at a crash point of its store."""
        self._start(point, lose=self._settings.lose)
        self._crashes += self._load(lambda cut: cut.wait(_CRASH_WAIT_S))
        self._look_at_the_dead()

    def finish(self) -> None:
        """Start, let every lane get its answer, and compare everything."""
        self._start()
        for lane in self.lanes:
            lane.finish()
        self._look(whole=True)
        self._stop()

    def report(self) -> Report:
        """What was found so far."""
        lanes = self.lanes
        told = Counter(one.act.operation.name for lane in lanes for one in lane.acknowledged)
        unanswered = sum(lane.pending is not None for lane in lanes)
        found = {name: tuple(lines) for name, lines in self._found.items()}
        found["refused"] = tuple(line for lane in lanes for line in lane.refused)
        return Report(
            passed=not any(found.values()) and unanswered == 0 and bool(told),
            seed=self._settings.seed,
            lose=self._settings.lose,
            power_loss=self._settings.power_loss,
            kills=self._kills,
            crash_points=self._crashes,
            acknowledged=dict(told),
            acknowledged_in_all=told.total(),
            unanswered=unanswered,
            repeated=sum(lane.repeated for lane in lanes),
            repeated_after_commit=self._stored_unanswered,
            **{name: len(lines) for name, lines in found.items()},
            found={name: lines[:_NAMED] for name, lines in found.items() if lines},
            restart_s=round(sum(self._restarts_s) / max(len(self._restarts_s), 1), 3),
            longest_restart_s=round(max(self._restarts_s, default=0.0), 3),
            run_s=round(time.monotonic() - self._began, 1),
        )

    def _start(
        self, crash_point: str = "", *, lose: bool = False, more: Mapping[str, str] | None = None
    ) -> None:
        disk = {} if self._disk is None else self._disk.environment
        switches = {VARIABLE: crash_point, LOSE: "1" if lose else ""}
        took_s = self._gateway.start({**switches, **disk, **(more or {})})
        self._restarts_s.append(took_s)

    def _stop(self) -> None:
        self._gateway.kill()
        self._parties.hang_up()

    def _load(self, wait: Callable[[threading.Event], bool]) -> bool:
        """Every lane at once until ``wait`` returns, with its result; then the kill."""
        stop, cut = threading.Event(), threading.Event()
        threads = [threading.Thread(target=lane.run, args=(stop, cut)) for lane in self.lanes]
        for thread in threads:
            thread.start()
        try:
            return wait(cut)
        finally:
            self._gateway.kill()
            stop.set()
            for thread in threads:
                thread.join()
            self._parties.hang_up()

    def _look_at_the_dead(self) -> None:
        if self._disk is not None:
            torn = self._random if (self._kills + self._crashes) % 2 else None
            self._disk.lose_power(torn)
        answers = self._look(whole=False)
        self._stored_unanswered += sum(
            (act.sender, act.operation.name, act.key) in answers
            for act in (lane.pending for lane in self.lanes)
            if act is not None
        )

    def _look(self, *, whole: bool) -> dict[tuple[str, str, str], bytes]:
        stored = read_stored(self.database, whole=whole)
        # Between kills only what is new, or a long run would spend its time on looking back.
        told = [
            one
            for lane in self.lanes
            for one in lane.acknowledged[0 if whole else self._looked_at.get(lane, 0) :]
        ]
        self._looked_at = {lane: len(lane.acknowledged) for lane in self.lanes}
        pending = [lane.pending for lane in self.lanes if lane.pending is not None]
        verdict = judge(told, pending, stored)
        for name, lines in self._found.items():
            if whole or name != "foreign":
                lines.update(dict.fromkeys(getattr(verdict, name)))
        return stored.answers


def every_crash_point(times: int) -> tuple[str, ...]:
    """Each crash point of the store so many times."""
    return PLACES * times
