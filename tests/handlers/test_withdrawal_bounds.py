"""A withdrawal reaches what rests on its own consent, all of that, and nothing else. JES-6.4.1c."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.cases.first import a_curve, a_station
from tests.cases.trading import call
from tests.cases.worlds import DISPATCH, NOW, OEM, OPERATOR, World
from tests.handlers.test_vehicles import a_consent
from vgigw import operations as ops
from vgigw.codec.example import example
from vgigw.objects import (
    AlarmEvent,
    AlarmObjectKind,
    ConsentReceipt,
    ConsentWithdrawal,
)
from vgigw.operations import Operation
from vgigw.ports import Letter, LetterState, letter_for

SECOND_DISPATCH = "200000012"
SECOND = timedelta(seconds=1)


@pytest.fixture
def world() -> World:
    return World()


def withdraw(world: World, party: str = OPERATOR, consent_id: str = "A") -> ConsentReceipt:
    request = ConsentWithdrawal(consent_id=consent_id)
    receipt: ConsentReceipt = call(world, party, ops.WITHDRAW_CONSENT, request)
    return receipt


def waiting(world: World, operation: Operation | None = None) -> list[Letter]:
    found = world.served.store.read(lambda view: view.letters(state=LetterState.WAITING))
    return [each for each in found if operation is None or each.operation == operation.name]


def an_alarm(alarm_id: str = "AL1", **changes: Any) -> AlarmEvent:
    drawn: Any = example(AlarmEvent)
    alarm: AlarmEvent = replace(
        drawn,
        alarm_id=alarm_id,
        object_kind=AlarmObjectKind.VEHICLE,
        **{"object_id": "V1", "occur_time": NOW} | changes,
    )
    return alarm


def test_a_consent_named_like_a_command_stops_no_command_acc_7_4(world: World) -> None:
    station, curve = a_station(), a_curve(a_station())
    call(world, OPERATOR, ops.PUSH_ARCHIVE, station)
    call(world, DISPATCH, ops.ISSUE_CONTROL, curve)
    before = waiting(world, ops.ISSUE_CONTROL)
    assert len(before) == 1
    call(world, OEM, ops.GRANT_CONSENT, a_consent(curve.command_id))
    withdraw(world, OEM, curve.command_id)
    assert waiting(world, ops.ISSUE_CONTROL) == before


@pytest.mark.parametrize("name", ["receipted", "receipts:", "gap:", "A"])
def test_a_consent_named_like_any_group_erases_no_letter_of_it_jes_6_4_1c(
    world: World, name: str
) -> None:
    foreign = letter_for(DISPATCH, ops.PUSH_ALARM, an_alarm(object_id="V9"), NOW, group=name)
    world.served.store.write(lambda tx: tx.enqueue(foreign))
    call(world, OEM, ops.GRANT_CONSENT, a_consent(name))
    withdraw(world, OEM, name)
    assert [each.payload for each in waiting(world)] == [foreign.payload]


def test_a_letter_with_the_message_id_of_another_is_not_erased_with_it_jes_6_4_1c() -> None:
    world = World(OPERATOR)
    platform = "100000001"
    world.act(platform, ops.GRANT_CONSENT, a_consent())
    (grant,) = waiting(world, ops.GRANT_CONSENT)
    twin = replace(grant, group="", payload=grant.payload)
    number = world.served.store.write(lambda tx: tx.enqueue(twin))
    world.act(platform, ops.WITHDRAW_CONSENT, ConsentWithdrawal(consent_id="A"))
    assert [each.id for each in waiting(world, ops.GRANT_CONSENT)] == [number]
