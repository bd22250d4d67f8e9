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
    found = view.documents(_KIND, group=node_id)
    return [msgspec.json.decode(unpack(each.payload), type=Attachment) for each in found]


def attach(
    now_at: Iterable[Attachment], before_at: Iterable[Attachment], tx: Transaction, at: datetime
) -> None:
    """Make the index say ``now_at`` where it said ``before_at``."""
    wanted = {_key(each): each for each in now_at}
    for gone in before_at:
        if _key(gone) not in wanted:
            tx.erase(_KIND, gone.owner, _key(gone))
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
        tx.put(document)


def _key(each: Attachment) -> str:
    return f"{each.what}/{each.object_id}/{each.node_id}"
