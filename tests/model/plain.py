"""Parties as plain values: what is durable of one, and processes that take turns by the rules."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from tests.model.broken import Lacks
from tests.model.faults import AtCommit, Faults, Killed
from tests.model.ledger import Ledger
from vgigw.errors import StoreFull, TurnLost
from vgigw.objects.operating_enumerations import CommandState
from vgigw.rules.gap import Gaps
from vgigw.rules.lease import (
    Holding,
    Lease,
    Verdict,
    Waiting,
    acts,
    holds,
    looked,
    renewed,
    taken,
)
from vgigw.rules.sequence import StreamState

T = TypeVar("T")


@dataclass
class Note:
    """A letter: ``keys`` is what it brings."""

    kind: str
    keys: tuple[Any, ...]
    made_at: datetime
    next_at: datetime
    attempts: int = 0
    state: str = "waiting"
    until: datetime | None = None


@dataclass
class Held:
    """What is durable of a party."""

    lease: Lease | None = None
    number: int = 0
    records: dict[int, str] = field(default_factory=dict)
    applied: list[int] = field(default_factory=list)
    letters: list[Note] = field(default_factory=list)
    stream: StreamState | None = None
    gaps: Gaps = ()
    declared: set[int] = field(default_factory=set)
    commands: dict[str, CommandState] = field(default_factory=dict)
    replies: dict[str, tuple[str, str]] = field(default_factory=dict)
    nonces: set[int] = field(default_factory=set)
    executed: dict[str, int] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)
    hops: dict[str, list[str]] = field(default_factory=dict)
    jobs: dict[str, tuple[int, ...]] = field(default_factory=dict)
    brought: dict[str, frozenset[int]] = field(default_factory=dict)


@dataclass
class Worker:
    """One process: what is lost with it."""

    name: str
    waiting: Waiting = field(default_factory=Waiting)
    holding: Holding | None = None
    counted: int | None = None
    paused: bool = False
    at_work: bool = False

    @property
    def epoch(self) -> int:
        return 0 if self.holding is None else self.holding.epoch


class Party:
    """A store in which a commit is whole or not at all, and the processes on it."""

    def __init__(
        self, name: str, faults: Faults, ledger: Ledger, lacks: Lacks, processes: int
    ) -> None:
        self.name, self._faults, self._ledger, self._lacks = name, faults, ledger, lacks
        self.held = Held()
        self._synced = self.held
        self._count = 0
        self.workers = [self._worker() for _ in range(processes)]

    def commit(
        self, worker: int, work: Callable[[Held], T], *, fenced: bool = False, dies: bool = True
    ) -> T:
        """What ``work`` returns, once it is durable. Raises ``Killed``, ``StoreFull``,
        ``TurnLost``, and what ``work`` raises."""
        after, own = copy.deepcopy(self.held), self.workers[worker]
        asks = fenced and "fence" not in self._lacks
        if asks and not holds(after.lease, own.name, own.epoch):
            own.holding = None
            raise TurnLost
        found = work(after)
        fault = self._faults.at_commit(self.name) if dies else None
        if self.name in self._faults.full:
            raise StoreFull("no space")
        if fault is AtCommit.DIE_BEFORE:
            if "commit before answer" in self._lacks:
                return found
            raise Killed((self.name, worker))
        self.held = after
        if "sync" not in self._lacks:
            self._synced = after
        if fenced:
            present = 0 if after.lease is None else after.lease.epoch
            self._ledger.commits.append((own.epoch, present))
        if fault is AtCommit.DIE_AFTER:
            raise Killed((self.name, worker))
        return found

    def crashed(self, worker: int) -> None:
        self.workers[worker] = self._worker()

    def power_loss(self) -> None:
        self.held = self._synced
        self.workers = [self._worker() for _ in self.workers]

    def sync(self) -> None:
        self._synced = self.held

    def keep(self, worker: int, now_s: float, now: datetime) -> None:
        """The turn of one process: renewed, or taken where it may be had."""
        own = self.workers[worker]
        if own.paused:
            return
        lease = self.held.lease
        if own.holding is not None:
            row = renewed(lease, own.name, own.epoch, now)
            own.holding = None if row is None else Holding(epoch=row.epoch, renewed_s=now_s)
        elif not own.at_work:
            own.waiting, verdict = looked(own.waiting, lease, now_s, gone=False)
            row = taken(lease, lease, own.name, now) if verdict is Verdict.TAKE else None
            if row is not None:
                own.holding = Holding(epoch=row.epoch, renewed_s=now_s)
        else:
            row = None
        if row is not None:
            self.commit(worker, lambda held: setattr(held, "lease", row), dies=False)

    def works(self, worker: int, now_s: float) -> bool:
        own = self.workers[worker]
        return own.holding is not None and acts(own.holding, now_s)

    def _worker(self) -> Worker:
        self._count += 1
        return Worker(f"{self.name}/{self._count}")
