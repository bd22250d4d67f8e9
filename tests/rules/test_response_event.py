"""Demand response events: intervals, values, states, the time to answer. JES-6.5.1.5."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from vgigw.errors import CurveRefused, IllegalState, InvalidObject, TooLate
from vgigw.objects import DREvent
from vgigw.objects.response_events import DRInterval, EventState, SignalType
from vgigw.rules.response_event import answer_deadline, check_event, check_invitation, follow

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIRST = DRInterval(start_time=NOW + HOUR, end_time=NOW + 2 * HOUR, level=2)


def event(*intervals: DRInterval, **changes: Any) -> DREvent:
    members: dict[str, Any] = {
        "event_id": "E1",
        "event_state": EventState.FAR,
        "signal_type": SignalType.LEVEL,
        "intervals": intervals or (FIRST,),
        "issued_by": "200000002",
        "issue_time": NOW,
    }
    return DREvent(**members | changes)


def later(hours: float, **values: Any) -> DRInterval:
    start = NOW + hours * HOUR
    return DRInterval(start_time=start, end_time=start + HOUR, **values)


def test_intervals_are_in_order_and_may_leave_time_between() -> None:
    check_event(event(FIRST, later(2, level=1), later(7, level=0)))
    for wrong in ((FIRST, later(1.5, level=1)), (later(3, level=1), FIRST)):
        with pytest.raises(CurveRefused) as refused:
            check_event(event(*wrong))
        assert [detail.path for detail in refused.value.details] == ["/Intervals/1/StartTime"]


@pytest.mark.parametrize("signal", SignalType)
def test_an_interval_has_the_one_value_that_is_named(signal: SignalType) -> None:
    values: dict[SignalType, dict[str, Any]] = {
        SignalType.LEVEL: {"level": 1},
        SignalType.PRICE: {"price": Decimal("0.5")},
        SignalType.LOAD: {"target_power": Decimal(-5)},
    }
    check_event(event(later(1, **values[signal]), signal_type=signal))
    for others in ({}, {k: v for each in values.values() for k, v in each.items()}):
        with pytest.raises(InvalidObject):
            check_event(event(later(1, **others), signal_type=signal))


def test_states_only_lead_on() -> None:
    order = (EventState.NONE, EventState.FAR, EventState.NEAR, EventState.ACTIVE)
    legal = {(a, b) for a, b in product(order, order) if a <= b}
    legal |= {(a, EventState.CANCELLED) for a in order} | {(s, s) for s in EventState}
    legal.add((EventState.ACTIVE, EventState.COMPLETED))
    for held, told in product(EventState, EventState):
        if (held, told) in legal:
            assert follow(held, told) is told
        else:
            with pytest.raises(IllegalState):
                follow(held, told)


def test_an_answer_is_due_by_its_deadline_or_by_the_first_interval() -> None:
    assert answer_deadline(event()) == NOW + HOUR
    assert answer_deadline(event(opt_deadline=NOW)) == NOW


@pytest.mark.parametrize("state", EventState)
def test_who_is_invited_too_late_is_not_invited(state: EventState) -> None:
    check_invitation(event(event_state=state, opt_deadline=NOW + timedelta(seconds=1)), NOW)
    late = event(event_state=state, opt_deadline=NOW)
    if state in (EventState.NONE, EventState.FAR, EventState.NEAR):
        with pytest.raises(TooLate):
            check_invitation(late, NOW)
    else:
        check_invitation(late, NOW)
