"""What is on its way of what waited: to whom and from whom, how much, how fast, and when it will be
over. Read from the store alone, so that it is told beside a running server. PLT-7.9d."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec.structs import replace

from vgigw.handlers.backlog import Backlog, backlogs_of
from vgigw.handlers.backlog_feeding import next_numbers, pieces_of
from vgigw.handlers.coming import place_of
from vgigw.handlers.draining import IN, OUT, drain_of
from vgigw.handlers.poison_numbers import held_in
from vgigw.handlers.recall_plan import RecallPlan, job_of, plans_of
from vgigw.ports import Identity, LetterState, View, letter_groups
from vgigw.rules.bulk import LEAST_RECORDS
from vgigw.rules.drain import bytes_of, ends_in_s, records_per_s
from vgigw.rules.gap import Gap

RUNNING: Final = "running"
WAITING: Final = "waiting for the peer"
UPSTREAM: Final = "waiting for upstream"
DAMAGED: Final = "damaged"
HELD: Final = "held"
_HEARD_WITHIN: Final = timedelta(seconds=15)
"""A peer that took a large letter so lately is there, whatever other letters wait for."""
_SAMPLE: Final = 20
_ENDLESS: Final = frozenset({WAITING, UPSTREAM, DAMAGED, HELD})


class Backfill(msgspec.Struct, frozen=True, kw_only=True):
    """One backlog or job to a peer (``out``), or the gaps of a stream that a peer fills (``in``).

    Counts are records; ``acknowledged`` ones the peer has, ``sent`` ones are with it or in the
    outbox; None is what the other side knows. ``left_bytes`` is about, as they are stored.
    ``records_per_s`` is that of the peer and direction, all together; ``ends_in_s`` is None where
    nobody can say, for the reason ``unknown``.
    """

    direction: str
    kind: str
    peer: str
    stream: str
    job_id: str = ""
    state: str
    why: str = ""
    left: int
    left_bytes: int | None = None
    sent: int | None = None
    acknowledged: int | None = None
    since: datetime
    share: float | None = None
    records_per_s: float | None = None
    rate_limit: int | None = None
    ends_at: datetime | None = None
    ends_in_s: float | None = None
    unknown: str = ""


def backfills(identity: Identity, view: View, now: datetime) -> list[Backfill]:
    """All that is on its way ``now``: by direction and peer, the oldest first."""
    found: dict[tuple[str, str], list[Backfill]] = {}
    for each in (*_backlogs(identity, view), *_jobs(view), *_gaps(view)):
        found.setdefault((each.direction, each.peer), []).append(each)
    return [
        each
        for (direction, peer), several in sorted(found.items(), reverse=True)
        for each in _told(peer, direction, sorted(several, key=_begun), view, now)
    ]


def _begun(each: Backfill) -> tuple[datetime, str, str]:
    return each.since, each.stream, each.job_id


def _backlogs(identity: Identity, view: View) -> Iterator[Backfill]:
    on_their_way: dict[tuple[str, str], int] = {}
    found = backlogs_of(view)
    for peer in dict.fromkeys(peer for peer, _ in found):
        group = letter_groups.of_backlog(peer)
        for letter in view.letters(state=LetterState.WAITING, group=group):
            if (place := place_of(letter)) is not None:
                key = peer, place.stream
                on_their_way[key] = on_their_way.get(key, 0) + place.last - place.first + 1
    for peer, backlog in found:
        waiting = sum(each.size for each in backlog.waiting)
        left = waiting + on_their_way.get((peer, backlog.stream), 0)
        if left:
            state, why = _state_of_backlog(identity.operator_id, peer, backlog, view)
            yield Backfill(
                direction=OUT,
                kind="backlog",
                peer=peer,
                stream=backlog.stream,
                state=state,
                why=why,
                left=left,
                sent=backlog.total - waiting,
                acknowledged=backlog.sent,
                since=backlog.since,
            )


def _state_of_backlog(own_id: str, peer: str, backlog: Backlog, view: View) -> tuple[str, str]:
    """How it stands, and why it does not go on."""
    if own_id in held_in(view, peer, backlog.stream):
        return HELD, "behind a message that the peer does not take: see vgigw outbox dead"
    if backlog.waiting and not _readable(own_id, backlog, view):
        return DAMAGED, "its journal cannot be read: see vgigw doctor"
    return RUNNING, ""


def _readable(own_id: str, backlog: Backlog, view: View) -> bool:
    """Whether what has its turn next can be read."""
    try:
        pieces_of(own_id, backlog.stream, next_numbers(backlog, LEAST_RECORDS), view)
    except Exception:  # noqa: BLE001 - whatever is wrong with the row, it waits
        return False
    return True


def _jobs(view: View) -> Iterator[Backfill]:
    for plan in plans_of(view, open_only=True):
        job = job_of(plan, view)
        awaited = sum(each.last - each.first + 1 for each in plan.awaited)
        left = job.progress.total - job.progress.acked
        yield Backfill(
            direction=OUT,
            kind="job",
            peer=plan.requester,
            stream=plan.request.stream_id or "",
            job_id=plan.job_id,
            state=_state_of(plan, left),
            why=f"{awaited} records are asked for upstream" if awaited else "",
            left=left + awaited,
            sent=job.progress.sent,
            acknowledged=job.progress.acked,
            since=plan.asked_at,
            rate_limit=plan.request.rate_limit,
        )


def _state_of(plan: RecallPlan, left: int) -> str:
    return UPSTREAM if plan.awaited and not left else RUNNING


def _gaps(view: View) -> Iterator[Backfill]:
    """By stream, what its owner is asked for."""
    by_stream: dict[tuple[str, str], list[Gap]] = {}
    for owner, stream, gap in view.gaps():
        by_stream.setdefault((owner, stream), []).append(gap)
    for (owner, stream), several in by_stream.items():
        attempts = max(gap.attempts for gap in several)
        yield Backfill(
            direction=IN,
            kind="gap",
            peer=owner,
            stream=stream,
            state=RUNNING,
            why=f"asked {attempts} times" if attempts > 1 else "",
            left=sum(gap.last - gap.first + 1 for gap in several),
            since=min(gap.opened_at for gap in several),
        )


def _told(
    peer: str, direction: str, several: Iterable[Backfill], view: View, now: datetime
) -> list[Backfill]:
    """What goes the same way to the same peer, with how fast it goes and when each is over."""
    drain = drain_of(view, peer, direction)
    heard = bool(drain.stamps) and abs(now - drain.stamps[-1].at) <= _HEARD_WITHIN
    failing = "" if heard else _failing(view, peer)
    per_s = records_per_s(drain.stamps, now)
    if direction == IN and per_s is None:
        failing = failing or "what was asked for has not come yet"
    several = [
        replace(each, state=WAITING, why=failing) if failing and each.state == RUNNING else each
        for each in several
    ]
    moving = [each.left for each in several if each.state not in _ENDLESS]
    ends = iter(ends_in_s(moving, per_s) if per_s else ())
    told = []
    for each in several:
        rated = replace(
            each,
            share=drain.share,
            records_per_s=per_s,
            left_bytes=bytes_of(each.left, drain.stamps) if direction == OUT else None,
        )
        told.append(_with_end(rated, None if each.state in _ENDLESS else next(ends, None), now))
    return told


def _with_end(each: Backfill, seconds: float | None, now: datetime) -> Backfill:
    """``each`` with its end, or with the reason why there is none to tell."""
    if seconds is None:
        why = f"{each.state}: {each.why}" if each.why else each.state
        return replace(each, unknown=why if each.state in _ENDLESS else "nothing was measured yet")
    if each.rate_limit:
        seconds = max(seconds, each.left / each.rate_limit)
    return replace(each, ends_in_s=seconds, ends_at=now + timedelta(seconds=seconds))


def _failing(view: View, peer: str) -> str:
    """Why the last letter that was tried did not get through; empty where none failed."""
    letters = view.letters(destination=peer, state=LetterState.WAITING, limit=_SAMPLE)
    return next((each.last_error for each in letters if each.attempts and each.last_error), "")
