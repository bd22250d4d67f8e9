"""Declarations of resources to a market: kept at home, passed up to the exchange. PLT-7.8."""

from __future__ import annotations

from datetime import datetime

from vgigw.errors import Detail, TooLate
from vgigw.handlers.marks import authors, handles
from vgigw.handlers.polarity import aligned_call, check_sayable, told
from vgigw.handlers.receiving import receipt
from vgigw.handlers.routes import Routes
from vgigw.handlers.shelf import Shelf
from vgigw.handlers.traded_resource import resource_of
from vgigw.handlers.trading_day import advance_day
from vgigw.objects import Declaration, PolarityMode, Receipt
from vgigw.operations import SUBMIT_DECLARATION, Role
from vgigw.ports import Call, Functions, Identity, Transaction
from vgigw.rules.checks import check
from vgigw.rules.day import DayEvent
from vgigw.rules.market import check_quantity

DECLARATIONS = Shelf(Declaration, key="declaration_id")


def exchanges_for(identity: Identity, declaration: Declaration) -> tuple[str, ...]:
    """Whom a platform passes ``declaration`` to: the exchange that MarketID is the identifier of,
    or else every exchange that it can reach."""
    market = identity.peers.get(declaration.market_id)
    named = market is not None and market.role is Role.EXCHANGE
    wanted = (declaration.market_id,) if named else None
    return Routes(identity).receivers(SUBMIT_DECLARATION, wanted)


class Declarations:
    """Handlers of declarations; ``functions.gate`` says when the market closes."""

    def __init__(self, identity: Identity, functions: Functions) -> None:
        self._identity = identity
        self._functions = functions
        self._routes = Routes(identity)

    @handles(SUBMIT_DECLARATION)
    def take(self, call: Call, tx: Transaction) -> Receipt:
        """A platform takes it before the gate, of a resource of the sender's, within its rating."""
        declaration: Declaration = call.request
        owner = self._routes.owner(call, declaration.aggregator_id)
        if self._identity.role is not Role.PLATFORM:
            self._keep_day(declaration, tx, call.now)
            DECLARATIONS.take(call, tx, owner)
            return receipt(call, declaration.declaration_id, declaration.version)
        resource = resource_of(tx, owner, declaration.resource_id)
        self._check_gate(declaration, call.now)
        call = aligned_call(call, resource.polarity)
        check_quantity(call.request, resource.rating)
        self._keep_day(call.request, tx, call.now)
        DECLARATIONS.take(call, tx, owner)
        self._pass_up(call, resource.polarity, tx)
        return receipt(call, declaration.declaration_id, declaration.version)

    @authors(SUBMIT_DECLARATION)
    def keep_own(self, declaration: Declaration, _: str, tx: Transaction, now: datetime) -> None:
        check(declaration, now)
        self._keep_day(declaration, tx, now)
        DECLARATIONS.keep(declaration, declaration.aggregator_id, tx, now)

    def _check_gate(self, declaration: Declaration, now: datetime) -> None:
        """What arrives counts, not what it says of itself: the gate of the market, and its own."""
        market = self._functions.gate(declaration)
        gate = declaration.gate_time if market is None else min(market, declaration.gate_time)
        if now > gate:
            words = "the gate is closed; PLT-7.8b"
            raise TooLate(details=(Detail("/GateTime", "rule", words),))

    def _keep_day(self, declaration: Declaration, tx: Transaction, now: datetime) -> None:
        """A declaration that moves to another day must not leave one that has cleared."""
        owner = declaration.aggregator_id
        before = DECLARATIONS.find(tx, owner, declaration.declaration_id)
        for each in (before, declaration):
            if each is not None:
                resource_id, day = each.resource_id, each.trade_date
                advance_day(tx, owner, resource_id, day, DayEvent.DECLARE, now)

    def _pass_up(self, call: Call, held: PolarityMode, tx: Transaction) -> None:
        for exchange in exchanges_for(self._identity, call.request):
            peer = self._identity.peers[exchange]
            said = told(call.request, held, peer)
            check_sayable(said, peer)
            self._routes.pass_on(call, tx, to=(exchange,), request=said)
