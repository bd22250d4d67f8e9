"""Of the jobs for one gap that brought nothing, as what they were to send is damaged, one is kept.

Its receiver asks again for as long as the gap is open: the record may come from a backup. F22.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from vgigw.codec.packing import pack, unpack
from vgigw.handlers.recall_plan import PLAN, RecallPlan, gap_of
from vgigw.ports import Document, Transaction

FRUITLESS: Final = "FruitlessRecall"


def forget_fruitless(plan: RecallPlan, tx: Transaction, now: datetime) -> None:
    """``plan`` came to its end: where it brought nothing of a gap for its damage, the one that did
    so before is forgotten. It has no letters."""
    gap = gap_of(plan.request)
    if gap is None or plan.sent or not plan.given_up:
        return
    key = f"{plan.request.stream_id}:{gap.first}-{gap.last}"
    before = tx.document(FRUITLESS, plan.requester, key)
    if before is not None:
        tx.erase(PLAN, plan.requester, unpack(before.payload).decode())
    document = Document(
        kind=FRUITLESS,
        owner=plan.requester,
        key=key,
        version=1,
        payload=pack(plan.job_id.encode()),
        digest="",
        at=now,
    )
    tx.put(document)
