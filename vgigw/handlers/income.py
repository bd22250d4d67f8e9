"""Incomes and invoices: what each party may ask of the settlements, its own only. JES-6.5.4c.

They are kept by party, apart from the statements, so that a question looks at the asker's own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from vgigw.errors import Conflict, NotAllowed
from vgigw.handlers.marks import handles
from vgigw.handlers.shelf import Shelf
from vgigw.objects import (
    DistributionShare,
    IncomePage,
    IncomeQuery,
    IncomeShare,
    Invoice,
    InvoiceQuery,
    SettlementStatement,
)
from vgigw.objects.settlement_enumerations import InvoiceState
from vgigw.operations import QUERY_INCOME, QUERY_INVOICE
from vgigw.ports import Call, Transaction

INCOMES = Shelf(IncomeShare, key=("statement_id", "level"), version=None)
INVOICES = Shelf(Invoice, key="invoice_no", version=None)


def keep_incomes(
    statement: SettlementStatement,
    before: SettlementStatement | None,
    tx: Transaction,
    now: datetime,
) -> None:
    """Keep the shares and the invoice of ``statement`` in the place of those of ``before``, its
    version so far. Raises ``Conflict`` for the number of another invoice."""
    shares = [_income(statement, share) for share in statement.shares]
    kept = {(income.party_id, INCOMES.key_of(income)) for income in shares}
    for share in before.shares if before else ():
        key = INCOMES.key_of(_income(statement, share))
        if (share.party_id, key) not in kept:
            tx.erase(INCOMES.kind, share.party_id, key)
    for income in shares:
        INCOMES.renew(income, income.party_id, tx, now)
    number = before.invoice_no if before else None
    if number is not None and number != statement.invoice_no:
        tx.erase(INVOICES.kind, statement.aggregator_id, number)
    _keep_invoice(statement, tx, now)


class Income:
    """Handlers of questions about incomes and invoices."""

    @handles(QUERY_INCOME)
    def incomes(self, call: Call, tx: Transaction) -> IncomePage:
        """The caller's own, of periods that begin in [PeriodStart, PeriodEnd): each income is in
        one of two periods that follow each other. Raises ``NotAllowed`` for any other party."""
        query: IncomeQuery = call.request
        caller = call.peer.operator_id
        if query.party_id not in (None, caller):
            raise NotAllowed("the incomes of another party are not shown")
        asked = query.period_start is not None or query.period_end is not None
        page = INCOMES.page(tx, query, caller, where=_within(query) if asked else None)
        return IncomePage(
            page_no=page.page_no,
            page_count=page.page_count,
            item_size=page.item_size,
            incomes=page.items,
        )

    @handles(QUERY_INVOICE)
    def invoice(self, call: Call, tx: Transaction) -> Invoice:
        """An invoice of the caller's; another party's does not exist."""
        query: InvoiceQuery = call.request
        return INVOICES.get(tx, call.peer.operator_id, query.invoice_no)


def _within(query: IncomeQuery) -> Callable[[IncomeShare], bool]:
    start, end = query.period_start, query.period_end
    return lambda income: (
        (start is None or income.period_start >= start)
        and (end is None or income.period_start < end)
    )


def _income(statement: SettlementStatement, share: DistributionShare) -> IncomeShare:
    return IncomeShare(
        statement_id=statement.statement_id,
        party_id=share.party_id,
        level=share.level,
        settlement_cycle=statement.settlement_cycle,
        period_start=statement.period_start,
        period_end=statement.period_end,
        ratio=share.ratio,
        amount=share.amount,
        state=statement.state,
        invoice_no=statement.invoice_no,
    )


def _keep_invoice(statement: SettlementStatement, tx: Transaction, now: datetime) -> None:
    if statement.invoice_no is None:
        return
    owner = statement.aggregator_id
    held = INVOICES.find(tx, owner, statement.invoice_no)
    if held is not None and held.statement_id != statement.statement_id:
        raise Conflict("the invoice number is taken")
    issued = held.issue_time if held else None
    state = statement.invoice_state or InvoiceState.NOT_ISSUED
    if state is InvoiceState.ISSUED and issued is None:
        issued = now.replace(microsecond=now.microsecond // 1000 * 1000)
    invoice = Invoice(
        invoice_no=statement.invoice_no,
        statement_id=statement.statement_id,
        aggregator_id=owner,
        amount=statement.net_amount,
        invoice_state=state,
        invoice_url=statement.invoice_url,
        issue_time=issued,
    )
    INVOICES.renew(invoice, owner, tx, now)
