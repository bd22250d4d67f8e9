"""Recall answered: a job that delivers stored records page by page by the outbox. PLT-7.6d, 7.9d.

A job is a plan in the store with a cursor; each tick moves a few rows into the outbox, so that live
traffic is not starved and a restart goes on where it stood.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec

from vgigw.codec.packing import pack, unpack
from vgigw.errors import Detail as Fault
from vgigw.errors import InvalidObject, NotAllowed, UnknownObject
from vgigw.handlers.journal import picked, rows_in, visible_owner
from vgigw.handlers.keeping import object_of
from vgigw.objects import (
    BackfillJob,
    BackfillQuery,
    OperatingRecord,
    Progress,
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
from vgigw.operations import BACKFILL_DATA, UPLOAD_TELEMETRY
from vgigw.ports import (
    Call,
    Document,
    Identity,
    LetterState,
    Row,
    Transaction,
    View,
    letter_for,
)
from vgigw.rules.ranges import Range, without

_KIND = "RecallPlan"
_IN_FLIGHT = 32
_RUNNING = (JobState.QUEUED, JobState.RUNNING)


class RecallPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A job: what is wanted, up to which row of the journal, and how far it got."""

    job_id: str
    requester: str
    request: RecallRequest
    owner: str | None
    up_to_id: int
    cursor: int = 0
    total: int = 0
    sent: int = 0
    fed_at: datetime
    unavailable: tuple[UnavailableRange, ...] = ()
    state: JobState = JobState.QUEUED


class Recall:
    """Handlers of recall, and the chore that feeds jobs into the outbox."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    def accept(self, call: Call, tx: Transaction) -> RecallReceipt:
        """Fix what there is in one snapshot and start the job. PLT-7.6d."""
        request: RecallRequest = call.request
        if request.requester_id != call.peer.operator_id:
            raise NotAllowed("RequesterID is not the sender")
        _check_ranges(request)
        owner = visible_owner(call.peer, self._identity)
        up_to_id = tx.last_row_id()
        rows = rows_in(request, owner, tx, up_to_id=up_to_id)
        total = sum(_count(request, row) for row in rows)
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
        _save(plan, tx, call.now)
        return RecallReceipt(
            recall_id=request.recall_id,
            job_id=plan.job_id,
            count=total,
            unavailable_ranges=plan.unavailable,
        )

    def query(self, call: Call, tx: Transaction) -> BackfillJob:
        """Progress of a job; to anyone but its requester it does not exist."""
        query: BackfillQuery = call.request
        found = tx.document(_KIND, call.peer.operator_id, query.job_id)
        if found is None:
            raise UnknownObject()
        return job_of(_plan(found), tx)

    def feed(self, tx: Transaction, now: datetime) -> None:
        """Chore: move the next rows of each running job into the outbox."""
        for document in tx.documents(_KIND, group="open"):
            plan = _plan(document)
            peer = self._identity.peers.get(plan.requester)
            if peer is None or not peer.paths:
                _save(msgspec.structs.replace(plan, state=JobState.FAILED), tx, now)
                continue
            waiting = tx.count_letters(state=LetterState.WAITING, group=plan.job_id)
            room = _room(plan, waiting, now)
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
                _save(self._advance(plan, rows, tx, now), tx, now)
            elif not waiting:
                dead = tx.count_letters(state=LetterState.DEAD, group=plan.job_id)
                state = JobState.PARTIAL if dead else JobState.DONE
                _save(msgspec.structs.replace(plan, state=state), tx, now)

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
                        group=plan.job_id,
                    )
                )
            sent += len(found)
        return msgspec.structs.replace(
            plan, cursor=rows[-1].id, sent=sent, fed_at=now, state=JobState.RUNNING
        )


def _room(plan: RecallPlan, waiting: int, now: datetime) -> int:
    """How many rows may go into the outbox now, by what waits there and by the rate asked for."""
    room = max(_IN_FLIGHT - waiting, 0)
    if plan.request.rate_limit is None:
        return room
    return min(room, int(plan.request.rate_limit * (now - plan.fed_at).total_seconds()))


def job_of(plan: RecallPlan, view: View) -> BackfillJob:
    """The public face of a plan. PLT-7.9d."""
    request = plan.request
    not_taken = (
        letter
        for state in (LetterState.WAITING, LetterState.DEAD)
        for letter in view.letters(state=state, group=plan.job_id)
    )
    in_outbox = sum(_records_in(letter.payload) for letter in not_taken)
    missing = sum(gone.seq_to - gone.seq_from + 1 for gone in plan.unavailable)
    return BackfillJob(
        job_id=plan.job_id,
        recall_id=request.recall_id,
        requester_id=request.requester_id,
        stream_id=request.stream_id,
        seq_from=request.seq_from,
        seq_to=request.seq_to,
        time_from=request.time_from,
        time_to=request.time_to,
        object_ids=request.object_ids,
        point_types=request.point_types,
        cause=request.cause,
        state=plan.state,
        progress=Progress(
            total=plan.total,
            sent=plan.sent,
            acked=max(plan.sent - in_outbox, 0),
            missing=min(missing, 2_147_483_647),
        ),
        rate_limit=request.rate_limit,
        unavailable_ranges=plan.unavailable,
    )


def _records_in(payload: bytes) -> int:
    return len(object_of(TelemetryBatch, payload).records)


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


def _count(request: RecallRequest, row: Row) -> int:
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


def _plan(document: Document) -> RecallPlan:
    return msgspec.json.decode(unpack(document.payload), type=RecallPlan)


def _save(plan: RecallPlan, tx: Transaction, now: datetime) -> None:
    document = Document(
        kind=_KIND,
        owner=plan.requester,
        key=plan.job_id,
        version=1,
        group="open" if plan.state in _RUNNING else "ended",
        payload=pack(msgspec.json.encode(plan)),
        digest="",
        at=now,
    )
    tx.put(document)
