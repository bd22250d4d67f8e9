"""When what waits will have come: what is left, by how fast it came of late. PLT-7.9d.

A backlog of ``b`` records is gone after ``b / (s * c)`` seconds (see :mod:`vgigw.rules.pacing`),
and ``s * c`` is what is measured: the records that came in the last minute or so. Several backlogs
and jobs of one peer have their turns, so that the shortest is gone first and leaves its turns to
the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

SPAN: Final = timedelta(seconds=60)
"""Own design number: how far back it is measured, so that a share that fell is soon seen."""
BROKEN_AFTER: Final = timedelta(seconds=150)
"""Own design number: after so long without a letter what came before tells nothing of now. It is
more than the longest rest between two letters."""
_APART: Final = timedelta(seconds=2)


class Stamp(NamedTuple):
    """How many records, and bytes as they are stored, had come ``at`` a moment, since it began."""

    at: datetime
    records: int
    size_bytes: int


Stamps = tuple[Stamp, ...]


def stamped(stamps: Stamps, at: datetime, records: int, size_bytes: int) -> Stamps:
    """``stamps`` after so many records more came ``at`` a moment: a few dozen at most."""
    if not stamps or not timedelta(0) <= at - stamps[-1].at <= BROKEN_AFTER:
        # Since when these were on their way is not known: measuring begins behind them.
        return (Stamp(at, 0, 0),)
    last = stamps[-1]
    new = Stamp(at, last.records + records, last.size_bytes + size_bytes)
    if len(stamps) > 1 and last.at - stamps[-2].at < _APART:
        stamps = stamps[:-1]
    recent = tuple(each for each in stamps if at - each.at <= SPAN)
    return (*(recent or stamps[-1:]), new)


def records_per_s(stamps: Stamps, now: datetime) -> float | None:
    """How fast it came of late; None where it was not measured, or too long ago."""
    if len(stamps) < 2 or now - stamps[-1].at > BROKEN_AFTER:
        return None
    took_s = (stamps[-1].at - stamps[0].at).total_seconds()
    came = stamps[-1].records - stamps[0].records
    return came / took_s if took_s > 0 and came > 0 else None


def bytes_of(records: int, stamps: Stamps) -> int | None:
    """How many bytes so many records are about, by those that came; None where none did."""
    if len(stamps) < 2 or stamps[-1].records == stamps[0].records:
        return None
    size_bytes = stamps[-1].size_bytes - stamps[0].size_bytes
    return round(records * size_bytes / (stamps[-1].records - stamps[0].records))


def ends_in_s(left: Sequence[int], per_s: float) -> list[float]:
    """After how many seconds each of several is gone that have their turns: when ``left`` of it,
    and no more than that of every other, has come at ``per_s`` records a second."""
    return [sum(min(other, own) for other in left) / per_s for own in left]
