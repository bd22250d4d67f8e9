"""A session, an order and a check of orders without a surprise."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from tests.cases.worlds import NOW
from vgigw.objects import (
    ChargeDetail,
    ChargeOrder,
    ChargeStatus,
    ConnectorStatus,
    OrderCheck,
    OrderCheckItem,
    SessionState,
)

HOUR = timedelta(hours=1)
SEQ = "123456789000000000000000001"


def energy(text: str) -> Decimal:
    """kWh, or yuan, to the last place of a session."""
    return Decimal(text).quantize(Decimal("0.01"))


def a_status(**changes: Any) -> ChargeStatus:
    """12.50 kWh in the hour before now."""
    plain = ChargeStatus(
        start_charge_seq=SEQ,
        start_charge_seq_stat=SessionState.CHARGING,
        connector_id="C1",
        connector_status=ConnectorStatus.CHARGING,
        current_a=Decimal("32.0"),
        voltage_a=Decimal("380.0"),
        soc=Decimal("60.0"),
        start_time=NOW - HOUR,
        end_time=NOW,
        total_power=energy("12.5"),
    )
    return replace(plain, **changes)


def a_detail(start: datetime = NOW - HOUR, end: datetime = NOW, **changes: Any) -> ChargeDetail:
    """12.50 kWh in one tariff period."""
    plain = ChargeDetail(detail_start_time=start, detail_end_time=end, detail_power=energy("12.5"))
    return replace(plain, **changes)


def an_order(**changes: Any) -> ChargeOrder:
    """12.50 kWh for 15 yuan, ended now."""
    plain = ChargeOrder(
        start_charge_seq=SEQ,
        connector_id="C1",
        start_time=NOW - HOUR,
        end_time=NOW,
        total_power=energy("12.5"),
        total_elec_money=energy("10"),
        total_sevice_money=energy("5"),
        total_money=energy("15"),
        stop_reason=0,
    )
    return replace(plain, **changes)


def a_check(*orders: ChargeOrder, **changes: Any) -> OrderCheck:
    """A check of the hour before now and the one after, that lists ``orders``."""
    plain = OrderCheck(
        check_order_seq="123456789999999999999999999",
        start_time=NOW - HOUR,
        end_time=NOW + HOUR,
        order_count=len(orders),
        total_order_power=sum((each.total_power for each in orders), energy("0")),
        total_order_money=sum((each.total_money for each in orders), energy("0")),
        charge_orders=tuple(
            OrderCheckItem(
                start_charge_seq=each.start_charge_seq,
                total_power=each.total_power,
                total_money=each.total_money,
            )
            for each in orders
        ),
    )
    return replace(plain, **changes)
