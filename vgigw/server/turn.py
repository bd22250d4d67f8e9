"""Whose turn it is: of all processes that share a store one has the clockwork. I5; F08, F10.

The lease in the store is the fence, a lock tells at once that a holder died. What the holder of a
past epoch still tries is refused inside its own transaction.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from vgigw.errors import TurnLost, VgigwError
from vgigw.ports import Store, Transaction, View
from vgigw.rules.lease import (
    Holding,
    Lease,
    Verdict,
    Waiting,
    acts,
    given_back,
    holds,
    looked,
    renewed,
    taken,
)
from vgigw.server.epoch_lock import EpochLock

LEASE = "clockwork"
"""The name of the lease."""


class Turn(Protocol):
    """One process at a time has it; any thread of it may work."""

    @property
    def epoch(self) -> int:
        """The epoch that we took, 0 where it is not our turn."""

    def keep(self) -> None:
        """Renew it, or take it where it may be had; does not wait. For one thread that does so each
        second. Raises ``StoreFailed`` or ``Busy``."""

    def working(self) -> AbstractContextManager[bool]:
        """Around one work: whether it may be done, as far as that is known without asking."""

    def check(self, view: View) -> None:
        """THE FENCE, inside a transaction. Raises ``TurnLost``."""

    def give_back(self) -> None: ...


class AlwaysOurs:
    """The turn of whoever shares with nobody."""

    epoch = 1

    def keep(self) -> None:
        return None

    def working(self) -> AbstractContextManager[bool]:
        return contextlib.nullcontext(enter_result=True)

    def check(self, view: View) -> None:
        return None

    def give_back(self) -> None:
        return None


class LeasedTurn:
    """The turn of processes that share ``store``; ``lock`` is one that they share, too."""

    def __init__(self, store: Store, lock: EpochLock) -> None:
        self._store = store
        self._lock = lock
        self._holder = f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}"
        self._waiting = Waiting()
        self._holding: Holding | None = None
        self._at_work = 0
        self._one = threading.Lock()

    @property
    def epoch(self) -> int:
        holding = self._holding
        return 0 if holding is None else holding.epoch

    def keep(self) -> None:
        """See :class:`Turn`. Nothing is taken before what was begun in the epoch before came to its
        end, else it could pass the fence of the next."""
        with self._one:
            holding, at_work = self._holding, self._at_work
        if holding is not None:
            self._renew(holding)
        elif not at_work:
            self._lock.let_go()
            self._look()

    @contextlib.contextmanager
    def working(self) -> Iterator[bool]:
        with self._one:
            ours = self._holding is not None and acts(self._holding, now_s())
            self._at_work += ours
        try:
            yield ours
        finally:
            with self._one:
                self._at_work -= ours

    def check(self, view: View) -> None:
        holding = self._holding
        if holding is None:
            raise TurnLost()
        if not holds(view.lease(LEASE), self._holder, holding.epoch):
            self._become(None, holding.epoch)
            raise TurnLost()

    def give_back(self) -> None:
        epoch = self.epoch
        self._become(None, epoch)
        if epoch:
            with contextlib.suppress(VgigwError):  # It will be found silent, or its lock free.
                self._store.write(partial(self._saved, given_back, epoch))
        self._lock.close()

    def _renew(self, holding: Holding) -> None:
        began_s = now_s()
        # A lock may have been lost with its connection.
        self._lock.take(holding.epoch)
        row = self._store.write(partial(self._saved, renewed, holding.epoch))
        still = None if row is None else Holding(epoch=row.epoch, renewed_s=began_s)
        self._become(still, holding.epoch)

    def _look(self) -> None:
        seen = self._store.read(lambda view: view.lease(LEASE))
        gone = seen is not None and self._lock.free(seen.epoch)
        self._waiting, verdict = looked(self._waiting, seen, now_s(), gone=gone)
        if verdict is Verdict.TAKE and self._lock.take(1 if seen is None else seen.epoch + 1):
            self._take(seen)

    def _take(self, seen: Lease | None) -> None:
        began_s = now_s()

        def work(tx: Transaction) -> Lease | None:
            row = taken(tx.lease(LEASE), seen, self._holder, datetime.now(UTC))
            if row is not None:
                tx.save_lease(LEASE, row)
            return row

        row = self._store.write(work)
        if row is not None:
            self._become(Holding(epoch=row.epoch, renewed_s=began_s), 0)

    def _saved(self, change: _Change, epoch: int, tx: Transaction) -> Lease | None:
        row = change(tx.lease(LEASE), self._holder, epoch, datetime.now(UTC))
        if row is not None:
            tx.save_lease(LEASE, row)
        return row

    def _become(self, holding: Holding | None, before: int) -> None:
        """What we are after what we were in the epoch ``before``, if we still are."""
        with self._one:
            if self.epoch == before:
                self._holding = holding
                self._waiting = Waiting()


class _Change(Protocol):
    def __call__(
        self, present: Lease | None, holder: str, epoch: int, at: datetime, /
    ) -> Lease | None: ...


def now_s() -> float:
    """Seconds that nobody turns back, those of a suspended machine included where it tells them."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
