"""Power supply schemes, exchanged between the north and a platform. JES-3.10, JES-7."""

from __future__ import annotations

from datetime import datetime

from vgigw.handlers.marks import authors, handles
from vgigw.handlers.receiving import receipt
from vgigw.handlers.shelf import Shelf
from vgigw.objects import Receipt, SupplyScheme, SupplySchemeQuery
from vgigw.operations import QUERY_SUPPLY_SCHEME, SUBMIT_SUPPLY_SCHEME
from vgigw.ports import Call, Identity, Transaction

SCHEMES = Shelf(SupplyScheme, key="scheme_id")


class Schemes:
    """Handlers of supply schemes: each belongs to whom it came from."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    @handles(SUBMIT_SUPPLY_SCHEME)
    def take(self, call: Call, tx: Transaction) -> Receipt:
        scheme: SupplyScheme = call.request
        SCHEMES.take(call, tx, call.peer.operator_id)
        return receipt(call, scheme.scheme_id, scheme.version)

    @authors(SUBMIT_SUPPLY_SCHEME)
    def keep_own(
        self, scheme: SupplyScheme, destination: str, tx: Transaction, now: datetime
    ) -> None:
        SCHEMES.keep(scheme, self._told(destination), tx, now)

    @handles(QUERY_SUPPLY_SCHEME)
    def query(self, call: Call, tx: Transaction) -> SupplyScheme:
        """The caller's own, or what we told it; another party's does not exist."""
        query: SupplySchemeQuery = call.request
        own = SCHEMES.find(tx, call.peer.operator_id, query.scheme_id)
        return own or SCHEMES.get(tx, self._told(call.peer.operator_id), query.scheme_id)

    def _told(self, party: str) -> str:
        """Whose a scheme of ours is that was told to ``party``."""
        return f"{self._identity.operator_id}>{party}"
