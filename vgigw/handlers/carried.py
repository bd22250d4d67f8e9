"""Streams that a platform passes on: whose they are, and who to ask for what is missing. PLT-7.6d.

A peer names a stream by its number only, and a stream that was passed on is not its own.
"""

from __future__ import annotations

from datetime import datetime

from vgigw.ports import Document, Transaction, View

_KIND = "CarriedStream"
_OWNER = "CarriedOwner"


def note_carrier(tx: Transaction, carrier: str, owner: str, stream: str, now: datetime) -> None:
    """Keep, at first contact, that ``carrier`` brings ``stream`` of ``owner``."""
    for kind, key, group in ((_KIND, f"{owner}/{stream}", stream), (_OWNER, owner, "")):
        document = Document(
            kind=kind,
            owner=carrier,
            key=key,
            version=1,
            group=group,
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


def carried_owners(view: View, carrier: str) -> tuple[str, ...]:
    """Those whose streams ``carrier`` brings."""
    return tuple(each.key for each in view.documents(_OWNER, owner=carrier))
