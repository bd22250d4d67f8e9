"""Sessions: every sample is kept, the newest is in force, its own see it. 102, PLT-8.12."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases.charged import SEQ, a_status, energy
from tests.cases.trading import call, faults, refusal, sent
from tests.cases.worlds import AGGREGATOR, NOW, OEM, OPERATOR, OTHER, PLATFORM, World
from vgigw import operations as ops
from vgigw.errors import Conflict, InvalidObject
from vgigw.handlers.keeping import object_of
from vgigw.objects import (
    ChargeStatus,
    ChargeStatusQuery,
    SessionState,
    StartChargeResult,
    StopChargeResult,
    Success,
)

PUSH, QUERY = ops.PUSH_CHARGE_STATUS, ops.QUERY_EQUIP_CHARGE_STATUS
STARTED, STOPPED = ops.NOTIFY_START_CHARGE_RESULT, ops.NOTIFY_STOP_CHARGE_RESULT
ASKED = ChargeStatusQuery(start_charge_seq=SEQ)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def world() -> World:
    return World(OPERATOR)


def in_force(world: World, owner: str) -> ChargeStatus:
    held = world.served.store.read(lambda view: view.document("ChargeStatus", owner, SEQ))
    assert held is not None
    return object_of(ChargeStatus, held.payload)


def samples(world: World, owner: str) -> int:
    return len(world.served.store.read(lambda view: view.history("ChargeStatus", owner, SEQ)))


def forget_answers(world: World) -> None:
    world.clock.move_to(world.clock.now() + timedelta(days=8))
    world.served.do_chores(world.clock.now())


@settings(max_examples=20)
@given(st.permutations(range(5)))
def test_102_the_newest_sample_is_in_force_in_whatever_order_they_come(order: list[int]) -> None:
    world = World()
    for minute in order:
        told = a_status(end_time=NOW - minute * MINUTE, total_power=energy(str(10 - minute)))
        receipt = call(world, OPERATOR, PUSH, told)
        assert (receipt.start_charge_seq, receipt.succ_stat) == (SEQ, Success.OK)
    assert in_force(world, OPERATOR).total_power == energy("10")
    assert samples(world, OPERATOR) == 5


def test_102_a_newer_sample_is_in_force_whatever_state_it_tells() -> None:
    """A session that was told to have ended goes on: the charger knows it, and is believed."""
    world = World()
    ended = a_status(start_charge_seq_stat=SessionState.ENDED, end_time=NOW - MINUTE)
    call(world, OPERATOR, PUSH, ended)
    call(world, OPERATOR, PUSH, a_status())
    assert in_force(world, OPERATOR) == a_status()


def test_card_6_one_sample_has_one_content_also_when_its_answer_is_forgotten() -> None:
    world = World()
    call(world, OPERATOR, PUSH, a_status())
    assert refusal(world, OPERATOR, PUSH, a_status(total_power=energy("1"))) == 4202
    forget_answers(world)
    assert refusal(world, OPERATOR, PUSH, a_status(total_power=energy("1"))) == 4202
    call(world, OPERATOR, PUSH, a_status())
    assert samples(world, OPERATOR) == 1


def test_102_a_sample_of_the_future_is_4004() -> None:
    world = World()
    late = a_status(end_time=NOW + timedelta(hours=1))
    assert faults(world, OPERATOR, PUSH, late) == ["/EndTime"]
    assert world.kept()["documents"] == []


def test_plt_8_12_a_session_is_seen_by_whoever_told_of_it(world: World) -> None:
    call(world, OTHER, PUSH, a_status())
    assert call(world, OTHER, QUERY, ASKED) == a_status()
    for stranger in (PLATFORM, AGGREGATOR, OEM):
        assert refusal(world, stranger, QUERY, ASKED) == 4201


def test_plt_8_12_our_own_session_is_seen_by_whom_we_told_of_it(world: World) -> None:
    world.act(PLATFORM, PUSH, a_status())
    assert call(world, PLATFORM, QUERY, ASKED) == a_status()
    assert refusal(world, OTHER, QUERY, ASKED) == 4201
    world.act(OTHER, PUSH, a_status())
    assert call(world, OTHER, QUERY, ASKED) == a_status()
    assert samples(world, OPERATOR) == 1
    assert [to for to, _ in sent(world, PUSH)] == [PLATFORM, OTHER]


def test_plt_8_12_a_number_that_two_parties_use_is_two_sessions(world: World) -> None:
    world.act(PLATFORM, PUSH, a_status())
    theirs = a_status(total_power=energy("1"))
    call(world, OTHER, PUSH, theirs)
    assert call(world, OTHER, QUERY, ASKED) == theirs
    assert call(world, PLATFORM, QUERY, ASKED) == a_status()


@pytest.mark.parametrize("told", [STARTED, STOPPED], ids=lambda row: row.name)
def test_plt_8_12_whoever_was_told_a_result_may_ask_how_the_session_stands(
    world: World, told: ops.Operation
) -> None:
    world.act(PLATFORM, PUSH, a_status())
    assert refusal(world, OEM, QUERY, ASKED) == 4201
    world.act(OEM, told, a_start() if told is STARTED else a_stop())
    assert call(world, OEM, QUERY, ASKED) == a_status()


def test_102_a_session_of_which_no_sample_came_is_4201(world: World) -> None:
    world.act(OEM, STARTED, a_start())
    assert refusal(world, OEM, QUERY, ASKED) == 4201


def test_what_a_peer_would_refuse_is_not_sent(world: World) -> None:
    late = NOW + timedelta(hours=1)
    with pytest.raises(InvalidObject):
        world.act(PLATFORM, PUSH, a_status(end_time=late))
    with pytest.raises(InvalidObject):
        world.act(PLATFORM, STARTED, a_start(start_time=late))
    world.act(PLATFORM, PUSH, a_status())
    with pytest.raises(Conflict):
        world.act(OTHER, PUSH, a_status(total_power=energy("1")))
    assert len(sent(world, PUSH, STARTED)) == 1


# Results of start and stop ------------------------------------------------------------------


def a_start(**changes: Any) -> StartChargeResult:
    plain: dict[str, Any] = {
        "start_charge_seq": SEQ,
        "start_charge_seq_stat": SessionState.CHARGING,
        "connector_id": "C1",
        "start_time": NOW,
    }
    return StartChargeResult(**plain | changes)


def a_stop(**changes: Any) -> StopChargeResult:
    plain: dict[str, Any] = {
        "start_charge_seq": SEQ,
        "start_charge_seq_stat": SessionState.ENDED,
        "connector_id": "C1",
        "succ_stat": Success.OK,
        "fail_reason": 0,
    }
    return StopChargeResult(**plain | changes)


def test_102_a_stop_that_failed_may_be_followed_by_one_that_did_not(world: World) -> None:
    charging = SessionState.CHARGING
    failed = a_stop(start_charge_seq_stat=charging, succ_stat=Success.FAILED, fail_reason=2)
    for told in (failed, a_stop()):
        receipt = call(world, OTHER, STOPPED, told)
        assert (receipt.succ_stat, receipt.fail_reason) == (Success.OK, 0)
    kept = world.served.store.read(lambda view: view.documents("StopChargeResult", group=SEQ))
    assert {object_of(StopChargeResult, each.payload).succ_stat for each in kept} == set(Success)


def test_102_a_start_that_was_foreseen_is_followed_by_what_became_of_it(world: World) -> None:
    foreseen = a_start(
        start_charge_seq_stat=SessionState.STARTING, start_time=NOW + timedelta(hours=1)
    )
    for told in (foreseen, a_start()):
        assert call(world, OTHER, STARTED, told).succ_stat is Success.OK
    assert faults(world, OTHER, STARTED, a_start(start_charge_seq="2", start_time=NOW + 6 * MINUTE))
    assert refusal(world, OTHER, STARTED, a_start(connector_id="C2")) == 4202
