"""How fast what waited comes, kept for each peer and direction, so that its end can be told beside
a running server, and after a restart. PLT-7.9d."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from vgigw.codec.packing import pack, unpack
from vgigw.handlers.bulk_sizes import BulkSizes
from vgigw.handlers.coming import place_of
from vgigw.handlers.damaged import DAMAGE, tell_damaged
from vgigw.handlers.marks import chore, follows
from vgigw.objects import InformationObject
from vgigw.operations import BACKFILL_DATA, UPLOAD_TELEMETRY, Lane
from vgigw.ports import Document, Identity, Letter, LetterState, Transaction, View
from vgigw.rules.drain import Stamps, stamped

_KIND = "Drain"
_LOOK_EVERY = timedelta(minutes=1)
OUT, IN = "out", "in"
_UNREADABLE = (*DAMAGE, msgspec.DecodeError)


class Drain(msgspec.Struct, frozen=True):
    """How many records had come at some moments; ``share`` of the peer's time is what they had
    then, where it is ours to give."""

    stamps: Stamps = ()
    share: float | None = None


class Draining:
    """The follower that notes each large letter that was delivered, and the chore that begins anew
    what was damaged."""

    def __init__(self, identity: Identity, sizes: BulkSizes) -> None:
        self._identity = identity
        self._sizes = sizes
        self._looked_at: datetime | None = None

    @chore
    def begin_anew(self, tx: Transaction, now: datetime) -> None:
        """Chore: what is known of a drain is a statistic: a damaged one is told, and forgotten."""
        looked_at = self._looked_at
        if looked_at is not None and timedelta(0) <= now - looked_at < _LOOK_EVERY:
            return
        self._looked_at = now
        for party in self._identity.peers:
            for direction in (OUT, IN):
                try:
                    _read(tx, party, direction)
                except _UNREADABLE:
                    tell_damaged(self._identity, "document", None, tx, now)
                    tx.erase(_KIND, party, direction)

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
    """What is known of one peer and direction: nothing of what is damaged."""
    try:
        return _read(view, party, direction) or Drain()
    except _UNREADABLE:
        return Drain()


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
    try:
        before = _read(tx, party, direction) or Drain()
    except _UNREADABLE:
        return  # Whatever came is with the peer; the chore tells of it.
    stamps = stamped(before.stamps, now, records, size_bytes)
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


def _read(view: View, party: str, direction: str) -> Drain | None:
    held = view.document(_KIND, party, direction)
    return None if held is None else msgspec.json.decode(unpack(held.payload), type=Drain)
