"""A command comes to an end, and stays with whoever has it. PLT-8.5b, PLT-8.8a."""

from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.handlers.test_relay import (
    ack,
    acks_at,
    issue,
    refusal,
    refused_code,
    report,
    status,
)
from tests.trio import (
    BASES,
    DISPATCH,
    OPERATOR,
    OTHER,
    PLATFORM,
    Trio,
    curve,
    kept,
    ret_of,
    station,
)
from vgigw.errors import PeerRefused
from vgigw.objects import (
    AckResult,
    CommandKind,
    CommandState,
    ExecState,
    ExecutionReport,
    RefuseReason,
)
from vgigw.objects.control import SocOverride
from vgigw.operations import ACK_CONTROL, ISSUE_CONTROL, PUSH_ARCHIVE, REPORT_EXECUTION
from vgigw.ports import LetterState


@pytest.fixture
def trio() -> Trio:
    made = Trio()
    made.call(OPERATOR, PUSH_ARCHIVE, station())
    return made


def test_plt_8_8a_a_command_that_nobody_answers_expires_and_its_issuer_is_told(trio: Trio) -> None:
    issue(trio, curve())
    trio.tick()
    trio.wait((curve().ack_deadline - trio.now).total_seconds() + 5)
    trio.tick()
    assert status(trio).state is CommandState.ISSUED  # an answer may still be on its way

    trio.wait(6)
    trio.tick(2)

    assert status(trio).state is CommandState.EXPIRED
    (told,) = acks_at(trio, DISPATCH)
    assert (told.ack_result, told.refuse_reason) == (AckResult.REFUSED, RefuseReason.EXPIRED)
    with pytest.raises(PeerRefused) as refused:  # an answer with an earlier date comes too late
        trio.call(OPERATOR, ACK_CONTROL, ack())
    assert refused.value.code == 4203


def test_plt_8_8a_an_answered_command_does_not_expire(trio: Trio) -> None:
    issue(trio, curve())
    trio.tick()
    trio.call(OPERATOR, ACK_CONTROL, ack())
    trio.wait(3600)
    trio.tick()
    assert status(trio).state is CommandState.ACKED


def test_plt_8_5b_a_command_stays_with_the_party_that_has_it(trio: Trio) -> None:
    issue(trio, curve())
    trio.tick()
    trio.call(OPERATOR, ACK_CONTROL, ack())
    trio.call(OPERATOR, PUSH_ARCHIVE, station(version=2, aggregator_id=OTHER))

    assert refusal(trio, replace(curve(version=2), aggregator_id=OTHER)) == 4203
    assert status(trio).state is CommandState.ACKED


def test_plt_8_5b_a_command_that_is_over_takes_no_new_version(trio: Trio) -> None:
    issue(trio, curve())
    trio.tick()
    trio.call(OPERATOR, REPORT_EXECUTION, report(ExecState.DONE))

    assert refusal(trio, curve(version=2)) == 4203


def test_plt_8_8a_a_party_decides_once_and_its_issuer_hears_it_once(trio: Trio) -> None:
    issue(trio, curve())
    trio.tick()
    trio.call(OPERATOR, ACK_CONTROL, ack())
    again = ack(at=trio.wait(1))
    assert trio.call(OPERATOR, ACK_CONTROL, again).state is CommandState.ACKED
    assert trio.call(OPERATOR, ACK_CONTROL, replace(ack(), ack_party=OPERATOR)).state is (
        CommandState.ACKED
    )
    other = replace(ack(AckResult.PARTLY, at=trio.wait(1)), accepted_power=Decimal(50))
    assert refused_code(trio, OPERATOR, ACK_CONTROL, other)[0] == 4202
    trio.tick()
    assert acks_at(trio, DISPATCH) == [replace(ack(), ack_party=OPERATOR)]
    told = [each for each in trio.letters(PLATFORM) if each.operation == ACK_CONTROL.name]
    assert len(told) == 1
    assert status(trio).acks == (replace(ack(), ack_party=OPERATOR),)


