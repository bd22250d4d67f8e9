"""How much of a peer's time what waited may take: half, and less while live is slow. PLT-7.9d.

The share halves when live messages are late and grows back step by step (AIMD). It is a share of
time: after an exchange that took ``t`` seconds, what waited rests until ``t`` is no more than its
share of the time that has passed. So a backlog of ``b`` messages is gone after ``b / (s * c)``
seconds, where the peer takes ``c`` a second one after the other and ``s`` is the share.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

BOUND_S: Final = 2.0
"""Own design number: 99 of 100 live messages are with the peer within so long. Invariant I12."""
MOST_SHARE: Final = 0.5
LEAST_SHARE: Final = 1 / 64
"""However slow live is, what waited comes to its end. Invariant I15."""
STEP: Final = 1 / 32
"""What the share grows by while live is in time."""
JUDGED_EVERY: Final = timedelta(seconds=5)
LIVE_KEPT: Final = 100
"""Live messages that are looked at; those before the last time that the share fell are not."""
MOST_AHEAD: Final = timedelta(seconds=0.5)
"""Time that what waited may save up while it has nothing to do, and then take at once."""
LONGEST_REST: Final = timedelta(seconds=60)


class Pace(NamedTuple):
    """The share that what waited has of one peer; ``late_s`` are the latest live messages."""

    share: float = MOST_SHARE
    late_s: tuple[float, ...] = ()
    judged_at: datetime | None = None
    free_at: datetime | None = None

    @property
    def p99_s(self) -> float | None:
        """What 99 of 100 live messages took at most; None where none is known."""
        return percentile(self.late_s, 0.99)

    def may_go(self, now: datetime) -> bool:
        """Whether what waited has time left. A clock that was set back holds it up no longer than
        the longest rest."""
        return self.free_at is None or not now < self.free_at <= now + LONGEST_REST


def delivered_live(pace: Pace, late_s: float, now: datetime) -> Pace:
    """A live message was with the peer ``late_s`` after it was made."""
    return judged(pace._replace(late_s=(*pace.late_s, max(late_s, 0.0))[-LIVE_KEPT:]), now)


def judged(pace: Pace, now: datetime) -> Pace:
    """The share falls by half or grows by a step, at most once in ``JUDGED_EVERY``."""
    if pace.judged_at is not None and timedelta(0) <= now - pace.judged_at < JUDGED_EVERY:
        return pace
    p99_s = pace.p99_s
    if p99_s is not None and p99_s > BOUND_S:
        # What was late before the share fell says nothing of the time after.
        return pace._replace(share=max(pace.share / 2, LEAST_SHARE), late_s=(), judged_at=now)
    return pace._replace(share=min(pace.share + STEP, MOST_SHARE), judged_at=now)


def spent(pace: Pace, took_s: float, now: datetime) -> Pace:
    """An exchange for what waited took ``took_s`` and ended ``now``."""
    earned_from = now - timedelta(seconds=max(took_s, 0.0)) - MOST_AHEAD
    begun = earned_from if pace.free_at is None else max(pace.free_at, earned_from)
    if begun > now + LONGEST_REST:
        begun = earned_from
    free_at = begun + timedelta(seconds=max(took_s, 0.0) / pace.share)
    return pace._replace(free_at=min(free_at, now + LONGEST_REST))


def percentile(values: tuple[float, ...], share: float) -> float | None:
    """The least of ``values`` that so large a ``share`` of them does not exceed."""
    if not values:
        return None
    place = -(-len(values) * int(share * 1000) // 1000)
    return sorted(values)[max(place - 1, 0)]
