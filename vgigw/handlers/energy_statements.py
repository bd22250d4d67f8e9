"""Energy statements: from who determines the energy to the aggregator it is of. PLT-6.6."""

from __future__ import annotations

from datetime import datetime

from vgigw.errors import Conflict
from vgigw.handlers.addressee import check_addressee, hand_on
from vgigw.handlers.marks import authors, handles
from vgigw.handlers.settlements import Settlements, statement_receipt
from vgigw.handlers.shelf import Shelf
from vgigw.handlers.trading_day import advance_days
from vgigw.objects import EnergyStatement, StatementReceipt
from vgigw.objects.settlement_enumerations import StatementState
from vgigw.operations import PUBLISH_ENERGY_STATEMENT, Role
from vgigw.ports import Call, Functions, Identity, Transaction
from vgigw.rules.checks import check
from vgigw.rules.day import DayEvent, dates_of

ENERGIES = Shelf(EnergyStatement, key="statement_id")
"""Grouped by who issued it."""
_VERIFIED = frozenset({StatementState.ISSUED, StatementState.CONFIRMED, StatementState.FINAL})


class Energy:
    """Handlers of energy statements; ``functions.settle`` may settle what was verified."""

    def __init__(self, identity: Identity, functions: Functions) -> None:
        self._identity = identity
        self._functions = functions
        self._settlements = Settlements(identity)

    @handles(PUBLISH_ENERGY_STATEMENT)
    def take(self, call: Call, tx: Transaction) -> StatementReceipt:
        """A statement stays with who issued it first: another's may not take its place."""
        statement: EnergyStatement = call.request
        owner, issuer = statement.aggregator_id, call.peer.operator_id
        _check_issuer(statement, issuer, tx)
        hand_on(self._identity, call, tx, owner)
        ENERGIES.take(call, tx, owner, group=issuer)
        self._after(statement, tx, call.now)
        return statement_receipt(call, statement.statement_id, statement.state)

    @authors(PUBLISH_ENERGY_STATEMENT)
    def keep_own(
        self, statement: EnergyStatement, destination: str, tx: Transaction, now: datetime
    ) -> None:
        check(statement, now)
        check_addressee(self._identity, destination, statement.aggregator_id)
        issuer = self._identity.operator_id
        _check_issuer(statement, issuer, tx)
        ENERGIES.keep(statement, statement.aggregator_id, tx, now, group=issuer)
        self._after(statement, tx, now)

    def _after(self, statement: EnergyStatement, tx: Transaction, now: datetime) -> None:
        if statement.state not in _VERIFIED:
            return
        days = dates_of(statement.period_start, statement.period_end)
        advance_days(tx, statement.aggregator_id, days, DayEvent.MEASURE, now)
        if self._identity.role is Role.PLATFORM:
            settled = self._functions.settle(statement, tx, now)
            if settled is not None:
                self._settlements.publish(settled, statement, tx, now)


def _check_issuer(statement: EnergyStatement, issuer: str, tx: Transaction) -> None:
    held = tx.document(ENERGIES.kind, statement.aggregator_id, statement.statement_id)
    if held is not None and held.group != issuer:
        raise Conflict("the statement identifier is taken")
