"""Every state machine of section 3.2 as a table: what is not in it is refused, and is no state.

What is allowed is written here once more, by event; what may never happen is looked for by walks.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from enum import Enum
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vgigw.errors import IllegalState
from vgigw.objects import AlarmState, ApplicationState
from vgigw.objects.consents import ConsentState
from vgigw.objects.operating_enumerations import CommandState
from vgigw.rules import command, consent, day
from vgigw.rules.access import ACCESS, SHUT, AccessEvent, AccessStage
from vgigw.rules.alarm import ALARM, AlarmChange
from vgigw.rules.consent import ConsentEvent
from vgigw.rules.day import DayEvent, DayState
from vgigw.rules.distrust import CUT_OFF, DISTRUST, Distrust, DistrustEvent
from vgigw.rules.gap import GAP, GapEvent, GapState
from vgigw.rules.link import LINK, LinkEvent, LinkStage
from vgigw.rules.maintenance import MAINTENANCE, MaintenanceEvent
from vgigw.rules.transitions import Transitions

Machine = Transitions[Any, Any]
Walk = list[tuple[Any, Any, Any]]
"""State before, event, state after: of the events that were allowed."""

MACHINES: dict[str, tuple[Machine, type[Enum], type[Enum]]] = {
    "access": (ACCESS, AccessStage, AccessEvent),
    "day": (day._DAY_TABLE, DayState, DayEvent),
    "command": (command._COMMAND, CommandState, command.CommandEvent),
    "link": (LINK, LinkStage, LinkEvent),
    "gap": (GAP, GapState, GapEvent),
    "consent": (consent._CONSENT, ConsentState, ConsentEvent),
    "distrust": (DISTRUST, Distrust, DistrustEvent),
    "maintenance": (MAINTENANCE, ApplicationState, MaintenanceEvent),
    "alarm": (ALARM, AlarmState, AlarmChange),
}
each_machine = pytest.mark.parametrize("name", list(MACHINES))

_EVERY_STAGE = frozenset(AccessStage)
_UNDECIDED = {
    AccessStage.APPLIED,
    AccessStage.ONE_APPROVAL,
    AccessStage.HELD_APPLIED,
    AccessStage.HELD_ONE_APPROVAL,
}
_OPEN_GAP = {GapState.WAITING, GapState.ASKED, GapState.FILLING}
_ENDED_GAP = {GapState.CLOSED, GapState.UNAVAILABLE}
_TRUSTED = {Distrust.TRUSTED, Distrust.SUSPECT, Distrust.NOTICED}
ALLOWED: dict[str, dict[Any, AbstractSet[Any]]] = {
    "access": {
        **dict.fromkeys(AccessEvent, _EVERY_STAGE),
        AccessEvent.APPLY: {
            AccessStage.CONFIGURED,
            AccessStage.REFUSED,
            AccessStage.HELD,
            AccessStage.REMOVED,
        },
        AccessEvent.FIRST_APPROVAL: _UNDECIDED,
        AccessEvent.SECOND_APPROVAL: {AccessStage.ONE_APPROVAL, AccessStage.HELD_ONE_APPROVAL},
        AccessEvent.REFUSE: _UNDECIDED,
        AccessEvent.RELEASE: {AccessStage.HELD},
    },
    "link": dict.fromkeys(LinkEvent, frozenset(LinkStage)),
    "gap": {
        GapEvent.FOUND: {GapState.HOLE},
        GapEvent.ASK: _OPEN_GAP,
        GapEvent.PART_CAME: _OPEN_GAP,
        GapEvent.ALL_CAME: _OPEN_GAP | _ENDED_GAP,
        GapEvent.DECLARED: _OPEN_GAP | _ENDED_GAP,
    },
    "consent": {
        ConsentEvent.GRANT: {ConsentState.ACTIVE},
        ConsentEvent.WITHDRAW: {ConsentState.ACTIVE, ConsentState.EXPIRED},
        ConsentEvent.LAPSE: set(ConsentState),
    },
    "distrust": {
        **dict.fromkeys(DistrustEvent, frozenset(Distrust)),
        DistrustEvent.NOTICE: set(Distrust) - {Distrust.REMOVED},
        DistrustEvent.PENALTY: set(Distrust) - {Distrust.REMOVED},
        DistrustEvent.DISCONNECT: {Distrust.NOTICED},
        DistrustEvent.RELEASE: set(Distrust) - {Distrust.REMOVED},
        DistrustEvent.REMOVE: set(CUT_OFF),
    },
    "maintenance": {
        MaintenanceEvent.APPROVE: {ApplicationState.SUBMITTED},
        MaintenanceEvent.REFUSE: {ApplicationState.SUBMITTED},
        MaintenanceEvent.WITHDRAW: {ApplicationState.SUBMITTED, ApplicationState.APPROVED},
        MaintenanceEvent.START: {ApplicationState.APPROVED, ApplicationState.RUNNING},
        MaintenanceEvent.FINISH: {ApplicationState.RUNNING, ApplicationState.FINISHED},
    },
    "alarm": dict.fromkeys(AlarmChange, frozenset({AlarmState.RAISED})),
}
"""Of each event the states in which it is allowed; day and command have tests of their own."""


def pairs() -> Iterator[tuple[str, Any, Any]]:
    for name, (_, states, events) in MACHINES.items():
        for state, event in product(states, events):
            yield name, state, event


def walk(machine: Machine, start: Any, events: list[Any]) -> Walk:
    """What happens from ``start`` on; an event that is refused changes nothing."""
    taken, state = [], start
    for event in events:
        try:
            after = machine.advance(state, event)
        except IllegalState:
            continue
        taken.append((state, event, after))
        state = after
    return taken


def walks(name: str) -> st.SearchStrategy[Walk]:
    """Walks from any state."""
    machine, states, events = MACHINES[name]
    steps = st.lists(st.sampled_from(list(events)), max_size=30)
    return st.builds(walk, st.just(machine), st.sampled_from(list(states)), steps)


@pytest.mark.parametrize(("name", "state", "event"), list(pairs()))
def test_what_a_table_does_not_allow_is_refused_4203(name: str, state: Any, event: Any) -> None:
    machine, states, _ = MACHINES[name]
    if name in ALLOWED:
        assert ((state, event) in machine.next) == (state in ALLOWED[name][event])
    if (state, event) in machine.next:
        assert isinstance(machine.advance(state, event), states)
        return
    with pytest.raises(IllegalState, match=f"is {state.name} and cannot be {event.value}"):
        machine.advance(state, event)


@each_machine
def test_an_event_again_changes_nothing_more_or_is_refused(name: str) -> None:
    machine, _, _ = MACHINES[name]
    twice = {
        (state, event): machine.next.get((after, event), after)
        for (state, event), after in machine.next.items()
    }
    assert twice == dict(machine.next)


@each_machine
def test_every_state_of_a_table_can_be_reached(name: str) -> None:
    machine, states, _ = MACHINES[name]
    first = next(iter(states))
    found, left = {first}, [first]
    while left:
        state = left.pop()
        for (before, _), after in machine.next.items():
            if before is state and after not in found:
                found.add(after)
                left.append(after)
    assert found == set(states)


@given(walks("access"))
def test_plt_8_11_what_is_shut_opens_by_its_last_approval_only(taken: Walk) -> None:
    for before, event, after in taken:
        # Two persons end a hold; who decides on an application is not overtaken by them.
        if event is AccessEvent.RELEASE:
            assert (before, after) == (AccessStage.HELD, AccessStage.CONFIGURED)
        elif before in SHUT and after not in SHUT:
            assert event is AccessEvent.SECOND_APPROVAL
            assert before is AccessStage.HELD_ONE_APPROVAL


@given(
    st.sampled_from((AccessStage.CONFIGURED, AccessStage.HELD, AccessStage.REMOVED)),
    st.lists(st.sampled_from(list(AccessEvent)), max_size=30),
)
def test_plt_8_11a_nobody_is_approved_by_one_decision(
    start: AccessStage, events: list[AccessEvent]
) -> None:
    since: list[AccessEvent] = []
    for before, event, after in walk(ACCESS, start, events):
        since = [] if event is AccessEvent.APPLY else [*since, event]
        if after is AccessStage.APPROVED and before is not after:
            assert AccessEvent.FIRST_APPROVAL in since
            assert event is AccessEvent.SECOND_APPROVAL


@given(walks("distrust"))
def test_plt_8_7b_nobody_is_cut_off_without_notice_or_comes_back_by_itself(taken: Walk) -> None:
    for before, event, after in taken:
        if before not in CUT_OFF and after in CUT_OFF:
            assert (before, event) == (Distrust.NOTICED, DistrustEvent.DISCONNECT)
        if before in CUT_OFF and after not in CUT_OFF:
            assert event in (DistrustEvent.RELEASE, DistrustEvent.REMOVE)
        if before is Distrust.REMOVED and after is not before:
            assert event is DistrustEvent.READMIT


@given(walks("gap"))
def test_plt_7_9d_a_gap_that_is_closed_or_declared_stays_so(taken: Walk) -> None:
    for before, event, after in taken:
        if before in _ENDED_GAP:
            assert after is before
        if after is GapState.UNAVAILABLE and before is not after:
            assert event is GapEvent.DECLARED


@given(walks("consent"))
def test_jes_6_4_1c_a_consent_that_ended_never_runs_again(taken: Walk) -> None:
    for before, _, after in taken:
        assert after is not ConsentState.ACTIVE or before is ConsentState.ACTIVE
        assert before is not ConsentState.WITHDRAWN or after is before


@given(walks("link"))
def test_plt_9_4_a_link_that_is_down_lives_again_by_a_beat_only(taken: Walk) -> None:
    beats = (LinkEvent.MAIN_BEAT, LinkEvent.STANDBY_BEAT)
    for before, event, after in taken:
        if before is LinkStage.SWITCHING and after is not before:
            assert event in beats
        if before is LinkStage.REVERT and after is LinkStage.MAIN_UP:
            assert event is LinkEvent.HELD
        if before is LinkStage.STANDBY_ACTIVE:
            assert after is not LinkStage.MAIN_UP


@given(walks("maintenance"))
def test_plt_8_10_no_work_runs_that_was_not_approved(taken: Walk) -> None:
    for before, _, after in taken:
        if after is ApplicationState.RUNNING:
            assert before in (ApplicationState.APPROVED, ApplicationState.RUNNING)
        if before in (ApplicationState.REFUSED, ApplicationState.WITHDRAWN):
            assert after is before


@given(walks("day"))
def test_plt_7_8_a_trading_day_never_goes_back(taken: Walk) -> None:
    order = list(DayState)
    for before, _, after in taken:
        assert order.index(after) >= order.index(before)


@given(walks("command"))
def test_plt_8_5b_a_command_that_was_withdrawn_is_never_carried_out(taken: Walk) -> None:
    for before, _, after in taken:
        if before is CommandState.CANCELLED:
            assert after not in (CommandState.ISSUED, CommandState.EXECUTING, CommandState.ACKED)
