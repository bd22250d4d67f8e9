"""Telemetry in: sequence, watermark, gap ledger that asks by itself. PLT-7.6, PLT-7.9d."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime

from vgigw.errors import Conflict, OverLimit
from vgigw.handlers.journal import owner_of, records_in, row_of
from vgigw.handlers.keeping import object_of
from vgigw.handlers.links import beat_heard
from vgigw.handlers.marks import chore, follows, handles
from vgigw.handlers.telemetry_polarity import Alignment, records_as
from vgigw.objects import (
    Heartbeat,
    HeartbeatAnswer,
    InformationObject,
    OperatingRecord,
    RecallReceipt,
    RecallRequest,
    TelemetryBatch,
    TelemetryPage,
    TelemetryQuery,
    TelemetryReceipt,
)
from vgigw.objects.operating_enumerations import RecallCause, ReportMode
from vgigw.operations import (
    BACKFILL_DATA,
    HEARTBEAT,
    QUERY_TELEMETRY,
    RECALL_DATA,
    UPLOAD_TELEMETRY,
)
from vgigw.ports import Call, Identity, Letter, LetterState, Transaction, View, letter_for
from vgigw.rules import gap as ledger
from vgigw.rules.gap import Gap
from vgigw.rules.ranges import Range, without
from vgigw.rules.sequence import (
    Receipt,
    StreamState,
    announce,
    declare,
    expecting,
    missing_in,
    receive,
)

_PAGE_SIZE = 1000
_MOST_ASKED = 100_000
"""Numbers that one recall asks for; the rest of a longer gap follows when these have come."""
_MOST_STREAMS = 10_000
_LOOKED_AT = 100
"""Gaps of one peer that are looked at, and recalled where due, at a time."""


class Collect:
    """Handlers of telemetry and of what tells that some is missing."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._alignment = Alignment()
        self._looked_at: dict[str, tuple[str, int]] = {}
        """Up to where the gaps of a peer were looked at, while some of them lie behind."""

    @handles(UPLOAD_TELEMETRY, BACKFILL_DATA)
    def take(self, call: Call, tx: Transaction) -> TelemetryReceipt:
        """Store the records that are new; those that came before must be equal. PLT-7.6b.

        What is stored is in the polarity of the archives. Raises ``PolarityMismatch`` for a batch
        in another one, unless the peer always speaks one. PLT-7.4b.
        """
        batch: TelemetryBatch = call.request
        owner = owner_of(call.peer, batch)
        state = tx.stream(owner, batch.stream_id)
        if batch.report_mode is ReportMode.RECALL:
            self._take_recalled(batch, owner, state, call, tx)
            return TelemetryReceipt(ack_seq=batch.seq_to)
        if state is None:
            _check_room(owner, 1, tx)
        receipt = receive(state, batch.seq_from, batch.seq_to)
        whole = (Range(batch.seq_from, batch.seq_to),)
        for part in self._alignment.parts(call, owner, tx):
            _append_new(part.request, owner, part, tx, likely_new=receipt.fresh == whole)
        _save(owner, batch.stream_id, receipt, tx, call.now)
        return TelemetryReceipt(ack_seq=receipt.state.complete_to)

    @handles(HEARTBEAT)
    def hear_beat(self, call: Call, tx: Transaction) -> HeartbeatAnswer:
        """The heights that a beat tells open the gap at the tail of an idle stream. PLT-7.6b."""
        beat: Heartbeat = call.request
        owner = call.peer.operator_id
        names = {height.stream_id for height in beat.streams}
        states = {name: tx.stream(owner, name) for name in names}
        _check_room(owner, sum(state is None for state in states.values()), tx)
        for height in beat.streams:
            # A stream not heard of yet began at 1, or its sender will declare otherwise.
            receipt = announce(states[height.stream_id] or expecting(1), height.seq_highest)
            if receipt.state != states[height.stream_id]:
                _save(owner, height.stream_id, receipt, tx, call.now)
                states[height.stream_id] = receipt.state
        now = call.now.replace(microsecond=call.now.microsecond // 1000 * 1000)
        seen = beat_heard(owner, beat.channel_role, tx, call.now)
        return HeartbeatAnswer(seq=beat.seq, time=now, state=seen)

    @handles(QUERY_TELEMETRY)
    def query(self, call: Call, tx: Transaction) -> TelemetryPage:
        """One page of records; an operator sees its own only. PLT-7.6d."""
        query: TelemetryQuery = call.request
        records = [record for _, record in records_in(query, call.peer, self._identity, tx)]
        page_no, page_size = query.page_no or 1, query.page_size or _PAGE_SIZE
        first = (page_no - 1) * page_size
        return TelemetryPage(
            page_no=page_no,
            page_count=-(-len(records) // page_size),
            item_size=len(records),
            records=tuple(records[first : first + page_size]),
        )

    @chore
    def ask_for_gaps(self, tx: Transaction, now: datetime) -> None:
        """Chore: recall what is missing from whoever sent the stream. PLT-7.9d."""
        for owner, peer in self._identity.peers.items():
            for stream, gap in self._next_gaps(owner, tx) if peer.paths else ():
                if not ledger.due((gap,), now):
                    continue
                # A question that still waits for its peer is not asked again.
                group = _gap_group(owner, stream, gap)
                if not tx.count_letters(state=LetterState.WAITING, group=group):
                    tx.enqueue(self._recall_letter(owner, stream, gap, now))
                tx.open_gap(owner, stream, ledger.asked(gap, now))

    @follows(RECALL_DATA)
    def follow_recall(
        self, letter: Letter, reply: InformationObject | None, tx: Transaction, now: datetime
    ) -> None:
        """What the peer declares unavailable is closed with its reason. PLT-7.9d."""
        if not isinstance(reply, RecallReceipt) or not reply.unavailable_ranges:
            return
        request = object_of(RecallRequest, letter.payload)
        if request.stream_id is None:
            return
        for gone in reply.unavailable_ranges:
            state = tx.stream(letter.destination, request.stream_id)
            if state is not None:
                receipt = declare(state, Range(gone.seq_from, gone.seq_to))
                how = ledger.GapEvent.DECLARED
                _save(letter.destination, request.stream_id, receipt, tx, now, how)

    def _next_gaps(self, owner: str, view: View) -> Iterator[tuple[str, Gap]]:
        """A slice of the gaps of ``owner``, at its next turn the one behind it: a peer with many
        gaps costs a tick no more than one with few."""
        after = self._looked_at.pop(owner, None)
        found = view.gaps(owner, after=after, limit=_LOOKED_AT)
        if after is not None and len(found) < _LOOKED_AT:
            found += view.gaps(owner, limit=_LOOKED_AT - len(found))
        if len(found) == _LOOKED_AT:
            _, stream, last = found[-1]
            self._looked_at[owner] = (stream, last.first)
        return ((stream, gap) for _, stream, gap in dict.fromkeys(found))

    def _take_recalled(
        self,
        batch: TelemetryBatch,
        owner: str,
        state: StreamState | None,
        call: Call,
        tx: Transaction,
    ) -> None:
        """An answer to a question fills gaps, and makes no claim on the numbers around it.
        PLT-7.6d."""
        numbers = Range(batch.seq_from, batch.seq_to)
        numbered = numbers.size == len(batch.records)
        for each in self._alignment.parts(call, owner, tx):
            if numbered:
                _append_new(each.request, owner, each, tx, likely_new=False)
            else:
                _append_unheld(each.request, owner, each, tx)
        if not numbered:
            return
        filled = missing_in(state, numbers) if state is not None else ()
        for part in filled:
            state = receive(state, part.first, part.last).state
        if state is not None and filled:
            _save(owner, batch.stream_id, Receipt(state, closed=filled), tx, call.now)

    def _recall_letter(self, owner: str, stream: str, gap: Gap, now: datetime) -> Letter:
        name = f"{stream}:{gap.first}-{gap.last}:{gap.attempts}:{now.isoformat()}"
        recall_id = f"G{hashlib.sha256(name.encode()).hexdigest()[:31]}"
        request = RecallRequest(
            recall_id=recall_id,
            requester_id=self._identity.operator_id,
            stream_id=stream,
            seq_from=gap.first,
            seq_to=min(gap.last, gap.first + _MOST_ASKED - 1),
            cause=RecallCause.GAP,
        )
        return letter_for(
            owner,
            RECALL_DATA,
            request,
            now,
            message_id=recall_id,
            group=_gap_group(owner, stream, gap),
        )


def _check_room(owner: str, new: int, view: View) -> None:
    """Raises ``OverLimit`` where so many ``new`` streams of ``owner`` would be too many."""
    if new and view.count_streams(owner) + new > _MOST_STREAMS:
        raise OverLimit("too many streams")


def _gap_group(owner: str, stream: str, gap: Gap) -> str:
    return f"gap:{owner}:{stream}:{gap.first}"


def _append_unheld(batch: TelemetryBatch, owner: str, call: Call, tx: Transaction) -> None:
    """Of records without numbers, store those that the journal does not hold at those places."""
    held: dict[tuple[str, datetime], OperatingRecord] = {}
    for row in tx.rows(
        owner=owner, stream=batch.stream_id, seq_from=batch.seq_from, seq_to=batch.seq_to
    ):
        stored = records_as(object_of(TelemetryBatch, row.payload), batch.polarity_mode)
        held |= {(record.object_id, record.data_time): record for record in stored}
    known = [held.get((record.object_id, record.data_time)) for record in batch.records]
    if any(old not in (None, new) for old, new in zip(known, batch.records, strict=True)):
        raise Conflict("a record is stored with other content")
    fresh = [new for old, new in zip(known, batch.records, strict=True) if old is None]
    if fresh:
        tx.append(row_of(batch, owner, call, only=tuple(fresh)))


def _append_new(
    batch: TelemetryBatch, owner: str, call: Call, tx: Transaction, *, likely_new: bool
) -> None:
    """Store what the journal does not hold yet. Raises ``Conflict`` for other content."""
    if likely_new:
        try:
            tx.append(row_of(batch, owner, call))
        except Conflict:
            pass  # Recalled before it came live.
        else:
            return
    left: tuple[Range, ...] = (Range(batch.seq_from, batch.seq_to),)
    for held in _checked_equal(batch, owner, tx):
        left = without(left, held)
    for part in left:
        tx.append(row_of(batch, owner, call, part=part))


def _save(
    owner: str,
    stream: str,
    receipt: Receipt,
    tx: Transaction,
    now: datetime,
    how: ledger.GapEvent = ledger.GapEvent.ALL_CAME,
) -> None:
    tx.save_stream(owner, stream, receipt.state)
    if receipt.closed:
        within = Range(receipt.closed[0].first, receipt.closed[-1].last)
        gaps = tuple(gap for _, _, gap in tx.gaps(owner, stream, within=within))
        tx.replace_gaps(owner, stream, ledger.closed(gaps, receipt.closed, how), within)
    for gap in ledger.opened((), receipt.opened, now):
        tx.open_gap(owner, stream, gap)


def _checked_equal(batch: TelemetryBatch, owner: str, tx: Transaction) -> list[Range]:
    """The ranges that are stored. Raises ``Conflict`` where a number comes with other content."""
    stored = []
    for row in tx.rows(
        owner=owner, stream=batch.stream_id, seq_from=batch.seq_from, seq_to=batch.seq_to
    ):
        if row.sparse:
            continue
        held = records_as(object_of(TelemetryBatch, row.payload), batch.polarity_mode)
        first, last = max(row.seq_from, batch.seq_from), min(row.seq_to, batch.seq_to)
        old = held[first - row.seq_from : last - row.seq_from + 1]
        new = batch.records[first - batch.seq_from : last - batch.seq_from + 1]
        if old != new:
            raise Conflict("a sequence number is stored with other content")
        stored.append(Range(first, last))
    return stored
