"""The trading day: forwards over what a day does without, never back. Section 3.2(2)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import instants
from vgigw.errors import IllegalState
from vgigw.rules.day import DayEvent, DayState, advance, dates_of, further, trade_date

STATES, EVENTS = list(DayState), list(DayEvent)
REACHES = dict(zip(EVENTS, STATES[1:], strict=True))
"""The state that a step leads to."""
_RUNNING = EVENTS[EVENTS.index(DayEvent.CLEAR) : EVENTS.index(DayEvent.ASSESS)]
REFUSED = {
    (state, event)
    for state, event in product(STATES, EVENTS)
    if (event in (DayEvent.PLAN, DayEvent.DECLARE) and state not in STATES[:4])
    or (event in _RUNNING and state in STATES[-3:])
}


def test_a_day_in_the_order_of_the_catalogue() -> None:
    state = DayState.OPEN
    for event in EVENTS:
        state = advance(state, event)
        assert state is REACHES[event]
    assert state is DayState.INVOICED


@pytest.mark.parametrize(("state", "event"), sorted(product(STATES, EVENTS)))
def test_a_step_leads_forwards_or_nowhere_or_is_refused(state: DayState, event: DayEvent) -> None:
    if (state, event) in REFUSED:
        with pytest.raises(IllegalState, match="trading day"):
            advance(state, event)
        return
    assert advance(state, event) is further(state, REACHES[event])


def test_plt_7_8b_no_declaration_after_its_clearing() -> None:
    with pytest.raises(IllegalState):
        advance(DayState.CLEARED, DayEvent.DECLARE)


def test_plt_7_8c_no_clearing_after_settlement_but_after_the_energy() -> None:
    assert advance(DayState.MEASURED, DayEvent.CLEAR) is DayState.MEASURED
    with pytest.raises(IllegalState):
        advance(DayState.SETTLED, DayEvent.CLEAR)


@given(st.sampled_from(STATES), st.sampled_from(STATES))
def test_the_further_of_two_is_one_of_them_and_never_before_the_other(
    one: DayState, other: DayState
) -> None:
    found = further(one, other)
    assert found is further(other, one)
    assert STATES.index(found) == max(STATES.index(one), STATES.index(other))


def test_plt_7_8b_a_trade_date_begins_at_midnight_in_beijing() -> None:
    midnight = datetime(2026, 11, 21, 16, tzinfo=UTC)
    assert trade_date(midnight) == date(2026, 11, 22)
    assert trade_date(midnight - timedelta(milliseconds=1)) == date(2026, 11, 21)
    day = timedelta(days=1)
    assert list(dates_of(midnight, midnight + day)) == [date(2026, 11, 22)]
    assert list(dates_of(midnight, midnight + day + timedelta(milliseconds=1))) == [
        date(2026, 11, 22),
        date(2026, 11, 23),
    ]
    assert list(dates_of(midnight, midnight)) == []


@given(instants, st.integers(1, 10**10))
def test_dates_of_a_range_follow_each_other_from_its_start_to_its_end(
    start: datetime, length_ms: int
) -> None:
    end = start + timedelta(milliseconds=length_ms)
    found = list(dates_of(start, end))
    assert found[0] == trade_date(start)
    assert found[-1] == trade_date(end - timedelta(milliseconds=1))
    assert all(b - a == timedelta(days=1) for a, b in pairwise(found))
