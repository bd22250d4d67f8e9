"""Who received what, and when, and who read it: what is kept of each message that asks for it.

PLT-8.6. A notice is confirmed as read by its party; nothing else in the catalogue is.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec.structs import replace

from vgigw.codec import json
from vgigw.codec.packing import pack, unpack
from vgigw.objects import NoticeReceipt
from vgigw.operations import PUBLISH_NOTICE
from vgigw.ports.records import RECEIPTED, Document, Letter, LetterState
from vgigw.ports.store import Transaction, View

DELIVERY = "Delivery"


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One object on its way to one party, or at its end.

    ``object_id`` is the key of the object as text, ``received_at`` when its party says that it took
    it, ``read_at`` when it says that it read it, ``ended_at`` when we knew: delivered, or dead for
    ``last_error``.
    """

    operation: str
    object_id: str
    party: str
    state: LetterState
    sent_at: datetime
    received_at: datetime | None = None
    read_at: datetime | None = None
    ended_at: datetime | None = None
    attempts: int = 0
    last_error: str = ""


def delivery_of(letter: Letter, received_at: datetime | None = None) -> Delivery:
    """Where ``letter`` stands."""
    ended = letter.state is not LetterState.WAITING
    return Delivery(
        operation=letter.operation,
        object_id=letter.message_id,
        party=letter.destination,
        state=letter.state,
        sent_at=letter.created_at,
        received_at=received_at,
        ended_at=letter.next_at if ended else None,
        attempts=letter.attempts,
        last_error=letter.last_error,
    )


def keep_delivery(delivery: Delivery, letter_id: int, tx: Transaction, now: datetime) -> None:
    """Keep the end of a delivery. What was received once stays received."""
    name = f"{delivery.operation}/{delivery.object_id}"
    held = tx.document(DELIVERY, delivery.party, name)
    if held is not None and _read(held).state is LetterState.DELIVERED:
        return
    document = Document(
        kind=DELIVERY,
        owner=delivery.party,
        key=name,
        version=letter_id,
        group=name,
        payload=pack(msgspec.json.encode(delivery)),
        digest="",
        at=now,
    )
    tx.put(document)


def deliveries(
    view: View,
    *,
    operation: str | None = None,
    object_id: str | None = None,
    party: str | None = None,
    limit: int | None = None,
) -> list[Delivery]:
    """What came to its end and what still waits, by object and party; with ``operation`` and
    ``object_id`` those of one object. At most ``limit`` of each kind are looked at."""
    group = f"{operation}/{object_id}" if operation and object_id else None
    ended = view.documents(DELIVERY, owner=party, group=group, limit=limit)
    waiting = view.letters(
        destination=party, state=LetterState.WAITING, group=RECEIPTED, limit=limit
    )
    found = [*map(_read, ended), *map(delivery_of, waiting)]
    fitting = (
        each
        for each in found
        if operation in (None, each.operation) and object_id in (None, each.object_id)
    )
    return sorted(
        (_with_reading(each, view) for each in fitting),
        key=lambda each: (each.operation, each.object_id, each.party),
    )


def _with_reading(delivery: Delivery, view: View) -> Delivery:
    if delivery.operation != PUBLISH_NOTICE.name:
        return delivery
    held = view.document(NoticeReceipt.__name__, delivery.party, delivery.object_id)
    if held is None:
        return delivery
    read = json.decode(NoticeReceipt, unpack(held.payload))
    return replace(delivery, read_at=read.read_time)


def _read(document: Document) -> Delivery:
    return msgspec.json.decode(unpack(document.payload), type=Delivery)
