"""What hangs on which node of the grid, and whom it concerns: an index made with the archives.

PLT-6.10, VGI-D.16.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec

from vgigw.codec.packing import pack, unpack
from vgigw.ports import Document, Transaction, View

_KIND: Final = "GridAttachment"
_NEW: Final = "GridAttachmentNew"
"""What nobody told the limits at its node yet; the same owners and keys."""
STATION: Final = "station"
LOAD_DEVICE: Final = "load-device"
CUSTOMER: Final = "customer"


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """One thing at a node; ``what`` is one of the words above, ``aggregator_id`` may be ""."""

    node_id: str
    what: str
    object_id: str
    owner: str
    aggregator_id: str = ""

    @property
    def parties(self) -> tuple[str, ...]:
        """Whom a limit at the node concerns."""
        return tuple(each for each in (self.owner, self.aggregator_id) if each)


def attached(view: View, node_id: str) -> list[Attachment]:
    """Everything at a node."""
    return [_read(each) for each in view.documents(_KIND, group=node_id)]


def newly_attached(view: View, limit: int) -> list[Attachment]:
    """What was connected, or changed hands, and was not dealt with since."""
    return [_read(each) for each in view.documents(_NEW, limit=limit)]


def no_longer_new(each: Attachment, tx: Transaction) -> None:
    """Its parties know the limits at its node."""
    tx.erase(_NEW, each.owner, _key(each))


def attach(
    now_at: Iterable[Attachment], before_at: Iterable[Attachment], tx: Transaction, at: datetime
) -> None:
    """Make the index say ``now_at`` where it said ``before_at``."""
    wanted = {_key(each): each for each in now_at}
    for gone in before_at:
        if _key(gone) not in wanted:
            tx.erase(_KIND, gone.owner, _key(gone))
            no_longer_new(gone, tx)
    for key, each in wanted.items():
        document = Document(
            kind=_KIND,
            owner=each.owner,
            key=key,
            version=1,
            group=each.node_id,
            payload=pack(msgspec.json.encode(each)),
            digest="",
            at=at,
        )
        held = tx.document(_KIND, each.owner, key)
        if held is not None and _read(held) == each:
            continue
        tx.put(document)
        tx.put(msgspec.structs.replace(document, kind=_NEW))


def _read(document: Document) -> Attachment:
    return msgspec.json.decode(unpack(document.payload), type=Attachment)


def _key(each: Attachment) -> str:
    return f"{each.what}/{each.object_id}/{each.node_id}"
