"""Energy statements: from who determines the energy to the aggregator it is of. PLT-6.6.

Issuers choose their identifiers by themselves; the aggregator is told each under one that is free,
and by that one a statement is kept.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from vgigw.handlers.addressee import check_addressee, hand_on
from vgigw.handlers.keeping import call_with
from vgigw.handlers.marks import authors, handles
from vgigw.handlers.names_told import NamesTold
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
"""By the identifier that is told, grouped by who issued it."""
_NAMES = NamesTold("StatementName")
_VERIFIED = frozenset({StatementState.ISSUED, StatementState.CONFIRMED, StatementState.FINAL})


class Energy:
    """Handlers of energy statements; ``functions.settle`` may settle what was verified."""

    def __init__(self, identity: Identity, functions: Functions) -> None:
        self._identity = identity
        self._functions = functions
        self._settlements = Settlements(identity)

    @handles(PUBLISH_ENERGY_STATEMENT)
    def take(self, call: Call, tx: Transaction) -> StatementReceipt:
        """Keep it, tell the aggregator, and settle what was verified."""
        statement_id, owner = call.request.statement_id, call.request.aggregator_id
        issuer = call.peer.operator_id
        name = _NAMES.give(issuer, statement_id, tx, call.now)
        call = call_with(call, replace(call.request, statement_id=name))
        hand_on(self._identity, call, tx, owner)
        ENERGIES.take(call, tx, owner, group=issuer)
        self._after(call.request, tx, call.now)
        return statement_receipt(call, statement_id, call.request.state)

    @authors(PUBLISH_ENERGY_STATEMENT)
    def keep_own(
        self, statement: EnergyStatement, destination: str, tx: Transaction, now: datetime
    ) -> None:
        """Our own, for its aggregator only. Raises ``Conflict`` where its identifier is taken."""
        check(statement, now)
        check_addressee(self._identity, destination, statement.aggregator_id)
        issuer = self._identity.operator_id
        _NAMES.claim(issuer, statement.statement_id, tx, now)
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
