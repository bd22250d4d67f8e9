"""Recall answered: a job that delivers stored records by the outbox. PLT-7.6d, PLT-7.9d.

A job is a plan in the store with a cursor; each tick moves a few rows into the outbox, so that live
traffic is not starved and a restart goes on where it stood.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Final

from msgspec.structs import replace

from vgigw.errors import NotAllowed, OverLimit, StoreDamaged, UnknownObject
from vgigw.handlers.alarm_raising import raise_alarm
from vgigw.handlers.bulk_letters import short_id
from vgigw.handlers.bulk_sizes import BulkSizes
from vgigw.handlers.coming import coming_to, declared_to, less_held, told_declared
from vgigw.handlers.damaged import DAMAGE, recall_damaged, tell_damaged
from vgigw.handlers.hidden_numbers import hidden_of
from vgigw.handlers.journal import all_rows_in, visible_owner
from vgigw.handlers.marks import chore, handles
from vgigw.handlers.poison_numbers import holds_any
from vgigw.handlers.recall_counting import counted
from vgigw.handlers.recall_feeding import fed
from vgigw.handlers.recall_plan import (
    OPEN,
    PLAN,
    RecallPlan,
    fills_a_gap,
    job_of,
    plan_of,
    save_plan,
    sound_plans,
)
from vgigw.handlers.recall_upstream import (
    UPSTREAM_WAIT,
    awaited_for,
    bounded,
    missing_for,
    questions,
    unavailable_for,
)
from vgigw.objects import (
    BackfillJob,
    BackfillQuery,
    RecallReceipt,
    RecallRequest,
)
from vgigw.objects.operating_enumerations import JobState
from vgigw.operations import QUERY_BACKFILL, RECALL_DATA
from vgigw.ports import Call, Identity, Row, Transaction
from vgigw.rules.ranges import Ranges, together

MOST_OPEN: Final = 64
"""Own design number: open jobs that one requester may have."""
MOST_AT_ONCE: Final = 4
"""Own design number: jobs of one requester that are fed side by side; the others are queued."""


class Recall:
    """Handlers of recall, and the chore that feeds jobs into the outbox."""

    def __init__(self, identity: Identity, sizes: BulkSizes) -> None:
        self._identity = identity
        self._sizes = sizes
        self._unread: set[str] = set()

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
        rows, unread = self._rows_for(request, owner, up_to_id, tx, call.now)
        hidden = self._hidden(request, owner, rows, tx, call.now)
        lacked = awaited_for(request, owner, rows, tx, self._identity)
        told = partial(tell_damaged, self._identity, "gap", None, tx, call.now)
        lost, unsettled = missing_for(
            *(request, owner, rows, lacked, tx, call.now, self._identity), damaged=told
        )
        coming, declared = coming_to(request, rows, tx), declared_to(request, rows, tx)
        plan = RecallPlan(
            job_id=short_id("J", f"{requester}/{request.recall_id}"),
            requester=requester,
            request=request,
            owner=owner,
            up_to_id=up_to_id,
            asked_at=call.now,
            fed_at=call.now,
            unavailable=(
                *unavailable_for(
                    *(request, owner, rows, lacked, tx),
                    lost=lost,
                    unsaid=together(hidden, unsettled),
                    unread=bool(unread),
                ),
                *told_declared(declared, coming),
            ),
            # How many records each of them has nobody can say: one at least.
            given_up=max(len(unread), len(hidden)) + sum(each.size for each in unsettled),
            coming=together(coming, declared),
            awaited=bounded(lacked),
            wait_until=call.now + UPSTREAM_WAIT,
        )
        plan = counted(plan, rows, tx)
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
        places: dict[tuple[str, bool], int] = {}
        plans, unread = sound_plans(tx)
        holding = {each: holds_any(tx, each) for each in {plan.requester for plan in plans}}
        for job_id in set(unread) - self._unread:
            self._unread.add(job_id)
            self._tell_damaged(self._identity.operator_id, job_id, tx, now)
        for plan in plans:
            peer = self._identity.peers.get(plan.requester)
            if peer is None or not peer.paths:
                save_plan(replace(plan, state=JobState.FAILED), tx, now)
                continue
            less, held = less_held(plan, tx) if holding[plan.requester] else (plan, False)
            # A job that only waits for upstream holds up no other; nor does one that may bring some
            # of a held stream: those have places of their own.
            if places.setdefault((plan.requester, held), 0) < MOST_AT_ONCE:
                places[plan.requester, held] += self._fed(less, tx, now, held=held)

    def _fed(self, plan: RecallPlan, tx: Transaction, now: datetime, *, held: bool) -> bool:
        """One step; a job that meets what cannot be read has failed, and says so. F22."""
        most = self._sizes.of(plan.requester)
        unread: list[int] = []
        try:
            busy = tx.apart(lambda part: fed(plan, part, now, most, unread.append, held=held))
        except DAMAGE:
            save_plan(replace(plan, state=JobState.FAILED), tx, now)
            self._tell_damaged(plan.requester, plan.job_id, tx, now)
            return False
        for row_id in unread:
            tell_damaged(self._identity, "journal", row_id, tx, now)
        return busy

    def _rows_for(
        self,
        request: RecallRequest,
        owner: str | None,
        up_to_id: int,
        tx: Transaction,
        now: datetime,
    ) -> tuple[list[Row], list[int]]:
        """The rows that are wanted, and the ids of the damaged ones that a gap is filled without.
        Who wants to look again is never given less: raises ``StoreDamaged``."""
        unread: list[int] = []
        opened, damaged = bool(request.object_ids), unread.append if fills_a_gap(request) else None
        rows = all_rows_in(request, owner, tx, up_to_id, opened=opened, damaged=damaged)
        for row_id in unread:
            tell_damaged(self._identity, "journal", row_id, tx, now)
        return rows, unread

    def _hidden(
        self,
        request: RecallRequest,
        owner: str | None,
        rows: list[Row],
        tx: Transaction,
        now: datetime,
    ) -> Ranges:
        """Numbers that were taken in and are not found: told, and a gap is filled without them.
        Raises ``StoreDamaged`` for who wants to look again."""
        hidden = hidden_of(request, owner, rows, tx, self._identity)
        if hidden and not fills_a_gap(request):
            raise StoreDamaged("journal")
        if hidden:
            tell_damaged(self._identity, "journal", None, tx, now)
        return hidden

    def _tell_damaged(self, party: str, job_id: str, tx: Transaction, now: datetime) -> None:
        detail = f"job {job_id} met what cannot be read in our store; see vgigw doctor --verify"
        raise_alarm(self._identity, recall_damaged(party), tx, now, detail=detail)
