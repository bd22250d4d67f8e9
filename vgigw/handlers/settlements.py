"""Settlements: a platform tells the aggregator, who tells each party its own share. PLT-6.7.

A whole statement holds every share; what goes further down is a part, with the shares of one party
and without the accounts of any other. JES-6.5.4a, PLT-8.12.
"""

from __future__ import annotations

from datetime import datetime

from vgigw.errors import Conflict, HandlerFailed, NotAllowed, PeerFault, UnknownObject
from vgigw.handlers.addressee import check_addressee
from vgigw.handlers.income import keep_incomes
from vgigw.handlers.marks import authors, handles
from vgigw.handlers.polarity import check_sayable
from vgigw.handlers.routes import Routes
from vgigw.handlers.shelf import Shelf
from vgigw.handlers.trading_day import advance_days
from vgigw.objects import EnergyStatement, SettlementStatement, StatementReceipt
from vgigw.objects.settlement_enumerations import (
    InvoiceState,
    SettlementCycle,
    ShareLevel,
    StatementState,
)
from vgigw.operations import PUBLISH_SETTLEMENT, Role
from vgigw.ports import Call, Identity, Transaction
from vgigw.rules.checks import check
from vgigw.rules.day import DayEvent, dates_of
from vgigw.rules.settlement import check_part, check_whole, part_for

SETTLEMENTS = Shelf(SettlementStatement, key="statement_id")
_WHOLE_DAYS = frozenset({SettlementCycle.MONTHLY, SettlementCycle.DAILY})


def statement_receipt(call: Call, statement_id: str, state: StatementState) -> StatementReceipt:
    """That a statement was received as it is: nobody confirmed or disputed it yet. PLT-6.7."""
    now = call.now.replace(microsecond=call.now.microsecond // 1000 * 1000)
    return StatementReceipt(statement_id=statement_id, state=state, receive_time=now)


def closes_days(statement: SettlementStatement) -> bool:
    """Whether it settles days as a whole, not single events of them. JES-6.5.4b."""
    return statement.settlement_cycle in _WHOLE_DAYS


class Settlements:
    """Handlers of settlements."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._routes = Routes(identity)

    @handles(PUBLISH_SETTLEMENT)
    def take(self, call: Call, tx: Transaction) -> StatementReceipt:
        """From a platform the whole of what is ours, from an aggregator a part of what is its."""
        statement: SettlementStatement = call.request
        owner, own = statement.aggregator_id, self._identity.operator_id
        if call.peer.role is Role.PLATFORM:
            if owner != own:
                raise UnknownObject("no such party")
            check_whole(statement)
        else:
            if owner != call.peer.operator_id:
                raise NotAllowed("the statement belongs to another party")
            check_part(statement)
        SETTLEMENTS.take(call, tx, owner)
        if owner == own and statement.state is not StatementState.DRAFT:
            _keep_days(statement, tx, call.now)
            self._pass_down(statement, tx, call.now)
        return statement_receipt(call, statement.statement_id, statement.state)

    @authors(PUBLISH_SETTLEMENT)
    def keep_own(
        self, statement: SettlementStatement, destination: str, tx: Transaction, now: datetime
    ) -> None:
        """A platform keeps the whole; an aggregator keeps a part by whom it told."""
        check(statement, now)
        if self._identity.role is Role.PLATFORM:
            check_addressee(self._identity, destination, statement.aggregator_id)
            self._keep_whole(statement, tx, now)
            return
        check_part(statement)
        if statement.aggregator_id != self._identity.operator_id:
            raise NotAllowed("the statement belongs to another party")
        if not _concerns(statement, destination):
            raise NotAllowed("a share is meant for another party")
        SETTLEMENTS.keep(statement, destination, tx, now)

    def publish(
        self,
        settled: SettlementStatement,
        energy: EnergyStatement,
        tx: Transaction,
        now: datetime,
    ) -> None:
        """Keep and send what settles ``energy``. Raises ``HandlerFailed`` where it breaks a rule:
        whoever sent the energy is not at fault."""
        owner = energy.aggregator_id
        try:
            check(settled, now)
            check_addressee(self._identity, owner, settled.aggregator_id)
            self._keep_whole(settled, tx, now)
        except PeerFault as cause:
            raise HandlerFailed() from cause
        self._routes.send(owner, PUBLISH_SETTLEMENT, settled, tx, now)

    def _keep_whole(self, statement: SettlementStatement, tx: Transaction, now: datetime) -> None:
        check_whole(statement)
        held = SETTLEMENTS.everywhere(tx, statement.statement_id)
        if any(owner != statement.aggregator_id for owner, _ in held):
            raise Conflict("the statement identifier is taken")
        keep_incomes(statement, held[0][1] if held else None, tx, now)
        SETTLEMENTS.keep(statement, statement.aggregator_id, tx, now)
        if statement.state is not StatementState.DRAFT:
            _keep_days(statement, tx, now)

    def _pass_down(self, statement: SettlementStatement, tx: Transaction, now: datetime) -> None:
        """What stands in the table leads from an aggregator only."""
        parties = dict.fromkeys(share.party_id for share in statement.shares)
        for party in self._routes.receivers(PUBLISH_SETTLEMENT, parties):
            part = part_for(statement, party)
            check_sayable(part, self._identity.peers[party])
            self._routes.send(party, PUBLISH_SETTLEMENT, part, tx, now)


def _concerns(statement: SettlementStatement, destination: str) -> bool:
    """Whether every share is the destination's, or a user's of it, who goes by a pseudonym."""
    return all(
        share.party_id == destination or share.level is ShareLevel.USER
        for share in statement.shares
    )


def _keep_days(statement: SettlementStatement, tx: Transaction, now: datetime) -> None:
    """Settling an event is income, settling whole days ends them, an invoice comes last."""
    events = [DayEvent.SETTLE if closes_days(statement) else DayEvent.REMUNERATE]
    if closes_days(statement) and statement.invoice_state is InvoiceState.ISSUED:
        events.append(DayEvent.INVOICE)
    for event in events:
        days = dates_of(statement.period_start, statement.period_end)
        advance_days(tx, statement.aggregator_id, days, event, now)
