"""Reconciliation of a settlement, round by round, with who holds it on the other side. JES-6.5.4c.

Both sides count the rounds of one statement together, whoever asks.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from vgigw.errors import IllegalState
from vgigw.handlers.assessments import ASSESSMENTS
from vgigw.handlers.commands import record_of
from vgigw.handlers.energy_statements import ENERGIES
from vgigw.handlers.keeping import object_of, packed
from vgigw.handlers.marks import follows, handles
from vgigw.handlers.routes import SOUTH
from vgigw.handlers.settlements import SETTLEMENTS, closes_days
from vgigw.handlers.trading_day import advance_days
from vgigw.objects import (
    ExecutionReport,
    InformationObject,
    ReconcileRequest,
    ReconcileResult,
    SettlementStatement,
)
from vgigw.objects.settlement_enumerations import ReconcileState, StatementState
from vgigw.operations import RECONCILE
from vgigw.ports import Call, Document, Identity, Letter, Transaction, View
from vgigw.rules.day import DayEvent, dates_of
from vgigw.rules.reconciliation import Behind, ReconcileEvent, advance, differences

_KIND = ReconcileResult.__name__
_REPORT = ExecutionReport.__name__
_NO_FEE = Decimal(0)


class _Standing(NamedTuple):
    """Where the reconciliation of the statement in force stands."""

    round_no: int
    state: ReconcileState


class Reconciliation:
    """Handlers of reconciliation."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    @handles(RECONCILE)
    def reconcile(self, call: Call, tx: Transaction) -> ReconcileResult:
        """Compare with the statement that is held; a round that is not higher is refused."""
        request: ReconcileRequest = call.request
        owner = self._owner(call.peer.operator_id)
        statement = SETTLEMENTS.get(tx, owner, request.statement_id)
        standing = _standing(statement, owner, tx)
        if statement.state is StatementState.FINAL:
            raise IllegalState("the statement is final")
        if request.round_no <= standing.round_no:
            raise IllegalState(f"round {standing.round_no} is over")
        behind = {
            item.item_id: found
            for item in request.items
            if (found := _behind(item.item_id, owner, tx)) is not None
        }
        energy_id = statement.energy_statement_id
        energy = ENERGIES.find(tx, owner, energy_id) if energy_id is not None else None
        found_differences = differences(request, statement, energy, behind)
        event = ReconcileEvent.DIFFER if found_differences else ReconcileEvent.AGREE
        result = ReconcileResult(
            statement_id=request.statement_id,
            round_no=request.round_no,
            reconcile_state=advance(standing.state, event),
            differences=found_differences,
        )
        _keep(result, statement, owner, tx, call.now)
        return result

    @follows(RECONCILE)
    def take_result(
        self, letter: Letter, reply: InformationObject | None, tx: Transaction, now: datetime
    ) -> None:
        """What the other side answered to our round is where the reconciliation stands."""
        if not isinstance(reply, ReconcileResult):
            return
        owner = self._owner(letter.destination)
        statement = SETTLEMENTS.find(tx, owner, reply.statement_id)
        if statement is None or reply.round_no <= _standing(statement, owner, tx).round_no:
            return
        _keep(reply, statement, owner, tx, now)

    def _owner(self, other: str) -> str:
        """Whose statement it is between us and ``other``: the southern side's."""
        return self._identity.operator_id if self._identity.role in SOUTH else other


def _standing(statement: SettlementStatement, owner: str, view: View) -> _Standing:
    """A new version of the statement opens its reconciliation again; rounds go on."""
    held = view.document(_KIND, owner, statement.statement_id)
    if held is None:
        return _Standing(0, ReconcileState.OPEN)
    result = object_of(ReconcileResult, held.payload)
    if held.group == str(statement.version):
        return _Standing(result.round_no, result.reconcile_state)
    return _Standing(result.round_no, advance(result.reconcile_state, ReconcileEvent.REISSUE))


def _keep(
    result: ReconcileResult,
    statement: SettlementStatement,
    owner: str,
    tx: Transaction,
    now: datetime,
) -> None:
    """Rounds are versions; grouped by the version of the statement that they are of."""
    payload, digest = packed(result)
    document = Document(
        kind=_KIND,
        owner=owner,
        key=result.statement_id,
        version=result.round_no,
        group=str(statement.version),
        payload=payload,
        digest=digest,
        at=now,
    )
    tx.put(document)
    if result.reconcile_state is ReconcileState.EQUAL and closes_days(statement):
        days = dates_of(statement.period_start, statement.period_end)
        advance_days(tx, owner, days, DayEvent.RECONCILE, now)


def _behind(command_id: str, owner: str, view: View) -> Behind | None:
    """Energy as last reported and fees as assessed, of a command that ``owner`` carried out."""
    record = record_of(view, command_id)
    if record is None or record.carrier != owner:
        return None
    reports = [
        object_of(ExecutionReport, each.payload)
        for each in view.documents(_REPORT, owner=owner, group=command_id)
    ]
    last = max(reports, key=lambda each: (each.actual_end_time, each.report_id), default=None)
    fees = (each.penalty_amount for each in ASSESSMENTS.all(view, owner=owner, group=command_id))
    return Behind(None if last is None else abs(last.response_quantity), sum(fees, _NO_FEE))
