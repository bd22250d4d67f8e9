"""Keys that a peer tells of, from new to revoked, and what we told of ours. ACC-5.8.

The key ring follows what is kept here, outside of the transaction: see
:mod:`vgigw.server.key_follower`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from vgigw.errors import IllegalState, KeyUnusable, NotAllowed, OverLimit
from vgigw.handlers.key_material import told_key
from vgigw.handlers.marks import authors, handles
from vgigw.handlers.receiving import receipt
from vgigw.handlers.shelf import Shelf
from vgigw.handlers.told import Told
from vgigw.objects import KeyRecord, Receipt
from vgigw.objects.security import KeyState
from vgigw.operations import NOTIFY_KEY_CHANGE
from vgigw.ports import Call, Identity, Transaction, View
from vgigw.rules.key import advance

KEYS = Shelf(KeyRecord, key="key_id", version=None)
_TOLD = Told(KeyRecord)

MOST_KEYS_OF_A_PARTY: Final = 200
"""Own design number: notices of so many keys are kept of one party, and as many keys of it come
into a ring by themselves."""


class Keys:
    """Handler of key notices; the key ring acts on what is kept here."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    @handles(NOTIFY_KEY_CHANGE)
    def hear(self, call: Call, tx: Transaction) -> Receipt:
        """A peer tells of its own keys only; a key goes forward in its life and never back.

        One that is told of first when it ends may have come by hand: it ends all the same. Raises
        ``OverLimit`` for a key too many: each one is looked at again and again.
        """
        record: KeyRecord = call.request
        if record.owner_id != call.peer.operator_id:
            raise NotAllowed("the key belongs to another party")
        told_key(record)
        if KEYS.find(tx, record.owner_id, record.key_id) is None:
            _make_room(record.owner_id, tx, call.now)
        _keep(record, tx, call.now)
        return receipt(call, record.key_id)

    @authors(NOTIFY_KEY_CHANGE)
    def tell(self, record: KeyRecord, destination: str, tx: Transaction, now: datetime) -> None:
        """What we tell of our own keys; the same notice to several peers is one.

        Raises ``IllegalState`` where this peer was told of this state before, or the key is
        further on in its life.
        """
        if was_told(tx, destination, record.key_id, record.state):
            raise IllegalState("this peer was told of it before")
        told_key(record)
        if KEYS.find(tx, record.owner_id, record.key_id) != record:
            _keep(record, tx, now)
        _TOLD.tell(tx, destination, _name(record.key_id, record.state), now)


def was_told(view: View, party: str, key_id: str, state: KeyState) -> bool:
    """Whether ``party`` was told that our key is in this state."""
    return _TOLD.knows(view, party, _name(key_id, state))


def notices(view: View, owner: str, since: datetime | None = None) -> Iterator[KeyRecord]:
    """The newest notice of each key of ``owner``, of those kept since then (None = ever)."""
    return KEYS.walk(view, owner=owner, since=since)


def _name(key_id: str, state: KeyState) -> str:
    return f"{key_id}/{state.name}"


def _make_room(owner: str, tx: Transaction, now: datetime) -> None:
    """Forget notices of keys whose dates are over, once there are many: what they did they did,
    and a ring knows its keys itself. Raises ``OverLimit`` where none is."""
    if tx.count_documents(KEYS.kind, owner=owner) < MOST_KEYS_OF_A_PARTY:
        return
    over = [each.key_id for each in KEYS.all(tx, owner=owner) if each.not_after <= now]
    if not over:
        raise OverLimit(f"{MOST_KEYS_OF_A_PARTY} keys of one party are known; it gets no more")
    for key_id in over:
        tx.erase(KEYS.kind, owner, key_id)


def _keep(record: KeyRecord, tx: Transaction, now: datetime) -> None:
    held = KEYS.find(tx, record.owner_id, record.key_id)
    if held is not None:
        if held.fingerprint.lower() != record.fingerprint.lower():
            raise KeyUnusable("another key is known by this identifier")
        advance(held.state, record.state)
    KEYS.renew(record, record.owner_id, tx, now)
