"""Recalls that somebody here asked a peer for, and what the peer said. PLT-7.6d.

Those that the gap ledger sends by itself stand there, not here.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from vgigw.codec.packing import pack, unpack
from vgigw.handlers.keeping import object_of
from vgigw.handlers.marks import authors, follows
from vgigw.objects import InformationObject, RecallReceipt, RecallRequest, UnavailableRange
from vgigw.operations import RECALL_DATA
from vgigw.ports import Document, Letter, Transaction, View

_KIND = "AskedRecall"


class AskedRecall(msgspec.Struct, frozen=True, kw_only=True):
    """One question to ``peer``; ``job_id`` is empty until it was answered, and ``error`` says why
    it never will be."""

    peer: str
    request: RecallRequest
    asked_at: datetime
    job_id: str = ""
    count: int = 0
    unavailable: tuple[UnavailableRange, ...] = ()
    error: str = ""


class AskedRecalls:
    """Keeps a recall that is sent, and its receipt."""

    @authors(RECALL_DATA)
    def keep_own(
        self, request: RecallRequest, destination: str, tx: Transaction, now: datetime
    ) -> None:
        """A recall of our own to ``destination``."""
        _save(AskedRecall(peer=destination, request=request, asked_at=now), tx, now)

    @follows(RECALL_DATA)
    def follow(
        self, letter: Letter, reply: InformationObject | None, tx: Transaction, now: datetime
    ) -> None:
        """The receipt, or why there is none."""
        request = object_of(RecallRequest, letter.payload)
        held = tx.document(_KIND, letter.destination, request.recall_id)
        if held is None:
            return
        asked = _read(held)
        if isinstance(reply, RecallReceipt):
            asked = msgspec.structs.replace(
                asked,
                job_id=reply.job_id,
                count=reply.count,
                unavailable=reply.unavailable_ranges,
                error="",
            )
        else:
            asked = msgspec.structs.replace(asked, error=letter.last_error)
        _save(asked, tx, now)


def asked_recalls(view: View) -> list[AskedRecall]:
    """Every recall that was asked for here, oldest first."""
    found = (_read(each) for each in view.documents(_KIND))
    return sorted(found, key=lambda each: (each.asked_at, each.request.recall_id))


def _read(document: Document) -> AskedRecall:
    return msgspec.json.decode(unpack(document.payload), type=AskedRecall)


def _save(asked: AskedRecall, tx: Transaction, now: datetime) -> None:
    document = Document(
        kind=_KIND,
        owner=asked.peer,
        key=asked.request.recall_id,
        version=1,
        payload=pack(msgspec.json.encode(asked)),
        digest="",
        at=now,
    )
    tx.put(document)
