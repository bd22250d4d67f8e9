"""Consents: in force at once, withdrawn at once, and what rested on one is gone. JES-6.4.1c."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from tests.cases.trading import call, faults, refusal, sent
from tests.cases.worlds import DISPATCH, NOW, OEM, OPERATOR, OTHER, PLATFORM, World
from tests.handlers.test_vehicles import a_command, a_consent, a_trip, a_vehicle, held
from vgigw import operations as ops
from vgigw.codec.example import example
from vgigw.errors import IllegalState, NoConsent
from vgigw.handlers.commands import known, running
from vgigw.handlers.keeping import object_of
from vgigw.objects import (
    AggregateResource,
    ChargeStatus,
    CommandAck,
    CommandCancel,
    ConsentInfo,
    ConsentQuery,
    ConsentReceipt,
    ConsentWithdrawal,
    PolarityMode,
)
from vgigw.objects.consents import ConsentScope, ConsentState
from vgigw.objects.enumerations import ObjectKind, ResourceLevel
from vgigw.objects.operating_enumerations import AckResult, CommandState, RefuseReason
from vgigw.objects.resources import ResourceMember
from vgigw.ports import LetterState
from vgigw.rules.anonymity import ERASED

GRANT, QUERY, WITHDRAW = ops.GRANT_CONSENT, ops.QUERY_CONSENT, ops.WITHDRAW_CONSENT
VEHICLE, TRIP = ops.PUSH_VEHICLE, ops.PUSH_TRIP
SECOND = timedelta(seconds=1)


@pytest.fixture
def world() -> World:
    return World()


def withdrawal(consent_id: str = "A", reason: str | None = None) -> ConsentWithdrawal:
    return ConsentWithdrawal(consent_id=consent_id, reason=reason)


def withdraw(world: World, consent_id: str = "A", party: str = OPERATOR) -> ConsentReceipt:
    receipt: ConsentReceipt = call(world, party, WITHDRAW, withdrawal(consent_id))
    return receipt


def state(world: World, consent_id: str = "A", party: str = OPERATOR) -> ConsentState:
    found: ConsentInfo = call(world, party, QUERY, ConsentQuery(consent_id=consent_id))
    return found.consent_state


def told(world: World) -> None:
    """A consent, a vehicle and a trip of ``OPERATOR``."""
    call(world, OPERATOR, GRANT, a_consent())
    call(world, OPERATOR, VEHICLE, a_vehicle())
    call(world, OPERATOR, TRIP, a_trip())


def test_a_consent_is_active_from_its_grant_on_jes_6_4_1c(world: World) -> None:
    receipt = call(world, OPERATOR, GRANT, a_consent())
    assert (receipt.consent_state, receipt.effective_time) == (ConsentState.ACTIVE, NOW)
    assert state(world) is ConsentState.ACTIVE


def test_a_consent_lapses_by_itself_and_can_still_be_withdrawn_3_2_6(world: World) -> None:
    call(world, OPERATOR, GRANT, a_consent(valid_to=NOW + SECOND))
    world.clock.move_to(NOW + SECOND)
    assert state(world) is ConsentState.EXPIRED
    assert withdraw(world).consent_state is ConsentState.WITHDRAWN


def test_what_was_withdrawn_never_comes_back_4203(world: World) -> None:
    call(world, OPERATOR, GRANT, a_consent())
    withdraw(world)
    assert refusal(world, OPERATOR, GRANT, a_consent()) == 4203
    assert refusal(world, OPERATOR, GRANT, a_consent(vehicle_id="V2")) == 4203


def test_a_consent_that_has_lapsed_is_not_granted_4203(world: World) -> None:
    over = a_consent(valid_to=NOW)
    assert refusal(world, OPERATOR, GRANT, over) == 4203


def test_another_consent_of_the_same_name_is_a_conflict_4202(world: World) -> None:
    call(world, OPERATOR, GRANT, a_consent())
    assert refusal(world, OPERATOR, GRANT, a_consent(vehicle_id="V2")) == 4202


def test_a_withdrawal_is_answered_once_and_alike_to_its_repeats(world: World) -> None:
    told(world)
    first = withdraw(world)
    world.clock.move_to(NOW + SECOND)
    assert withdraw(world) == first


def test_a_second_withdrawal_is_refused_when_the_first_is_forgotten_4203(world: World) -> None:
    told(world)
    withdraw(world)
    world.served.store.write(lambda tx: tx.erase_answer(OPERATOR, WITHDRAW.name, "A"))
    assert refusal(world, OPERATOR, WITHDRAW, withdrawal()) == 4203


def test_a_foreign_consent_does_not_exist_4201(world: World) -> None:
    told(world)
    for party in (OTHER, OEM):
        assert refusal(world, party, WITHDRAW, withdrawal()) == 4201
        assert refusal(world, party, QUERY, ConsentQuery(consent_id="A")) == 4201
    assert state(world) is ConsentState.ACTIVE


def test_a_grant_is_active_not_from_the_future_and_has_each_scope_once(world: World) -> None:
    wrong = a_consent(
        consent_state=ConsentState.EXPIRED,
        withdrawn_at=NOW,
        granted_at=NOW + timedelta(hours=1),
        consent_scope=(ConsentScope.TRIP, ConsentScope.TRIP),
    )
    paths = ["/ConsentState", "/WithdrawnAt", "/GrantedAt", "/ConsentScope/1"]
    assert faults(world, OPERATOR, GRANT, wrong) == paths


def test_a_withdrawal_erases_vehicle_and_trips_jes_6_4_1c(world: World) -> None:
    told(world)
    call(world, OPERATOR, VEHICLE, a_vehicle(2))
    receipt = withdraw(world)
    assert (receipt.consent_state, receipt.effective_time) == (ConsentState.WITHDRAWN, NOW)
    assert (held(world, "VehicleInfo"), held(world, "TripInfo")) == ([], [])
    left: ConsentInfo = call(world, OPERATOR, QUERY, ConsentQuery(consent_id="A"))
    assert (left.consent_state, left.withdrawn_at) == (ConsentState.WITHDRAWN, NOW)
    assert left.vehicle_id == ERASED


def test_nothing_is_processed_after_a_withdrawal_not_even_a_repeat_4407(world: World) -> None:
    told(world)
    withdraw(world)
    assert refusal(world, OPERATOR, VEHICLE, a_vehicle()) == 4407
    assert refusal(world, OPERATOR, TRIP, a_trip()) == 4407
    assert refusal(world, DISPATCH, ops.ISSUE_CONTROL, a_command()) == 4201


def test_what_rests_on_another_consent_stays_jes_6_4_1c(world: World) -> None:
    told(world)
    call(world, OPERATOR, GRANT, a_consent("B"))
    call(world, OPERATOR, VEHICLE, a_vehicle(2, consent_id="B"))
    call(world, OPERATOR, TRIP, a_trip("T2", consent_id="B"))
    withdraw(world, "A")
    assert held(world, "VehicleInfo") == [2]
    assert [each.key for each in documents(world, "TripInfo")] == ["T2"]
    withdraw(world, "B")
    assert (held(world, "VehicleInfo"), held(world, "TripInfo")) == ([], [])


def test_a_session_is_made_anonymous_with_the_last_consent_only_jes_6_4_1c(world: World) -> None:
    told(world)
    call(world, OPERATOR, GRANT, a_consent("B"))
    status: Any = example(ChargeStatus)
    times = {"start_time": NOW - SECOND, "end_time": NOW}
    call(world, OPERATOR, ops.PUSH_CHARGE_STATUS, replace(status, vehicle_id="V1", **times))

    def named() -> list[str | None]:
        found = documents(world, "ChargeStatus")
        return [object_of(ChargeStatus, each.payload).vehicle_id for each in found]

    withdraw(world, "A")
    assert named() == ["V1"]
    withdraw(world, "B")
    assert named() == [ERASED]


def test_a_command_for_vehicles_of_which_one_has_no_consent_is_called_back_jes_6_2_3_1(
    world: World,
) -> None:
    told(world)
    call(world, OPERATOR, GRANT, a_consent("B", vehicle_id="V2"))
    call(world, OPERATOR, VEHICLE, a_vehicle(vehicle_id="V2", consent_id="B"))
    drawn: Any = example(AggregateResource)
    vehicles = replace(
        drawn,
        resource_id="R1",
        aggregator_id=OPERATOR,
        resource_level=ResourceLevel.VEHICLE,
        polarity_mode=PolarityMode.LOAD,
        rated_discharge_power=Decimal(0),
        members=tuple(
            ResourceMember(member_kind=ObjectKind.VEHICLE, member_id=each, share=Decimal(1))
            for each in ("V1", "V2")
        ),
    )
    call(world, OPERATOR, ops.PUSH_RESOURCE, vehicles)
    call(world, DISPATCH, ops.ISSUE_CONTROL, a_command(resource_id="R1"))
    assert withdraw(world, "A").cancelled_commands == ("K1",)
    (held_now,) = documents(world, "AggregateResource")
    left = object_of(AggregateResource, held_now.payload)
    assert [each.member_id for each in left.members] == ["V2"]
    call(world, DISPATCH, ops.ISSUE_CONTROL, a_command(command_id="K2", resource_id="R1"))


def test_the_vehicle_of_another_party_stays_jes_6_4_1c(world: World) -> None:
    told(world)
    call(world, OEM, GRANT, a_consent())
    call(world, OEM, VEHICLE, a_vehicle())
    withdraw(world)
    assert held(world, "VehicleInfo", OEM) == [1]
    assert state(world, party=OEM) is ConsentState.ACTIVE


def documents(world: World, kind: str) -> Any:
    return world.served.store.read(lambda view: view.documents(kind))


def command_state(world: World, command_id: str = "K1") -> CommandState:
    return world.served.store.read(lambda view: known(view, command_id)).state


def test_running_commands_for_the_vehicle_are_called_back_3_2_6(world: World) -> None:
    told(world)
    call(world, DISPATCH, ops.ISSUE_CONTROL, a_command())
    receipt = withdraw(world)

    assert receipt.cancelled_commands == ("K1",)
    assert command_state(world) is CommandState.CANCELLED
    assert world.served.store.read(lambda view: running(view, carrier=OPERATOR)) == []
    ((party, cancel),) = sent(world, ops.CANCEL_CONTROL)
    assert isinstance(cancel, CommandCancel)
    assert (party, cancel.command_id) == (OPERATOR, "K1")
    ((party, ack),) = sent(world, ops.ACK_CONTROL)
    assert isinstance(ack, CommandAck)
    assert (party, ack.ack_result, ack.refuse_reason) == (
        DISPATCH,
        AckResult.REFUSED,
        RefuseReason.USER_NEED,
    )


def test_a_command_that_still_waits_is_not_delivered_any_more_3_2_6(world: World) -> None:
    told(world)
    call(world, DISPATCH, ops.ISSUE_CONTROL, a_command())
    withdraw(world)
    waiting = world.served.store.read(lambda view: view.letters(state=LetterState.WAITING))
    assert ops.ISSUE_CONTROL.name not in {each.operation for each in waiting}


def test_a_command_that_is_over_stays_as_it_ended_jes_6_4_1c(world: World) -> None:
    told(world)
    call(world, DISPATCH, ops.ISSUE_CONTROL, a_command())
    refused = CommandAck(
        command_id="K1",
        ack_party=OPERATOR,
        ack_result=AckResult.REFUSED,
        refuse_reason=RefuseReason.OTHER,
        ack_time=NOW,
    )
    call(world, OPERATOR, ops.ACK_CONTROL, refused)
    assert withdraw(world).cancelled_commands == ()
    assert command_state(world) is CommandState.REFUSED


def test_a_sender_erases_its_own_and_sends_no_more_of_it_jes_6_4_1c() -> None:
    world = World(OPERATOR)
    world.act(PLATFORM, GRANT, a_consent())
    world.act(PLATFORM, VEHICLE, a_vehicle())
    world.act(PLATFORM, TRIP, a_trip())
    world.act(PLATFORM, WITHDRAW, withdrawal())
    world.act(PLATFORM, WITHDRAW, withdrawal())  # To another platform, say.

    letters = world.served.store.read(lambda view: view.letters(state=LetterState.WAITING))
    assert {each.operation for each in letters} == {WITHDRAW.name}
    assert (held(world, "VehicleInfo"), held(world, "TripInfo")) == ([], [])
    with pytest.raises(NoConsent):
        world.act(PLATFORM, VEHICLE, a_vehicle())
    with pytest.raises(IllegalState):
        world.act(PLATFORM, GRANT, a_consent())
