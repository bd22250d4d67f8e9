"""Clearing results: from the market to the aggregator that declared, to nobody else. PLT-7.8c."""

from __future__ import annotations

from datetime import date, datetime

from vgigw.errors import UnknownObject
from vgigw.handlers.addressee import check_addressee, hand_on
from vgigw.handlers.declarations import DECLARATIONS, exchanges_for
from vgigw.handlers.marks import authors, handles
from vgigw.handlers.polarity import aligned_call, told
from vgigw.handlers.receiving import receipt
from vgigw.handlers.shelf import Shelf
from vgigw.handlers.traded_resource import resource_of
from vgigw.handlers.trading_day import advance_day
from vgigw.objects import ClearingResult, Declaration, InformationObject, Receipt
from vgigw.operations import PUBLISH_CLEARING, Role
from vgigw.ports import Call, Identity, Peer, Transaction, View
from vgigw.rules.checks import check
from vgigw.rules.day import DayEvent, trade_date
from vgigw.rules.market import check_cleared, check_cleared_before

CLEARINGS = Shelf(ClearingResult, key="clearing_id", version=None, group="declaration_id")


class Clearing:
    """Handlers of clearing results."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    @handles(PUBLISH_CLEARING)
    def take(self, call: Call, tx: Transaction) -> Receipt:
        """On a platform it must be of a declaration that its sender was told."""
        clearing: ClearingResult = call.request
        owner = clearing.aggregator_id
        declaration = DECLARATIONS.find(tx, owner, clearing.declaration_id)
        said: InformationObject | None = None
        if self._identity.role is Role.PLATFORM:
            if declaration is None or not self._was_told(call.peer, declaration):
                raise UnknownObject("no such declaration")
            held = resource_of(tx, owner, declaration.resource_id).polarity
            call = aligned_call(call, held)
            addressee = self._identity.peers.get(owner)
            said = None if addressee is None else told(call.request, held, addressee)
        _check_cleared(call.request, declaration, tx)
        hand_on(self._identity, call, tx, owner, said)
        self._keep_day(call.request, declaration, tx, call.now)
        CLEARINGS.take(call, tx, owner)
        return receipt(call, clearing.clearing_id)

    @authors(PUBLISH_CLEARING)
    def keep_own(
        self, clearing: ClearingResult, destination: str, tx: Transaction, now: datetime
    ) -> None:
        check(clearing, now)
        owner = clearing.aggregator_id
        check_addressee(self._identity, destination, owner)
        declaration = DECLARATIONS.find(tx, owner, clearing.declaration_id)
        _check_cleared(clearing, declaration, tx)
        self._keep_day(clearing, declaration, tx, now)
        CLEARINGS.keep(clearing, owner, tx, now)

    def _was_told(self, issuer: Peer, declaration: Declaration) -> bool:
        """Where there is no exchange to tell, dispatch runs the market."""
        exchanges = exchanges_for(self._identity, declaration)
        return issuer.operator_id in exchanges or (not exchanges and issuer.role is Role.DISPATCH)

    def _keep_day(
        self,
        clearing: ClearingResult,
        declaration: Declaration | None,
        tx: Transaction,
        now: datetime,
    ) -> None:
        day = declaration.trade_date if declaration else _date_of(clearing)
        if day is not None:
            owner, resource_id = clearing.aggregator_id, clearing.resource_id
            advance_day(tx, owner, resource_id, day, DayEvent.CLEAR, now)


def _check_cleared(clearing: ClearingResult, declaration: Declaration | None, view: View) -> None:
    """A market may clear one declaration in several results, but no more than it declared."""
    if declaration is None:
        return
    check_cleared(clearing, declaration)
    owner, group = clearing.aggregator_id, clearing.declaration_id
    check_cleared_before(clearing, CLEARINGS.all(view, owner=owner, group=group), declaration)


def _date_of(clearing: ClearingResult) -> date | None:
    """The trade date as the result itself says it; None where nothing does."""
    if clearing.trade_date is not None or not clearing.cleared_segments:
        return clearing.trade_date
    return trade_date(clearing.cleared_segments[0].start_time)
