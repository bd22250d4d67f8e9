"""The states of a command. PLT-8.8a, JES-6.5.1.3c."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.test_curve import curve
from vgigw.errors import IllegalState, SocFloor, TooLate
from vgigw.objects import CommandAck
from vgigw.objects.control import SocOverride
from vgigw.objects.operating_enumerations import AckResult, CommandKind, ExecState
from vgigw.objects.operating_enumerations import CommandState as State
from vgigw.rules.command import CommandEvent as Event
from vgigw.rules.command import (
    ack_event,
    advance,
    check_answer,
    check_soc_floor,
    report_event,
)

ENDS = {State.REFUSED, State.DONE, State.FAILED, State.CANCELLED, State.AUTO_EXIT, State.EXPIRED}
STARTS = (Event.ACCEPTED, Event.PARTLY, Event.REPORT_EXECUTING)


def run(*events: Event) -> State:
    state = State.RECEIVED
    for event in events:
        state = advance(state, event)
    return state


@pytest.mark.parametrize(
    ("events", "end"),
    [
        ((Event.ISSUED,), State.ISSUED),
        ((Event.ISSUED, Event.PARTLY), State.ACKED),
        ((Event.ISSUED, Event.ACCEPTED, Event.REPORT_EXECUTING, Event.REPORT_DONE), State.DONE),
        ((Event.ISSUED, Event.REFUSED), State.REFUSED),
        ((Event.ISSUED, Event.OPTED_OUT), State.REFUSED),
        ((Event.ISSUED, Event.EXPIRE), State.EXPIRED),
        ((Event.ISSUED, Event.ACCEPTED, Event.REPORT_AUTO_EXIT), State.AUTO_EXIT),
        ((Event.ISSUED, Event.ACCEPTED, Event.REPORT_CANCELLED), State.CANCELLED),
        ((Event.ACCEPTED, Event.REPORT_EXECUTING, Event.REPORT_FAILED), State.FAILED),
    ],
)
def test_plt_8_8a_ways_of_a_command(events: tuple[Event, ...], end: State) -> None:
    assert run(*events) is end


def test_plt_8_8a_report_may_overtake_the_acknowledgement() -> None:
    assert run(Event.ISSUED, Event.REPORT_EXECUTING, Event.ACCEPTED) is State.EXECUTING
    assert run(Event.ISSUED, Event.REPORT_DONE, Event.ACCEPTED) is State.DONE


@given(st.sampled_from(State), st.sampled_from(Event))
def test_i8_repeat_of_an_event_changes_nothing(state: State, event: Event) -> None:
    try:
        after = advance(state, event)
    except IllegalState:
        return
    # A command is issued once, then answered: the same event again leaves it where it is.
    assert advance(after, event) is after


@given(st.lists(st.sampled_from(Event), max_size=12))
def test_a_command_never_leaves_its_end_but_for_a_late_truth(events: list[Event]) -> None:
    state = State.RECEIVED
    for event in events:
        try:
            after = advance(state, event)
        except IllegalState:
            continue
        if state in ENDS and after is not state:
            assert state is State.EXPIRED
            assert event.name.startswith("REPORT_")
            assert after in ENDS - {State.REFUSED, State.EXPIRED}
        state = after


@pytest.mark.parametrize("event", [*STARTS, Event.ISSUED])
def test_i10_expired_command_is_not_issued_accepted_or_begun(event: Event) -> None:
    with pytest.raises(IllegalState, match="command is EXPIRED and cannot be"):
        advance(State.EXPIRED, event)


@pytest.mark.parametrize("event", [*STARTS, Event.REPORT_DONE])
def test_refused_command_is_not_executed(event: Event) -> None:
    with pytest.raises(IllegalState):
        advance(State.REFUSED, event)


@pytest.mark.parametrize("state", [State.ACKED, State.EXECUTING, State.DONE])
def test_acceptance_cannot_become_a_refusal(state: State) -> None:
    with pytest.raises(IllegalState):
        advance(state, Event.REFUSED)


def test_one_end_cannot_become_another() -> None:
    ends = {State.DONE, State.FAILED, State.CANCELLED, State.AUTO_EXIT}
    for state, other in product(ends, ends):
        event = Event[f"REPORT_{other.name}"]
        if state is other:
            assert advance(state, event) is state
        else:
            with pytest.raises(IllegalState):
                advance(state, event)


def test_expiry_ends_only_what_has_not_begun() -> None:
    for state in State:
        after = advance(state, Event.EXPIRE)
        waiting = state in {State.RECEIVED, State.DECOMPOSED, State.ISSUED, State.ACKED}
        assert after is (State.EXPIRED if waiting else state)


def test_every_result_and_every_report_is_an_event_of_its_own() -> None:
    events = [ack_event(r) for r in AckResult] + [report_event(s) for s in ExecState]
    ours = {Event.DECOMPOSED, Event.ISSUED, Event.EXPIRE, Event.WITHDRAWN}
    assert {*events, *ours} == {*Event}
    assert len(set(events)) == len(events)
    assert report_event(ExecState.AUTO_EXIT) is Event.REPORT_AUTO_EXIT
    assert ack_event(AckResult.OPTED_OUT) is Event.OPTED_OUT


def test_plt_8_5b_whatever_is_not_over_can_be_withdrawn() -> None:
    for state in State:
        if state in ENDS - {State.CANCELLED}:
            with pytest.raises(IllegalState):
                advance(state, Event.WITHDRAWN)
        else:
            assert advance(state, Event.WITHDRAWN) is State.CANCELLED


def test_plt_6_3a_a_command_is_decomposed_before_anything_else_becomes_of_it() -> None:
    assert run(Event.DECOMPOSED) is State.DECOMPOSED
    for state in State:
        if state not in (State.RECEIVED, State.DECOMPOSED):
            with pytest.raises(IllegalState):
                advance(state, Event.DECOMPOSED)


def an_ack(result: AckResult, late_s: float = 0) -> CommandAck:
    at = curve(5, [(0, 5)]).ack_deadline + timedelta(seconds=late_s)
    return CommandAck(command_id="C1", ack_result=result, ack_time=at)


def test_vgi_5_5_only_a_notice_may_be_declined() -> None:
    notice = curve(5, [(0, 5)], command_kind=CommandKind.NOTICE)
    check_answer(notice, an_ack(AckResult.OPTED_OUT))
    with pytest.raises(IllegalState) as refused:
        check_answer(curve(5, [(0, 5)]), an_ack(AckResult.OPTED_OUT))
    assert [detail.path for detail in refused.value.details] == ["/AckResult"]
    check_answer(curve(5, [(0, 5)]), an_ack(AckResult.REFUSED))  # unable is not unwilling


def test_plt_8_8a_a_decision_after_the_deadline_is_too_late() -> None:
    check_answer(curve(5, [(0, 5)]), an_ack(AckResult.ACCEPTED))
    with pytest.raises(TooLate):
        check_answer(curve(5, [(0, 5)]), an_ack(AckResult.ACCEPTED, 0.001))


REASON = SocOverride(reason="black start", approved_by="duty officer")


@pytest.mark.parametrize(
    ("floor", "override", "taken"),
    [
        (None, None, True),
        ("20.0", None, True),
        ("45.0", None, True),
        ("19.9", None, False),
        ("0.0", None, False),
        ("19.9", REASON, True),
        ("0.0", SocOverride(reason="  ", approved_by="x"), False),
        ("0.0", SocOverride(reason="x", approved_by=" "), False),
    ],
)
def test_jes_6_1_5_a_floor_below_twenty_needs_a_reason(
    floor: str | None, override: SocOverride | None, taken: bool
) -> None:
    asked = curve(
        5, [(0, 5)], soc_floor=None if floor is None else Decimal(floor), soc_override=override
    )
    if taken:
        check_soc_floor(asked)
        return
    with pytest.raises(SocFloor) as refused:
        check_soc_floor(asked)
    assert refused.value.ret == 4404
    assert [detail.path for detail in refused.value.details] == ["/SOCFloor"]
