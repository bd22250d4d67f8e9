"""Large letters: batches of a stream that waited go together, and apart again where they must.

PLT-7.9d. Records are as they were live: times, quality and numbers kept, equal to the byte.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from msgspec.structs import replace

from vgigw.handlers.keeping import object_of, packed
from vgigw.objects import TelemetryBatch
from vgigw.objects.operating_enumerations import ReportMode, ReportTrigger
from vgigw.operations import BY_NAME, UPLOAD_TELEMETRY, Lane
from vgigw.ports import Letter, View
from vgigw.rules.bulk import Piece


def batch_again(
    batch_id: str, pieces: list[Piece], now: datetime, mode: ReportMode, trigger: ReportTrigger
) -> TelemetryBatch:
    """The same records in a batch of their own: times, quality and numbers kept."""
    header, numbered = pieces[0].header, pieces[0].first > 0
    records = tuple(record for piece in pieces for record in piece.records)
    return replace(
        header,
        batch_id=batch_id,
        seq_from=pieces[0].first if numbered else header.seq_from,
        seq_to=pieces[-1].last if numbered else header.seq_to,
        report_mode=mode,
        trigger=trigger,
        period_sec=None,
        expected_count=len(records),
        actual_count=len(records),
        send_time=now.replace(microsecond=now.microsecond // 1000 * 1000),
        records=records,
    )


def parts_of(letter: Letter, cut_behind: int) -> tuple[Letter, Letter]:
    """Two letters that say together what a numbered batch says, the first up to ``cut_behind``."""
    batch = object_of(TelemetryBatch, letter.payload)
    place = cut_behind - batch.seq_from + 1
    made = []
    for first, records in (
        (batch.seq_from, batch.records[:place]),
        (cut_behind + 1, batch.records[place:]),
    ):
        last = first + len(records) - 1
        part = replace(
            batch,
            batch_id=short_id("P", f"{batch.batch_id}/{first}-{last}"),
            seq_from=first,
            seq_to=last,
            expected_count=len(records),
            actual_count=len(records),
            records=records,
        )
        fresh = replace(letter, id=0, message_id=part.batch_id, attempts=0, faults=0)
        made.append(replace(fresh, payload=packed(part)[0], last_error=""))
    return made[0], made[1]


def short_id(letter: str, name: str) -> str:
    """The same identifier for the same name, short enough for every member."""
    return letter + hashlib.sha256(name.encode()).hexdigest()[:31]


def divided(letter: Letter, own_id: str, view: View, *, within_rows: bool) -> tuple[Letter, ...]:
    """Two letters of about half the size, cut where batches met that were apart live, or else
    anywhere if it may be ``within_rows``; none where it cannot be."""
    batch = _batch_of(letter)
    numbers = 0 if batch is None else batch.seq_to - batch.seq_from + 1
    if batch is None or numbers < 2 or len(batch.records) != numbers:
        return ()
    owners = {own_id, batch.source_id}
    ends = {
        row.seq_to
        for owner in owners
        for row in view.rows(
            owner=owner,
            stream=batch.stream_id,
            seq_from=batch.seq_from,
            seq_to=batch.seq_to,
            payloads=False,
        )
        if not row.sparse and row.seq_to < batch.seq_to
    }
    middle = (batch.seq_from + batch.seq_to) // 2
    if not ends and not within_rows:
        return ()
    cut_behind = min(ends, key=lambda each: abs(each - middle)) if ends else middle
    return parts_of(letter, cut_behind)


def as_live(letter: Letter, own_id: str, view: View) -> tuple[Letter, ...]:
    """The letter that brought live what is in ``letter``, of one row of our journal; none where it
    is of several. A row that is more than the letter comes as a whole: what its receiver has of it
    is a repeat."""
    batch = _batch_of(letter)
    if batch is None:
        return ()
    rows = view.rows(
        owner=own_id, stream=batch.stream_id, seq_from=batch.seq_from, seq_to=batch.seq_to
    )
    if len(rows) != 1 or rows[0].seq_from > batch.seq_from or rows[0].seq_to < batch.seq_to:
        return ()
    live = object_of(TelemetryBatch, rows[0].payload)
    made = replace(
        letter,
        id=0,
        operation=UPLOAD_TELEMETRY.name,
        lane=UPLOAD_TELEMETRY.lane_of(live),
        message_id=UPLOAD_TELEMETRY.key_of(live, "/"),
        payload=rows[0].payload,
        created_at=rows[0].received_at,
        group="",
        attempts=0,
        # Not none, or it would be taken for one that only waited.
        faults=1,
        last_error="",
    )
    return (made,)


def _batch_of(letter: Letter) -> TelemetryBatch | None:
    if letter.lane is not Lane.BULK or BY_NAME[letter.operation].request is not TelemetryBatch:
        return None
    if letter.is_erased:
        return None
    return object_of(TelemetryBatch, letter.payload)
