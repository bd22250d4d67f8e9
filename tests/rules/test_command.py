"""The states of a command. PLT-8.8a, JES-6.5.1.3c."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vgigw.errors import IllegalState
from vgigw.objects.operating_enumerations import AckResult, ExecState
from vgigw.objects.operating_enumerations import CommandState as State
from vgigw.rules.command import CommandEvent as Event
from vgigw.rules.command import ack_event, advance, report_event

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
        waiting = state in {State.RECEIVED, State.ISSUED, State.ACKED}
        assert after is (State.EXPIRED if waiting else state)


def test_every_result_and_every_report_is_an_event_of_its_own() -> None:
    events = [ack_event(r) for r in AckResult] + [report_event(s) for s in ExecState]
    assert {*events, Event.ISSUED, Event.EXPIRE} == {*Event}
    assert len(set(events)) == len(events)
    assert report_event(ExecState.AUTO_EXIT) is Event.REPORT_AUTO_EXIT
    assert ack_event(AckResult.OPTED_OUT) is Event.OPTED_OUT
