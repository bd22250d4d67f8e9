"""What a session's status, a start's result and a question for statistics must hold. 102."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases.charged import HOUR, SEQ, a_detail, a_status
from tests.cases.worlds import NOW
from vgigw.errors import InvalidObject, NotRetained
from vgigw.objects import SessionState, StartChargeResult, StationStatsQuery
from vgigw.rules.checks import check
from vgigw.rules.session import AHEAD, RETAINED_DAYS, check_retained

MOMENT = timedelta(milliseconds=1)
seconds = st.integers(-(10**7), 10**7).map(lambda found: timedelta(seconds=found))


def faults(obj: Any) -> list[str]:
    try:
        check(obj, NOW)
    except InvalidObject as refused:
        return [detail.path for detail in refused.details]
    return []


def a_start(**changes: Any) -> StartChargeResult:
    told: dict[str, Any] = {
        "start_charge_seq": SEQ,
        "start_charge_seq_stat": SessionState.CHARGING,
        "connector_id": "C1",
        "start_time": NOW,
    }
    return StartChargeResult(**told | changes)


@given(seconds, seconds, st.sampled_from(SessionState))
def test_102_a_sample_lies_between_its_session_s_start_and_now(
    start: timedelta, end: timedelta, state: SessionState
) -> None:
    """While a session is starting, its start may be foreseen only."""
    told = a_status(start_time=NOW + start, end_time=NOW + end, start_charge_seq_stat=state)
    wrong = [end < start and state is not SessionState.STARTING, end > AHEAD]
    assert faults(told) == ["/EndTime"] * sum(wrong)


def test_102_the_clock_of_a_sample_may_be_ahead_as_far_as_that_of_an_envelope() -> None:
    assert faults(a_status(end_time=NOW + AHEAD)) == []
    assert faults(a_status(end_time=NOW + AHEAD + MOMENT)) == ["/EndTime"]


@given(st.none() | st.integers(0, 32), st.integers(0, 4))
def test_102_as_many_tariff_periods_as_are_counted(counted: int | None, present: int) -> None:
    told = a_status(sum_period=counted, charge_details=(a_detail(),) * present)
    assert (faults(told) == []) == (counted in (None, present))


def test_102_every_period_that_ends_before_it_begins_is_named() -> None:
    good, bad = a_detail(), a_detail(NOW, NOW - MOMENT)
    told = a_status(charge_details=(bad, good, bad))
    assert faults(told) == [f"/ChargeDetails/{place}/DetailEndTime" for place in (0, 2)]


def test_every_fault_of_a_sample_is_told_at_once() -> None:
    told = a_status(
        start_time=NOW + 2 * HOUR, end_time=NOW + HOUR, sum_period=3, charge_details=(a_detail(),)
    )
    assert faults(told) == ["/EndTime", "/EndTime", "/SumPeriod"]


@given(st.text(min_size=1, max_size=27))
def test_102_a_session_s_number_may_be_of_any_form(seq: str) -> None:
    """Who began it need not be known here, and some peers have numbers of their own form."""
    assert faults(a_status(start_charge_seq=seq)) == []


@given(seconds, st.sampled_from(SessionState))
def test_102_a_start_lies_not_in_the_future_unless_it_is_foreseen(
    start: timedelta, state: SessionState
) -> None:
    told = a_start(start_time=NOW + start, start_charge_seq_stat=state)
    late = start > AHEAD and state is not SessionState.STARTING
    assert faults(told) == ["/StartTime"] * late


@given(st.dates(), st.dates())
def test_102_statistics_are_of_days_in_their_order(first: date, last: date) -> None:
    query = StationStatsQuery(station_id="S1", start_time=first, end_time=last)
    assert faults(query) == ["/EndTime"] * (last < first)


def test_plt_9_3b_three_years_are_retained_by_days_in_beijing() -> None:
    oldest = date(2026, 11, 21) - timedelta(days=RETAINED_DAYS)
    check_retained(oldest, NOW)
    with pytest.raises(NotRetained) as refused:
        check_retained(oldest - timedelta(days=1), NOW)
    assert (refused.value.ret, refused.value.details[0].path) == (4503, "/StartTime")

    midnight = NOW.replace(hour=16)  # in Beijing the next day begins
    with pytest.raises(NotRetained):
        check_retained(oldest, midnight)
    check_retained(oldest, midnight - MOMENT)
