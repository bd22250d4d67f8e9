"""Charge orders: kept once, confirmed, and compared with what the other side keeps. 102, VGI-T6."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from vgigw.errors import OverLimit
from vgigw.handlers.marks import authors, follows, handles
from vgigw.handlers.sessions import ORDERS, SESSIONS, TOLD_SESSIONS
from vgigw.handlers.shelf import Shelf
from vgigw.handlers.tallies import recount
from vgigw.handlers.told import Told
from vgigw.objects import (
    ChargeOrder,
    ChargeOrderReceipt,
    InformationObject,
    OrderCheck,
    OrderCheckResult,
)
from vgigw.objects.orders import MAX_ORDERS
from vgigw.objects.values import DECIMAL_LIMIT
from vgigw.operations import CHECK_CHARGE_ORDERS, PUSH_CHARGE_ORDER
from vgigw.ports import Call, Identity, Letter, Transaction, View
from vgigw.rules.checks import check
from vgigw.rules.day import dates_of, trade_date
from vgigw.rules.order import compare
from vgigw.rules.tally import share_of

TOLD_ORDERS = Told(ChargeOrder)
CHECKS = Shelf(OrderCheck, key="check_order_seq", version=None)
RESULTS = Shelf(OrderCheckResult, key="check_order_seq", version=None)

CONFIRMED: Final = 0


class Orders:
    """Handlers of charge orders and of their reconciliation."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    @handles(PUSH_CHARGE_ORDER)
    def take(self, call: Call, tx: Transaction) -> ChargeOrderReceipt:
        """Raises ``Conflict`` for other content under the number of an order."""
        order: ChargeOrder = call.request
        owner = call.peer.operator_id
        _count_in(order, owner, tx, call.now)
        ORDERS.take(call, tx, owner, group=_day(order))
        return ChargeOrderReceipt(
            start_charge_seq=order.start_charge_seq,
            connector_id=order.connector_id,
            confirm_result=CONFIRMED,
        )

    @authors(PUSH_CHARGE_ORDER)
    def keep_own(
        self, order: ChargeOrder, destination: str, tx: Transaction, now: datetime
    ) -> None:
        """One order, however many parties are told."""
        check(order, now)
        owner = self._identity.operator_id
        _count_in(order, owner, tx, now)
        ORDERS.keep(order, owner, tx, now, group=_day(order))
        TOLD_ORDERS.tell(tx, destination, order.start_charge_seq, now, _day(order))
        TOLD_SESSIONS.tell(tx, destination, order.start_charge_seq, now)

    @handles(CHECK_CHARGE_ORDERS)
    def compare(self, call: Call, tx: Transaction) -> OrderCheckResult:
        """Compares with the orders that the caller told us of, and those that we told it of.

        An order is of the period in which it ended. Raises ``OverLimit`` where more orders of the
        period are kept, or for more energy or fees, than an answer has room for.
        """
        told: OrderCheck = call.request
        party = call.peer.operator_id
        CHECKS.take(call, tx, party)
        names = (each.start_charge_seq for each in told.charge_orders)
        found = ((name, self._find(tx, party, name)) for name in names)
        kept = {name: order for name, order in found if order is not None}
        in_period = tuple(self._ended_in(tx, party, told))
        result = compare(told, kept, in_period)
        sums = (result.total_dispute_power, abs(result.total_dispute_money))
        if result.total_dispute_order > MAX_ORDERS or max(sums) > DECIMAL_LIMIT:
            raise _too_many()
        return result

    @authors(CHECK_CHARGE_ORDERS)
    def keep_own_check(self, told: OrderCheck, _: str, tx: Transaction, now: datetime) -> None:
        check(told, now)
        CHECKS.keep(told, self._identity.operator_id, tx, now)

    @follows(CHECK_CHARGE_ORDERS)
    def keep_result(
        self, letter: Letter, reply: InformationObject | None, tx: Transaction, now: datetime
    ) -> None:
        """What the other side found stands beside the check that we sent; sent once more, the
        newest is in force."""
        if isinstance(reply, OrderCheckResult):
            RESULTS.renew(reply, letter.destination, tx, now)

    def _find(self, view: View, party: str, seq: str) -> ChargeOrder | None:
        found = ORDERS.find(view, party, seq)
        if found is None and TOLD_ORDERS.knows(view, party, seq):
            return ORDERS.find(view, self._identity.operator_id, seq)
        return found

    def _ended_in(self, view: View, party: str, told: OrderCheck) -> Iterator[ChargeOrder]:
        days = [day.isoformat() for day in dates_of(told.start_time, told.end_time)]
        kept = sum(
            view.count_documents(ORDERS.kind, owner=party, group=day)
            + TOLD_ORDERS.count(view, party, day)
            for day in days
        )
        # Days at both ends count as a whole here, so that twice the room is still looked through.
        if kept > 4 * MAX_ORDERS:
            raise _too_many()
        for day in days:
            ours = (self._find(view, party, seq) for seq in TOLD_ORDERS.keys(view, party, day))
            for order in (*ORDERS.all(view, owner=party, group=day), *ours):
                if order is not None and told.start_time <= order.end_time < told.end_time:
                    yield order


def _day(order: ChargeOrder) -> str:
    return trade_date(order.end_time).isoformat()


def _count_in(order: ChargeOrder, owner: str, tx: Transaction, now: datetime) -> None:
    seq = order.start_charge_seq
    if ORDERS.find(tx, owner, seq) is None:
        before = share_of(None, SESSIONS.find(tx, owner, seq))
        recount(tx, owner, before, share_of(order, None), now)


def _too_many() -> OverLimit:
    return OverLimit("too many orders in the period: check a shorter one")
