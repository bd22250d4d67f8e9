"""Ranges of sequence numbers, and the arithmetic on sorted, disjoint tuples of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import NamedTuple


class Range(NamedTuple):
    """Numbers from ``first`` to ``last``, both inclusive."""

    first: int
    last: int

    @property
    def size(self) -> int:
        return self.last - self.first + 1


Ranges = tuple[Range, ...]
"""Sorted, disjoint, and with at least one number between neighbours."""


def _first(numbers: Range) -> int:
    return numbers.first


def _last(numbers: Range) -> int:
    return numbers.last


def overlap(ranges: Ranges, wanted: Range) -> Ranges:
    """The numbers of ``wanted`` that lie in ``ranges``."""
    touched = ranges[_slice(ranges, wanted)]
    return tuple(Range(max(r.first, wanted.first), min(r.last, wanted.last)) for r in touched)


def lowest_above(ranges: Ranges, limit: int) -> int | None:
    """The lowest number of ``ranges`` that is above ``limit``."""
    place = bisect_right(ranges, limit, key=_last)
    return max(ranges[place].first, limit + 1) if place < len(ranges) else None


def without(ranges: Ranges, removed: Range) -> Ranges:
    """``ranges`` less the numbers of ``removed``."""
    place = _slice(ranges, removed)
    touched = ranges[place]
    if not touched:
        return ranges
    left = Range(touched[0].first, removed.first - 1)
    right = Range(removed.last + 1, touched[-1].last)
    kept = tuple(r for r in (left, right) if r.first <= r.last)
    return ranges[: place.start] + kept + ranges[place.stop :]


def less(ranges: Ranges, removed: Ranges) -> Ranges:
    """``ranges`` less all of ``removed``, in one pass over both."""
    left = []
    place = 0
    for numbers in ranges:
        first, last = numbers
        while place < len(removed) and removed[place].first <= last:
            if first < removed[place].first:
                left.append(Range(first, removed[place].first - 1))
            first = max(first, removed[place].last + 1)
            if removed[place].last > last:
                break  # It may reach into the next ones, too.
            place += 1
        if first <= last:
            left.append(Range(first, last))
    return tuple(left)


def with_added(ranges: Ranges, added: Range) -> Ranges:
    """``ranges`` and ``added``, which may touch and overlap what is there."""
    place = _slice(ranges, Range(added.first - 1, added.last + 1))
    touched = ranges[place]
    if touched:
        added = Range(min(added.first, touched[0].first), max(added.last, touched[-1].last))
    return (*ranges[: place.start], added, *ranges[place.stop :])


def together(ranges: Ranges, more: Ranges) -> Ranges:
    """The numbers of both."""
    for each in more:
        ranges = with_added(ranges, each)
    return ranges


def _slice(ranges: Ranges, wanted: Range) -> slice:
    """Where the ranges stand that share a number with ``wanted``."""
    start = bisect_left(ranges, wanted.first, key=_last)
    return slice(start, bisect_right(ranges, wanted.last, lo=start, key=_first))
