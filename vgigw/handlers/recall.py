"""Recall answered: a job that delivers stored records by the outbox. PLT-7.6d, PLT-7.9d.

A job is a plan in the store with a cursor; each tick moves a few rows into the outbox, so that live
traffic is not starved and a restart goes on where it stood.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec

from vgigw.errors import Detail as Fault
from vgigw.errors import InvalidObject, NotAllowed, UnknownObject
from vgigw.handlers.journal import all_rows_in, picked, rows_in, visible_owner
from vgigw.handlers.keeping import object_of
from vgigw.handlers.marks import chore, handles
from vgigw.handlers.recall_plan import PLAN, RecallPlan, job_of, plan_of, room_for, save_plan
from vgigw.objects import (
    BackfillJob,
    BackfillQuery,
    OperatingRecord,
    RecallReceipt,
    RecallRequest,
    TelemetryBatch,
    UnavailableRange,
)
from vgigw.objects.operating_enumerations import (
    JobState,
    RecallCause,
    ReportMode,
    ReportTrigger,
    UnavailableReason,
)
from vgigw.operations import BACKFILL_DATA, QUERY_BACKFILL, RECALL_DATA, UPLOAD_TELEMETRY
from vgigw.ports import (
    Call,
    Identity,
    LetterState,
    Row,
    Transaction,
    View,
    letter_for,
    letter_groups,
)
from vgigw.rules.ranges import Range, without


class Recall:
    """Handlers of recall, and the chore that feeds jobs into the outbox."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    @handles(RECALL_DATA)
    def accept(self, call: Call, tx: Transaction) -> RecallReceipt:
        """Fix what there is in one snapshot and start the job. PLT-7.6d."""
        request: RecallRequest = call.request
        if request.requester_id != call.peer.operator_id:
            raise NotAllowed("RequesterID is not the sender")
        _check_ranges(request)
        owner = visible_owner(call.peer, self._identity)
        up_to_id = tx.last_row_id()
        rows = all_rows_in(request, owner, tx, up_to_id, opened=bool(request.object_ids))
        total = sum(_count(request, row, tx) for row in rows)
        plan = RecallPlan(
            job_id=_short("J", f"{call.peer.operator_id}/{request.recall_id}"),
            requester=call.peer.operator_id,
            request=request,
            owner=owner,
            up_to_id=up_to_id,
            total=total,
            fed_at=call.now,
            unavailable=_unavailable(request, rows),
        )
        save_plan(plan, tx, call.now)
        return RecallReceipt(
            recall_id=request.recall_id,
            job_id=plan.job_id,
            count=total,
            unavailable_ranges=plan.unavailable,
        )

    @handles(QUERY_BACKFILL)
    def query(self, call: Call, tx: Transaction) -> BackfillJob:
        """Progress of a job; to anyone but its requester it does not exist."""
        query: BackfillQuery = call.request
        found = tx.document(PLAN, call.peer.operator_id, query.job_id)
        if found is None:
            raise UnknownObject()
        return job_of(plan_of(found), tx)

    @chore
    def feed(self, tx: Transaction, now: datetime) -> None:
        """Chore: move the next rows of each running job into the outbox."""
        for document in tx.documents(PLAN, group="open"):
            plan = plan_of(document)
            peer = self._identity.peers.get(plan.requester)
            if peer is None or not peer.paths:
                save_plan(msgspec.structs.replace(plan, state=JobState.FAILED), tx, now)
                continue
            group = letter_groups.of_job(plan.job_id)
            waiting = tx.count_letters(state=LetterState.WAITING, group=group)
            room = room_for(plan, waiting, now)
            if room == 0 and waiting == 0:
                continue
            rows = rows_in(
                plan.request,
                plan.owner,
                tx,
                after_id=plan.cursor,
                up_to_id=plan.up_to_id,
                limit=room,
            )
            if rows:
                save_plan(self._advance(plan, rows, tx, now), tx, now)
            elif not waiting:
                dead = tx.count_letters(state=LetterState.DEAD, group=group)
                state = JobState.PARTIAL if dead else JobState.DONE
                save_plan(msgspec.structs.replace(plan, state=state), tx, now)

    def _advance(
        self, plan: RecallPlan, rows: list[Row], tx: Transaction, now: datetime
    ) -> RecallPlan:
        sent = plan.sent
        for row in rows:
            batch = object_of(TelemetryBatch, row.payload)
            found = picked(plan.request, row, batch)
            for part in _runs(found):
                again = _batch_again(plan, row, batch, part, now)
                operation = BACKFILL_DATA if _is_backfill(plan.request) else UPLOAD_TELEMETRY
                tx.enqueue(
                    letter_for(
                        plan.requester,
                        operation,
                        again,
                        now,
                        message_id=again.batch_id,
                        group=letter_groups.of_job(plan.job_id),
                    )
                )
            sent += len(found)
        return msgspec.structs.replace(
            plan, cursor=rows[-1].id, sent=sent, fed_at=now, state=JobState.RUNNING
        )


