"""Demand response: who is invited, who answers, until when. JES-6.5.1.5, VGI-T1.OADR."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from tests.handlers.test_relay import refused_code
from tests.trio import BASES, DISPATCH, NOW, OPERATOR, OTHER, PLATFORM, Trio, kept
from vgigw.handlers.keeping import object_of
from vgigw.objects import DREvent, DROpt
from vgigw.objects.response_events import DRInterval, EventState, OptType, SignalType
from vgigw.operations import PUSH_DR_EVENT, RESPOND_DR_EVENT

HOUR = timedelta(hours=1)
DEADLINE = NOW + HOUR / 2


@pytest.fixture(params=list(BASES))
def trio(request: pytest.FixtureRequest) -> Trio:
    return Trio(request.param)


def event(state: EventState = EventState.FAR, **changes: Any) -> DREvent:
    """An event in an hour, for the operator, who answers within half an hour."""
    plain = DREvent(
        event_id="EV1",
        event_state=state,
        signal_type=SignalType.LOAD,
        intervals=(
            DRInterval(start_time=NOW + HOUR, end_time=NOW + 2 * HOUR, target_power=Decimal(40)),
        ),
        opt_deadline=DEADLINE,
        audience=(OPERATOR,),
        issued_by=DISPATCH,
        issue_time=NOW,
    )
    return replace(plain, **changes)


def opt(opt_type: OptType = OptType.OPT_IN, **changes: Any) -> DROpt:
    plain = DROpt(event_id="EV1", party_id=OPERATOR, opt_type=opt_type, opt_time=NOW)
    return replace(plain, **changes)


def push(trio: Trio, *events: DREvent) -> None:
    for each in events or (event(),):
        trio.call(DISPATCH, PUSH_DR_EVENT, each)
        trio.tick()


def refused(trio: Trio, given: DREvent | DROpt, party: str = "") -> int:
    if isinstance(given, DREvent):
        return refused_code(trio, party or DISPATCH, PUSH_DR_EVENT, given)[0]
    return refused_code(trio, party or OPERATOR, RESPOND_DR_EVENT, given)[0]


def at(trio: Trio, party: str, cls: type[Any]) -> list[Any]:
    found = trio.stores[party].read(lambda view: view.documents(cls.__name__))
    return [kept(cls, each.payload) for each in found]


def test_jes_6_5_1_5_who_is_invited_is_told_and_nobody_else(trio: Trio) -> None:
    push(trio)
    assert at(trio, OPERATOR, DREvent) == [event()]
    assert at(trio, OTHER, DREvent) == []


def test_plt_6_8d1_nobody_sees_who_else_is_invited(trio: Trio) -> None:
    push(trio, event(audience=(OPERATOR, OTHER)))
    assert at(trio, OPERATOR, DREvent) == [event()]
    assert at(trio, OTHER, DREvent) == [event(audience=(OTHER,))]


def test_jes_6_5_1_5_an_event_for_all_is_told_to_all(trio: Trio) -> None:
    push(trio, event(audience=()))
    for party in (OPERATOR, OTHER):
        assert at(trio, party, DREvent) == [event(audience=())]


def test_jes_6_5_1_5_an_emergency_goes_out_at_once(trio: Trio) -> None:
    """Active from its first word, with nobody's answer waited for, past its own deadline."""
    trio.wait(HOUR.total_seconds())
    push(trio, event(EventState.ACTIVE))
    assert at(trio, OPERATOR, DREvent) == [event(EventState.ACTIVE)]
    waiting = [each for each in trio.letters(PLATFORM) if each.operation == PUSH_DR_EVENT.name]
    assert [each.attempts for each in waiting] == [1]


def test_jes_6_5_1_5_an_invited_party_that_cannot_be_reached_is_named(trio: Trio) -> None:
    nobody = event(audience=(OPERATOR, "555555555"))
    with pytest.raises(Exception, match="4201") as told:
        trio.call(DISPATCH, PUSH_DR_EVENT, nobody)
    assert [each.path for each in told.value.details] == ["/Audience/1"]  # type: ignore[attr-defined]
    assert at(trio, PLATFORM, DREvent) == []
    trio.tick()
    assert at(trio, OPERATOR, DREvent) == []


@pytest.mark.parametrize("state", [EventState.ACTIVE, EventState.CANCELLED])
def test_jes_6_5_1_5_whoever_was_invited_hears_how_it_goes_on(
    trio: Trio, state: EventState
) -> None:
    """Also where the next state names somebody else only."""
    push(trio, event(), event(state, audience=(OTHER,)))
    assert [each.event_state for each in at(trio, OPERATOR, DREvent)] == [state]
    assert [each.event_state for each in at(trio, OTHER, DREvent)] == [state]


@pytest.mark.parametrize(
    ("held", "told"),
    [
        (EventState.NEAR, EventState.FAR),
        (EventState.FAR, EventState.COMPLETED),
        (EventState.CANCELLED, EventState.ACTIVE),
    ],
)
def test_vgi_t1_oadr_a_state_that_does_not_follow_is_4203(
    trio: Trio, held: EventState, told: EventState
) -> None:
    push(trio, event(held))
    assert refused(trio, event(told)) == 4203
    assert [each.event_state for each in at(trio, PLATFORM, DREvent)] == [held]


