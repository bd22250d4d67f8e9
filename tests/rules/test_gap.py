"""The gap ledger: when a hole is recalled, and how it closes. PLT-7.9d."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.test_ranges import ranges_of
from vgigw.errors import IllegalState
from vgigw.rules.gap import (
    GAP,
    LONGEST_RETRY_S,
    Gap,
    GapEvent,
    GapState,
    asked,
    closed,
    due,
    next_ask,
    opened,
)
from vgigw.rules.ranges import Range

NOW = datetime(2026, 11, 20, 16, tzinfo=UTC)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def test_plt_7_9d_hole_is_recalled_after_the_grace() -> None:
    ledger = opened((), (Range(11, 13),), NOW)
    assert due(ledger, NOW + seconds(1.999)) == ()
    assert due(ledger, NOW + seconds(2)) == ledger
    assert due(ledger, NOW + seconds(2), grace_s=3) == ()


def test_plt_7_9d_repeated_asks_are_spaced_exponentially() -> None:
    gap = Gap(11, 13, NOW)
    waits = []
    for _ in range(9):
        gap = asked(gap, NOW)
        waits.append((next_ask(gap) - NOW).total_seconds())
    assert waits == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    assert due((gap,), NOW + seconds(299.9)) == ()
    assert due((gap,), NOW + seconds(300)) == (gap,)
    once = asked(Gap(11, 13, NOW), NOW)
    assert due((once,), NOW + seconds(7)) == (once,)
    assert due((once,), NOW + seconds(7), retry_s=8) == ()


@given(st.integers(0, 10**9))
def test_plt_7_9d_a_gap_is_asked_for_again_however_often_it_was(attempts: int) -> None:
    gap = Gap(1, 1, NOW, NOW, attempts)
    assert due((gap,), NOW + seconds(LONGEST_RETRY_S)) == (gap,)
    assert due((gap,), NOW) == ()


def test_plt_7_9d_clock_set_back_does_not_hold_a_recall() -> None:
    gap = asked(Gap(1, 2, NOW), NOW)
    yesterday = NOW - timedelta(days=1)
    assert due((gap,), yesterday) == (gap,)
    assert due((asked(gap, yesterday),), yesterday) == ()
    assert due((Gap(1, 2, NOW),), yesterday) == (Gap(1, 2, NOW),)


def test_due_gaps_come_oldest_numbers_first() -> None:
    gaps = (Gap(30, 31, NOW), Gap(10, 11, NOW), Gap(20, 21, NOW + seconds(9)))
    assert [gap.first for gap in due(gaps, NOW + seconds(9))] == [10, 30]


def test_what_is_left_of_a_gap_keeps_its_times_and_attempts() -> None:
    gap = Gap(10, 20, NOW, NOW + seconds(3), 2)
    left = closed((gap, Gap(30, 31, NOW)), (Range(13, 15), Range(20, 30)))
    assert left == (
        gap._replace(last=12),
        gap._replace(first=16, last=19),
        Gap(31, 31, NOW),
    )


@given(holes=st.lists(st.sets(st.integers(1, 40)), max_size=4), came=st.sets(st.integers(1, 40)))
def test_ledger_holds_the_numbers_opened_less_those_closed(
    holes: list[set[int]], came: set[int]
) -> None:
    ledger: tuple[Gap, ...] = ()
    known: set[int] = set()
    for numbers in holes:
        ledger = opened(ledger, ranges_of(numbers - known), NOW)
        known |= numbers
    left = closed(ledger, ranges_of(came))
    covered = [number for gap in left for number in range(gap.first, gap.last + 1)]
    assert covered == sorted(known - came)


ENDS = (GapState.CLOSED, GapState.UNAVAILABLE)


def life(*events: GapEvent) -> GapState:
    state = GapState.HOLE
    for event in events:
        state = GAP.advance(state, event)
    return state


@pytest.mark.parametrize(
    ("events", "end"),
    [
        ((GapEvent.FOUND,), GapState.WAITING),
        ((GapEvent.FOUND, GapEvent.ALL_CAME), GapState.CLOSED),
        ((GapEvent.FOUND, GapEvent.PART_CAME), GapState.WAITING),
        ((GapEvent.FOUND, GapEvent.ASK, GapEvent.ASK), GapState.ASKED),
        ((GapEvent.FOUND, GapEvent.ASK, GapEvent.PART_CAME), GapState.FILLING),
        ((GapEvent.FOUND, GapEvent.ASK, GapEvent.PART_CAME, GapEvent.ALL_CAME), GapState.CLOSED),
        ((GapEvent.FOUND, GapEvent.ASK, GapEvent.DECLARED), GapState.UNAVAILABLE),
    ],
)
def test_plt_7_9d_a_gap_goes_from_hole_to_closed_or_unavailable(
    events: tuple[GapEvent, ...], end: GapState
) -> None:
    assert life(*events) is end


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("event", [GapEvent.FOUND, GapEvent.ASK, GapEvent.PART_CAME])
def test_plt_7_9d_a_gap_that_ended_stays_so(end: GapState, event: GapEvent) -> None:
    with pytest.raises(IllegalState):
        GAP.advance(end, event)


def test_the_ledger_stands_where_the_table_says() -> None:
    (found,) = opened((), (Range(1, 9),), NOW)
    assert found.state is life(GapEvent.FOUND)
    again = asked(found, NOW)
    assert again.state is life(GapEvent.FOUND, GapEvent.ASK)
    assert closed((again,), (Range(1, 9),)) == ()
    assert closed((again,), (Range(1, 9),), GapEvent.DECLARED) == ()
    (rest,) = closed((again,), (Range(1, 4),), GapEvent.DECLARED)
    assert (rest.first, rest.last, rest.state) == (5, 9, GapState.ASKED)


def test_what_is_left_of_a_gap_may_do_what_the_gap_could() -> None:
    """The ledger reads a gap that fills as one that was asked for."""
    for event in GapEvent:
        assert GAP.next.get((GapState.FILLING, event)) is GAP.next.get((GapState.ASKED, event))
