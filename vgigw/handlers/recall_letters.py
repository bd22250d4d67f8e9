"""Records sent again: as they were live, in batches that say where they come from. PLT-7.6d."""

from __future__ import annotations

import hashlib
from datetime import datetime

from msgspec.structs import replace

from vgigw.codec import json
from vgigw.handlers.journal import picked
from vgigw.handlers.keeping import object_of
from vgigw.handlers.recall_plan import RecallPlan
from vgigw.objects import OperatingRecord, TelemetryBatch
from vgigw.objects.operating_enumerations import ReportMode, ReportTrigger
from vgigw.operations import BACKFILL_DATA, UPLOAD_TELEMETRY, Lane
from vgigw.ports import OWN_DOOR, Row, Transaction, letter_for, letter_groups
from vgigw.rules.ranges import Range
from vgigw.rules.recall import with_record

Numbered = tuple[int, OperatingRecord]


def put_again(
    plan: RecallPlan, row: Row, tx: Transaction, now: datetime, part: Range | None = None
) -> RecallPlan:
    """``plan`` after what it wants of ``row``, or of a ``part`` of its numbers, went into the
    outbox; behind all that is live."""
    batch = object_of(TelemetryBatch, row.payload)
    found = picked(plan.request, row, batch)
    if part is not None:
        found = [each for each in found if part.first <= each[0] <= part.last]
    operation = BACKFILL_DATA if plan.is_backfill else UPLOAD_TELEMETRY
    # A batch of our own keeps the source that it had live; else the owner of the row is the source.
    source = batch.source_id if row.door == OWN_DOOR else row.owner
    batch = replace(batch, source_id=source)
    for run in _runs(found):
        again = _batch_again(plan, row, batch, run, now)
        letter = letter_for(
            plan.requester,
            operation,
            again,
            now,
            message_id=again.batch_id,
            group=letter_groups.of_job(plan.job_id),
        )
        tx.enqueue(replace(letter, lane=Lane.BULK))
    digest = plan.digest
    for seq, record in found:
        digest = with_record(digest, source, row.stream, seq, json.encode(record))
    return replace(plan, sent=plan.sent + len(found), digest=digest)


def short_id(letter: str, name: str) -> str:
    """The same identifier for the same name, short enough for every member."""
    return letter + hashlib.sha256(name.encode()).hexdigest()[:31]


def _runs(found: list[Numbered]) -> list[list[Numbered]]:
    """Split where sequence numbers are not consecutive; a sparse row stays one part."""
    runs: list[list[Numbered]] = []
    for seq, record in found:
        if runs and (seq == 0 or runs[-1][-1][0] + 1 == seq):
            runs[-1].append((seq, record))
        else:
            runs.append([(seq, record)])
    return runs


def _batch_again(
    plan: RecallPlan, row: Row, batch: TelemetryBatch, run: list[Numbered], now: datetime
) -> TelemetryBatch:
    """The same records in a batch of their own: times, quality and numbers kept, mode recall."""
    first, last = (row.seq_from, row.seq_to) if row.sparse else (run[0][0], run[-1][0])
    return replace(
        batch,
        batch_id=short_id("R", f"{plan.job_id}/{row.id}/{first}"),
        seq_from=first,
        seq_to=last,
        report_mode=ReportMode.BACKFILL if plan.is_backfill else ReportMode.RECALL,
        trigger=ReportTrigger.REQUEST,
        period_sec=None,
        expected_count=len(run),
        actual_count=len(run),
        send_time=now.replace(microsecond=now.microsecond // 1000 * 1000),
        records=tuple(record for _, record in run),
    )
