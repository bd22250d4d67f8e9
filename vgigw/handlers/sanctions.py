"""Sanctions: notice, penalty, disconnection, removal, release; each a person's act. PLT-8.7b.

Nothing here acts by itself: the platform sanctions by sending NotifySanction to the party.
"""

from __future__ import annotations

from datetime import datetime

from vgigw.errors import Detail, IllegalState, InvalidObject, NotAllowed
from vgigw.handlers.marks import authors, handles
from vgigw.handlers.receiving import receipt
from vgigw.handlers.shelf import Shelf
from vgigw.handlers.standing import distrust
from vgigw.objects import Receipt, Sanction, SanctionKind
from vgigw.operations import NOTIFY_SANCTION
from vgigw.ports import Call, Identity, Transaction
from vgigw.rules.distrust import check_sanction, sanction_event

SANCTIONS = Shelf(Sanction, key="sanction_id", version=None)


class Sanctions:
    """What a platform imposes, and what a party is told."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    @authors(NOTIFY_SANCTION)
    def impose(self, sanction: Sanction, to: str, tx: Transaction, now: datetime) -> None:
        """The step that it is, once. Raises ``IllegalState`` where the one before it is missing."""
        check_sanction(sanction)
        if sanction.party_id != to:
            words = "must be the party that it is sent to; PLT-8.7b"
            raise InvalidObject(details=(Detail("/PartyID", "rule", words),))
        known = SANCTIONS.find(tx, to, sanction.sanction_id) is not None
        SANCTIONS.keep(sanction, to, tx, now)
        if not known:
            distrust(to, sanction_event(sanction.sanction_kind), tx, now)

    @handles(NOTIFY_SANCTION)
    def hear(self, call: Call, tx: Transaction) -> Receipt:
        """Keep what was imposed on us. After a removal only a release has a meaning."""
        sanction: Sanction = call.request
        own = self._identity.operator_id
        if sanction.party_id != own:
            raise NotAllowed("the sanction concerns another party")
        before = max(SANCTIONS.all(tx, owner=own), key=lambda each: each.issue_time, default=None)
        if (
            before is not None
            and before.sanction_kind is SanctionKind.REMOVE
            and sanction.sanction_kind is not SanctionKind.NONE
            and sanction.issue_time >= before.issue_time
        ):
            raise IllegalState("the party was removed")
        SANCTIONS.take(call, tx, own)
        return receipt(call, sanction.sanction_id)
