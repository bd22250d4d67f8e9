"""How much of something a party may use in a time: a token bucket.

A bucket fills at a steady rate up to its burst, and each use takes out of it. What is larger than
the burst passes when the bucket is full and is paid off afterwards: the mean holds for it, too.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

BURST_S: Final = 10.0
"""Own design number: so many seconds' worth may come at once."""

_MICROSECOND: Final = 1e-6
_ROUNDING: Final = 1e-9


class Quota(NamedTuple):
    """``rate`` units a second on average, ``burst`` units at once; both above 0."""

    rate: float
    burst: float

    @classmethod
    def of(cls, rate: float) -> Quota:
        """The quota of ``rate`` with the usual burst."""
        return cls(rate, rate * BURST_S)


class Bucket(NamedTuple):
    """What a party may still use, as of ``at``; below 0 it has to be paid off first."""

    held: float
    at: datetime


def full(quota: Quota, now: datetime) -> Bucket:
    """The bucket of a party that has used nothing."""
    return Bucket(quota.burst, now)


def take(quota: Quota, bucket: Bucket, amount: float, now: datetime) -> tuple[Bucket, float]:
    """The bucket after ``amount`` units were asked for, and the seconds to wait: 0.0 where they
    were taken. Of what has to wait nothing is taken. A clock that is set back fills nothing, and
    the bucket goes on from the new time. F60."""
    passed_s = max((now - bucket.at) / timedelta(seconds=1), 0.0)
    held = min(bucket.held + passed_s * quota.rate, quota.burst)
    short = min(amount, quota.burst) - held
    # Who waits as long as it was told is not refused for a part of a microsecond.
    if short > quota.rate * _MICROSECOND + quota.burst * _ROUNDING:
        return Bucket(held, now), short / quota.rate
    return Bucket(held - amount, now), 0.0
