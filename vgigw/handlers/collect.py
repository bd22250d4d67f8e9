"""Telemetry in: sequence, watermark, and what is stored of it. PLT-7.6, PLT-7.9d."""

from __future__ import annotations

from datetime import datetime

from vgigw.errors import Conflict, OverLimit
from vgigw.handlers.carried import note_carrier, owner_named
from vgigw.handlers.gaps import save_receipt
from vgigw.handlers.journal import owner_of, records_in, row_of
from vgigw.handlers.keeping import object_of
from vgigw.handlers.links import beat_heard
from vgigw.handlers.marks import handles
from vgigw.handlers.telemetry_polarity import Alignment, records_as
from vgigw.handlers.unavailable import note_came
from vgigw.objects import (
    Heartbeat,
    HeartbeatAnswer,
    OperatingRecord,
    TelemetryBatch,
    TelemetryPage,
    TelemetryQuery,
    TelemetryReceipt,
)
from vgigw.objects.enumerations import ObjectKind
from vgigw.objects.operating_enumerations import ReportMode
from vgigw.operations import (
    BACKFILL_DATA,
    HEARTBEAT,
    QUERY_TELEMETRY,
    UPLOAD_TELEMETRY,
)
from vgigw.ports import Call, Identity, Transaction, View
from vgigw.rules.ranges import Range, without
from vgigw.rules.sequence import (
    Receipt,
    StreamState,
    announce,
    expecting,
    missing_in,
    receive,
)

_Place = tuple[ObjectKind, str, datetime]

_PAGE_SIZE = 1000
_MOST_STREAMS = 10_000


class Collect:
    """Handlers of telemetry and of what tells that some is missing."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._alignment = Alignment()

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
            if owner != call.peer.operator_id:
                note_carrier(tx, call.peer.operator_id, owner, batch.stream_id, call.now)
        receipt = receive(state, batch.seq_from, batch.seq_to)
        whole = (Range(batch.seq_from, batch.seq_to),)
        if state is not None and batch.seq_from <= state.highest:
            note_came(tx, owner, batch.stream_id, whole[0], call.now)
        for part in self._alignment.parts(call, owner, tx):
            _append_new(part.request, owner, part, tx, likely_new=receipt.fresh == whole)
        save_receipt(owner, batch.stream_id, receipt, tx, call.now)
        return TelemetryReceipt(ack_seq=receipt.state.complete_to)

    @handles(HEARTBEAT)
    def hear_beat(self, call: Call, tx: Transaction) -> HeartbeatAnswer:
        """The heights that a beat tells open the gap at the tail of an idle stream. PLT-7.6b."""
        beat: Heartbeat = call.request
        sender = call.peer.operator_id
        names = {height.stream_id for height in beat.streams}
        owners = {name: owner_named(tx, sender, name) for name in names}
        states = {name: tx.stream(owner, name) for name, owner in owners.items()}
        # A stream that is not known is taken for the sender's own.
        _check_room(sender, sum(state is None for state in states.values()), tx)
        for name, highest in ((each.stream_id, each.seq_highest) for each in beat.streams):
            # A stream not heard of yet began at 1, or its sender will declare otherwise.
            receipt = announce(states[name] or expecting(1), highest)
            if receipt.state != states[name]:
                save_receipt(owners[name], name, receipt, tx, call.now)
                states[name] = receipt.state
        now = call.now.replace(microsecond=call.now.microsecond // 1000 * 1000)
        seen = beat_heard(sender, beat.channel_role, tx, call.now)
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
        note_came(tx, owner, batch.stream_id, numbers, call.now)
        filled = missing_in(state, numbers) if state is not None else ()
        for part in filled:
            state = receive(state, part.first, part.last).state
        if state is not None and filled:
            receipt = Receipt(state, closed=filled)
            save_receipt(owner, batch.stream_id, receipt, tx, call.now)


def _check_room(owner: str, new: int, view: View) -> None:
    """Raises ``OverLimit`` where so many ``new`` streams of ``owner`` would be too many."""
    if new and view.count_streams(owner) + new > _MOST_STREAMS:
        raise OverLimit("too many streams")


def _place_of(record: OperatingRecord) -> _Place:
    """By what a record is found that has no number; several may stand there."""
    return record.object_kind, record.object_id, record.data_time


def _append_unheld(batch: TelemetryBatch, owner: str, call: Call, tx: Transaction) -> None:
    """Of records without numbers, store those that the journal does not hold at those places."""
    held: dict[_Place, list[OperatingRecord]] = {}
    for row in tx.rows(
        owner=owner, stream=batch.stream_id, seq_from=batch.seq_from, seq_to=batch.seq_to
    ):
        stored = records_as(object_of(TelemetryBatch, row.payload), batch.polarity_mode)
        for record in stored:
            held.setdefault(_place_of(record), []).append(record)
    known = [(held.get(_place_of(record), []), record) for record in batch.records]
    if any(old and new not in old for old, new in known):
        raise Conflict("a record is stored with other content")
    fresh = [new for old, new in known if not old]
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
