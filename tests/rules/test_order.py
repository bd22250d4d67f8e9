"""Orders add up, and a check of orders finds each difference once. 102, VGI-T6."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.cases.charged import HOUR, a_check, a_detail, an_order, energy
from tests.cases.worlds import NOW
from vgigw.errors import InvalidObject
from vgigw.objects import ChargeOrder, OrderCheckResult
from vgigw.rules.checks import check
from vgigw.rules.order import DisputeReason, compare
from vgigw.rules.session import AHEAD, RETAINED_DAYS

CENT = Decimal("0.01")
MOMENT = timedelta(milliseconds=1)
NOTHING, FEES, ENERGY, UNLISTED = DisputeReason
cents = st.integers(0, 10**6).map(lambda found: Decimal(found).scaleb(-2))
exact = st.integers(0, 10**9).map(lambda found: Decimal(found).scaleb(-5))
names = st.lists(st.sampled_from("abcdefgh"), unique=True)


def faults(obj: Any) -> list[str]:
    try:
        check(obj, NOW)
    except InvalidObject as refused:
        return [detail.path for detail in refused.details]
    return []


@given(cents, cents, st.integers(-3, 3))
def test_102_the_fees_are_the_total_to_the_cent(fee: Decimal, service: Decimal, off: int) -> None:
    whole = fee + service + off * CENT
    order = an_order(total_elec_money=fee, total_sevice_money=service, total_money=whole)
    assert faults(order) == ["/TotalMoney"] * (off != 0)


@given(st.lists(exact, min_size=1, max_size=32))
def test_102_periods_that_were_rounded_for_themselves_add_up(energies: list[Decimal]) -> None:
    whole = sum(energies, Decimal(0)).quantize(CENT)
    details = tuple(
        a_detail(detail_power=each.quantize(CENT), detail_elec_money=each.quantize(CENT))
        for each in energies
    )
    order = an_order(
        total_power=whole,
        total_elec_money=whole,
        total_money=whole + energy("5"),
        charge_details=details,
    )
    assert faults(order) == []


@given(st.lists(cents, min_size=1, max_size=32), st.booleans())
def test_102_periods_that_are_further_off_than_rounding_are_named(
    energies: list[Decimal], more: bool
) -> None:
    allowed = (len(energies) + 1) // 2 * CENT
    off = allowed if more else -allowed
    details = tuple(a_detail(detail_power=each) for each in energies)
    order = an_order(total_power=sum(energies, Decimal(0)) + off, charge_details=details)
    assert faults(order) == []
    worse = order.total_power + (CENT if more else -CENT)
    assert faults(replace(order, total_power=worse)) == ["/TotalPower"]


@pytest.mark.parametrize(
    ("member", "total", "path"),
    [
        ("detail_power", "total_power", "/TotalPower"),
        ("detail_elec_money", "total_elec_money", "/TotalElecMoney"),
        ("detail_sevice_money", "total_sevice_money", "/TotalSeviceMoney"),
    ],
)
def test_102_each_total_has_its_own_periods(member: str, total: str, path: str) -> None:
    order = an_order()
    half = getattr(order, total) / 2
    good = replace(order, charge_details=(a_detail(detail_power=energy("6.25")),) * 2)
    good = replace(
        good, charge_details=tuple(replace(each, **{member: half}) for each in good.charge_details)
    )
    wrong = tuple(replace(each, **{member: half + 1}) for each in good.charge_details)
    assert (faults(good), faults(replace(good, charge_details=wrong))) == ([], [path])


def test_102_fees_that_not_every_period_tells_are_not_added_up() -> None:
    told = a_detail(detail_power=energy("6.25"), detail_elec_money=energy("1"))
    untold = a_detail(detail_power=energy("6.25"))
    assert faults(an_order(charge_details=(told, untold))) == []
    assert faults(an_order(charge_details=(told, told))) == ["/TotalElecMoney"]


def test_102_an_order_ends_after_its_start_and_not_in_the_future() -> None:
    assert faults(an_order(end_time=NOW + AHEAD)) == []
    assert faults(an_order(end_time=NOW + AHEAD + MOMENT)) == ["/EndTime"]
    assert faults(an_order(start_time=NOW + MOMENT)) == ["/EndTime"]
    assert faults(an_order(start_time=NOW)) == []


def test_102_periods_of_an_order_are_as_those_of_a_session() -> None:
    bad = a_detail(NOW, NOW - MOMENT)
    order = an_order(charge_details=(bad,), sum_period=2)
    assert faults(order) == ["/SumPeriod", "/ChargeDetails/0/DetailEndTime"]


# What a check must hold ---------------------------------------------------------------------


@given(st.integers(-1, 1), st.integers(-1, 1), st.integers(-1, 1))
def test_102_the_totals_of_a_check_are_those_of_its_list(count: int, power: int, fees: int) -> None:
    good = a_check(an_order(), an_order(start_charge_seq="2"))
    told = replace(
        good,
        order_count=good.order_count + count,
        total_order_power=good.total_order_power + power * CENT,
        total_order_money=good.total_order_money + fees * CENT,
    )
    wrong = {"/OrderCount": count, "/TotalOrderPower": power, "/TotalOrderMoney": fees}
    assert faults(told) == [path for path, off in wrong.items() if off]


def test_102_an_order_is_listed_once() -> None:
    told = a_check(an_order(), an_order(start_charge_seq="2"), an_order())
    assert faults(told) == ["/ChargeOrders/2/StartChargeSeq"]


def test_plt_9_3b_a_check_is_of_a_period_that_is_retained() -> None:
    longest = timedelta(days=RETAINED_DAYS)
    assert faults(a_check(end_time=NOW - HOUR + longest)) == []
    assert faults(a_check(end_time=NOW - HOUR + longest + MOMENT)) == ["/EndTime"]
    assert faults(a_check(end_time=NOW - HOUR)) == ["/EndTime"]


# What it finds ------------------------------------------------------------------------------


def found(result: OrderCheckResult) -> dict[str, int]:
    return {each.start_charge_seq: each.dispute_reason for each in result.dispute_orders}


def orders(seqs: list[str], **changes: Any) -> list[ChargeOrder]:
    return [an_order(start_charge_seq=seq, **changes) for seq in seqs]


@given(names, names, st.sets(st.sampled_from("abcdefgh")), st.sets(st.sampled_from("abcdefgh")))
def test_vgi_t6_each_difference_is_found_once_and_nothing_else(
    listed: list[str], held: list[str], dearer: set[str], larger: set[str]
) -> None:
    more: dict[str, Any] = {}
    kept = {}
    for seq in held:
        more = {"total_money": energy("15.01")} if seq in dearer else {}
        more |= {"total_power": energy("12.51")} if seq in larger else {}
        kept[seq] = an_order(start_charge_seq=seq, **more)

    result = compare(a_check(*orders(listed)), kept, kept.values())

    expected = {seq: NOTHING for seq in listed if seq not in kept}
    expected |= {seq: UNLISTED for seq in held if seq not in listed}
    both = [seq for seq in listed if seq in kept]
    expected |= {seq: ENERGY for seq in both if seq in larger}
    expected |= {seq: FEES for seq in both if seq in dearer}
    assert found(result) == {seq: reason.value for seq, reason in expected.items()}
    disputed = result.dispute_orders
    assert result.total_dispute_order == len(disputed) == len(expected)
    assert result.total_dispute_power == sum(each.total_power for each in disputed)
    assert result.total_dispute_money == sum(each.total_money for each in disputed)


@given(names)
def test_vgi_t6_the_same_orders_on_both_sides_are_no_dispute(seqs: list[str]) -> None:
    both = orders(seqs)
    told = a_check(*both)
    result = compare(told, {each.start_charge_seq: each for each in both}, both)
    assert (result.total_dispute_order, result.dispute_orders) == (0, ())
    assert (result.start_time, result.end_time) == (told.start_time, told.end_time)
    assert result.check_order_seq == told.check_order_seq


def test_vgi_t6_a_dispute_tells_what_is_kept_and_else_what_was_listed() -> None:
    kept = an_order(total_money=energy("99"), total_power=energy("9"))
    result = compare(a_check(an_order()), {kept.start_charge_seq: kept}, [])
    (dispute,) = result.dispute_orders
    assert (dispute.total_money, dispute.total_power) == (energy("99"), energy("9"))
    (dispute,) = compare(a_check(an_order()), {}, []).dispute_orders
    assert (dispute.total_money, dispute.total_power) == (energy("15"), energy("12.5"))


def test_vgi_t6_an_order_that_ended_in_another_period_is_no_dispute() -> None:
    """It is listed and kept: which of the two sides booked it late is not ours to say."""
    kept = an_order(end_time=NOW - 30 * HOUR, start_time=NOW - 31 * HOUR)
    assert found(compare(a_check(an_order()), {kept.start_charge_seq: kept}, [])) == {}