def test_plt_8_5b_a_decision_on_a_replaced_version_is_none_on_the_new_one(trio: Trio) -> None:
    """It was made, and still waits in the carrier's outbox, when the next version comes."""
    issue(trio, curve())
    trio.tick()
    decided = ack(at=trio.now)
    trio.wait(5)
    issue(trio, curve(version=2))
    trio.tick()
    assert refused_code(trio, OPERATOR, ACK_CONTROL, decided)[0] == 4203
    assert status(trio).state is CommandState.ISSUED
    trio.call(OPERATOR, ACK_CONTROL, ack(AckResult.REFUSED, at=trio.now))
    assert status(trio).state is CommandState.REFUSED


def test_plt_8_8a_a_status_shows_the_decision_on_the_version_in_force_only(trio: Trio) -> None:
    issue(trio, curve())
    trio.tick()
    trio.call(OPERATOR, ACK_CONTROL, ack())
    assert len(status(trio).acks) == 1
    issue(trio, curve(version=2))
    assert status(trio).acks == ()


def test_jes_6_5_3_two_carriers_may_choose_one_report_identifier(trio: Trio) -> None:
    """Neither hides from dispatch what the other reports. 2.0(12)."""
    trio.call(OTHER, PUSH_ARCHIVE, replace(station(), operator_id=OTHER))
    issue(trio, curve())
    issue(trio, curve("CMD2", aggregator_id=OTHER))
    trio.tick()
    for party, command_id in ((OPERATOR, "CMD1"), (OTHER, "CMD2")):
        sent = replace(report(ExecState.DONE), command_id=command_id)
        trio.call(party, REPORT_EXECUTION, sent)
    trio.tick()
    found = trio.stores[DISPATCH].read(lambda view: view.documents("ExecutionReport"))
    told = [kept(ExecutionReport, each.payload) for each in found]
    assert sorted(each.command_id for each in told) == ["CMD1", "CMD2"]
    assert all(each.state is LetterState.DELIVERED for each in trio.letters(PLATFORM))


@pytest.mark.parametrize("pretended", [OTHER, "555555555"])
def test_plt_8_8a_a_carrier_decides_in_its_own_name_only(trio: Trio, pretended: str) -> None:
    issue(trio, curve())
    trio.tick()
    named = replace(ack(), ack_party=pretended)
    assert refused_code(trio, OPERATOR, ACK_CONTROL, named)[0] == 4201
    assert status(trio).state is CommandState.ISSUED


def test_vgi_5_5_only_a_notice_may_be_declined(trio: Trio) -> None:
    issue(trio, curve())
    issue(trio, curve("ASKED", command_kind=CommandKind.NOTICE))
    trio.tick()
    assert refused_code(trio, OPERATOR, ACK_CONTROL, ack(AckResult.OPTED_OUT))[0] == 4203
    declined = ack(AckResult.OPTED_OUT, "ASKED")
    assert trio.call(OPERATOR, ACK_CONTROL, declined).state is CommandState.REFUSED


def test_jes_6_1_5_a_floor_below_twenty_needs_a_reason(trio: Trio) -> None:
    low = curve(soc_floor=Decimal("19.9"))
    assert refusal(trio, low) == 4404
    override = SocOverride(reason="black start", approved_by="duty officer")
    assert issue(trio, replace(low, soc_override=override)) is CommandState.RECEIVED


def test_plt_6_3a_a_target_beyond_the_rating_is_4403(trio: Trio) -> None:
    point = curve().points[0]
    for power, fits in (("120", True), ("120.001", False), ("-0.001", False)):
        asked = curve(f"C{power}", points=(replace(point, target_power=Decimal(power)),))
        if fits:
            assert issue(trio, asked) is CommandState.RECEIVED
        else:
            assert refusal(trio, asked) == 4403


@pytest.mark.parametrize("door", list(BASES))
@pytest.mark.parametrize(("interval_min", "code"), [(7, 4405), (10, 4405), (30, 4004)])
def test_jes_6_2_2_2a_a_control_interval_that_is_none_is_refused(
    door: str, interval_min: int, code: int
) -> None:
    """One over a quarter of an hour is not even in the schema."""
    trio = Trio(door)
    trio.call(OPERATOR, PUSH_ARCHIVE, station())
    asked = curve(interval_min=interval_min)
    wire = trio.sealed(ISSUE_CONTROL, asked, trio.token(DISPATCH), party=DISPATCH)
    assert ret_of(trio.give(wire)) == code
