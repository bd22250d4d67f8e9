"""How fast what waited comes, kept for each peer and direction, so that its end can be told beside
a running server, and after a restart. PLT-7.9d."""

from __future__ import annotations

from datetime import datetime

import msgspec

from vgigw.codec.packing import pack, unpack
from vgigw.handlers.bulk_sizes import BulkSizes
from vgigw.handlers.coming import place_of
from vgigw.handlers.marks import follows
from vgigw.objects import InformationObject
from vgigw.operations import BACKFILL_DATA, UPLOAD_TELEMETRY, Lane
from vgigw.ports import Document, Letter, LetterState, Transaction, View
from vgigw.rules.drain import Stamps, stamped

_KIND = "Drain"
OUT, IN = "out", "in"


class Drain(msgspec.Struct, frozen=True):
    """How many records had come at some moments; ``share`` of the peer's time is what they had
    then, where it is ours to give."""

    stamps: Stamps = ()
    share: float | None = None


class Draining:
    """The follower that notes each large letter that was delivered."""

    def __init__(self, sizes: BulkSizes) -> None:
        self._sizes = sizes

    @follows(BACKFILL_DATA, UPLOAD_TELEMETRY)
    def note(
        self, letter: Letter, _: InformationObject | None, tx: Transaction, now: datetime
    ) -> None:
        """What was delivered of backlogs and jobs."""
        if letter.lane is not Lane.BULK or letter.state is not LetterState.DELIVERED:
            return
        place = place_of(letter)
        if place is not None:
            records = max(place.last - place.first + 1, 1)
            share = self._sizes.share(letter.destination)
            note_drained(tx, letter.destination, OUT, records, len(letter.payload), now, share)


def drain_of(view: View, party: str, direction: str) -> Drain:
    """What is known of one peer and direction."""
    held = view.document(_KIND, party, direction)
    return Drain() if held is None else msgspec.json.decode(unpack(held.payload), type=Drain)


def note_drained(
    tx: Transaction,
    party: str,
    direction: str,
    records: int,
    size_bytes: int,
    now: datetime,
    share: float | None = None,
) -> None:
    """So many records of what waited were with the peer ``now``, or came from it."""
    stamps = stamped(drain_of(tx, party, direction).stamps, now, records, size_bytes)
    document = Document(
        kind=_KIND,
        owner=party,
        key=direction,
        version=1,
        payload=pack(msgspec.json.encode(Drain(stamps, share))),
        digest="",
        at=now,
    )
    tx.put(document)
