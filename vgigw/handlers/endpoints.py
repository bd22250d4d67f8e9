"""Where each party is called, as it was approved: one that is held is not called anywhere else
until that is approved. PLT-8.11b.

An endpoint stands in the configuration alone, so that it changes between two starts.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from vgigw.codec.packing import pack, unpack
from vgigw.handlers.marks import chore
from vgigw.handlers.network_changes import NetworkChanges, Noted, is_shut
from vgigw.operations import Role
from vgigw.ports import Document, Identity, OnChange, Transaction, View
from vgigw.rules.network_change import Change

_KIND = "Endpoint"
_LOOK_EVERY = timedelta(minutes=1)


class Endpoints:
    """Compares the endpoints of the configuration with those that were approved."""

    def __init__(self, identity: Identity, changes: NetworkChanges) -> None:
        self._identity = identity
        self._changes = changes
        self._looked_at: datetime | None = None

    @chore
    def look(self, tx: Transaction, now: datetime) -> None:
        """Chore: what holds nothing counts as approved from now on, with an alarm; a party that is
        called for the first time has changed nothing."""
        looked_at = self._looked_at
        if looked_at is not None and timedelta(0) <= now - looked_at < _LOOK_EVERY:
            return
        self._looked_at = now
        if self._identity.role is not Role.PLATFORM:
            return
        known = {each.owner: _read(each) for each in tx.documents(_KIND)}
        for party, peer in self._identity.peers.items():
            approved = known.get(party)
            if not peer.paths or approved == peer.paths:
                continue
            waits = approved is not None and peer.upon_change is OnChange.HOLD
            if approved is not None and not (waits and is_shut(self._identity, party, tx)):
                self._changes.changed(party, Change.ENDPOINT, Noted(), tx, now)
            if not waits:
                approve(self._identity, party, tx, now)


def is_unapproved(identity: Identity, party: str, view: View) -> bool:
    """Whether nothing may be sent to ``party``: it is held upon a change, and its endpoint in the
    configuration is another than the approved one. PLT-8.11b."""
    peer = identity.peers.get(party)
    if peer is None or peer.upon_change is not OnChange.HOLD:
        return False
    if identity.role is not Role.PLATFORM:
        return False
    return _approved(view, party) not in (None, peer.paths)


def approve(identity: Identity, party: str, tx: Transaction, now: datetime) -> None:
    """The endpoint in the configuration is the approved one from now on."""
    peer = identity.peers.get(party)
    if peer is None or not peer.paths:
        return
    document = Document(
        kind=_KIND,
        owner=party,
        key=party,
        version=1,
        payload=pack(msgspec.json.encode(peer.paths)),
        digest="",
        at=now,
    )
    tx.put(document)


def _approved(view: View, party: str) -> tuple[str, ...] | None:
    held = view.document(_KIND, party, party)
    return None if held is None else _read(held)


def _read(document: Document) -> tuple[str, ...]:
    return msgspec.json.decode(unpack(document.payload), type=tuple[str, ...])
