"""A command is withdrawn, replaced or called back, and never comes after its end. PLT-8.5b."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.handlers.test_relay import (
    ack,
    acks_at,
    curves_at,
    issue,
    refusal,
    refused_code,
    report,
    status,
)
from tests.trio import BASES, DISPATCH, NOW, OPERATOR, OTHER, PLATFORM, Trio, curve, kept, station
from vgigw.handlers.commands import CommandRecord, record_of
from vgigw.objects import (
    AckResult,
    AlarmEvent,
    CommandCancel,
    CommandReceipt,
    CommandState,
    ControlCurve,
    ExecState,
    Priority,
)
from vgigw.operations import (
    ACK_CONTROL,
    CANCEL_CONTROL,
    ISSUE_CONTROL,
    PUSH_ARCHIVE,
    REPORT_EXECUTION,
)
from vgigw.ports import Document, LetterState

PAST_DEADLINE_S = 45.0
"""From ``NOW`` until nobody waits for an acknowledgement of the plain curve any more."""


@pytest.fixture(params=list(BASES))
def trio(request: pytest.FixtureRequest) -> Trio:
    made = Trio(request.param)
    made.call(OPERATOR, PUSH_ARCHIVE, station())
    return made


def cancel(command_id: str = "CMD1", version: int = 1, **changes: object) -> CommandCancel:
    plain = CommandCancel(
        command_id=command_id, version=version, reason="no longer needed", cancel_time=NOW
    )
    return replace(plain, **changes)


def withdraw(trio: Trio, asked: CommandCancel | None = None) -> CommandState:
    given: CommandReceipt = trio.call(DISPATCH, CANCEL_CONTROL, asked or cancel())
    return given.state


def held(trio: Trio, party: str = OPERATOR, command_id: str = "CMD1") -> CommandRecord:
    found = trio.stores[party].read(lambda view: record_of(view, command_id))
    assert found is not None
    return found


def letters(trio: Trio, operation: object, state: LetterState | None = None) -> list[str]:
    name = operation.name  # type: ignore[attr-defined]
    return [
        each.destination
        for each in trio.letters(PLATFORM)
        if each.operation == name and state in (None, each.state)
    ]


def test_plt_8_5b_a_withdrawal_reaches_whoever_has_the_command(trio: Trio) -> None:
    issue(trio, curve())
    trio.tick()
    assert withdraw(trio) is CommandState.CANCELLED
    assert status(trio).state is CommandState.CANCELLED
    trio.tick()
    assert held(trio).state is CommandState.CANCELLED
    assert trio.stores[OTHER].read(lambda view: record_of(view, "CMD1")) is None


def test_plt_8_5b_what_was_withdrawn_before_it_left_is_never_delivered(trio: Trio) -> None:
    trio.net.cut.add(OPERATOR)
    issue(trio, curve())
    trio.tick()
    withdraw(trio)
    trio.net.cut.clear()
    trio.tick(3, step_s=5)
    assert curves_at(trio, OPERATOR) == []
    assert letters(trio, ISSUE_CONTROL, LetterState.DELIVERED) == []


def test_plt_8_5b_a_command_that_its_withdrawal_overtook_is_refused(trio: Trio) -> None:
    trio.platform.call(OPERATOR, CANCEL_CONTROL, cancel(version=2), trio.now)
    for version, code in ((1, 4204), (2, 4204)):
        with pytest.raises(Exception, match=str(code)):
            trio.platform.call(OPERATOR, ISSUE_CONTROL, curve(version=version), trio.now)
    assert curves_at(trio, OPERATOR) == []


def test_plt_8_5b_only_its_issuer_withdraws_a_command(trio: Trio) -> None:
    """To another dispatch it does not exist; a carrier may not withdraw at all."""
    issue(trio, curve())
    peers = trio.platform.identity.peers
    second = replace(peers[OTHER], role=peers[DISPATCH].role)
    trio.platform.identity.peers[OTHER] = second  # type: ignore[index]
    nowhere = refused_code(trio, OTHER, CANCEL_CONTROL, cancel("NONE"))
    assert nowhere[0] == 4201
    assert refused_code(trio, OTHER, CANCEL_CONTROL, cancel()) == nowhere
    assert refused_code(trio, OPERATOR, CANCEL_CONTROL, cancel())[0] == 4301
    assert status(trio).state is CommandState.RECEIVED


@pytest.mark.parametrize(
    "end", [ExecState.DONE, ExecState.FAILED, ExecState.AUTO_EXIT, AckResult.REFUSED]
)
def test_plt_8_5b_what_is_over_is_not_withdrawn_4203(
    trio: Trio, end: ExecState | AckResult
) -> None:
    issue(trio, curve())
    trio.tick()
    if isinstance(end, AckResult):
        trio.call(OPERATOR, ACK_CONTROL, ack(end))
    else:
        trio.call(OPERATOR, REPORT_EXECUTION, report(end))
    before = status(trio)
    assert refused_code(trio, DISPATCH, CANCEL_CONTROL, cancel())[0] == 4203
    assert status(trio) == before
    assert letters(trio, CANCEL_CONTROL) == []


def test_plt_8_5b_a_withdrawal_that_is_out_of_date_is_4204(trio: Trio) -> None:
    issue(trio, curve(version=3))
    assert refused_code(trio, DISPATCH, CANCEL_CONTROL, cancel(version=2))[0] == 4204
    assert withdraw(trio, cancel(version=3)) is CommandState.CANCELLED


def test_card_6_a_repeated_withdrawal_gets_its_first_receipt_and_is_passed_on_once(
    trio: Trio,
) -> None:
    issue(trio, curve())
    trio.tick()
    first = trio.call(DISPATCH, CANCEL_CONTROL, cancel())
    trio.call(OPERATOR, REPORT_EXECUTION, report(ExecState.CANCELLED))
    trio.restart(PLATFORM)
    assert trio.call(DISPATCH, CANCEL_CONTROL, cancel()) == first
    assert withdraw(trio, cancel(version=2)) is CommandState.CANCELLED
    assert letters(trio, CANCEL_CONTROL) == [OPERATOR]
    assert refused_code(trio, DISPATCH, CANCEL_CONTROL, cancel(reason="another"))[0] == 4202


def test_jes_6_5_3_what_was_done_until_the_withdrawal_is_reported_and_stays_withdrawn(
    trio: Trio,
) -> None:
    issue(trio, curve())
    trio.tick()
    trio.call(OPERATOR, REPORT_EXECUTION, report(ExecState.EXECUTING, "R1"))
    withdraw(trio)
    trio.call(OPERATOR, REPORT_EXECUTION, report(ExecState.DONE, "R2"))
    assert status(trio).state is CommandState.CANCELLED
    assert [each.report_id for each in status(trio).reports] == ["R1", "R2"]
    failed = report(ExecState.FAILED, "R3")  # one end only
    assert refused_code(trio, OPERATOR, REPORT_EXECUTION, failed)[0] == 4203


# --- replacement -----------------------------------------------------------------------------


def test_plt_8_5b_a_version_that_was_replaced_in_the_outbox_never_leaves_it(trio: Trio) -> None:
    trio.net.cut.add(OPERATOR)
    for version in (1, 2, 3):
        issue(trio, curve(version=version))
        trio.tick()
    trio.net.cut.clear()
    trio.tick(3, step_s=3)
    history = trio.stores[OPERATOR].read(lambda v: v.history("ControlCurve", PLATFORM, "CMD1"))
    assert [each.version for each in history] == [3]
    assert len(letters(trio, ISSUE_CONTROL, LetterState.DELIVERED)) == 1


def test_plt_8_5b_the_command_that_is_superseded_is_withdrawn_first(trio: Trio) -> None:
    issue(trio, curve("OLD"))
    trio.tick()
    issue(trio, curve("NEW", version=2, supersedes_command_id="OLD"))
    assert status(trio, "OLD").state is CommandState.CANCELLED
    trio.tick()
    assert held(trio, command_id="OLD").state is CommandState.CANCELLED
    assert status(trio, "NEW").state is CommandState.ISSUED


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"supersedes_command_id": "NONE"}, 4201),
        ({"supersedes_command_id": "OLD", "version": 1}, 4204),
        ({"supersedes_command_id": "DONE"}, 4203),
    ],
)
def test_plt_8_5b_only_a_running_command_of_ones_own_is_superseded_by_a_higher_version(
    trio: Trio, changes: dict[str, object], code: int
) -> None:
    issue(trio, curve("OLD"))
    issue(trio, curve("DONE"))
    trio.tick()
    trio.call(OPERATOR, REPORT_EXECUTION, replace(report(ExecState.DONE), command_id="DONE"))
    assert refusal(trio, replace(curve("NEW", version=2), **changes)) == code
    assert status(trio, "OLD").state is CommandState.ISSUED
    assert refused_code(trio, OPERATOR, ACK_CONTROL, ack(command_id="NEW"))[0] == 4201


# --- called back -----------------------------------------------------------------------------


def unheard(trio: Trio) -> None:
    """The operator accepts, and nobody hears it in time."""
    issue(trio, curve())
    trio.tick()
    trio.net.cut.add(PLATFORM)
    trio.operator.send(PLATFORM, ACK_CONTROL, ack(), trio.now)
    trio.tick(1, step_s=PAST_DEADLINE_S)


def _read(alarms: list[Document]) -> list[AlarmEvent]:
    return [kept(AlarmEvent, each.payload) for each in alarms]


def test_plt_8_8a_who_took_a_command_on_unheard_is_called_back(trio: Trio) -> None:
    """Its issuer was told that nobody carries it out, so that nobody may."""
    unheard(trio)
    assert held(trio).state is CommandState.CANCELLED
    trio.net.cut.clear()
    trio.tick(30, step_s=3)
    assert status(trio).state is CommandState.EXPIRED
    (told,) = acks_at(trio, DISPATCH)
    assert told.ack_result is AckResult.REFUSED
    alarms = trio.stores[DISPATCH].read(lambda view: view.documents("AlarmEvent"))
    told_of = [(each.alarm_code, each.object_id) for each in _read(alarms)]
    assert [each for each in told_of if each[0] != "DEAD_LETTERS"] == [("NO_ACK", "CMD1")]


def test_plt_8_5b_what_was_called_back_may_come_again_in_a_higher_version(trio: Trio) -> None:
    unheard(trio)
    trio.net.cut.clear()
    later = trio.now + timedelta(minutes=5)
    issue(trio, curve(version=2, ack_deadline=later, valid_until=later))
    trio.tick(2, step_s=1)
    assert status(trio).state is CommandState.ISSUED
    assert held(trio).version == 2
    trio.call(OPERATOR, ACK_CONTROL, ack(at=trio.now))
    assert status(trio).state is CommandState.ACKED


def test_plt_8_8a_a_command_for_a_party_that_left_the_configuration_expires(trio: Trio) -> None:
    issue(trio, curve())
    del trio.platform.identity.peers[OPERATOR]  # type: ignore[attr-defined]
    trio.tick(1, step_s=PAST_DEADLINE_S)
    assert status(trio).state is CommandState.EXPIRED


# --- emergencies -----------------------------------------------------------------------------


def test_jes_6_5_1_5a_an_emergency_goes_out_at_once_and_before_whatever_waits(trio: Trio) -> None:
    for number in range(40):
        issue(trio, curve(f"C{number}"))
    issue(trio, curve("URGENT", priority=Priority.EMERGENCY))
    trio.platform.deliver(OPERATOR, trio.now)
    arrived = [each.command_id for each in curves_at(trio, OPERATOR)]
    assert "URGENT" in arrived
    assert len(arrived) < 41


def test_an_emergency_that_replaces_what_waits_leaves_nothing_behind(trio: Trio) -> None:
    issue(trio, curve("OLD"))
    urgent: ControlCurve = curve(
        "NEW", version=2, priority=Priority.EMERGENCY, supersedes_command_id="OLD"
    )
    issue(trio, urgent)
    trio.tick(2)
    assert [each.command_id for each in curves_at(trio, OPERATOR)] == ["NEW"]
    assert held(trio, command_id="OLD").state is CommandState.CANCELLED
