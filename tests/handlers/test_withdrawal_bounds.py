"""A withdrawal reaches what rests on its own consent, all of that, and nothing else. JES-6.4.1c."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.cases.first import a_curve, a_station
from tests.cases.trading import call, refusal, sent
from tests.cases.worlds import DISPATCH, NOW, OEM, OPERATOR, ROLES, World
from tests.handlers.test_vehicles import a_command, a_consent, a_vehicle
from tests.trio import Trio, batch, record
from vgigw import operations as ops
from vgigw.codec.example import example
from vgigw.handlers import anonymising, anonymous_records
from vgigw.handlers.commands import curve_of, known
from vgigw.handlers.keeping import object_of
from vgigw.objects import (
    AlarmEvent,
    AlarmObjectKind,
    ChargeStatus,
    CommandAck,
    ConsentReceipt,
    ConsentWithdrawal,
    ControlCurve,
    TelemetryBatch,
)
from vgigw.objects.enumerations import ObjectKind
from vgigw.objects.operating_enumerations import AckResult, CommandState
from vgigw.operations import Operation, Role
from vgigw.ports import Letter, LetterState, letter_for
from vgigw.ports.letter_groups import of_command
from vgigw.rules.anonymity import ERASED

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


def vehicles_in(letters: list[Letter]) -> set[str]:
    return {object_of(AlarmEvent, each.payload).object_id for each in letters}


def test_each_of_two_dispatches_hears_of_an_alarm_without_the_vehicle_q24() -> None:
    world = World(parties=ROLES | {SECOND_DISPATCH: Role.DISPATCH})
    call(world, OPERATOR, ops.GRANT_CONSENT, a_consent())
    call(world, OPERATOR, ops.PUSH_ALARM, an_alarm())
    told = {each.destination for each in waiting(world, ops.PUSH_ALARM)}
    assert told >= {DISPATCH, SECOND_DISPATCH}
    withdraw(world)
    after = waiting(world, ops.PUSH_ALARM)
    assert sorted(each.destination for each in after) == sorted(told)
    assert vehicles_in(after) == {ERASED}


def bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done at once is little."""
    monkeypatch.setattr(anonymous_records, "_LETTERS", 3)
    for module in (anonymising, anonymous_records):
        monkeypatch.setattr(module, "AT_ONCE", 4)


