"""Keys that a peer tells of, from new to revoked; their material stays out of here. ACC-5.8."""

from __future__ import annotations

from datetime import datetime

from vgigw.errors import KeyUnusable, NotAllowed
from vgigw.handlers.marks import authors, handles
from vgigw.handlers.receiving import receipt
from vgigw.handlers.shelf import Shelf
from vgigw.objects import KeyRecord, Receipt
from vgigw.objects.security import KeyState
from vgigw.operations import NOTIFY_KEY_CHANGE
from vgigw.ports import Call, Identity, Transaction
from vgigw.rules.key import advance

KEYS = Shelf(KeyRecord, key="key_id", version=None)
_BEGINS = frozenset({KeyState.PENDING, KeyState.ACTIVE})


class Keys:
    """Handler of key notices; the key ring acts on what is kept here."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    @handles(NOTIFY_KEY_CHANGE)
    def hear(self, call: Call, tx: Transaction) -> Receipt:
        """A peer tells of its own keys only; a key goes forward in its life and never back."""
        record: KeyRecord = call.request
        if record.owner_id != call.peer.operator_id:
            raise NotAllowed("the key belongs to another party")
        _keep(record, record.owner_id, tx, call.now)
        return receipt(call, record.key_id)

    @authors(NOTIFY_KEY_CHANGE)
    def tell(self, record: KeyRecord, _: str, tx: Transaction, now: datetime) -> None:
        """What we tell of our own keys; the same notice to several peers is one."""
        if KEYS.find(tx, record.owner_id, record.key_id) != record:
            _keep(record, record.owner_id, tx, now)


def _keep(record: KeyRecord, owner: str, tx: Transaction, now: datetime) -> None:
    held = KEYS.find(tx, owner, record.key_id)
    if held is None and record.state not in _BEGINS:
        raise KeyUnusable("the key is not known")
    if held is not None:
        if held.fingerprint != record.fingerprint:
            raise KeyUnusable("another key is known by this identifier")
        advance(held.state, record.state)
    KEYS.renew(record, owner, tx, now)
