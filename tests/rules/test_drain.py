"""How fast what waited comes, and when it is over by that. PLT-7.9d."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trio import NOW
from vgigw.rules.drain import (
    BROKEN_AFTER,
    SPAN,
    Stamps,
    bytes_of,
    ends_in_s,
    records_per_s,
    stamped,
)


def drained(*steps: tuple[float, int]) -> Stamps:
    """After so many records at each of these seconds, of ten bytes each."""
    stamps: Stamps = ()
    for at_s, records in steps:
        stamps = stamped(stamps, NOW + timedelta(seconds=at_s), records, 10 * records)
    return stamps


def test_nothing_is_known_before_the_second_letter_and_after_a_long_silence() -> None:
    at = NOW + timedelta(seconds=4)
    assert records_per_s((), NOW) is None
    assert records_per_s(drained((0, 500)), NOW) is None
    stamps = drained((0, 500), (4, 400))
    assert records_per_s(stamps, at) == 100
    assert bytes_of(7, stamps) == 70
    assert records_per_s(stamps, at + BROKEN_AFTER + timedelta(seconds=1)) is None


@given(
    every_s=st.floats(0.05, 30),
    records=st.integers(1, 5000),
    count=st.integers(2, 300),
)
def test_a_steady_rate_is_found_from_a_few_stamps(every_s: float, records: int, count: int) -> None:
    stamps = drained(*((every_s * n, records) for n in range(count)))
    assert len(stamps) <= SPAN.total_seconds() / 2 + 4
    found = records_per_s(stamps, stamps[-1].at)
    assert found == pytest.approx(records / every_s, rel=0.01)


def test_what_was_before_the_last_minute_or_before_another_outage_does_not_count() -> None:
    slow = [(float(n), 1) for n in range(100)]
    fast = [(100.0 + n, 50) for n in range(70)]
    stamps = drained(*slow, *fast)
    assert records_per_s(stamps, stamps[-1].at) == pytest.approx(50, rel=0.1)
    stamps = drained(*slow, (1000, 50), (1001, 50))
    assert records_per_s(stamps, stamps[-1].at) == pytest.approx(50)


def test_a_clock_that_was_set_back_begins_anew() -> None:
    assert len(drained((0, 1), (10, 1), (-100, 1))) == 1


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=8))
def test_each_has_its_turns_and_the_last_is_over_when_all_has_come(left: list[int]) -> None:
    """As it comes, one record of each in turn."""
    came, waits, over = 0, list(left), {}
    while any(waits):
        for place, each in enumerate(waits):
            if each:
                came += 1
                waits[place] -= 1
                over[place] = came
    said = ends_in_s(left, 1.0)
    assert max(said) == sum(left)
    assert all(0 <= said[place] - over[place] < len(left) for place in over)
