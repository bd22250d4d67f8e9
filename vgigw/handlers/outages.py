"""Outages and their written explanation, which is given once. PLT-8.9a."""

from __future__ import annotations

from datetime import datetime, timedelta

from vgigw.errors import IllegalState
from vgigw.handlers.marks import authors, handles
from vgigw.handlers.receiving import receipt
from vgigw.handlers.routes import Routes
from vgigw.handlers.shelf import Shelf
from vgigw.handlers.standing import hear_defence
from vgigw.objects import OutageRecord, Receipt
from vgigw.operations import SUBMIT_OUTAGE_EXPLANATION
from vgigw.ports import Call, Identity, Transaction
from vgigw.rules.distrust import DistrustEvent
from vgigw.rules.outage import check_outage

OUTAGES = Shelf(OutageRecord, key="outage_id", version=None)
_SKEW = timedelta(minutes=5)
"""How far the clock of the party may be ahead of ours."""


class Outages:
    """Handlers of explanations."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._routes = Routes(identity)

    @handles(SUBMIT_OUTAGE_EXPLANATION)
    def explain(self, call: Call, tx: Transaction) -> Receipt:
        """Keep it; it closes the outage, and is heard in favour of a party that is distrusted.
        Raises ``IllegalState`` for one that lasts, or that was explained in other words."""
        outage: OutageRecord = call.request
        owner = self._routes.owner(call, outage.aggregator_id)
        if outage.outage_end > call.now + _SKEW:
            raise IllegalState("the outage is not over yet")
        held = tx.document(OUTAGES.kind, owner, outage.outage_id)
        if held is not None and held.digest != call.digest:
            raise IllegalState("the outage is explained and closed")
        OUTAGES.take(call, tx, owner)
        hear_defence(self._identity, owner, DistrustEvent.EXPLAIN, tx, call.now)
        return receipt(call, outage.outage_id)

    @authors(SUBMIT_OUTAGE_EXPLANATION)
    def keep_own(self, outage: OutageRecord, to: str, tx: Transaction, now: datetime) -> None:
        check_outage(outage)
        OUTAGES.keep(outage, to, tx, now)
