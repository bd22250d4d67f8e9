"""The plan of a recall job: what is wanted, how far it got, and its public face. PLT-7.9d."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from vgigw.codec.packing import DAMAGED, pack, unpack
from vgigw.handlers.keeping import object_of
from vgigw.objects import (
    BackfillJob,
    Progress,
    RecallRequest,
    TelemetryBatch,
    UnavailableRange,
)
from vgigw.objects.operating_enumerations import JobState, RecallCause
from vgigw.ports import Document, Letter, LetterState, Transaction, View, letter_groups
from vgigw.rules.ranges import Range, Ranges
from vgigw.rules.recall import NO_RECORDS
from vgigw.rules.retry import HELD_BACK

PLAN = "RecallPlan"
OPEN = "open"
ENDED = "ended"
_IN_FLIGHT = 8
_SMALL_IN_FLIGHT = 32
_RUNNING = frozenset({JobState.QUEUED, JobState.RUNNING})


class Awaited(msgspec.Struct, frozen=True):
    """Numbers that we lacked ourselves when they were recalled, and asked for upstream."""

    owner: str
    stream: str
    first: int
    last: int


class RecallPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A job: what is wanted, up to which row of the journal, and how far it got.

    ``coming`` are numbers that were on their way to the requester anyway, ``awaited`` is what
    upstream may still bring, until ``wait_until``. ``dropped`` counts records whose letters died
    and were dropped, or were erased.
    """

    job_id: str
    requester: str
    request: RecallRequest
    owner: str | None
    up_to_id: int
    cursor: int = 0
    total: int = 0
    sent: int = 0
    asked_at: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    fed_at: datetime
    unavailable: tuple[UnavailableRange, ...] = ()
    coming: Ranges = ()
    awaited: tuple[Awaited, ...] = ()
    wait_until: datetime | None = None
    given_up: int = 0
    dropped: int = 0
    seq_first: int | None = None
    seq_last: int | None = None
    digest: str = NO_RECORDS
    state: JobState = JobState.QUEUED

    @property
    def runs(self) -> bool:
        return self.state in _RUNNING

    @property
    def is_backfill(self) -> bool:
        """Whether it fills a gap; else it answers somebody who wants to look again."""
        return fills_a_gap(self.request)

    @property
    def turn(self) -> tuple[bool, datetime, str]:
        """By what open jobs of a requester come one after the other: gaps first."""
        return not self.is_backfill, self.asked_at, self.job_id


def fills_a_gap(request: RecallRequest) -> bool:
    """Whether it asks for what is missing, and not to look again."""
    return request.cause in (RecallCause.GAP, RecallCause.LINK_DOWN)


def gap_of(request: RecallRequest) -> Range | None:
    """The numbers that are asked for to fill a gap; None where that is not what is wanted."""
    first, last = request.seq_from, request.seq_to
    whole = not request.object_ids and request.time_from is None and request.time_to is None
    if request.stream_id is None or first is None or last is None:
        return None
    return Range(first, last) if whole and fills_a_gap(request) else None


def room_for(plan: RecallPlan, waiting: int, now: datetime) -> int:
    """How many letters may go into the outbox now, by what waits there and by the rate wanted."""
    if plan.request.rate_limit is None:
        return max(_IN_FLIGHT - waiting, 0)
    room = max(_SMALL_IN_FLIGHT - waiting, 0)
    fed_s = (now - plan.fed_at).total_seconds()
    # Of a clock that was set back nobody knows how long it was: a second.
    return min(room, int(plan.request.rate_limit * (fed_s if fed_s >= 0 else 1.0)))


