"""The plan of a recall job: what is wanted, how far it got, and its public face. PLT-7.9d."""

from __future__ import annotations

from datetime import datetime

import msgspec

from vgigw.codec.packing import pack, unpack
from vgigw.handlers.keeping import object_of
from vgigw.objects import (
    BackfillJob,
    Progress,
    RecallRequest,
    TelemetryBatch,
    UnavailableRange,
)
from vgigw.objects.operating_enumerations import JobState
from vgigw.ports import Document, LetterState, Transaction, View, letter_groups

PLAN = "RecallPlan"
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


def room_for(plan: RecallPlan, waiting: int, now: datetime) -> int:
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
        for letter in view.letters(state=state, group=letter_groups.of_job(plan.job_id))
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


def plan_of(document: Document) -> RecallPlan:
    """The plan that a document holds."""
    return msgspec.json.decode(unpack(document.payload), type=RecallPlan)


def save_plan(plan: RecallPlan, tx: Transaction, now: datetime) -> None:
    """A plan has no history; open ones are found by their group."""
    document = Document(
        kind=PLAN,
        owner=plan.requester,
        key=plan.job_id,
        version=1,
        group="open" if plan.state in _RUNNING else "ended",
        payload=pack(msgspec.json.encode(plan)),
        digest="",
        at=now,
    )
    tx.put(document)