def test_card_6_a_repeated_event_is_told_once_and_another_content_is_4202(trio: Trio) -> None:
    push(trio, event(), event())
    told = [each for each in trio.letters(PLATFORM) if each.operation == PUSH_DR_EVENT.name]
    assert len(told) == 1
    assert refused(trio, event(opt_deadline=DEADLINE - HOUR / 4)) == 4202


def test_plt_8_12_an_identifier_that_another_issuer_has_taken_is_told_as_another(
    trio: Trio,
) -> None:
    push(trio)
    peers = trio.platform.identity.peers
    second = replace(peers[OTHER], role=peers[DISPATCH].role)
    trio.platform.identity.peers[OTHER] = second  # type: ignore[index]
    trio.call(OTHER, PUSH_DR_EVENT, event(issued_by=OTHER))
    trio.tick()
    names = {each.event_id for each in at(trio, OPERATOR, DREvent)}
    assert len(names) == 2
    assert "EV1" in names
    (theirs,) = names - {"EV1"}
    trio.call(OPERATOR, RESPOND_DR_EVENT, replace(opt(), event_id=theirs))
    answered = [each for each in trio.letters(PLATFORM) if each.operation == RESPOND_DR_EVENT.name]
    assert [each.destination for each in answered] == [OTHER]
    assert object_of(DROpt, answered[0].payload).event_id == "EV1"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"opt_deadline": NOW}, 4406),
        ({"intervals": "overlap"}, 4405),
        ({"signal_type": SignalType.PRICE}, 4004),
    ],
)
def test_jes_6_5_1_5_an_event_that_cannot_be_is_refused(
    trio: Trio, changes: dict[str, Any], code: int
) -> None:
    if "intervals" in changes:
        changes = {"intervals": event().intervals * 2}
    assert refused(trio, event(**changes)) == code
    assert at(trio, PLATFORM, DREvent) == []


# --- answers ---------------------------------------------------------------------------------


@pytest.mark.parametrize("opt_type", OptType)
def test_jes_6_5_1_5_an_answer_walks_back_to_who_issued_the_event(
    trio: Trio, opt_type: OptType
) -> None:
    push(trio)
    trio.operator.send(PLATFORM, RESPOND_DR_EVENT, opt(opt_type), trio.now)
    trio.tick(2)
    for party in (OPERATOR, PLATFORM, DISPATCH):
        assert at(trio, party, DROpt) == [opt(opt_type)]


def test_jes_6_5_1_5_an_answer_after_the_deadline_is_4406(trio: Trio) -> None:
    push(trio)
    late = opt(opt_time=DEADLINE + timedelta(milliseconds=1))
    assert refused(trio, late) == 4406
    # What was decided in time may travel for ten seconds, and no longer.
    trio.wait(HOUR.total_seconds() / 2 + 10)
    in_time = opt(opt_time=DEADLINE)
    assert trio.call(OPERATOR, RESPOND_DR_EVENT, in_time) is not None
    push(trio, event(event_id="EV2", opt_deadline=trio.now + timedelta(seconds=1)))
    trio.wait(12)
    assert refused(trio, opt(event_id="EV2")) == 4406
    trio.tick()
    assert at(trio, DISPATCH, DROpt) == [in_time]


def test_jes_6_5_1_5_without_a_deadline_the_first_interval_is_it(trio: Trio) -> None:
    push(trio, event(opt_deadline=None))
    assert refused(trio, opt(opt_time=NOW + HOUR + timedelta(milliseconds=1))) == 4406
    trio.wait(HOUR.total_seconds())
    assert trio.call(OPERATOR, RESPOND_DR_EVENT, opt(opt_time=NOW + HOUR)) is not None


def test_plt_4_3_to_who_is_not_invited_the_event_does_not_exist(trio: Trio) -> None:
    push(trio)
    theirs = opt(party_id=OTHER)
    nowhere = refused_code(trio, OTHER, RESPOND_DR_EVENT, replace(theirs, event_id="NONE"))
    assert refused_code(trio, OTHER, RESPOND_DR_EVENT, theirs) == nowhere
    assert nowhere[0] == 4201
    assert refused(trio, opt(), OTHER) == 4301  # in the name of another party
    assert at(trio, PLATFORM, DROpt) == []


def test_card_6_a_party_answers_once(trio: Trio) -> None:
    push(trio)
    first = trio.call(OPERATOR, RESPOND_DR_EVENT, opt())
    assert trio.call(OPERATOR, RESPOND_DR_EVENT, opt()) == first
    assert refused(trio, opt(OptType.OPT_OUT)) == 4202
    trio.tick()
    assert at(trio, DISPATCH, DROpt) == [opt()]


@pytest.mark.parametrize("over", [EventState.CANCELLED, EventState.COMPLETED])
def test_jes_6_5_1_5_nobody_answers_to_an_event_that_is_over_4203(
    trio: Trio, over: EventState
) -> None:
    push(trio, event(), event(EventState.ACTIVE), event(over))
    assert refused(trio, opt()) == 4203


def test_an_event_outlives_restarts_on_its_way(trio: Trio) -> None:
    trio.net.cut.add(OPERATOR)
    push(trio)
    trio.restart(PLATFORM)
    trio.net.cut.clear()
    trio.tick(3, step_s=2)
    assert at(trio, OPERATOR, DREvent) == [event()]


def test_vgi_d_17_an_event_in_the_name_of_another_issuer_is_4301(trio: Trio) -> None:
    assert refused(trio, event(issued_by=PLATFORM)) == 4301
    push(trio)
