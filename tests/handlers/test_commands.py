"""A command comes to an end, and stays with whoever has it. PLT-8.5b, PLT-8.8a."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.handlers.test_relay import ack, acks_at, issue, refusal, report, status
from tests.trio import DISPATCH, OPERATOR, OTHER, Trio, curve, station
from vgigw.errors import PeerRefused
from vgigw.objects import AckResult, CommandState, ExecState, RefuseReason
from vgigw.operations import ACK_CONTROL, PUSH_ARCHIVE, REPORT_EXECUTION


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
