"""What a plan curve must hold: the grid of its day, what it covers, and until when. PLT-8.3.

Days are Beijing days (UTC+8, no summer time), which are what dispatch plans by.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

from vgigw.errors import Detail, TooLate
from vgigw.objects import PlanCurve
from vgigw.objects.plans import CurveKind, PlanKind
from vgigw.rules.curve import PLAN_INTERVALS_MIN, interval_faults, refuse_for, segment_faults

_BEIJING: Final = timedelta(hours=8)
_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)
_FIRST: Final = date(2, 1, 1)
_LAST: Final = date(9998, 12, 31)


def begin_of(day: date) -> datetime:
    """Midnight in Beijing at which ``day`` begins, in UTC; within what a time can say."""
    day = min(max(day, _FIRST), _LAST)
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - _BEIJING


def day_of(time: datetime) -> date:
    """The Beijing day of ``time``."""
    return (time.astimezone(UTC) + _BEIJING).date()


def day_before(day: date) -> date:
    """The day before ``day``."""
    return max(day, _FIRST) - _DAY


def plan_group(resource_id: str, day: date, kind: CurveKind) -> str:
    """The group under which the plans of one resource, day and meaning are kept."""
    return f"{day.isoformat()}/{kind.value}/{resource_id}"


def check_plan(plan: PlanCurve) -> None:
    """Raise :class:`~vgigw.errors.CurveRefused`, with every fault by its path. PLT-8.3.

    The interval is 1, 5, 15, 30 or 60 minutes (Q5); the segments are each one interval long, lie
    on the day's grid and fill StartTime to EndTime. A day-ahead plan covers the whole PlanDate, so
    24 x 60 / interval segments; a rolling one an hour that begins on it; a revision a part of it.
    """
    refuse_for(interval_faults(plan.interval_min, PLAN_INTERVALS_MIN, "PLT-8.3b"))
    refuse_for((*_grid_faults(plan), *_cover_faults(plan)))


def plan_deadline(plan: PlanCurve) -> datetime:
    """Until when ``plan`` may come: before its day begins, its hour begins, its part is over.

    Whatever gate a region sets besides. PLT-8.3a.
    """
    if plan.plan_kind is PlanKind.DAY_AHEAD:
        return begin_of(plan.plan_date)
    return plan.start_time if plan.plan_kind is PlanKind.ROLLING else plan.end_time


def check_gate(gate: datetime, now: datetime) -> None:
    """Raise :class:`~vgigw.errors.TooLate` after ``gate``."""
    if now > gate:
        raise TooLate(details=(Detail("/SubmitTime", "rule", "the gate has closed; PLT-8.3a"),))


def _grid_faults(plan: PlanCurve) -> Iterator[Detail]:
    step = timedelta(minutes=plan.interval_min)
    for place, point in enumerate(plan.points):
        length = point.end_time - point.start_time
        if length > timedelta(0) and length != step:
            words = f"segment must last {plan.interval_min} min; PLT-8.3b"
            yield Detail(f"/Points/{place}/EndTime", "rule", words)
    yield from segment_faults(plan.points, "Points", "PLT-8.3b")
    if (plan.points[0].start_time - begin_of(day_of(plan.points[0].start_time))) % step:
        words = f"must lie on the grid of {plan.interval_min} min; PLT-6.8d3"
        yield Detail("/Points/0/StartTime", "rule", words)
    if plan.points[0].start_time != plan.start_time:
        yield Detail("/StartTime", "rule", "must be that of the first segment; PLT-8.3b")
    if plan.points[-1].end_time != plan.end_time:
        yield Detail("/EndTime", "rule", "must be that of the last segment; PLT-8.3b")


def _cover_faults(plan: PlanCurve) -> Iterator[Detail]:
    begin = begin_of(plan.plan_date)
    if plan.plan_kind is PlanKind.DAY_AHEAD:
        if (plan.start_time, plan.end_time) != (begin, begin + _DAY):
            count = _DAY // timedelta(minutes=plan.interval_min)
            words = f"a day-ahead plan has {count} segments from midnight to midnight; PLT-8.3a"
            yield Detail("/Points", "rule", words)
        return
    if not begin <= plan.start_time < begin + _DAY:
        yield Detail("/PlanDate", "rule", "must be the Beijing day of StartTime; PLT-8.3a")
    if plan.plan_kind is PlanKind.ROLLING and plan.end_time - plan.start_time != _HOUR:
        yield Detail("/EndTime", "rule", "a rolling plan covers one hour; PLT-8.3a")
    if plan.plan_kind is PlanKind.REVISED and plan.end_time > begin + _DAY:
        yield Detail("/EndTime", "rule", "a revision stays within its day; PLT-8.3a")
