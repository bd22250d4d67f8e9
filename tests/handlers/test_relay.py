"""Control down, results up: who gets a command, and what the issuer hears. PLT-4.3, PLT-8.8a."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.trio import (
    BASES,
    DISPATCH,
    NOW,
    OPERATOR,
    OTHER,
    PLATFORM,
    Trio,
    curve,
    kept,
    station,
)
from vgigw.errors import PeerRefused
from vgigw.handlers.commands import record_of
from vgigw.handlers.keeping import object_of
from vgigw.objects import (
    CommandAck,
    CommandCancel,
    CommandQuery,
    CommandStatus,
    ControlCurve,
    DirectionCapability,
    ExecutionReport,
    InformationObject,
    PolarityMode,
)
from vgigw.objects.operating_enumerations import (
    AckResult,
    CommandState,
    ExecState,
    Priority,
    RefuseReason,
)
from vgigw.operations import (
    ACK_CONTROL,
    CANCEL_CONTROL,
    ISSUE_CONTROL,
    PUSH_ARCHIVE,
    QUERY_CONTROL,
    REPORT_EXECUTION,
    Operation,
)
from vgigw.ports import LetterState


@pytest.fixture(params=list(BASES))
def trio(request: pytest.FixtureRequest) -> Trio:
    made = Trio(request.param)
    made.call(OPERATOR, PUSH_ARCHIVE, station())
    return made


def issue(trio: Trio, issued: ControlCurve) -> CommandState:
    state: CommandState = trio.call(DISPATCH, ISSUE_CONTROL, issued).state
    return state


def refusal(trio: Trio, issued: ControlCurve) -> int:
    with pytest.raises(PeerRefused) as refused:
        issue(trio, issued)
    return refused.value.code


def curves_at(trio: Trio, party: str) -> list[ControlCurve]:
    found = trio.stores[party].read(lambda view: view.documents("ControlCurve"))
    return [kept(ControlCurve, document.payload) for document in found]


def acks_at(trio: Trio, party: str) -> list[CommandAck]:
    found = trio.stores[party].read(lambda view: view.documents("CommandAck"))
    return [kept(CommandAck, document.payload) for document in found]


def status(trio: Trio, command_id: str = "CMD1", party: str = DISPATCH) -> CommandStatus:
    found: CommandStatus = trio.call(party, QUERY_CONTROL, CommandQuery(command_id=command_id))
    return found


def ack(
    result: AckResult = AckResult.ACCEPTED, command_id: str = "CMD1", at: datetime = NOW
) -> CommandAck:
    reason = RefuseReason.CAPABILITY if result is AckResult.REFUSED else None
    return CommandAck(
        command_id=command_id,
        ack_result=result,
        accepted_power=Decimal(50) if result is AckResult.PARTLY else None,
        refuse_reason=reason,
        ack_time=at,
    )


def report(state: ExecState, report_id: str = "REP1") -> ExecutionReport:
    return ExecutionReport(
        report_id=report_id,
        command_id="CMD1",
        exec_state=state,
        actual_start_time=NOW,
        actual_end_time=NOW + timedelta(minutes=15),
        response_quantity=Decimal(25),
        response_accuracy=Decimal(99),
        delay_sec=Decimal(2),
    )


def test_plt_4_3_a_curve_reaches_the_owner_of_its_resource_and_nobody_else(trio: Trio) -> None:
    assert issue(trio, curve()) is CommandState.RECEIVED
    trio.tick()
    assert curves_at(trio, OPERATOR) == [curve()]
    assert curves_at(trio, OTHER) == []
    assert status(trio).state is CommandState.ISSUED


@pytest.mark.parametrize(
    "foreign",
    [{"resource_id": "NONE"}, {"aggregator_id": OTHER}, {"aggregator_id": "555555555"}],
)
def test_plt_4_3_an_unknown_resource_or_one_of_another_owner_is_4201(
    trio: Trio, foreign: dict[str, str]
) -> None:
    assert refusal(trio, replace(curve(), **foreign)) == 4201
    trio.tick()
    assert curves_at(trio, OPERATOR) == curves_at(trio, OTHER) == []
    assert curves_at(trio, PLATFORM) == []


def test_plt_8_5a_a_curve_that_is_wrong_or_late_goes_no_further(trio: Trio) -> None:
    points = (replace(curve().points[0], end_time=NOW),)
    assert refusal(trio, replace(curve(), points=points)) == 4405
    assert refusal(trio, replace(curve(), ack_deadline=NOW)) == 4406
    assert refusal(trio, replace(curve(), valid_until=NOW)) == 4406
    trio.tick()
    assert curves_at(trio, OPERATOR) == []


def test_plt_8_8a_acknowledgement_and_report_walk_back(trio: Trio) -> None:
    issue(trio, curve())
    trio.tick()
    trio.operator.send(PLATFORM, ACK_CONTROL, ack(), trio.now)
    trio.operator.send(PLATFORM, REPORT_EXECUTION, report(ExecState.EXECUTING, "R1"), trio.now)
    trio.operator.send(PLATFORM, REPORT_EXECUTION, report(ExecState.DONE, "R2"), trio.now)
    trio.tick(2)
    assert acks_at(trio, DISPATCH) == [replace(ack(), ack_party=OPERATOR)]
    found = trio.stores[DISPATCH].read(lambda view: view.documents("ExecutionReport"))
    assert [kept(ExecutionReport, held.payload).exec_state for held in found] == [
        ExecState.EXECUTING,
        ExecState.DONE,
    ]
    assert status(trio).state is CommandState.DONE
    assert len(status(trio).acks) == 1
    assert len(status(trio).reports) == 2


def refused_code(trio: Trio, party: str, operation: object, request: object) -> tuple[int, str]:
    with pytest.raises(PeerRefused) as refused:
        trio.call(party, operation, request)  # type: ignore[arg-type]
    return refused.value.code, refused.value.message


@pytest.mark.parametrize("party", [OTHER, DISPATCH])
def test_a_foreign_command_is_answered_as_one_that_does_not_exist(trio: Trio, party: str) -> None:
    """OTHER asks for a command of OPERATOR; DISPATCH for one that nobody issued."""
    issue(trio, curve())
    trio.tick()
    asked = CommandQuery(command_id="CMD1" if party == OTHER else "NONE")
    nowhere = refused_code(trio, OPERATOR, QUERY_CONTROL, CommandQuery(command_id="NONE"))
    assert refused_code(trio, party, QUERY_CONTROL, asked) == nowhere
    assert nowhere[0] == 4201


def test_nobody_acknowledges_or_reports_on_a_foreign_command(trio: Trio) -> None:
    issue(trio, curve())
    trio.tick()
    nowhere = refused_code(trio, OPERATOR, ACK_CONTROL, ack(command_id="NONE"))
    assert refused_code(trio, OTHER, ACK_CONTROL, ack()) == nowhere
    assert refused_code(trio, OTHER, REPORT_EXECUTION, report(ExecState.DONE)) == nowhere
    pretended = replace(ack(), ack_party=OPERATOR)
    assert refused_code(trio, OTHER, ACK_CONTROL, pretended) == nowhere
    assert status(trio).state is CommandState.ISSUED
    assert acks_at(trio, PLATFORM) == acks_at(trio, DISPATCH) == []


def test_plt_8_8a_an_acknowledgement_decided_after_the_deadline_is_4406(trio: Trio) -> None:
    issue(trio, curve())
    trio.tick()
    late = ack(at=curve().ack_deadline + timedelta(milliseconds=1))
    assert refused_code(trio, OPERATOR, ACK_CONTROL, late)[0] == 4406
    in_time = ack(at=curve().ack_deadline)
    assert trio.call(OPERATOR, ACK_CONTROL, in_time).state is CommandState.ACKED


def test_plt_8_8a_a_state_that_the_table_forbids_is_4203_and_changes_nothing(trio: Trio) -> None:
    issue(trio, curve())
    trio.tick()
    trio.call(OPERATOR, ACK_CONTROL, ack(AckResult.REFUSED))
    done = report(ExecState.DONE)
    assert refused_code(trio, OPERATOR, REPORT_EXECUTION, done)[0] == 4203
    assert status(trio).state is CommandState.REFUSED
    assert status(trio).reports == ()


def test_plt_8_5b_a_higher_version_replaces_and_a_lower_one_is_4204(trio: Trio) -> None:
    issue(trio, curve(version=2))
    trio.tick()
    issue(trio, curve(version=3, priority=9))
    assert status(trio).state is CommandState.RECEIVED
    trio.tick()
    assert curves_at(trio, OPERATOR) == [curve(version=3, priority=9)]
    assert status(trio).command.version == 3
    assert status(trio).state is CommandState.ISSUED
    assert refusal(trio, curve(version=1)) == 4204
    history = trio.stores[OPERATOR].read(
        lambda view: view.history("ControlCurve", PLATFORM, "CMD1")
    )
    assert [held.version for held in history] == [2, 3]


def test_plt_8_8a_a_command_that_cannot_be_delivered_in_time_is_expired_and_refused_for(
    trio: Trio,
) -> None:
    trio.net.cut.add(OPERATOR)
    issue(trio, curve())
    trio.tick(25, step_s=61)
    assert curves_at(trio, OPERATOR) == []
    assert status(trio).state is CommandState.EXPIRED
    (told,) = acks_at(trio, DISPATCH)
    assert (told.ack_result, told.refuse_reason) == (AckResult.REFUSED, RefuseReason.EXPIRED)
    assert told.ack_party == OPERATOR


def test_plt_8_8a_an_expired_command_is_never_delivered_afterwards(trio: Trio) -> None:
    trio.net.cut.add(OPERATOR)
    issue(trio, curve())
    trio.tick(25, step_s=61)
    trio.net.cut.clear()
    trio.tick(5, step_s=61)
    assert curves_at(trio, OPERATOR) == []


def test_plt_8_8a_a_command_that_its_owner_refuses_to_take_is_failed_and_refused_for(
    trio: Trio,
) -> None:
    """The owner holds a newer version of the same command already."""
    trio.platform.call(OPERATOR, ISSUE_CONTROL, curve(version=9), NOW)
    issue(trio, curve(version=1))
    trio.tick(2)
    assert status(trio).state is CommandState.FAILED
    (told,) = acks_at(trio, DISPATCH)
    assert (told.ack_result, told.refuse_reason) == (AckResult.REFUSED, RefuseReason.OTHER)


def test_plt_8_5b_the_end_of_a_replaced_version_says_nothing_of_the_new_one(trio: Trio) -> None:
    """Version 1 runs out undelivered while version 2, valid for longer, still waits."""
    trio.net.cut.add(OPERATOR)
    issue(trio, curve(valid_until=NOW + timedelta(seconds=100)))
    trio.tick()
    issue(trio, curve(version=2, ack_deadline=NOW + timedelta(minutes=10)))
    trio.tick(3, step_s=61)
    assert status(trio).state is CommandState.RECEIVED
    assert acks_at(trio, DISPATCH) == []
    trio.net.cut.clear()
    trio.tick(1, step_s=61)
    assert [held.version for held in curves_at(trio, OPERATOR)] == [2]
    assert status(trio).state is CommandState.ISSUED


@pytest.mark.parametrize("own", [None, -10.0, 0.0, 3600.0])
@pytest.mark.parametrize("first", ["ack_deadline", "valid_until"])
def test_card_7_a_command_of_our_own_waits_no_longer_than_it_holds(
    first: str, own: float | None
) -> None:
    """Whatever the sender says; it may say less."""
    trio = Trio()
    until = NOW + timedelta(minutes=10)
    later = NOW + timedelta(hours=1)
    told = replace(curve(ack_deadline=later, valid_until=later), **{first: until})
    said = None if own is None else until + timedelta(seconds=own)
    trio.dispatch.send(PLATFORM, ISSUE_CONTROL, told, trio.now, valid_until=said)
    (letter,) = trio.letters(DISPATCH)
    assert letter.valid_until == until + timedelta(seconds=min(own or 0.0, 0.0))


@pytest.mark.parametrize("priority", [Priority.NORMAL, Priority.EMERGENCY])
def test_card_7_after_an_outage_no_command_of_our_own_goes_out_too_late(
    trio: Trio, priority: Priority
) -> None:
    trio.net.cut.add(PLATFORM)
    trio.dispatch.send(PLATFORM, ISSUE_CONTROL, curve(priority=priority), trio.now)
    trio.tick(1)
    trio.net.cut.clear()
    trio.tick(3, step_s=3600)
    (letter,) = trio.letters(DISPATCH)
    assert (letter.state, letter.last_error) == (LetterState.DEAD, "expired")
    assert (curves_at(trio, PLATFORM), curves_at(trio, OPERATOR)) == ([], [])
    held = trio.stores[DISPATCH].read(lambda view: record_of(view, "CMD1"))
    assert held is not None
    assert held.state is CommandState.EXPIRED


def walk() -> Iterator[tuple[tuple[object, ...], CommandState]]:
    """Events in order, and the state they lead to. PLT-8.8a."""
    yield (AckResult.ACCEPTED,), CommandState.ACKED
    yield (AckResult.PARTLY,), CommandState.ACKED
    yield (AckResult.REFUSED,), CommandState.REFUSED
    yield (ExecState.EXECUTING,), CommandState.EXECUTING
    yield (AckResult.ACCEPTED, ExecState.RECEIVED), CommandState.ACKED
    yield (AckResult.ACCEPTED, ExecState.EXECUTING, ExecState.FAILED), CommandState.FAILED
    yield (ExecState.EXECUTING, ExecState.AUTO_EXIT), CommandState.AUTO_EXIT
    yield (ExecState.DONE, AckResult.ACCEPTED), CommandState.DONE
    yield (AckResult.ACCEPTED, ExecState.CANCELLED), CommandState.CANCELLED


@pytest.mark.parametrize(("events", "state"), list(walk()))
def test_plt_8_8a_the_states_of_a_command(events: tuple[object, ...], state: CommandState) -> None:
    trio = Trio()
    trio.call(OPERATOR, PUSH_ARCHIVE, station())
    issue(trio, curve())
    trio.tick()
    for number, event in enumerate(events):
        if isinstance(event, AckResult):
            trio.call(OPERATOR, ACK_CONTROL, ack(event))
        elif isinstance(event, ExecState):
            trio.call(OPERATOR, REPORT_EXECUTION, report(event, f"R{number}"))
    assert status(trio).state is state


def test_a_command_and_its_way_back_outlive_restarts_of_everyone(trio: Trio) -> None:
    issue(trio, curve())
    trio.restart(PLATFORM)
    trio.tick()
    trio.operator.send(PLATFORM, ACK_CONTROL, ack(), trio.now)
    for party in (OPERATOR, PLATFORM, DISPATCH):
        trio.restart(party)
    trio.operator.tick(trio.now)
    trio.restart(PLATFORM)
    trio.tick()
    assert status(trio).state is CommandState.ACKED
    assert len(acks_at(trio, DISPATCH)) == 1
    assert all(held.state is LetterState.DELIVERED for held in trio.letters(PLATFORM))


def test_plt_8_12_an_identifier_that_another_issuer_has_taken_is_told_as_another() -> None:
    """Neither issuer learns of the other: each asks for, hears of and withdraws its own."""
    trio = Trio()
    trio.call(OPERATOR, PUSH_ARCHIVE, station())
    issue(trio, curve())
    peers = dict(trio.platform.identity.peers)
    second = replace(peers[OTHER], role=peers[DISPATCH].role)
    trio.platform.identity.peers[OTHER] = second  # type: ignore[index]
    theirs_first = curve(version=5, issued_by=OTHER)
    assert trio.call(OTHER, ISSUE_CONTROL, theirs_first).command_id == "CMD1"
    trio.tick()
    first, theirs = sorted(curves_at(trio, OPERATOR), key=lambda each: each.version)
    assert first.command_id == "CMD1" != theirs.command_id
    trio.call(OPERATOR, ACK_CONTROL, replace(ack(), command_id=theirs.command_id))
    answered = [each for each in trio.letters(PLATFORM) if each.operation == ACK_CONTROL.name]
    assert [each.destination for each in answered] == [OTHER]
    assert object_of(CommandAck, answered[0].payload).command_id == "CMD1"
    for party, version, state in (
        (OTHER, 5, CommandState.ACKED),
        (DISPATCH, 1, CommandState.ISSUED),
    ):
        seen = status(trio, party=party)
        assert (seen.command.command_id, seen.command.version, seen.state) == (
            "CMD1",
            version,
            state,
        )
    assert (
        refused_code(trio, OTHER, QUERY_CONTROL, CommandQuery(command_id=theirs.command_id))[0]
        == 4201
    )
    withdrawn = CommandCancel(command_id="CMD1", version=5, reason="over", cancel_time=NOW)
    assert trio.call(OTHER, CANCEL_CONTROL, withdrawn).command_id == "CMD1"
    assert status(trio, party=OTHER).state is CommandState.CANCELLED
    assert status(trio).state is CommandState.ISSUED


def test_plt_7_4b_a_curve_of_the_other_polarity_than_its_station_is_refused(trio: Trio) -> None:
    assert refusal(trio, replace(curve(), polarity_mode=PolarityMode.GENERATION)) == 4402
    both = replace(
        station("ST2"),
        equipment_infos=tuple(
            replace(each, direction_capability=DirectionCapability.BIDIRECTIONAL)
            for each in station().equipment_infos
        ),
    )
    trio.call(OPERATOR, PUSH_ARCHIVE, both)
    assert refusal(trio, replace(curve("CMD2"), resource_id="ST2")) == 4402
    discharging = replace(curve("CMD2"), resource_id="ST2", polarity_mode=PolarityMode.GENERATION)
    assert issue(trio, discharging) is CommandState.RECEIVED


def test_plt_8_5b_the_second_version_of_a_curve_is_acknowledged_once_more(trio: Trio) -> None:
    issue(trio, curve())
    trio.tick()
    trio.call(OPERATOR, ACK_CONTROL, ack())
    issue(trio, curve(version=2))
    trio.tick()
    later = trio.wait(1)

    trio.call(OPERATOR, ACK_CONTROL, ack(at=later))

    assert status(trio).state is CommandState.ACKED
    trio.tick()
    assert [each.ack_time for each in acks_at(trio, DISPATCH)] == [later]


def test_jes_6_5_3_a_report_that_overtakes_the_receipt_of_its_command_is_taken(trio: Trio) -> None:
    trio.net.lose_answers.add(OPERATOR)
    issue(trio, curve())
    trio.tick()
    assert status(trio).state is CommandState.RECEIVED

    trio.call(OPERATOR, REPORT_EXECUTION, report(ExecState.DONE))

    assert status(trio).state is CommandState.DONE


def test_vgi_d_17_a_command_and_its_withdrawal_are_in_the_name_of_their_sender(trio: Trio) -> None:
    assert refusal(trio, replace(curve(), issued_by=PLATFORM)) == 4301
    issue(trio, curve())
    cancel = CommandCancel(
        command_id="CMD1", version=1, reason="why", cancel_time=NOW, issued_by=PLATFORM
    )
    assert refused_code(trio, DISPATCH, CANCEL_CONTROL, cancel)[0] == 4301
    trio.call(DISPATCH, CANCEL_CONTROL, replace(cancel, issued_by=DISPATCH))


def paths_of(trio: Trio, party: str, operation: Operation, request: InformationObject) -> list[str]:
    with pytest.raises(PeerRefused) as refused:
        trio.call(party, operation, request)
    return [detail.path for detail in refused.value.details]


def test_plt_4_3_a_command_for_no_resource_and_a_late_answer_name_the_member(trio: Trio) -> None:
    for unreachable in ({"resource_id": "NONE"}, {"aggregator_id": OTHER}):
        command = replace(curve(), **unreachable)
        assert paths_of(trio, DISPATCH, ISSUE_CONTROL, command) == ["/ResourceID"]
    issue(trio, curve())
    late = ack(at=curve().ack_deadline + timedelta(milliseconds=1))
    assert paths_of(trio, OPERATOR, ACK_CONTROL, late) == ["/AckTime"]
