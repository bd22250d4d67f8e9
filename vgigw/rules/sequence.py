"""What of a stream has come: the watermark, the highest number, and the ranges that are missing.

Each record of a stream has a number, one more than the record before it. A repeat is known by its
number for ever, at the cost of a few ranges a stream. PLT-7.6b, PLT-7.9d, PLT-9.6c.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from vgigw.errors import InvalidObject, OverLimit
from vgigw.objects.values import SEQUENCE_LIMIT
from vgigw.rules.ranges import Range, Ranges, lowest_above, overlap, with_added, without

__all__ = [
    "MAX_RANGES",
    "Range",
    "Receipt",
    "StreamState",
    "announce",
    "declare",
    "expecting",
    "missing_in",
    "receive",
]

MAX_RANGES: Final = 2_000
"""Missing ranges that one stream may have; a sender that leaves more holes is refused. All of them
are read and written with each message of the stream."""


class StreamState(NamedTuple):
    """Everything known of a stream; ``missing`` lies between ``begin`` and ``highest``.

    ``contiguous`` never falls: all numbers from where the stream began at first contact up to
    it have come or were declared. Where ``begin`` moved down later, ``missing`` may hold ranges
    below ``contiguous``; ``complete_to`` looks at those too.
    """

    begin: int
    contiguous: int
    highest: int
    missing: Ranges = ()

    @property
    def complete_to(self) -> int:
        """The last number before the lowest one missing; falls when ``begin`` moves down."""
        return self.missing[0].first - 1 if self.missing else self.highest

    @property
    def missing_count(self) -> int:
        return sum(numbers.size for numbers in self.missing)


class Receipt(NamedTuple):
    """What one event did: the new state, and the ranges that are new, opened and closed.

    ``fresh``: numbers received for the first time, to be taken over. ``opened``: numbers found
    missing just now. ``closed``: numbers that were missing and are so no more.
    """

    state: StreamState
    fresh: Ranges = ()
    opened: Ranges = ()
    closed: Ranges = ()


def expecting(begin: int) -> StreamState:
    """A stream of which nothing has come, and whose first number is agreed to be ``begin``."""
    _checked(begin, begin)
    return StreamState(begin, begin - 1, begin - 1)


def receive(state: StreamState | None, first: int, last: int) -> Receipt:
    """Numbers ``first`` to ``last`` have come; ``None`` is a stream not heard of before.

    First contact begins the stream at ``first``. A number above ``highest`` opens the hole
    between; a number below ``begin`` moves ``begin`` down and opens the hole between.

    Raises :class:`~vgigw.errors.InvalidObject` for a range that is none, and
    :class:`~vgigw.errors.OverLimit` past ``MAX_RANGES`` holes.
    """
    numbers = _checked(first, last)
    if state is None:
        return Receipt(StreamState(first, last, last), fresh=(numbers,))
    if first == state.highest + 1 and not state.missing:
        # The usual case: the next batch of a stream that has no hole.
        return Receipt(StreamState(state.begin, last, last), fresh=(numbers,))
    closed = overlap(state.missing, numbers)
    fresh, opened = closed, _hole(last + 1, state.begin - 1)
    if first < state.begin:
        fresh = with_added(fresh, Range(first, min(last, state.begin - 1)))
    if last > state.highest:
        fresh = with_added(fresh, Range(max(first, state.highest + 1), last))
        opened += _hole(state.highest + 1, first - 1)
    missing = without(state.missing, numbers)
    for hole in opened:
        missing = with_added(missing, hole)
    begin, highest = min(first, state.begin), max(last, state.highest)
    return Receipt(_state(begin, state.contiguous, highest, missing), fresh, opened, closed)


def announce(state: StreamState, highest: int) -> Receipt:
    """The sender says, in a heartbeat, that it has sent up to ``highest``: finds a lost tail."""
    _checked(highest, highest)
    opened = _hole(state.highest + 1, highest)
    if not opened:
        return Receipt(state)
    missing = with_added(state.missing, opened[0])
    return Receipt(_state(state.begin, state.contiguous, highest, missing), opened=opened)


def declare(state: StreamState, numbers: Range) -> Receipt:
    """The sender says that ``numbers`` cannot be had: what is missing of them is closed.

    Numbers that are not known to be missing stay as they are, so that a wrong declaration cannot
    make records look like repeats before they came.
    """
    _checked(*numbers)
    closed = overlap(state.missing, numbers)
    missing = without(state.missing, numbers)
    return Receipt(_state(state.begin, state.contiguous, state.highest, missing), closed=closed)


def missing_in(state: StreamState, numbers: Range) -> Ranges:
    """What of ``numbers`` is known to be missing."""
    return overlap(state.missing, numbers)


def _state(begin: int, contiguous: int, highest: int, missing: Ranges) -> StreamState:
    if len(missing) > MAX_RANGES:
        raise OverLimit(f"stream has more than {MAX_RANGES} holes")
    # Holes below the old watermark are those of a begin that moved down: they do not lower it.
    next_missing = lowest_above(missing, contiguous)
    return StreamState(
        begin, highest if next_missing is None else next_missing - 1, highest, missing
    )


def _hole(first: int, last: int) -> Ranges:
    return (Range(first, last),) if first <= last else ()


def _checked(first: int, last: int) -> Range:
    if not 1 <= first <= last <= SEQUENCE_LIMIT:
        raise InvalidObject("sequence range is not valid")
    return Range(first, last)
