"""Who of several processes has a work to itself: a lease, whose epoch rises with each taking.

Reliability I4, I5; F08, F10, F55. The row in the store is the fence: whoever writes looks, in the
same transaction, whether the epoch is still its own. Nobody compares the clocks of two machines:
who holds counts by its own monotonic clock since it renewed, who waits by its own since it saw the
row change. ``at`` is told to people and decides nothing.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Final, TypeGuard

import msgspec

KEEP_EVERY_S: Final = 1.0
"""Own design number: how often a holder renews, and one who waits looks."""

HOLD_S: Final = 3.0
"""Own design number: who could not renew for so long rests until it can."""

SILENT_S: Final = 4.0
"""Own design number: so long a row must not have changed before somebody else takes it. It exceeds
``HOLD_S`` by more than two monotonic clocks part in that time."""


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """A row: ``epoch`` is raised by each taking, ``beats`` by each renewal in it.

    An empty ``holder`` has given it back.
    """

    holder: str
    epoch: int
    beats: int = 0
    at: datetime


class Verdict(Enum):
    """What one who waits does next."""

    WAIT = "wait"
    TAKE = "take"


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """One who does not hold it: what the row was when it last changed, and when that was seen."""

    seen: tuple[int, int] | None = None
    seen_s: float = 0.0


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """One who has taken ``epoch``, and the moment before its last renewal by its own clock."""

    epoch: int
    renewed_s: float


def looked(
    waiting: Waiting, lease: Lease | None, now_s: float, *, gone: bool
) -> tuple[Waiting, Verdict]:
    """After a look at the row at ``now_s``. ``gone``: its holder is known to have ended.

    What nobody holds is taken at once, what somebody holds after ``SILENT_S`` without a change that
    were watched to their end.
    """
    if lease is None or not lease.holder or gone:
        return waiting, Verdict.TAKE
    seen = (lease.epoch, lease.beats)
    if seen != waiting.seen:
        return Waiting(seen=seen, seen_s=now_s), Verdict.WAIT
    silent = now_s - waiting.seen_s >= SILENT_S
    return waiting, Verdict.TAKE if silent else Verdict.WAIT


def taken(
    present: Lease | None, looked_at: Lease | None, holder: str, at: datetime
) -> Lease | None:
    """The row after ``holder`` took it in the transaction that saw ``present``; None where it is no
    longer what was ``looked_at``, so that somebody else was faster or its holder lives."""
    if present != looked_at:
        return None
    epoch = 0 if present is None else present.epoch
    return Lease(holder=holder, epoch=epoch + 1, at=at)


def acts(holding: Holding, now_s: float) -> bool:
    """Whether a holder may work at ``now_s``; else it may be another's by now."""
    return now_s - holding.renewed_s < HOLD_S


def renewed(present: Lease | None, holder: str, epoch: int, at: datetime) -> Lease | None:
    """The row after a renewal in the transaction that saw ``present``; None where it is lost."""
    if holds(present, holder, epoch):
        return msgspec.structs.replace(present, beats=present.beats + 1, at=at)
    return None


def given_back(present: Lease | None, holder: str, epoch: int, at: datetime) -> Lease | None:
    """The row that anybody may take at once; None where it was not ours to give."""
    if holds(present, holder, epoch):
        return msgspec.structs.replace(present, holder="", at=at)
    return None


def holds(present: Lease | None, holder: str, epoch: int) -> TypeGuard[Lease]:
    """THE FENCE: whether the row is that of ``holder`` in ``epoch``; asked in each transaction."""
    return present is not None and present.holder == holder and present.epoch == epoch