def test_no_letter_of_many_keeps_the_vehicle_jes_6_4_1c(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bounded(monkeypatch)
    store = world.served.store
    call(world, OPERATOR, ops.GRANT_CONSENT, a_consent())
    for number in range(10):
        told = letter_for(DISPATCH, ops.PUSH_ALARM, an_alarm(f"AL{number}"), NOW)
        store.write(lambda tx, one=told: tx.enqueue(one))  # type: ignore[misc]
    withdraw(world)
    assert vehicles_in(waiting(world, ops.PUSH_ALARM)) == {"V1", ERASED}
    for _ in range(100):
        world.served.do_chores(NOW)
    assert store.read(anonymising.is_done)
    after = waiting(world, ops.PUSH_ALARM)
    assert (len(after), vehicles_in(after)) == (10, {ERASED})


def test_what_is_not_anonymous_yet_is_not_sent_meanwhile_jes_6_4_1c(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bounded(monkeypatch)
    trio = Trio("rest")
    trio.call(OPERATOR, ops.GRANT_CONSENT, a_consent())
    for number in range(10):
        trio.call(OPERATOR, ops.PUSH_ALARM, an_alarm(f"AL{number}"))
    trio.call(OPERATOR, ops.WITHDRAW_CONSENT, ConsentWithdrawal(consent_id="A"))
    for _ in range(100):
        trio.platform.deliver(DISPATCH, trio.now)
        trio.platform.do_chores(trio.now)
    arrived = trio.dispatch.store.read(lambda view: view.documents(AlarmEvent.__name__))
    assert len(arrived) == 10
    assert {object_of(AlarmEvent, each.payload).object_id for each in arrived} == {ERASED}


def taken(world: World, command_id: str) -> None:
    ack = CommandAck(
        command_id=command_id, ack_party=OPERATOR, ack_result=AckResult.ACCEPTED, ack_time=NOW
    )
    call(world, OPERATOR, ops.ACK_CONTROL, ack)


def test_a_consent_named_after_a_station_touches_no_command_for_it_acc_7_4(world: World) -> None:
    site = a_station()
    curve = a_curve(site)
    call(world, OPERATOR, ops.PUSH_ARCHIVE, site)
    call(world, DISPATCH, ops.ISSUE_CONTROL, curve)
    taken(world, curve.command_id)
    call(world, OPERATOR, ops.GRANT_CONSENT, a_consent(vehicle_id=site.station_id))
    call(world, OPERATOR, ops.PUSH_VEHICLE, a_vehicle(vehicle_id=site.station_id))
    store = world.served.store
    before = store.read(lambda view: known(view, curve.command_id))
    assert withdraw(world).cancelled_commands == ()
    after = store.read(lambda view: known(view, curve.command_id))
    assert (after, after.state) == (before, CommandState.ACKED)
    assert store.read(lambda view: curve_of(view, after)).resource_id == site.station_id


def test_who_issued_hears_of_a_command_that_was_taken_on_and_ends_3_2_6(world: World) -> None:
    call(world, OPERATOR, ops.GRANT_CONSENT, a_consent())
    call(world, OPERATOR, ops.PUSH_VEHICLE, a_vehicle())
    call(world, DISPATCH, ops.ISSUE_CONTROL, a_command())
    taken(world, "K1")
    assert withdraw(world).cancelled_commands == ("K1",)
    assert [party for party, _ in sent(world, ops.CANCEL_CONTROL)] == [OPERATOR]
    ((party, alarm),) = sent(world, ops.PUSH_ALARM)
    assert isinstance(alarm, AlarmEvent)
    assert (party, alarm.object_kind, alarm.object_id) == (DISPATCH, AlarmObjectKind.COMMAND, "K1")
    store = world.served.store
    after = store.read(lambda view: known(view, "K1"))
    assert (after.state, after.resource_id) == (CommandState.CANCELLED, ERASED)
    kept = store.read(lambda view: curve_of(view, after))
    assert kept == replace(a_command(), resource_id=ERASED)


def driving(first: int = 1) -> TelemetryBatch:
    vehicle = record(first, object_kind=ObjectKind.VEHICLE, object_id="V1")
    another = record(first + 1, object_kind=ObjectKind.VEHICLE, object_id="V2")
    return batch(first, first + 1, records=(vehicle, another))


def stored(world: World) -> list[str]:
    rows = world.served.store.read(lambda view: view.rows(owner=OPERATOR))
    batches = [object_of(TelemetryBatch, row.payload) for row in rows]
    return [str(each.object_id) for one in batches for each in one.records]


def test_telemetry_after_a_withdrawal_is_taken_without_the_vehicle_3_2_6(world: World) -> None:
    call(world, OPERATOR, ops.GRANT_CONSENT, a_consent())
    withdraw(world)
    call(world, OPERATOR, ops.UPLOAD_TELEMETRY, driving())
    call(world, OPERATOR, ops.UPLOAD_TELEMETRY, driving())  # Its answer was lost, say.
    assert stored(world) == [ERASED, "V2"]
    call(world, OPERATOR, ops.GRANT_CONSENT, a_consent("B"))
    call(world, OPERATOR, ops.UPLOAD_TELEMETRY, driving(3))
    assert stored(world) == [ERASED, "V2", "V1", "V2"]


def test_what_names_a_withdrawn_vehicle_is_refused_until_a_new_consent_4407(world: World) -> None:
    drawn: Any = example(ChargeStatus)
    session = replace(drawn, vehicle_id="V1", start_time=NOW - SECOND, end_time=NOW)
    told = ((ops.PUSH_ALARM, an_alarm()), (ops.PUSH_CHARGE_STATUS, session))
    call(world, OPERATOR, ops.GRANT_CONSENT, a_consent())
    call(world, OEM, ops.GRANT_CONSENT, a_consent())
    withdraw(world)
    for operation, request in told:
        assert refusal(world, OPERATOR, operation, request) == 4407
    assert sent(world, ops.PUSH_ALARM) == []
    call(world, OEM, ops.PUSH_ALARM, an_alarm("AL2"))
    call(world, OPERATOR, ops.PUSH_CHARGE_STATUS, replace(session, vehicle_id=ERASED))
    call(world, OPERATOR, ops.GRANT_CONSENT, a_consent("B"))
    call(world, OPERATOR, ops.PUSH_ALARM, an_alarm("AL3"))


def test_a_vehicle_that_another_consent_bears_is_still_told_of_3_2_6(world: World) -> None:
    for name in ("A", "B"):
        call(world, OPERATOR, ops.GRANT_CONSENT, a_consent(name))
    withdraw(world)
    call(world, OPERATOR, ops.PUSH_ALARM, an_alarm())


def test_the_answer_to_one_issuer_stands_in_no_group_of_another_acc_7_4() -> None:
    world = World(parties=ROLES | {SECOND_DISPATCH: Role.DISPATCH})
    site = a_station()
    curve = a_curve(site)
    call(world, OPERATOR, ops.PUSH_ARCHIVE, site)
    call(world, DISPATCH, ops.ISSUE_CONTROL, curve)
    same_name = replace(curve, issued_by=SECOND_DISPATCH)
    call(world, SECOND_DISPATCH, ops.ISSUE_CONTROL, same_name)
    _, second = (each for _, each in sent(world, ops.ISSUE_CONTROL))
    assert isinstance(second, ControlCurve)
    taken(world, second.command_id)
    group = of_command(curve.command_id)
    found = world.served.store.read(lambda view: view.letters(group=group))
    assert [(each.destination, each.operation) for each in found] == [(OPERATOR, "IssueControl")]