def _check_ranges(request: RecallRequest) -> None:
    faults = []
    by_sequence = request.seq_from is not None and request.seq_to is not None
    by_time = request.time_from is not None and request.time_to is not None
    if not (by_sequence or by_time):
        faults.append(Fault("/", "required", "a sequence range or a time range is needed"))
    if by_sequence and request.stream_id is None:
        faults.append(Fault("/StreamID", "required", "a sequence range needs its stream"))
    if by_sequence and (request.seq_to or 0) < (request.seq_from or 0):
        faults.append(Fault("/SeqTo", "rule", "must not be less than SeqFrom"))
    if request.time_from and request.time_to and request.time_to <= request.time_from:
        faults.append(Fault("/TimeTo", "rule", "must be later than TimeFrom"))
    if request.point_types:
        faults.append(Fault("/PointTypes", "rule", "whole records only: leave PointTypes out"))
    if faults:
        raise InvalidObject(details=tuple(faults))


def _count(request: RecallRequest, row: Row, view: View) -> int:
    """Records of a row that are wanted; only rows cut by the range are opened."""
    whole = (
        not row.sparse
        and not request.object_ids
        and (request.seq_from is None or request.seq_from <= row.seq_from)
        and (request.seq_to is None or row.seq_to <= request.seq_to)
        and (request.time_from is None or request.time_from <= row.time_from)
        and (request.time_to is None or row.time_to < request.time_to)
    )
    if whole:
        return row.seq_to - row.seq_from + 1
    if not row.payload:
        row = view.rows(after_id=row.id - 1, up_to_id=row.id)[0]
    return len(picked(request, row, object_of(TelemetryBatch, row.payload)))


def _unavailable(request: RecallRequest, rows: list[Row]) -> tuple[UnavailableRange, ...]:
    """Sequence numbers asked for that no row holds."""
    if request.seq_from is None or request.seq_to is None:
        return ()
    left: tuple[Range, ...] = (Range(request.seq_from, request.seq_to),)
    for row in rows:
        if not row.sparse:
            left = without(left, Range(row.seq_from, row.seq_to))
    return tuple(
        UnavailableRange(
            seq_from=gone.first, seq_to=gone.last, reason=UnavailableReason.NEVER_EXISTED
        )
        for gone in left
    )


def _is_backfill(request: RecallRequest) -> bool:
    return request.cause in (RecallCause.GAP, RecallCause.LINK_DOWN)


def _runs(
    found: list[tuple[int, OperatingRecord]],
) -> list[list[tuple[int, OperatingRecord]]]:
    """Split where sequence numbers are not consecutive; a sparse row stays one part."""
    runs: list[list[tuple[int, OperatingRecord]]] = []
    for seq, record in found:
        if runs and (seq == 0 or runs[-1][-1][0] + 1 == seq):
            runs[-1].append((seq, record))
        else:
            runs.append([(seq, record)])
    return runs


def _batch_again(
    plan: RecallPlan,
    row: Row,
    batch: TelemetryBatch,
    part: list[tuple[int, OperatingRecord]],
    now: datetime,
) -> TelemetryBatch:
    """The same records in a batch of their own: times, quality and numbers kept, mode recall."""
    first, last = (row.seq_from, row.seq_to) if row.sparse else (part[0][0], part[-1][0])
    backfill = _is_backfill(plan.request)
    return msgspec.structs.replace(
        batch,
        batch_id=_short("R", f"{plan.job_id}/{row.id}/{first}"),
        source_id=row.owner,
        seq_from=first,
        seq_to=last,
        report_mode=ReportMode.BACKFILL if backfill else ReportMode.RECALL,
        trigger=ReportTrigger.REQUEST,
        period_sec=None,
        expected_count=len(part),
        actual_count=len(part),
        send_time=now.replace(microsecond=now.microsecond // 1000 * 1000),
        records=tuple(record for _, record in part),
    )


def _short(letter: str, name: str) -> str:
    """The same identifier for the same name, short enough for every member."""
    return letter + hashlib.sha256(name.encode()).hexdigest()[:31]
