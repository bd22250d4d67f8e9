"""What connectors charged day by day, kept along with sessions and orders. 102, VGI-T6.

Whoever asks for a month of a station does not wait for its sessions to be added up.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from vgigw.codec import json
from vgigw.codec.packing import pack, unpack
from vgigw.ports import Document, Transaction
from vgigw.rules.tally import TALLY, ConnectorMonth, Share, counted, tally_key


def recount(
    tx: Transaction, owner: str, before: Share | None, after: Share | None, now: datetime
) -> None:
    """A session of ``owner`` that counted as ``before`` counts as ``after``."""
    if before == after:
        return
    if before is not None:
        _count(tx, owner, before, -1, now)
    if after is not None:
        _count(tx, owner, after, 1, now)


def _count(tx: Transaction, owner: str, share: Share, sign: int, now: datetime) -> None:
    key = tally_key(share.connector_id, share.day)
    held = tx.document(TALLY, owner, key)
    month = ConnectorMonth()
    if held is not None:
        month = msgspec.json.decode(unpack(held.payload), type=ConnectorMonth)
    canonical = msgspec.json.encode(counted(month, share, sign))
    document = Document(
        kind=TALLY,
        owner=owner,
        key=key,
        version=1,
        group=share.connector_id,
        payload=pack(canonical),
        digest=json.digest(canonical),
        at=now,
    )
    tx.put(document)
