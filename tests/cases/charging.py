"""Cases of sessions, statistics, orders and the user's side of T/CEC 102."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from tests.cases.case import Builder, Case, Change, Draw, act, step
from tests.cases.first import station
from tests.cases.worlds import AGGREGATOR, NOW, OEM, OPERATOR, OTHER, PLATFORM, SUPERVISOR
from tests.strategies import objects_of
from vgigw import operations as ops
from vgigw.objects import (
    ChargeDetail,
    ChargeOrder,
    ChargeStatus,
    ChargeStatusQuery,
    OrderCheck,
    OrderCheckItem,
    SessionState,
    StartChargeResult,
    StationStatsQuery,
)
from vgigw.operations import Operation
from vgigw.rules.day import trade_date

_A_SECOND = timedelta(seconds=1)
_CENT = Decimal("0.01")
_MUCH = Decimal("1000000000.00")


def status(draw: Draw, **fixed: Any) -> ChargeStatus:
    """102 holds: sampled after it began, and not in the future; as many periods as it counts."""
    drawn: ChargeStatus = draw(objects_of(ChargeStatus))
    end = NOW - _A_SECOND * draw(st.integers(-300, 10**6))
    details = tuple(_in_order(each) for each in drawn.charge_details)
    return replace(
        drawn,
        start_time=end - _A_SECOND * draw(st.integers(0, 10**5)),
        end_time=end,
        total_power=min(drawn.total_power, _MUCH),
        total_discharge_power=_little(drawn.total_discharge_power),
        sum_period=draw(st.sampled_from((None, len(details)))),
        charge_details=details,
        **fixed,
    )


def order(draw: Draw, **fixed: Any) -> ChargeOrder:
    """102 holds: as of a status, and fees and tariff periods add up to the totals."""
    drawn: ChargeOrder = draw(objects_of(ChargeOrder))
    end = NOW - _A_SECOND * draw(st.integers(-300, 10**6))
    details = tuple(_in_order(each) for each in drawn.charge_details)
    energies = [each.detail_power for each in details]
    fees = [each.detail_elec_money for each in details]
    service = [each.detail_sevice_money for each in details]
    elec_money = _sum(fees, drawn.total_elec_money)
    sevice_money = _sum(service, drawn.total_sevice_money)
    return replace(
        drawn,
        start_time=end - _A_SECOND * draw(st.integers(0, 10**5)),
        end_time=end,
        total_power=_sum(energies, drawn.total_power),
        total_discharge_power=_little(drawn.total_discharge_power),
        total_elec_money=elec_money,
        total_sevice_money=sevice_money,
        total_money=elec_money + sevice_money,
        sum_period=draw(st.sampled_from((None, len(details)))),
        charge_details=details,
        **fixed,
    )


def order_check(draw: Draw, listed: tuple[ChargeOrder, ...]) -> OrderCheck:
    """A check of a period, whose totals are those of its list; some of it may differ from ours."""
    drawn: OrderCheck = draw(objects_of(OrderCheck))
    off = st.sampled_from((Decimal("0.00"), _CENT))
    items = tuple(
        OrderCheckItem(
            start_charge_seq=each.start_charge_seq,
            total_power=each.total_power + draw(off),
            total_money=each.total_money + draw(off),
        )
        for each in listed
    )
    start = NOW - timedelta(days=draw(st.integers(0, 20)))
    return replace(
        drawn,
        start_time=start,
        end_time=start + _A_SECOND * draw(st.integers(1, 10**6)),
        order_count=len(items),
        total_order_power=sum((each.total_power for each in items), Decimal("0.00")),
        total_order_money=sum((each.total_money for each in items), Decimal("0.00")),
        charge_orders=items,
    )


def _in_order(detail: ChargeDetail) -> ChargeDetail:
    """What a total has room for, however many are added up."""
    first, last = sorted((detail.detail_start_time, detail.detail_end_time))
    energy, fees = detail.detail_power, detail.detail_elec_money
    return replace(
        detail,
        detail_start_time=first,
        detail_end_time=last,
        detail_power=min(energy, _MUCH),
        detail_elec_money=None if fees is None else max(min(fees, _MUCH), -_MUCH),
        detail_sevice_money=None if fees is None else _CENT,
    )


def _little(energy: Decimal | None) -> Decimal | None:
    return None if energy is None else min(energy, _MUCH)


def _sum(parts: Sequence[Decimal | None], otherwise: Decimal) -> Decimal:
    told = [part for part in parts if part is not None]
    if told and len(told) == len(parts):
        return sum(told, Decimal("0.00"))
    return max(min(otherwise, _MUCH), -_MUCH)


def _status(operation: Operation, draw: Draw) -> Case:
    told = status(draw)
    if operation is ops.PUSH_CHARGE_STATUS:
        return Case((), step(draw(st.sampled_from((OPERATOR, AGGREGATOR))), operation, told))
    query = ChargeStatusQuery(start_charge_seq=told.start_charge_seq)
    before = draw(
        st.sampled_from(
            (
                step(OTHER, ops.PUSH_CHARGE_STATUS, told),
                act(OTHER, ops.PUSH_CHARGE_STATUS, told),
            )
        )
    )
    return Case((before,), step(OTHER, operation, query), served=OPERATOR)


def _statistics(operation: Operation, draw: Draw) -> Case:
    held = station(draw)
    push = step(OPERATOR, ops.PUSH_ARCHIVE, held)
    connector = held.equipment_infos[0].connector_infos[0].connector_id
    told = step(OPERATOR, ops.PUSH_CHARGE_STATUS, status(draw, connector_id=connector))
    billed = step(OPERATOR, ops.PUSH_CHARGE_ORDER, order(draw, connector_id=connector))
    first = trade_date(NOW) - timedelta(days=draw(st.integers(0, 30)))
    query = StationStatsQuery(
        station_id=held.station_id,
        start_time=first,
        end_time=first + timedelta(days=draw(st.integers(0, 40))),
        owner_id=draw(st.sampled_from((None, OPERATOR))),
    )
    return Case((push, told, billed), step(SUPERVISOR, operation, query))


def _asked(operation: Operation, draw: Draw) -> Case:
    """What a hook decides on; here nobody does, and each answer is a refusal."""
    party = draw(st.sampled_from((PLATFORM, OTHER, AGGREGATOR, OEM)))
    return Case((), step(party, operation, draw(objects_of(operation.request))), served=OPERATOR)


def _result(operation: Operation, draw: Draw) -> Case:
    result = draw(objects_of(operation.request))
    if isinstance(result, StartChargeResult):
        began = NOW - _A_SECOND * draw(st.integers(-300, 10**6))
        if result.start_charge_seq_stat is not SessionState.STARTING:
            result = replace(result, start_time=began)
    party = draw(st.sampled_from((OPERATOR, AGGREGATOR)))
    return Case((), step(party, operation, result))


def _orders(operation: Operation, draw: Draw) -> Case:
    kept = order(draw)
    party = draw(st.sampled_from((OPERATOR, AGGREGATOR)))
    push = step(party, ops.PUSH_CHARGE_ORDER, kept)
    if operation is ops.PUSH_CHARGE_ORDER:
        return Case((), push)
    other = order(draw, start_charge_seq=f"{kept.start_charge_seq[:25]}~2")
    listed = draw(st.sampled_from(((), (kept,), (other,), (kept, other))))
    return Case((push,), step(party, operation, order_check(draw, listed)))


CASES: dict[str, Builder] = {
    **{row.name: _status for row in (ops.PUSH_CHARGE_STATUS, ops.QUERY_EQUIP_CHARGE_STATUS)},
    ops.QUERY_STATION_STATS.name: _statistics,
    **{row.name: _asked for row in (ops.QUERY_EQUIP_AUTH, ops.QUERY_EQUIP_BUSINESS_POLICY)},
    **{row.name: _asked for row in (ops.QUERY_START_CHARGE, ops.QUERY_STOP_CHARGE)},
    **{
        row.name: _result for row in (ops.NOTIFY_START_CHARGE_RESULT, ops.NOTIFY_STOP_CHARGE_RESULT)
    },
    **{row.name: _orders for row in (ops.PUSH_CHARGE_ORDER, ops.CHECK_CHARGE_ORDERS)},
}

CHANGED: dict[str, Change] = {
    "PushChargeStatus": {"connector_id": "another connector"},
    "QueryStartCharge": {"connector_id": "another connector"},
    "NotifyStartChargeResult": {"connector_id": "another connector"},
    "QueryStopCharge": {"connector_id": "another connector"},
    "NotifyStopChargeResult": {"connector_id": "another connector"},
    "PushChargeOrder": {"connector_id": "another connector"},
    "CheckChargeOrders": {"order_count": 2_147_483_647},
}
