"""Receipts: who received what and when, one alarm for what nobody took. PLT-8.6, PLT-8.8c."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from tests.cases.applied import DAY, HOUR, a_notice, a_reading, a_sanction
from tests.cases.trading import a_settlement, an_assessment
from tests.trio import DISPATCH, NOW, OPERATOR, PLATFORM, Trio
from vgigw import operations as ops
from vgigw.errors import PeerRefused
from vgigw.handlers.alarm_raising import ALARMS
from vgigw.objects import AlarmEvent, AlarmState, SanctionKind
from vgigw.objects.notices import EVERYBODY
from vgigw.objects.settlement_enumerations import ShareLevel
from vgigw.operations import OPERATIONS
from vgigw.ports import LetterState
from vgigw.ports.deliveries import Delivery


@pytest.fixture
def trio() -> Trio:
    return Trio()


def deliveries(trio: Trio) -> dict[str, Delivery]:
    """By party, of whatever the platform sent last."""
    return {each.party: each for each in trio.platform.receipts()}


def alarms(trio: Trio) -> list[AlarmEvent]:
    """Those of the platform itself, of what was not delivered."""
    held = trio.platform.store.read(lambda view: ALARMS.all(view, owner=PLATFORM))
    return [each for each in held if each.alarm_code == "UNDELIVERED"]


def test_plt_8_6_notices_results_incomes_and_sanctions_ask_for_a_receipt() -> None:
    assert {row.name for row in OPERATIONS if row.receipted} >= {
        "PublishNotice",
        "PublishClearing",
        "PublishAssessment",
        "PublishEnergyStatement",
        "PublishSettlement",
        "NotifySanction",
    }


def test_plt_8_6_when_each_party_received_and_read_a_notice(trio: Trio) -> None:
    trio.dispatch.send(PLATFORM, ops.PUBLISH_NOTICE, a_notice(audience=(EVERYBODY,)), NOW)
    trio.tick(2, step_s=1)
    taken = deliveries(trio)
    assert {party: each.state for party, each in taken.items()} == {
        OPERATOR: LetterState.DELIVERED,
        "987654321": LetterState.DELIVERED,
    }
    assert NOW < (taken[OPERATOR].received_at or NOW) <= trio.now
    assert taken[OPERATOR].read_at is None

    read_at = trio.wait(60)
    trio.call(OPERATOR, ops.CONFIRM_NOTICE, a_reading(read_time=read_at))
    taken = deliveries(trio)
    assert (taken[OPERATOR].read_at, taken["987654321"].read_at) == (read_at, None)


def test_plt_8_6_what_waits_is_told_as_waiting(trio: Trio) -> None:
    trio.net.cut.add(OPERATOR)
    trio.platform.send(OPERATOR, ops.PUBLISH_NOTICE, a_notice(), NOW)
    trio.tick(2, step_s=1)
    waiting = deliveries(trio)[OPERATOR]
    assert (waiting.state, waiting.received_at) == (LetterState.WAITING, None)
    assert waiting.attempts > 0


def sent_in_vain(trio: Trio, what: str) -> None:
    """The platform sends something that the operator cannot be reached with."""
    trio.net.cut.add(OPERATOR)
    if what == "notice":
        trio.platform.send(OPERATOR, ops.PUBLISH_NOTICE, a_notice(receipt_required=False), NOW)
    elif what == "assessment":
        trio.platform.send(OPERATOR, ops.PUBLISH_ASSESSMENT, an_assessment(), NOW)
    elif what == "income":
        plain = a_settlement()
        shares = tuple(
            replace(each, party_id=OPERATOR) if each.level is ShareLevel.AGGREGATOR else each
            for each in plain.shares
        )
        owned = replace(plain, aggregator_id=OPERATOR, shares=shares)
        trio.platform.send(OPERATOR, ops.PUBLISH_SETTLEMENT, owned, NOW)
    else:
        sanction = a_sanction(SanctionKind.NOTICE, command_id="K1")
        trio.platform.send(OPERATOR, ops.NOTIFY_SANCTION, sanction, NOW)


@pytest.mark.parametrize("what", ["notice", "assessment", "income", "sanction"])
def test_plt_8_6_what_a_party_did_not_take_in_a_day_is_one_alarm(trio: Trio, what: str) -> None:
    sent_in_vain(trio, what)
    assert len(trio.platform.receipts()) == 1
    trio.wait((DAY - HOUR).total_seconds())
    trio.tick()
    assert alarms(trio) == []
    trio.wait(HOUR.total_seconds())
    trio.tick(3, step_s=61)
    (alarm,) = alarms(trio)
    assert alarm.alarm_state is AlarmState.RAISED
    assert OPERATOR in (alarm.detail or "")

    trio.restart(PLATFORM)
    trio.wait(DAY.total_seconds())
    trio.tick(3, step_s=61)
    assert alarms(trio) == [alarm]

    trio.net.cut.discard(OPERATOR)
    trio.wait(DAY.total_seconds())
    trio.tick(3, step_s=61)
    (over,) = alarms(trio)
    assert (over.alarm_id, over.alarm_state) == (alarm.alarm_id, AlarmState.CLEARED)
    at_dispatch = trio.stores[DISPATCH].read(lambda view: view.documents("AlarmEvent"))
    assert len(at_dispatch) == 1


@pytest.mark.parametrize("what", ["assessment", "income", "sanction"])
def test_plt_8_8c_what_a_party_took_is_receipted_and_reading_is_of_notices(
    trio: Trio, what: str
) -> None:
    sent_in_vain(trio, what)
    trio.net.cut.discard(OPERATOR)
    trio.tick(2, step_s=61)
    (taken,) = trio.platform.receipts()
    assert (taken.party, taken.state) == (OPERATOR, LetterState.DELIVERED)
    assert NOW < (taken.received_at or NOW) <= trio.now
    with pytest.raises(PeerRefused) as refused:
        trio.call(OPERATOR, ops.CONFIRM_NOTICE, a_reading(taken.object_id[:40]))
    assert refused.value.code == 4201
    for _ in range(5):
        trio.wait(DAY.total_seconds())
        trio.tick()
    assert (trio.platform.receipts()[0].read_at, alarms(trio)) == (None, [])


def test_plt_8_6_what_is_refused_for_good_is_an_alarm_at_once(trio: Trio) -> None:
    trio.platform.send(OPERATOR, ops.PUBLISH_NOTICE, a_notice(receipt_required=False), NOW)
    trio.tick(2, step_s=1)
    conflicting = a_notice("N2", receipt_required=False)
    trio.call(PLATFORM, ops.PUBLISH_NOTICE, conflicting, to=OPERATOR)
    other = a_notice("N2", receipt_required=False, title="another")
    trio.platform.send(OPERATOR, ops.PUBLISH_NOTICE, other, trio.now)
    trio.tick(3, step_s=1)
    (alarm,) = alarms(trio)
    assert "refused 4202" in (alarm.detail or "")
    dead = [each for each in trio.platform.receipts() if each.state is LetterState.DEAD]
    assert [(each.object_id, each.last_error) for each in dead] == [("N2", "refused 4202")]


def test_plt_8_6_what_was_read_unseen_by_the_outbox_is_read(trio: Trio) -> None:
    """The operator took the notice, its answer was lost, and it confirms before the repeat."""
    trio.platform.send(OPERATOR, ops.PUBLISH_NOTICE, a_notice(), NOW)
    trio.call(PLATFORM, ops.PUBLISH_NOTICE, a_notice(), to=OPERATOR)
    trio.call(OPERATOR, ops.CONFIRM_NOTICE, a_reading())
    assert deliveries(trio)[OPERATOR].read_at == NOW
    trio.tick(2, step_s=1)
    assert deliveries(trio)[OPERATOR].read_at == NOW


def test_plt_8_6_the_time_of_reading_is_what_the_party_says(trio: Trio) -> None:
    said: datetime = NOW - timedelta(minutes=3)
    trio.platform.send(OPERATOR, ops.PUBLISH_NOTICE, a_notice(), NOW)
    trio.tick(2, step_s=1)
    trio.operator.send(PLATFORM, ops.CONFIRM_NOTICE, a_reading(read_time=said), trio.now)
    trio.tick(2, step_s=1)
    assert deliveries(trio)[OPERATOR].read_at == said
