"""The gap ledger: when a hole is recalled, and how it closes. PLT-7.9d."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.rules.test_ranges import ranges_of
from vgigw.rules.gap import LONGEST_RETRY_S, Gap, asked, closed, due, next_ask, opened
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
