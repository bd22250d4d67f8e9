"""Orders are kept once, and a check finds what the two sides hold differently. 102, VGI-T6."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.cases.charged import HOUR, SEQ, a_check, a_detail, a_status, an_order, energy
from tests.cases.trading import call, faults, refusal, sent
from tests.cases.worlds import AGGREGATOR, NOW, OEM, OPERATOR, OTHER, PLATFORM, World
from tests.trio import BASES, Trio
from vgigw import operations as ops
from vgigw.errors import Conflict, InvalidObject, PeerRefused
from vgigw.handlers import orders as desk
from vgigw.handlers.keeping import object_of
from vgigw.objects import ChargeOrder, ChargeStatusQuery, OrderCheckResult, StartChargeResult
from vgigw.objects.sessions import SessionState
from vgigw.rules.order import DisputeReason

PUSH, CHECK = ops.PUSH_CHARGE_ORDER, ops.CHECK_CHARGE_ORDERS
NOTHING, FEES, ENERGY, UNLISTED = DisputeReason


@pytest.fixture
def world() -> World:
    return World(OPERATOR)


def found(result: OrderCheckResult) -> list[tuple[str, int]]:
    return [(each.start_charge_seq, each.dispute_reason) for each in result.dispute_orders]


def numbered(number: int, **changes: Any) -> ChargeOrder:
    return an_order(start_charge_seq=f"{SEQ[:-1]}{number}", **changes)


def test_102_an_order_is_confirmed_and_kept_once() -> None:
    world = World()
    receipt = call(world, OPERATOR, PUSH, an_order())
    assert (receipt.start_charge_seq, receipt.connector_id) == (SEQ, "C1")
    assert receipt.confirm_result == 0
    world.clock.move_to(NOW + timedelta(days=8))
    world.served.do_chores(world.clock.now())
    assert call(world, OPERATOR, PUSH, an_order()) == receipt
    kept = world.served.store.read(lambda view: view.history("ChargeOrder", OPERATOR, SEQ))
    assert [object_of(ChargeOrder, each.payload) for each in kept] == [an_order()]


def test_card_6_other_content_is_4202_also_when_the_answer_is_forgotten() -> None:
    world = World()
    call(world, OPERATOR, PUSH, an_order())
    other = an_order(stop_reason=3)
    assert refusal(world, OPERATOR, PUSH, other) == 4202
    world.clock.move_to(NOW + timedelta(days=8))
    world.served.do_chores(world.clock.now())
    assert refusal(world, OPERATOR, PUSH, other) == 4202


def test_102_an_order_that_does_not_add_up_is_4004_with_every_path() -> None:
    world = World()
    details = (a_detail(detail_power=energy("3"), detail_elec_money=energy("1")),) * 2
    wrong = an_order(charge_details=details, total_money=energy("14"), sum_period=1)
    assert faults(world, OPERATOR, PUSH, wrong) == [
        "/TotalMoney",
        "/SumPeriod",
        "/TotalPower",
        "/TotalElecMoney",
    ]
    assert world.kept()["documents"] == []


def test_what_a_peer_would_refuse_is_not_sent(world: World) -> None:
    with pytest.raises(InvalidObject):
        world.act(PLATFORM, PUSH, an_order(total_money=energy("14")))
    with pytest.raises(InvalidObject):
        world.act(PLATFORM, CHECK, a_check(an_order(), order_count=2))
    world.act(PLATFORM, PUSH, an_order())
    with pytest.raises(Conflict):
        world.act(OTHER, PUSH, an_order(stop_reason=3))
    assert sent(world, PUSH, CHECK) == [(PLATFORM, an_order())]


def test_plt_8_12_whoever_was_told_an_order_may_ask_for_its_session(world: World) -> None:
    world.act(PLATFORM, ops.PUSH_CHARGE_STATUS, a_status())
    asked = ChargeStatusQuery(start_charge_seq=SEQ)
    assert refusal(world, OEM, ops.QUERY_EQUIP_CHARGE_STATUS, asked) == 4201
    world.act(OEM, PUSH, an_order())
    assert call(world, OEM, ops.QUERY_EQUIP_CHARGE_STATUS, asked) == a_status()


# The check ----------------------------------------------------------------------------------


def test_vgi_t6_a_check_finds_each_difference(world: World) -> None:
    for each in (numbered(1), numbered(2), numbered(3), numbered(4)):
        call(world, OTHER, PUSH, each)
    dearer = numbered(2, total_elec_money=energy("11"), total_money=energy("16"))
    larger = numbered(3, total_power=energy("13"))

    result = call(world, OTHER, CHECK, a_check(numbered(1), dearer, larger, numbered(5)))

    assert found(result) == [
        (numbered(2).start_charge_seq, FEES),
        (numbered(3).start_charge_seq, ENERGY),
        (numbered(5).start_charge_seq, NOTHING),
        (numbered(4).start_charge_seq, UNLISTED),
    ]
    assert (result.total_dispute_order, result.total_dispute_money) == (4, energy("60"))


def test_vgi_t6_orders_that_we_told_are_checked_too(world: World) -> None:
    world.act(OTHER, PUSH, numbered(1))
    world.act(OTHER, PUSH, numbered(2))
    result = call(world, OTHER, CHECK, a_check(numbered(1)))
    assert found(result) == [(numbered(2).start_charge_seq, UNLISTED)]


def test_plt_8_12_a_check_tells_nothing_of_the_orders_of_others(world: World) -> None:
    world.act(PLATFORM, PUSH, numbered(1))
    call(world, AGGREGATOR, PUSH, numbered(2))
    assert found(call(world, OTHER, CHECK, a_check(numbered(1), numbered(2)))) == [
        (numbered(1).start_charge_seq, NOTHING),
        (numbered(2).start_charge_seq, NOTHING),
    ]


def test_102_an_order_is_of_the_period_in_which_it_ended(world: World) -> None:
    start, end = NOW - HOUR, NOW + HOUR
    moment = timedelta(seconds=1)
    for number, ended in enumerate((start - moment, start, NOW)):
        call(world, OTHER, PUSH, numbered(number, start_time=start - HOUR, end_time=ended))

    whole = call(world, OTHER, CHECK, a_check(start_time=start, end_time=end))
    assert [seq for seq, _ in found(whole)] == [numbered(n).start_charge_seq for n in (1, 2)]

    open_end = a_check(start_time=start, end_time=NOW, check_order_seq="2")
    assert [seq for seq, _ in found(call(world, OTHER, CHECK, open_end))] == [
        numbered(1).start_charge_seq
    ]


def test_102_a_period_over_midnight_in_beijing_is_checked_whole(world: World) -> None:
    midnight = NOW.replace(hour=16) - timedelta(days=1)
    for number, ended in enumerate((midnight - timedelta(minutes=1), midnight)):
        call(world, OTHER, PUSH, numbered(number, start_time=midnight - HOUR, end_time=ended))
    told = a_check(start_time=midnight - HOUR, end_time=midnight + HOUR)
    assert len(found(call(world, OTHER, CHECK, told))) == 2


def test_102_more_disputes_than_an_answer_holds_are_4302(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        call(world, OTHER, PUSH, numbered(number))
    monkeypatch.setattr(desk, "MAX_ORDERS", 2)
    assert refusal(world, OTHER, CHECK, a_check()) == 4302
    monkeypatch.setattr(desk, "MAX_ORDERS", 3)
    assert len(found(call(world, OTHER, CHECK, a_check(check_order_seq="2")))) == 3


def test_102_disputes_of_more_than_an_answer_has_room_for_are_4302(world: World) -> None:
    for number in range(2):
        call(world, OTHER, PUSH, numbered(number, total_power=energy("6e11")))
    assert refusal(world, OTHER, CHECK, a_check()) == 4302
    assert found(call(world, OTHER, CHECK, a_check(numbered(0, total_power=energy("6e11"))))) == [
        (numbered(1).start_charge_seq, UNLISTED)
    ]


def test_102_a_check_whose_totals_are_none_of_its_list_is_4004(world: World) -> None:
    told = replace(a_check(an_order()), total_order_money=energy("14.99"))
    assert faults(world, OTHER, CHECK, told) == ["/TotalOrderMoney"]


# Between two gateways -----------------------------------------------------------------------


def test_vgi_t6_what_the_other_side_found_last_is_kept_beside_our_check() -> None:
    trio = Trio()
    trio.operator.send("100000001", PUSH, numbered(1), trio.now)
    trio.tick()
    check = a_check(numbered(2))
    trio.operator.send("100000001", CHECK, check, trio.now)
    trio.tick()
    trio.wait(8 * 24 * 3600)  # what was answered is forgotten
    trio.operator.send("100000001", PUSH, numbered(3), trio.now)
    trio.tick()
    trio.operator.send("100000001", CHECK, check, trio.now)
    trio.tick()

    held = trio.stores["123456789"].read(
        lambda view: view.document("OrderCheckResult", "100000001", check.check_order_seq)
    )
    assert held is not None
    result = object_of(OrderCheckResult, held.payload)
    assert found(result) == [
        (numbered(2).start_charge_seq, NOTHING),
        (numbered(1).start_charge_seq, UNLISTED),
        (numbered(3).start_charge_seq, UNLISTED),
    ]
    assert held.version == 2
    assert {letter.state.value for letter in trio.letters("123456789")} == {"delivered"}


PERSONAL = ("苏A12345", "LSVAU2180N2183294", "V-pseudonym", "stop-code")


@pytest.mark.parametrize("door", BASES)
def test_plt_7_10e_nothing_personal_is_told_to_a_log_whatever_becomes_of_it(door: str) -> None:
    plate, vin, vehicle, code = PERSONAL
    order = an_order(plate_no=plate, vin=vin, vehicle_id=vehicle)
    trio = Trio(door)

    def refuse(operation: ops.Operation, request: Any) -> int:
        with pytest.raises(PeerRefused) as refused:
            trio.call("123456789", operation, request)
        return refused.value.code

    trio.call("123456789", PUSH, order)
    assert refuse(PUSH, replace(order, stop_reason=4)) == 4202
    assert refuse(PUSH, replace(order, start_charge_seq="2", total_money=energy("1"))) == 4004
    start = StartChargeResult(
        start_charge_seq=SEQ,
        start_charge_seq_stat=SessionState.CHARGING,
        connector_id="C1",
        start_time=NOW,
        ident_code=code,
    )
    trio.call("123456789", ops.NOTIFY_START_CHARGE_RESULT, start)
    trio.call("123456789", ops.PUSH_CHARGE_STATUS, a_status(vehicle_id=vehicle))
    trio.net.cut.add("100000001")
    trio.operator.send("100000001", PUSH, replace(order, start_charge_seq="3"), trio.now)
    trio.tick()

    told = repr(trio.events)
    assert {event for _, event, _ in trio.events} >= {
        "message.accepted",
        "message.refused",
        "letter.postponed",
    }
    assert [each for each in PERSONAL if each in told] == []
