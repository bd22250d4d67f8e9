"""How high each stream of our own is, kept for the heartbeats that tell it. PLT-7.6b."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Final

from vgigw.codec.packing import pack, unpack
from vgigw.errors import StoreDamaged
from vgigw.handlers.backlog import backlogs_of
from vgigw.handlers.coming import places_waiting
from vgigw.handlers.damaged import raise_store_damaged
from vgigw.handlers.marks import chore
from vgigw.handlers.poison_numbers import held_by
from vgigw.ports import Document, Identity, Row, Transaction, View

_KIND: Final = "StreamHeight"
_CURSOR: Final = "HeightCursor"
_ROWS_A_STEP: Final = 1000
_MOST_WAITING: Final = 100


class Heights:
    """The chore that walks the journal once, and what is told of it to a peer."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._own = identity.operator_id

    @chore
    def note_heights(self, tx: Transaction, now: datetime) -> None:
        """Chore: keep the highest number of each of our streams, from the rows since last time."""
        held = tx.document(_CURSOR, self._own, self._own)
        cursor = 0 if held is None else int(unpack(held.payload))
        if tx.last_row_id() <= cursor:
            return
        rows, passed = self._next_rows(cursor, tx, now)
        highest: dict[str, int] = {}
        for row in rows:
            if row.owner == self._own and not row.sparse:
                highest[row.stream] = max(highest.get(row.stream, 0), row.seq_to)
        for stream, height in highest.items():
            before = tx.document(_KIND, self._own, stream)
            if before is None or int(unpack(before.payload)) < height:
                tx.put(self._document(_KIND, stream, height, now))
        if passed > cursor:
            tx.put(self._document(_CURSOR, self._own, passed, now))

    def told_since(self, view: View, since: datetime | None) -> dict[str, int]:
        """Stream to highest number, of those that rose since then."""
        found = view.documents(_KIND, owner=self._own, since=since)
        return {each.key: int(unpack(each.payload)) for each in found}

    def on_their_way(self, view: View, destination: str) -> dict[str, int] | None:
        """Stream to lowest number that waits in the outbox or the backlog; None where too much
        waits to tell: what is on its way is not lost."""
        most = _MOST_WAITING + 1
        damaged: list[str] = []
        backlogs = backlogs_of(
            view, destination, open_only=True, limit=most, damaged=damaged.append
        )
        if damaged:
            return None
        places = list(islice(places_waiting(view, destination, most), most))
        if len(backlogs) + len(places) > _MOST_WAITING:
            return None
        firsts = [(place.stream, place.first) for place in places]
        firsts += [(each.stream, each.waiting[0].first) for _, each in backlogs]
        held = held_by(view, destination, self._own)
        firsts += [(stream, numbers[0].first) for stream, numbers in held.items()]
        lowest: dict[str, int] = {}
        for stream, first in firsts:
            lowest[stream] = min(lowest.get(stream, first), first)
        return lowest

    def _next_rows(self, cursor: int, tx: Transaction, now: datetime) -> tuple[list[Row], int]:
        """The rows behind the cursor, and up to where; a damaged one is told and passed by."""
        # No owner: the rows of all come by their number, without an index of a long journal.
        try:
            rows = tx.rows(after_id=cursor, limit=_ROWS_A_STEP, payloads=False)
        except StoreDamaged as fault:
            if fault.row_id is None:
                raise
            raise_store_damaged(self._identity, fault.table, fault.row_id, tx, now)
            before = fault.row_id - 1
            return tx.rows(after_id=cursor, up_to_id=before, payloads=False), fault.row_id
        return rows, rows[-1].id if rows else cursor

    def _document(self, kind: str, key: str, number: int, now: datetime) -> Document:
        return Document(
            kind=kind,
            owner=self._own,
            key=key,
            version=1,
            payload=pack(str(number).encode()),
            digest="",
            at=now,
        )
