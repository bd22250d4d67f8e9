"""One step of a recall job: the next of its records into the outbox. PLT-7.9d."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from msgspec.structs import replace

from vgigw.handlers.damaged import DAMAGE
from vgigw.handlers.journal import rows_in
from vgigw.handlers.recall_fruitless import forget_fruitless
from vgigw.handlers.recall_letters import pieces_of, put_again, put_all, together
from vgigw.handlers.recall_plan import Awaited, RecallPlan, not_taken, room_for, save_plan
from vgigw.handlers.recall_upstream import UPSTREAM_WAIT
from vgigw.handlers.unavailable import gone_within
from vgigw.objects.operating_enumerations import JobState
from vgigw.ports import LetterState, Row, Transaction, View, letter_groups
from vgigw.rules.bulk import Piece
from vgigw.rules.ranges import Range, Ranges, overlap, without

_MOST_ROWS: Final = 2_000
_MOST_RECORDS: Final = 20_000
"""Own design number: records that one step opens, so that nobody waits long for the store."""
_APART: Final = timedelta(minutes=1)
"""As far as the clocks of two processes on one store may be apart."""


def fed(
    plan: RecallPlan,
    tx: Transaction,
    now: datetime,
    most_records: int,
    damaged: Callable[[int], object],
    *,
    held: bool = False,
) -> bool:
    """One step of a job, in letters of at most so many records; whether it took one of the places
    of its requester, one that may bring some of a ``held`` stream only as it went on. ``damaged``
    hears of each row that a job for a gap leaves out."""
    waiting = tx.count_letters(state=LetterState.WAITING, group=letter_groups.of_job(plan.job_id))
    room = room_for(plan, waiting, now)
    if room == 0:
        return not held
    before, passed = plan, list[int]()
    rows = _next_rows(plan, tx, room, passed)
    if passed and not plan.given_up:
        # Damaged since the job was accepted: it brings less than it said.
        for each in dict.fromkeys(passed):
            damaged(each)
        plan = replace(plan, given_up=1)
    if rows:
        # Who asks for so many messages a second means messages as they were live.
        most = most_records if plan.request.rate_limit is None else 1
        unread: list[int] = []
        opened = ((row, _pieces(plan, row, unread)) for row in rows)
        letters, row_id = together(opened, room, most)
        after = put_all(plan, letters, tx, now)
        for each in unread:
            damaged(each)
        after = replace(after, given_up=after.given_up + len(unread))
        save_plan(replace(after, cursor=row_id, fed_at=now, state=JobState.RUNNING), tx, now)
        return True
    after = _with_late(plan, tx, now, room) if plan.awaited else plan
    if not waiting and not after.awaited and after.sent == plan.sent:
        after = replace(after, state=_end_of(after, tx))
        forget_fruitless(after, tx, now)
    if after != before:
        save_plan(after, tx, now)
    return waiting > 0 and not held


def _next_rows(plan: RecallPlan, view: View, room: int, passed: list[int]) -> list[Row]:
    """Rows behind the cursor, as many as one step may open; never none where there are some.
    ``passed`` are those that are damaged, and that a gap is filled without."""
    damaged = passed.append if plan.is_backfill else None
    found = partial(rows_in, plan.request, plan.owner, view, after_id=plan.cursor, damaged=damaged)
    heads = found(up_to_id=plan.up_to_id, limit=_MOST_ROWS, payloads=False)
    if plan.request.rate_limit is not None:
        heads = heads[:room]
    records = 0
    for row in heads:
        records += row.seq_to - row.seq_from + 1
        if records >= _MOST_RECORDS:
            return found(up_to_id=row.id)
    return found(up_to_id=heads[-1].id) if heads else []


def _pieces(plan: RecallPlan, row: Row, unread: list[int]) -> list[Piece]:
    """What a plan wants of ``row``; of one that cannot be read nothing, where a gap is filled: what
    is missing stays open at its receiver, who asks again."""
    try:
        return pieces_of(plan, row)
    except DAMAGE:
        if not plan.is_backfill:
            raise
        unread.append(row.id)
        return []


def _end_of(plan: RecallPlan, view: View) -> JobState:
    """Where no letter waits any more."""
    short = plan.given_up or plan.dropped or not_taken(plan, view)
    return JobState.PARTIAL if short else JobState.DONE


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
    if room > 0 and plan.wait_until is not None and _is_over(plan.wait_until, now):
        given_up = sum(each.last - each.first + 1 for each in left)
        return replace(plan, awaited=(), given_up=plan.given_up + given_up)
    return replace(plan, awaited=tuple(left))


def _is_over(wait_until: datetime, now: datetime) -> bool:
    """Also where it lies further ahead than any wait is long: the clock was set back, and it would
    hold a place of its requester for as long. F55."""
    return wait_until <= now or wait_until > now + UPSTREAM_WAIT + _APART


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
    total = after.total + after.sent - plan.sent
    after = replace(after, total=total, fed_at=now, state=JobState.RUNNING)
    if plan.request.stream_id is None or after.sent == plan.sent:
        return after
    first, last = plan.seq_first or part.first, plan.seq_last or part.last
    return replace(after, seq_first=min(first, part.first), seq_last=max(last, part.last))
