"""Recall answered: a job that delivers stored records by the outbox. PLT-7.6d, PLT-7.9d.

A job is a plan in the store with a cursor; each tick moves a few rows into the outbox, so that live
traffic is not starved and a restart goes on where it stood.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from vgigw.errors import NotAllowed, OverLimit, UnknownObject
from vgigw.handlers.journal import all_rows_in, picked, rows_in, visible_owner
from vgigw.handlers.keeping import object_of
from vgigw.handlers.marks import chore, handles
from vgigw.handlers.recall_letters import put_again, short_id
from vgigw.handlers.recall_plan import (
    OPEN,
    PLAN,
    Awaited,
    RecallPlan,
    job_of,
    plan_of,
    plans_of,
    room_for,
    save_plan,
)
from vgigw.handlers.recall_upstream import awaited_for, bounded, questions, unavailable_for
from vgigw.handlers.unavailable import gone_within
from vgigw.objects import (
    BackfillJob,
    BackfillQuery,
    RecallReceipt,
    RecallRequest,
    TelemetryBatch,
)
from vgigw.objects.operating_enumerations import JobState
from vgigw.operations import QUERY_BACKFILL, RECALL_DATA
from vgigw.ports import Call, Identity, LetterState, Row, Transaction, View, letter_groups
from vgigw.rules.ranges import Range, Ranges, overlap, without

MOST_OPEN: Final = 64
"""Own design number: open jobs that one requester may have."""
MOST_AT_ONCE: Final = 4
"""Own design number: jobs of one requester that are fed side by side; the others are queued."""
UPSTREAM_WAIT: Final = timedelta(minutes=5)
"""Own design number: how long a job waits for what we lack ourselves."""


class Recall:
    """Handlers of recall, and the chore that feeds jobs into the outbox."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    @handles(RECALL_DATA)
    def accept(self, call: Call, tx: Transaction) -> RecallReceipt:
        """Fix what there is in one snapshot and start the job; what we lack is asked for upstream.

        Raises ``NotAllowed`` for a recall in another's name, ``OverLimit`` for one job too many.
        PLT-7.6d.
        """
        request: RecallRequest = call.request
        requester = call.peer.operator_id
        if request.requester_id != requester:
            raise NotAllowed("RequesterID is not the sender")
        if tx.count_documents(PLAN, owner=requester, group=OPEN) >= MOST_OPEN:
            raise OverLimit("too many recalls at a time")
        owner = visible_owner(call.peer, self._identity)
        up_to_id = tx.last_row_id()
        rows = all_rows_in(request, owner, tx, up_to_id, opened=bool(request.object_ids))
        lacked = awaited_for(request, owner, rows, tx, self._identity)
        plan = RecallPlan(
            job_id=short_id("J", f"{requester}/{request.recall_id}"),
            requester=requester,
            request=request,
            owner=owner,
            up_to_id=up_to_id,
            asked_at=call.now,
            fed_at=call.now,
            unavailable=unavailable_for(request, owner, rows, lacked, tx, self._identity),
            awaited=bounded(lacked),
            wait_until=call.now + UPSTREAM_WAIT,
        )
        plan = _counted(plan, rows, tx)
        save_plan(plan, tx, call.now)
        for letter in questions(plan.job_id, plan.awaited, self._identity, call.now):
            tx.enqueue(letter)
        return RecallReceipt(
            recall_id=request.recall_id,
            job_id=plan.job_id,
            count=plan.total,
            unavailable_ranges=plan.unavailable,
            seq_first=plan.seq_first,
            seq_last=plan.seq_last,
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
        """Chore: move the next rows of running jobs into the outbox; a requester has a few of its
        jobs fed at a time, those for gaps first."""
        fed: dict[str, int] = {}
        for plan in plans_of(tx, open_only=True):
            peer = self._identity.peers.get(plan.requester)
            if peer is None or not peer.paths:
                save_plan(replace(plan, state=JobState.FAILED), tx, now)
                continue
            if fed.setdefault(plan.requester, 0) < MOST_AT_ONCE:
                # A job that only waits for upstream holds up no other.
                fed[plan.requester] += _feed(plan, tx, now)


def _feed(plan: RecallPlan, tx: Transaction, now: datetime) -> bool:
    """One step of a job; whether it took one of the places of its requester."""
    waiting = tx.count_letters(state=LetterState.WAITING, group=letter_groups.of_job(plan.job_id))
    room = room_for(plan, waiting, now)
    if room == 0:
        return True
    rows = rows_in(
        plan.request,
        plan.owner,
        tx,
        after_id=plan.cursor,
        up_to_id=plan.up_to_id,
        limit=room,
    )
    if rows:
        after = plan
        for row in rows:
            after = put_again(after, row, tx, now)
        after = replace(after, cursor=rows[-1].id, fed_at=now, state=JobState.RUNNING)
        save_plan(after, tx, now)
        return True
    after = _with_late(plan, tx, now, room) if plan.awaited else plan
    if not waiting and not after.awaited and after.sent == plan.sent:
        after = replace(after, state=_end_of(after, tx))
    if after != plan:
        save_plan(after, tx, now)
    return waiting > 0


def _end_of(plan: RecallPlan, view: View) -> JobState:
    dead = view.count_letters(state=LetterState.DEAD, group=letter_groups.of_job(plan.job_id))
    return JobState.PARTIAL if dead or plan.given_up else JobState.DONE


def _with_late(plan: RecallPlan, tx: Transaction, now: datetime, room: int) -> RecallPlan:
    """``plan`` after what upstream brought meanwhile went out, what it said is not to be had is
    told, and what it did not answer in time is given up."""
    left: list[Awaited] = []
    for each in plan.awaited:
        asked: Ranges = (Range(each.first, each.last),)
        for row in _rows_of(each, tx, plan.up_to_id, room):
            room -= 1
            for part in overlap(asked, Range(row.seq_from, row.seq_to)):
                plan = _with_part(plan, row, part, tx, now)
                asked = without(asked, part)
        for gone in [g for part in asked for g in gone_within(tx, each.owner, each.stream, part)]:
            plan = replace(plan, unavailable=(*plan.unavailable, gone.told()))
            asked = without(asked, gone.numbers)
        left += [replace(each, first=part.first, last=part.last) for part in asked]
    if room > 0 and plan.wait_until is not None and plan.wait_until <= now:
        given_up = sum(each.last - each.first + 1 for each in left)
        return replace(plan, awaited=(), given_up=plan.given_up + given_up)
    return replace(plan, awaited=tuple(left))


def _rows_of(each: Awaited, view: View, after_id: int, room: int) -> list[Row]:
    if room <= 0:
        return []
    found = view.rows(
        owner=each.owner,
        stream=each.stream,
        seq_from=each.first,
        seq_to=each.last,
        after_id=after_id,
        limit=room,
    )
    return [row for row in found if not row.sparse]


def _with_part(
    plan: RecallPlan, row: Row, part: Range, tx: Transaction, now: datetime
) -> RecallPlan:
    after = put_again(plan, row, tx, now, part)
    after = replace(after, total=after.total + after.sent - plan.sent, fed_at=now)
    if plan.request.stream_id is None or after.sent == plan.sent:
        return after
    first, last = plan.seq_first or part.first, plan.seq_last or part.last
    return replace(after, seq_first=min(first, part.first), seq_last=max(last, part.last))


def _counted(plan: RecallPlan, rows: list[Row], view: View) -> RecallPlan:
    """``plan`` with how many records there are, and the first and last number of one stream."""
    found = [_wanted(plan.request, row, view) for row in rows]
    one_stream = plan.request.stream_id is not None
    numbered = [part for _, part in found if part is not None] if one_stream else []
    return replace(
        plan,
        total=sum(count for count, _ in found),
        seq_first=min((part.first for part in numbered), default=None),
        seq_last=max((part.last for part in numbered), default=None),
    )


def _wanted(request: RecallRequest, row: Row, view: View) -> tuple[int, Range | None]:
    """How many records of a row are wanted, and from which number to which; only rows cut by the
    range are opened."""
    whole = (
        not row.sparse
        and not request.object_ids
        and (request.seq_from is None or request.seq_from <= row.seq_from)
        and (request.seq_to is None or row.seq_to <= request.seq_to)
        and (request.time_from is None or request.time_from <= row.time_from)
        and (request.time_to is None or row.time_to < request.time_to)
    )
    if whole:
        return row.seq_to - row.seq_from + 1, Range(row.seq_from, row.seq_to)
    if not row.payload:
        row = view.rows(after_id=row.id - 1, up_to_id=row.id)[0]
    found = picked(request, row, object_of(TelemetryBatch, row.payload))
    numbers = [seq for seq, _ in found if seq]
    return len(found), Range(numbers[0], numbers[-1]) if numbers else None
