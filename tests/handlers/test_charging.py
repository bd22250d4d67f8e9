"""The user's side with no hook: a refusal of the protocol, never a success, and a word to the host.

102. What a hook answers stands in the how-to ``charging-hooks``, whose example is tested, too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cases.charged import SEQ, a_status
from tests.cases.trading import call
from tests.cases.worlds import (
    AGGREGATOR,
    DOORS,
    NOW,
    OEM,
    OPERATOR,
    OTHER,
    PLATFORM,
    ROLES,
    World,
    identity_of,
)
from tests.stores.fresh import fresh_store
from vgigw import handles
from vgigw import operations as ops
from vgigw.gateway import Gateway
from vgigw.handlers import builtin
from vgigw.objects import (
    BusinessPolicyQuery,
    ConnectorStatus,
    ConnectorStatusInfo,
    EquipAuth,
    EquipAuthQuery,
    InformationObject,
    SessionState,
    StartChargeRequest,
    StopChargeRequest,
    Success,
)
from vgigw.operations import Operation, Role

NO_HOOK, OFFLINE, STOPPED_ALREADY = 99, 2, 3
START = StartChargeRequest(start_charge_seq=SEQ, connector_id="C1", qr_code="qr-of-a-user")
STOP = StopChargeRequest(start_charge_seq=SEQ, connector_id="C1")
ASKED: dict[Operation, InformationObject] = {
    ops.QUERY_EQUIP_AUTH: EquipAuthQuery(equip_auth_seq="A1", connector_id="C1"),
    ops.QUERY_EQUIP_BUSINESS_POLICY: BusinessPolicyQuery(equip_biz_seq="B1", connector_id="C1"),
    ops.QUERY_START_CHARGE: START,
    ops.QUERY_STOP_CHARGE: STOP,
}
each_question = pytest.mark.parametrize("operation", ASKED, ids=lambda row: row.name)


@pytest.fixture
def world() -> World:
    return World(OPERATOR)


@each_question
@pytest.mark.parametrize("door", DOORS)
def test_102_with_no_hook_everything_is_refused_and_nothing_is_kept(
    world: World, door: str, operation: Operation
) -> None:
    reply: Any = world.call(door, OTHER, operation, ASKED[operation])
    assert (reply.succ_stat, reply.fail_reason) == (Success.FAILED, NO_HOOK)
    assert world.kept()["documents"] == []
    assert world.kept()["letters"] == []


def test_102_a_tariff_that_nobody_gives_has_no_period(world: World) -> None:
    query = ASKED[ops.QUERY_EQUIP_BUSINESS_POLICY]
    reply = call(world, OTHER, ops.QUERY_EQUIP_BUSINESS_POLICY, query)
    assert (reply.equip_biz_seq, reply.connector_id) == ("B1", "C1")
    assert (reply.sum_period, reply.policy_infos) == (0, ())


def tell_state(world: World, state: ConnectorStatus) -> None:
    told = ConnectorStatusInfo(event_id="E1", connector_id="C1", status=state, change_time=NOW)
    world.act(PLATFORM, ops.PUSH_DEVICE_STATE, told)


@pytest.mark.parametrize(
    ("state", "reason"),
    [(ConnectorStatus.OFFLINE, OFFLINE), (ConnectorStatus.IDLE, NO_HOOK)],
)
def test_102_a_charger_that_is_known_to_be_offline_is_told_so(
    world: World, state: ConnectorStatus, reason: int
) -> None:
    tell_state(world, state)
    for operation in (ops.QUERY_START_CHARGE, ops.QUERY_STOP_CHARGE):
        reply = call(world, OTHER, operation, ASKED[operation])
        assert (reply.succ_stat, reply.fail_reason) == (Success.FAILED, reason)
        assert reply.start_charge_seq_stat is SessionState.UNKNOWN


def test_plt_8_12_only_who_was_told_of_a_session_learns_how_it_stands(world: World) -> None:
    world.act(PLATFORM, ops.PUSH_CHARGE_STATUS, a_status())
    world.act(
        PLATFORM,
        ops.PUSH_CHARGE_STATUS,
        a_status(start_charge_seq="2", start_charge_seq_stat=SessionState.ENDED),
    )

    def stopped(party: str, seq: str) -> tuple[SessionState, int]:
        request = StopChargeRequest(start_charge_seq=seq, connector_id="C1")
        reply = call(world, party, ops.QUERY_STOP_CHARGE, request)
        assert (reply.start_charge_seq, reply.succ_stat) == (seq, Success.FAILED)
        return reply.start_charge_seq_stat, reply.fail_reason

    assert stopped(PLATFORM, SEQ) == (SessionState.CHARGING, NO_HOOK)
    assert stopped(PLATFORM, "2") == (SessionState.ENDED, STOPPED_ALREADY)
    for stranger in (OTHER, AGGREGATOR, OEM):
        assert stopped(stranger, SEQ) == (SessionState.UNKNOWN, NO_HOOK)
        assert stopped(stranger, "2") == (SessionState.UNKNOWN, NO_HOOK)


# What the host is told ----------------------------------------------------------------------


def told_with(*own: Any) -> tuple[World, list[tuple[str, dict[str, object]]]]:
    """A world whose operator has the hooks ``own``, and what its observer was told."""
    world = World(OPERATOR)
    identity, events = identity_of(OPERATOR), []

    def observe(event: str, /, **facts: object) -> None:
        events.append((event, facts))

    world.served = Gateway(
        identity=identity,
        store=fresh_store(),
        duties=builtin(identity, own),
        couriers={},
        sender=world.net,
        observer=observe,
    )
    world.net.join("served", world.served)
    return world, events


@each_question
def test_102_the_log_says_what_to_do_and_nothing_of_the_user(operation: Operation) -> None:
    world, events = told_with()
    call(world, OTHER, operation, ASKED[operation])

    ((_, facts),) = [each for each in events if each[0] == "operation.unfilled"]
    assert (facts["operation"], facts["peer"]) == (operation.name, OTHER)
    page = str(facts["advice"]).rsplit(" ", 1)[1]
    assert (Path(__file__).parents[2] / page).is_file()
    assert "qr-of-a-user" not in repr(events)


def test_102_a_hook_that_refuses_is_no_matter_for_the_log() -> None:
    @handles(ops.QUERY_EQUIP_AUTH)
    def refuse(call: Any, _: Any) -> EquipAuth:
        asked: EquipAuthQuery = call.request
        return EquipAuth(
            equip_auth_seq=asked.equip_auth_seq,
            connector_id=asked.connector_id,
            succ_stat=Success.FAILED,
            fail_reason=1,
        )

    world, events = told_with(refuse)
    query = ASKED[ops.QUERY_EQUIP_AUTH]
    assert call(world, OTHER, ops.QUERY_EQUIP_AUTH, query).fail_reason == 1
    assert "operation.unfilled" not in [event for event, _ in events]
    call(world, OTHER, ops.QUERY_START_CHARGE, START)
    assert [event for event, _ in events].count("operation.unfilled") == 1


@pytest.mark.parametrize("party", ROLES)
def test_102_whoever_runs_chargers_is_advised_of_all_four_questions(party: str) -> None:
    advised = builtin(identity_of(party)).advice.keys()
    runs_chargers = ROLES[party] in (Role.OPERATOR, Role.AGGREGATOR)
    assert advised == ({row.name for row in ASKED} if runs_chargers else set())
