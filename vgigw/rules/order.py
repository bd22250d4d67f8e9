"""What a charge order and a check of orders must hold, and what such a check finds. 102, VGI-T6."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import IntEnum
from typing import Final

from vgigw.errors import Detail, InvalidObject
from vgigw.objects import ChargeOrder, DisputeOrder, OrderCheck, OrderCheckItem, OrderCheckResult
from vgigw.rules.session import AHEAD, RETAINED_DAYS, detail_faults

_NOTHING: Final = Decimal("0.00")
_HALF_PLACE: Final = Decimal("0.005")


class DisputeReason(IntEnum):
    """Why an order is disputed; the fourth is ours, which T/CEC 102 leaves free. 102."""

    NOT_KEPT = 1
    FEES_DIFFER = 2
    ENERGY_DIFFERS = 3
    NOT_LISTED = 4


def check_order(order: ChargeOrder, now: datetime) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` for an order that ends before it begins or in the
    future, for fees that are not the total, and for tariff periods that do not add up.

    Energy and fees of each period may have been rounded for themselves: their sum may be off by
    half of the last place for each of them and for the total.
    """
    details = tuple(_order_faults(order, now))
    if details:
        raise InvalidObject(details=details)


def check_order_check(told: OrderCheck) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` for a period that is none or longer than orders
    are kept, for a number named twice, and for totals that are not those of the list."""
    details = tuple(_check_faults(told))
    if details:
        raise InvalidObject(details=details)


def compare(
    told: OrderCheck, kept: Mapping[str, ChargeOrder], in_period: Iterable[ChargeOrder]
) -> OrderCheckResult:
    """What ``told`` disputes with what is kept, to the last place.

    ``kept`` are the orders kept under the numbers that the list names, whenever they ended;
    ``in_period`` are all orders that ended in the period. An order is disputed once, for the first
    reason that holds in the order of :class:`DisputeReason`. Energy and fees of a dispute are those
    kept here; where nothing is, those of the list.
    """
    disputes = tuple(_disputes(told.charge_orders, kept, in_period))
    return OrderCheckResult(
        check_order_seq=told.check_order_seq,
        start_time=told.start_time,
        end_time=told.end_time,
        total_dispute_order=len(disputes),
        total_dispute_power=sum((each.total_power for each in disputes), _NOTHING),
        total_dispute_money=sum((each.total_money for each in disputes), _NOTHING),
        dispute_orders=disputes,
    )


def _disputes(
    listed: Iterable[OrderCheckItem],
    kept: Mapping[str, ChargeOrder],
    in_period: Iterable[ChargeOrder],
) -> Iterator[DisputeOrder]:
    names = set()
    for item in listed:
        names.add(item.start_charge_seq)
        held = kept.get(item.start_charge_seq)
        if held is None:
            yield _dispute(item, DisputeReason.NOT_KEPT)
        elif held.total_money != item.total_money:
            yield _dispute(held, DisputeReason.FEES_DIFFER)
        elif held.total_power != item.total_power:
            yield _dispute(held, DisputeReason.ENERGY_DIFFERS)
    for order in in_period:
        if order.start_charge_seq not in names:
            yield _dispute(order, DisputeReason.NOT_LISTED)


def _dispute(about: OrderCheckItem | ChargeOrder, reason: DisputeReason) -> DisputeOrder:
    return DisputeOrder(
        start_charge_seq=about.start_charge_seq,
        total_power=about.total_power,
        total_money=about.total_money,
        dispute_reason=reason.value,
    )


def _order_faults(order: ChargeOrder, now: datetime) -> Iterator[Detail]:
    if order.end_time < order.start_time:
        yield Detail("/EndTime", "rule", "must not lie before StartTime; 102")
    if order.end_time > now + AHEAD:
        yield Detail("/EndTime", "rule", "must not lie in the future; 102")
    if order.total_elec_money + order.total_sevice_money != order.total_money:
        words = "must be the sum of the fees for energy and for service; 102"
        yield Detail("/TotalMoney", "rule", words)
    yield from detail_faults(order.sum_period, order.charge_details)
    yield from _sum_faults(order)


def _sum_faults(order: ChargeOrder) -> Iterator[Detail]:
    """Fees are added up where every period tells them: a peer may leave them out."""
    periods = order.charge_details
    sums = (
        ("/TotalPower", order.total_power, [each.detail_power for each in periods]),
        ("/TotalElecMoney", order.total_elec_money, [each.detail_elec_money for each in periods]),
        (
            "/TotalSeviceMoney",
            order.total_sevice_money,
            [each.detail_sevice_money for each in periods],
        ),
    )
    for path, whole, parts in sums:
        told = [part for part in parts if part is not None]
        if not told or len(told) < len(parts):
            continue
        if abs(sum(told, _NOTHING) - whole) > (len(told) + 1) * _HALF_PLACE:
            yield Detail(path, "rule", "must be the sum of ChargeDetails; 102")


def _check_faults(told: OrderCheck) -> Iterator[Detail]:
    if told.end_time <= told.start_time:
        yield Detail("/EndTime", "rule", "must be later than StartTime; 102")
    elif told.end_time - told.start_time > timedelta(days=RETAINED_DAYS):
        words = f"must not lie more than {RETAINED_DAYS} days after StartTime; PLT-9.3b"
        yield Detail("/EndTime", "rule", words)
    names: set[str] = set()
    for number, item in enumerate(told.charge_orders):
        if item.start_charge_seq in names:
            path = f"/ChargeOrders/{number}/StartChargeSeq"
            yield Detail(path, "rule", "must be named once; 102")
        names.add(item.start_charge_seq)
    if told.order_count != len(told.charge_orders):
        yield Detail("/OrderCount", "rule", "must be the number of ChargeOrders; 102")
    if told.total_order_power != sum((each.total_power for each in told.charge_orders), _NOTHING):
        yield Detail("/TotalOrderPower", "rule", "must be the sum of ChargeOrders; 102")
    if told.total_order_money != sum((each.total_money for each in told.charge_orders), _NOTHING):
        yield Detail("/TotalOrderMoney", "rule", "must be the sum of ChargeOrders; 102")
