"""What a plan curve must hold: the grid of its Beijing day, its cover, its gate. PLT-8.3, Q5."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from vgigw.errors import CurveRefused, OutsideCapability, PolarityMismatch, TooLate
from vgigw.objects import PlanCurve, PolarityMode
from vgigw.objects.plans import CurveKind, PlanKind, PlanPoint
from vgigw.rules.capability import Reach, check_planned
from vgigw.rules.plan import begin_of, check_gate, check_plan, day_of, plan_deadline

DAY = date(2026, 11, 22)
BEGIN = datetime(2026, 11, 21, 16, tzinfo=UTC)
"""Midnight in Beijing."""
MINUTE = timedelta(minutes=1)
INTERVALS = (1, 5, 15, 30, 60)


def plan(interval_min: int, count: int, start: datetime = BEGIN, **changes: Any) -> PlanCurve:
    """A day-ahead plan of ``count`` segments from ``start``."""
    step = interval_min * MINUTE
    points = tuple(
        PlanPoint(start_time=start + at * step, end_time=start + (at + 1) * step, power=Decimal(1))
        for at in range(count)
    )
    members: dict[str, Any] = {
        "plan_id": "P1",
        "resource_id": "R1",
        "aggregator_id": "123456789",
        "plan_kind": PlanKind.DAY_AHEAD,
        "plan_date": DAY,
        "start_time": start,
        "end_time": start + count * step,
        "interval_min": interval_min,
        "polarity_mode": PolarityMode.LOAD,
        "curve_kind": CurveKind.PLAN,
        "points": points,
        "version": 1,
        "submit_time": BEGIN - timedelta(hours=4),
    }
    return PlanCurve(**members | changes)


def rolling(interval_min: int, start: datetime = BEGIN, **changes: Any) -> PlanCurve:
    members: dict[str, Any] = {"plan_kind": PlanKind.ROLLING}
    return plan(interval_min, 60 // interval_min, start, **members | changes)


def faults(wrong: PlanCurve) -> list[str]:
    with pytest.raises(CurveRefused) as refused:
        check_plan(wrong)
    assert refused.value.ret == 4405
    return [detail.path for detail in refused.value.details]


@given(st.dates(date(1970, 1, 1), date(2199, 12, 31)))
def test_plt_8_3a_a_day_is_a_beijing_day(day: date) -> None:
    begin = begin_of(day)
    assert (begin + timedelta(hours=8)).isoformat() == f"{day.isoformat()}T00:00:00+00:00"
    assert day_of(begin) == day == day_of(begin + timedelta(days=1) - timedelta(microseconds=1))
    assert day_of(begin - timedelta(microseconds=1)) == day - timedelta(days=1)


@pytest.mark.parametrize("interval_min", INTERVALS)
def test_plt_8_3b_a_day_ahead_plan_has_all_segments_of_its_day(interval_min: int) -> None:
    count = 24 * 60 // interval_min
    check_plan(plan(interval_min, count))
    assert faults(plan(interval_min, count - 1)) == ["/Points"]
    if interval_min > 1:  # 1440 segments are the most
        assert faults(plan(interval_min, count + 1)) == ["/Points"]
    assert faults(plan(interval_min, count, BEGIN + interval_min * MINUTE)) == ["/Points"]
    assert faults(plan(interval_min, count, plan_date=DAY + timedelta(days=1))) == ["/Points"]


@pytest.mark.parametrize("interval_min", [2, 3, 10, 20, 45])
def test_q5_another_interval_is_refused(interval_min: int) -> None:
    assert faults(plan(interval_min, 1)) == ["/IntervalMin"]


@given(interval_min=st.sampled_from(INTERVALS), at=st.integers(0, 23), shift_min=st.integers(0, 59))
def test_plt_6_8d3_any_hour_on_the_grid_can_be_planned(
    interval_min: int, at: int, shift_min: int
) -> None:
    made = rolling(interval_min, BEGIN + timedelta(hours=at, minutes=shift_min))
    if shift_min % interval_min:
        assert faults(made) == ["/Points/0/StartTime"]
    else:
        check_plan(made)


def test_plt_8_3a_a_rolling_plan_covers_one_hour_of_its_day() -> None:
    assert faults(plan(15, 3, plan_kind=PlanKind.ROLLING)) == ["/EndTime"]
    assert faults(rolling(15, BEGIN - timedelta(hours=1))) == ["/PlanDate"]
    check_plan(rolling(15, BEGIN + timedelta(hours=23, minutes=30)))  # into the next day


def test_plt_8_3a_a_revision_stays_within_its_day() -> None:
    revised = {"plan_kind": PlanKind.REVISED}
    check_plan(plan(15, 1, BEGIN + timedelta(hours=23, minutes=45), **revised))
    late = plan(15, 2, BEGIN + timedelta(hours=23, minutes=45), **revised)
    assert faults(late) == ["/EndTime"]
    assert faults(plan(15, 1, BEGIN - 15 * MINUTE, **revised)) == ["/PlanDate"]


def test_plt_8_3b_each_segment_is_one_interval_and_they_fill_the_time() -> None:
    good = rolling(15)
    longer = (PlanPoint(start_time=BEGIN, end_time=BEGIN + 30 * MINUTE, power=Decimal(1)),)
    assert faults(rolling(15, points=longer + good.points[2:])) == ["/Points/0/EndTime"]
    assert faults(rolling(15, points=good.points[:2] + good.points[3:])) == ["/Points/2/StartTime"]
    assert faults(rolling(15, points=good.points[1:])) == ["/StartTime"]
    assert faults(rolling(15, points=good.points[:-1])) == ["/EndTime"]
    backwards = PlanPoint(start_time=BEGIN, end_time=BEGIN, power=Decimal(1))
    assert "/Points/0/EndTime" in faults(rolling(15, points=(backwards, *good.points[1:])))


def test_plt_8_3a_each_kind_has_its_own_gate() -> None:
    assert plan_deadline(plan(15, 96)) == BEGIN
    start = BEGIN + timedelta(hours=3)
    assert plan_deadline(rolling(15, start)) == start
    assert plan_deadline(plan(15, 2, start, plan_kind=PlanKind.REVISED)) == start + 30 * MINUTE
    check_gate(BEGIN, BEGIN)
    with pytest.raises(TooLate):
        check_gate(BEGIN, BEGIN + timedelta(milliseconds=1))


@pytest.mark.parametrize("day", [date.min, date.max])
def test_a_day_at_the_end_of_time_is_refused_and_breaks_nothing(day: date) -> None:
    assert faults(plan(15, 96, plan_date=day)) == ["/Points"]


@given(
    st.integers(-200, 200),
    st.sampled_from(["power", "quantile_low", "quantile_high"]),
    st.sampled_from(PolarityMode),
    st.booleans(),
)
def test_plt_7_4a_a_plan_is_of_what_its_resource_can_do(
    power_kw: int, member: str, polarity: PolarityMode, gives: bool
) -> None:
    """A load is not planned to deliver (4402), and nobody beyond the rating (4403)."""
    rated = Reach(Decimal(-60 if gives else 0), Decimal(120))
    made = plan(60, 24, polarity_mode=polarity)
    steps = list(made.points)
    steps = [replace(each, power=Decimal(0)) for each in steps]
    steps[3] = replace(steps[3], **{member: Decimal(power_kw)})
    asked = replace(made, points=tuple(steps))
    load = polarity is PolarityMode.LOAD
    net_kw = power_kw if load else -power_kw
    wrong = PolarityMismatch if load and net_kw < 0 else OutsideCapability
    if not (load and net_kw < 0) and rated.least_kw <= net_kw <= rated.most_kw:
        check_planned(asked, rated)
        return
    with pytest.raises(wrong) as refused:
        check_planned(asked, rated)
    wire = {"power": "Power", "quantile_low": "QuantileLow", "quantile_high": "QuantileHigh"}
    assert [detail.path for detail in refused.value.details] == [f"/Points/3/{wire[member]}"]
