"""The gap ledger of a stream: which holes to recall now, and how often to ask again. PLT-7.9d.

The life of a gap is one table (section 3.2(5) of the operation catalogue). The ledger keeps when a
gap was found and asked for; a gap whose answer has begun to come reads as ASKED again, which may do
the same. What is CLOSED or UNAVAILABLE stands in the ledger no more.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from vgigw.rules.ranges import Range, overlap, without
from vgigw.rules.transitions import Transitions

GRACE_S: Final = 2.0
"""A hole this young may be a batch that was overtaken by the next."""

RETRY_S: Final = 5.0
LONGEST_RETRY_S: Final = 300.0
_MAX_DOUBLINGS: Final = 32

_TABLE: Final = """
             found    ask    part     all     declared
HOLE         WAITING  x      x        x       x
WAITING      x        ASKED  WAITING  CLOSED  UNAVAILABLE
ASKED        x        ASKED  FILLING  CLOSED  UNAVAILABLE
FILLING      x        ASKED  FILLING  CLOSED  UNAVAILABLE
CLOSED       x        x      x        =       =
UNAVAILABLE  x        x      x        =       =
"""


class GapState(StrEnum):
    """Where a gap stands."""

    HOLE = "hole"
    WAITING = "waiting"
    ASKED = "asked"
    FILLING = "filling"
    CLOSED = "closed"
    UNAVAILABLE = "unavailable"


class GapEvent(StrEnum):
    """What happens to a gap, in the order of the table's columns."""

    FOUND = "found"
    ASK = "asked for"
    PART_CAME = "filled in part"
    ALL_CAME = "filled"
    DECLARED = "declared unavailable"


GAP: Final = Transitions("gap", GapState, GapEvent, _TABLE)
OPEN: Final = frozenset({GapState.WAITING, GapState.ASKED, GapState.FILLING})


class Gap(NamedTuple):
    """A hole ``first`` to ``last``, inclusive; ``attempts`` counts the recalls sent for it."""

    first: int
    last: int
    opened_at: datetime
    asked_at: datetime | None = None
    attempts: int = 0

    @property
    def state(self) -> GapState:
        """As far as the ledger keeps it."""
        return GapState.WAITING if self.asked_at is None else GapState.ASKED


Gaps = tuple[Gap, ...]


def opened(gaps: Gaps, ranges: Iterable[Range], now: datetime) -> Gaps:
    """The ledger with ``ranges``, found missing ``now``; sorted by their first number."""
    return tuple(sorted([*gaps, *(Gap(r.first, r.last, now) for r in ranges)]))


def closed(gaps: Gaps, ranges: Iterable[Range], how: GapEvent = GapEvent.ALL_CAME) -> Gaps:
    """The ledger less ``ranges``, that came or were ``DECLARED``; what is left of a gap keeps its
    times and its attempts."""
    for numbers in ranges:
        gaps = tuple(rest for gap in gaps for rest in _less(gap, numbers, how))
    return gaps


def asked(gap: Gap, now: datetime) -> Gap:
    """``gap`` after one more recall was sent for it."""
    GAP.advance(gap.state, GapEvent.ASK)
    return gap._replace(asked_at=now, attempts=gap.attempts + 1)


def anew(gap: Gap) -> Gap:
    """``gap`` as if it had not been asked for: what lay before it is not to be had."""
    return gap._replace(asked_at=None, attempts=0)


def next_ask(gap: Gap, grace_s: float = GRACE_S, retry_s: float = RETRY_S) -> datetime:
    """When ``gap`` is due: after the grace, then after 1, 2, 4, ... times ``retry_s``."""
    if gap.asked_at is None:
        return gap.opened_at + timedelta(seconds=grace_s)
    doublings = min(max(gap.attempts - 1, 0), _MAX_DOUBLINGS)
    return gap.asked_at + timedelta(seconds=min(retry_s * 2**doublings, LONGEST_RETRY_S))


def due(
    gaps: Iterable[Gap], now: datetime, grace_s: float = GRACE_S, retry_s: float = RETRY_S
) -> Gaps:
    """The gaps to recall ``now``, oldest numbers first. PLT-7.9d.

    A gap whose times lie ahead of ``now`` is due too: the clock was set back, and waiting for it
    to catch up would hold the recall for as long.
    """
    ready = (gap for gap in gaps if next_ask(gap, grace_s, retry_s) <= now or _ahead(gap, now))
    return tuple(sorted(ready))


def _ahead(gap: Gap, now: datetime) -> bool:
    return (gap.asked_at or gap.opened_at) > now


def _less(gap: Gap, numbers: Range, how: GapEvent) -> Gaps:
    whole = (Range(gap.first, gap.last),)
    if not overlap(whole, numbers):
        return (gap,)
    left = without(whole, numbers)
    # Of a part that is declared, too, the rest is still to come.
    event = GapEvent.PART_CAME if left else how
    if GAP.advance(gap.state, event) not in OPEN:
        return ()
    return tuple(gap._replace(first=r.first, last=r.last) for r in left)
