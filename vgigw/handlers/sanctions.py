"""Sanctions: notice, penalty, disconnection, removal, release; each by persons' hands. PLT-8.7b.

Nothing here acts by itself: the platform sanctions by sending NotifySanction to the party. What
cuts or restores a link stands on two persons, who are named in its record.
"""

from __future__ import annotations

from datetime import datetime

from vgigw.errors import Detail, InvalidObject, NotAllowed
from vgigw.handlers.marks import authors, handles
from vgigw.handlers.receiving import receipt
from vgigw.handlers.shelf import Shelf
from vgigw.handlers.standing import distrust
from vgigw.objects import Receipt, Sanction
from vgigw.operations import NOTIFY_SANCTION
from vgigw.ports import Call, Identity, Transaction
from vgigw.rules.distrust import check_confirmed, check_sanction, sanction_event

SANCTIONS = Shelf(Sanction, key="sanction_id", version=None)


class Sanctions:
    """What a platform imposes, and what a party is told."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    @authors(NOTIFY_SANCTION)
    def impose(self, sanction: Sanction, to: str, tx: Transaction, now: datetime) -> None:
        """The step that it is, once. Raises ``IllegalState`` where the one before it is missing,
        ``InvalidObject`` where two persons are needed and do not stand for it."""
        check_sanction(sanction)
        check_confirmed(sanction)
        if sanction.party_id != to:
            words = "must be the party that it is sent to; PLT-8.7b"
            raise InvalidObject(details=(Detail("/PartyID", "rule", words),))
        known = SANCTIONS.find(tx, to, sanction.sanction_id) is not None
        SANCTIONS.keep(sanction, to, tx, now)
        if not known:
            event = sanction_event(sanction.sanction_kind)
            distrust(self._identity, to, event, tx, now)

    @handles(NOTIFY_SANCTION)
    def hear(self, call: Call, tx: Transaction) -> Receipt:
        """Keep what a platform imposed on us; the order of the steps is its business."""
        sanction: Sanction = call.request
        if sanction.party_id != self._identity.operator_id:
            raise NotAllowed("the sanction concerns another party")
        SANCTIONS.take(call, tx, call.peer.operator_id)
        return receipt(call, sanction.sanction_id)
