"""Streams that a platform passes on: whose they are, and who to ask for what is missing. PLT-7.6d.

A peer names a stream by its number only, and a stream that was passed on is not its own.
"""

from __future__ import annotations

from datetime import datetime

from vgigw.operations import RECALL_DATA, Role
from vgigw.ports import Document, Identity, Transaction, View

_KIND = "CarriedStream"


def note_carrier(tx: Transaction, carrier: str, owner: str, stream: str, now: datetime) -> None:
    """Keep, at first contact, that ``carrier`` brings ``stream`` of ``owner``."""
    document = Document(
        kind=_KIND,
        owner=carrier,
        key=f"{owner}/{stream}",
        version=1,
        group=stream,
        payload=b"",
        digest="",
        at=now,
    )
    tx.put(document)


def owner_named(view: View, peer: str, stream: str) -> str:
    """Whose stream ``peer`` means by ``stream``: its own, or the only one that it passes on."""
    if view.stream(peer, stream) is not None:
        return peer
    carried = view.documents(_KIND, owner=peer, group=stream, limit=2)
    return carried[0].key.removesuffix(f"/{stream}") if len(carried) == 1 else peer


def upstream_of(view: View, identity: Identity, owner: str, stream: str) -> str | None:
    """The peer to ask for what is missing of a stream; None where there is none to call."""
    peer = identity.peers.get(owner)
    if peer is not None:
        return owner if peer.paths else None
    asked = RECALL_DATA.receivers(identity.role)
    platforms = [
        each
        for each, known in identity.peers.items()
        if known.role is Role.PLATFORM and known.role in asked and known.paths
    ]
    carried = {each.owner for each in view.documents(_KIND, key=f"{owner}/{stream}")}
    carriers = [each for each in platforms if each in carried]
    return next(iter(carriers or platforms[:1]), None)
