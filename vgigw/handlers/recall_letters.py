"""Records sent again: as they were live, in batches that say where they come from. PLT-7.6d."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from vgigw.codec import json
from vgigw.handlers.bulk_letters import batch_again, short_id
from vgigw.handlers.journal import picked
from vgigw.handlers.keeping import object_of
from vgigw.handlers.recall_plan import RecallPlan
from vgigw.objects import OperatingRecord, TelemetryBatch
from vgigw.objects.operating_enumerations import ReportMode, ReportTrigger
from vgigw.operations import BACKFILL_DATA, UPLOAD_TELEMETRY, Lane
from vgigw.ports import OWN_DOOR, Row, Transaction, letter_for, letter_groups
from vgigw.rules.bulk import Bundle, Piece
from vgigw.rules.ranges import Range, overlap
from vgigw.rules.recall import with_record

Numbered = tuple[int, OperatingRecord]


def put_again(
    plan: RecallPlan, row: Row, tx: Transaction, now: datetime, part: Range | None = None
) -> RecallPlan:
    """``plan`` after what it wants of ``row``, or of a ``part`` of its numbers, went into the
    outbox; behind all that is live."""
    return put_all(plan, [[piece] for piece in pieces_of(plan, row, part)], tx, now)


def put_all(
    plan: RecallPlan, letters: Iterable[list[Piece]], tx: Transaction, now: datetime
) -> RecallPlan:
    """``plan`` after the pieces of each letter went into the outbox together."""
    operation = BACKFILL_DATA if plan.is_backfill else UPLOAD_TELEMETRY
    mode = ReportMode.BACKFILL if plan.is_backfill else ReportMode.RECALL
    digest, sent = plan.digest, plan.sent
    for pieces in letters:
        name = f"{plan.job_id}/{pieces[0].row_id}/{pieces[0].first}"
        again = batch_again(short_id("R", name), pieces, now, mode, ReportTrigger.REQUEST)
        letter = letter_for(
            plan.requester,
            operation,
            again,
            now,
            message_id=again.batch_id,
            group=letter_groups.of_job(plan.job_id),
        )
        tx.enqueue(replace(letter, lane=Lane.BULK))
        for piece in pieces:
            source, stream = piece.header.source_id, piece.header.stream_id
            for seq, record in enumerate(piece.records, piece.first):
                number = seq if piece.first else 0
                digest = with_record(digest, source, stream, number, json.encode(record))
        sent += len(again.records)
    return replace(plan, sent=sent, digest=digest)


def pieces_of(plan: RecallPlan, row: Row, part: Range | None = None) -> list[Piece]:
    """What a plan wants of ``row``, or of a ``part`` of its numbers, split where the numbers are
    not consecutive; a sparse row stays one piece. What is on its way already is left out."""
    batch = object_of(TelemetryBatch, row.payload)
    found = picked(plan.request, row, batch)
    if part is not None:
        found = [each for each in found if part.first <= each[0] <= part.last]
    if not row.sparse and (coming := overlap(plan.coming, Range(row.seq_from, row.seq_to))):
        found = [each for each in found if not overlap(coming, Range(each[0], each[0]))]
    # A batch of our own keeps the source that it had live; else the owner of the row is the source.
    source = batch.source_id if row.door == OWN_DOOR else row.owner
    each_bytes = len(json.encode(batch)) // len(batch.records)
    batch = replace(batch, source_id=source)
    return [
        Piece(row.id, batch, run[0][0], tuple(record for _, record in run), each_bytes * len(run))
        for run in _runs(found)
    ]


def together(
    rows: Iterable[tuple[Row, list[Piece]]], most_letters: int, most_records: int
) -> tuple[list[list[Piece]], int]:
    """The letters that ``rows`` make, each of one stream, and the id of the last row that has a
    place in them: rows of many streams come by turns."""
    bundles: list[Bundle] = []
    last: dict[tuple[str, str], Bundle] = {}
    row_id = 0
    for row, pieces in rows:
        for piece in pieces:
            name = (piece.header.source_id, piece.header.stream_id)
            if name in last and last[name].take(piece, most_records):
                continue
            if piece is pieces[0] and len(bundles) >= most_letters:
                return [each.pieces for each in bundles], row_id
            last[name] = Bundle(piece)
            bundles.append(last[name])
        row_id = row.id
    return [each.pieces for each in bundles], row_id


def _runs(found: list[Numbered]) -> list[list[Numbered]]:
    """Split where sequence numbers are not consecutive; a sparse row stays one part."""
    runs: list[list[Numbered]] = []
    for seq, record in found:
        if runs and (seq == 0 or runs[-1][-1][0] + 1 == seq):
            runs[-1].append((seq, record))
        else:
            runs.append([(seq, record)])
    return runs
