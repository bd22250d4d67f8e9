"""Every state machine is its table: what the table does not allow is 4203. Section 3.2."""

from __future__ import annotations

from enum import Enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vgigw.errors import IllegalState
from vgigw.objects.operating_enumerations import CommandState as State
from vgigw.rules import command
from vgigw.rules.command import CommandEvent as Event
from vgigw.rules.transitions import Transitions

WAYS: dict[State, set[State]] = {
    State.RECEIVED: {
        State.DECOMPOSED,
        State.ISSUED,
        State.ACKED,
        State.REFUSED,
        State.FAILED,
        State.CANCELLED,
        State.EXPIRED,
    },
    State.DECOMPOSED: {*State} - {State.RECEIVED, State.DECOMPOSED},
    State.ISSUED: {*State} - {State.RECEIVED, State.DECOMPOSED, State.ISSUED},
    State.ACKED: {
        State.EXECUTING,
        State.DONE,
        State.FAILED,
        State.CANCELLED,
        State.AUTO_EXIT,
        State.EXPIRED,
    },
    State.EXECUTING: {State.DONE, State.FAILED, State.CANCELLED, State.AUTO_EXIT},
    State.EXPIRED: {State.DONE, State.FAILED, State.CANCELLED, State.AUTO_EXIT},
    State.REFUSED: set(),
    State.DONE: set(),
    State.FAILED: set(),
    State.CANCELLED: set(),
    State.AUTO_EXIT: set(),
}
"""Section 3.2(3) of the operation catalogue, written out once more: where a state may lead."""


@given(st.sampled_from(State), st.sampled_from(Event))
def test_every_illegal_transition_of_a_command_is_4203(state: State, event: Event) -> None:
    allowed = command._COMMAND.next.get((state, event))
    if allowed is None:
        with pytest.raises(IllegalState) as refused:
            command.advance(state, event)
        assert refused.value.ret == 4203
    else:
        assert command.advance(state, event) is allowed
        assert allowed is state or allowed in WAYS[state]


def test_every_way_of_the_catalogue_is_open() -> None:
    reached = {
        state: {command._COMMAND.next.get((state, event)) for event in Event} - {state, None}
        for state in State
    }
    assert reached == WAYS


@given(st.lists(st.sampled_from(Event), max_size=20))
def test_no_order_of_events_leads_back(events: list[Event]) -> None:
    """A state that was left is never entered again."""
    state, left = State.RECEIVED, set()
    for event in events:
        try:
            after = command.advance(state, event)
        except IllegalState:
            continue
        if after is not state:
            left.add(state)
        assert after not in left
        state = after


class Lamp(Enum):
    OFF = 1
    ON = 2


class Switch(Enum):
    PRESS = 1
    HOLD = 2


def test_a_table_is_read_by_its_columns() -> None:
    lamp = Transitions("lamp", Lamp, Switch, "words press hold\nOFF ON =\nON x OFF")
    assert lamp.advance(Lamp.OFF, Switch.PRESS) is Lamp.ON
    assert lamp.advance(Lamp.OFF, Switch.HOLD) is Lamp.OFF
    assert lamp.advance(Lamp.ON, Switch.HOLD) is Lamp.OFF
    with pytest.raises(IllegalState, match="lamp is ON and cannot be"):
        lamp.advance(Lamp.ON, Switch.PRESS)


@pytest.mark.parametrize("table", ["h\nOFF ON", "h\nOFF ON = x", "h\nGONE ON =", "h\nOFF LIT ="])
def test_a_table_that_does_not_fit_is_no_table(table: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        Transitions("lamp", Lamp, Switch, table)