def job_of(plan: RecallPlan, view: View) -> BackfillJob:
    """The public face of a plan. PLT-7.9d."""
    request = plan.request
    in_outbox = sum(_records_in(letter.payload) for letter in not_taken(plan, view))
    missing = sum(gone.seq_to - gone.seq_from + 1 for gone in plan.unavailable) + plan.given_up
    missing += sum(each.last - each.first + 1 for each in plan.awaited)
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
            acked=max(plan.sent - in_outbox - plan.dropped, 0),
            missing=min(missing, 2_147_483_647),
        ),
        rate_limit=request.rate_limit,
        unavailable_ranges=plan.unavailable,
        seq_first=plan.seq_first,
        seq_last=plan.seq_last,
        records_digest=plan.digest,
    )


def plan_of(document: Document) -> RecallPlan:
    """The plan that a document holds."""
    return msgspec.json.decode(unpack(document.payload), type=RecallPlan)


def plans_of(view: View, *, open_only: bool = False) -> list[RecallPlan]:
    """Every plan, or every open one, as they have their turn."""
    found = view.documents(PLAN, group=OPEN if open_only else None)
    return sorted((plan_of(each) for each in found), key=lambda plan: plan.turn)


def sound_plans(view: View) -> tuple[list[RecallPlan], list[str]]:
    """Every open plan that can be read, as they have their turn, and the names of the others."""
    plans: list[RecallPlan] = []
    damaged: list[str] = []
    for document in view.documents(PLAN, group=OPEN, damaged=damaged.append):
        try:
            plans.append(plan_of(document))
        except (DAMAGED, msgspec.DecodeError):
            damaged.append(document.key)
    return sorted(plans, key=lambda plan: plan.turn), damaged


def save_plan(plan: RecallPlan, tx: Transaction, now: datetime) -> None:
    """A plan has no history; open ones are found by their group."""
    document = Document(
        kind=PLAN,
        owner=plan.requester,
        key=plan.job_id,
        version=1,
        group=OPEN if plan.runs else ENDED,
        payload=pack(msgspec.json.encode(plan)),
        digest="",
        at=now,
    )
    tx.put(document)


def cancelled(plan: RecallPlan, tx: Transaction, now: datetime) -> RecallPlan:
    """``plan``, kept, after it was stopped: nothing more is fed, and what waits is held back."""
    for letter in tx.letters(state=LetterState.WAITING, group=letter_groups.of_job(plan.job_id)):
        tx.save_letter(msgspec.structs.replace(letter, next_at=HELD_BACK, last_error="cancelled"))
    plan = msgspec.structs.replace(plan, state=JobState.CANCELLED)
    save_plan(plan, tx, now)
    return plan


def resumed(plan: RecallPlan, tx: Transaction, now: datetime) -> RecallPlan:
    """``plan``, kept, as it goes on where it stood."""
    for letter in tx.letters(state=LetterState.WAITING, group=letter_groups.of_job(plan.job_id)):
        tx.save_letter(msgspec.structs.replace(letter, next_at=now, last_error=""))
    begun = JobState.RUNNING if plan.cursor else JobState.QUEUED
    plan = msgspec.structs.replace(plan, state=begun, fed_at=now)
    save_plan(plan, tx, now)
    return plan


def note_dropped(letter: Letter, tx: Transaction) -> None:
    """A letter is dropped, or erased, and none takes its place: where a job fed it, nobody has said
    that its records were taken."""
    job_id = letter_groups.job_of(letter.group)
    found = tx.document(PLAN, letter.destination, job_id) if job_id else None
    if found is not None and not letter.is_erased:
        plan = plan_of(found)
        dropped = plan.dropped + _records_in(letter.payload)
        save_plan(msgspec.structs.replace(plan, dropped=dropped), tx, found.at)


def not_taken(plan: RecallPlan, view: View) -> list[Letter]:
    """The letters of a job that wait or are dead; what was erased another letter brings, or it
    counts as dropped."""
    states = (LetterState.WAITING, LetterState.DEAD)
    return [
        each
        for state in states
        for each in view.letters(state=state, group=letter_groups.of_job(plan.job_id))
        if not each.is_erased
    ]


def _records_in(payload: bytes) -> int:
    return len(object_of(TelemetryBatch, payload).records)
