"""What we lack ourselves for a recall: asked for upstream, once, and what upstream says of it.

PLT-7.6d, PLT-7.9d. No loops: the table lets a recall go down only, from dispatch to platform and
from there to whoever owns the stream; the owner answers out of its own journal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from vgigw.errors import StoreDamaged
from vgigw.handlers.bulk_letters import short_id
from vgigw.handlers.recall_plan import Awaited
from vgigw.handlers.unavailable import gone_of_name, gone_within
from vgigw.objects import RecallRequest, UnavailableRange
from vgigw.objects.operating_enumerations import RecallCause, UnavailableReason
from vgigw.operations import RECALL_DATA
from vgigw.ports import Identity, Letter, Row, Transaction, View, letter_for
from vgigw.rules.ranges import Range, Ranges, overlap, with_added, without

MOST_ASKED: Final = 100_000
"""Numbers that one recall asks for; the rest of a longer gap follows when these have come."""
MOST_AWAITED: Final = 16
"""Ranges that one recall asks upstream for; whoever wants more of them asks again."""
UPSTREAM_WAIT: Final = timedelta(minutes=5)
"""Own design number: how long a job waits for what we lack ourselves."""
LOST_AFTER: Final = timedelta(hours=1)
"""Own design number: what is missing for so long, and its owner cannot be asked for, is lost; until
then it may only have been overtaken."""


def awaited_for(
    request: RecallRequest, owner: str | None, rows: list[Row], view: View, identity: Identity
) -> list[Awaited]:
    """What is not in ``rows`` and may be had upstream. By time, only what is missing between the
    rows that were found can be meant, or beside them."""
    if request.seq_from is None or request.seq_to is None:
        found = _gaps_beside(rows, view)
    else:
        stream, asked = str(request.stream_id), Range(request.seq_from, request.seq_to)
        found = [
            Awaited(each, stream, part.first, part.last)
            for each in (identity.peers if owner is None else (owner,))
            for part in _lacking(each, stream, _left(asked, rows, each), view)
        ]
    can_be_asked = RECALL_DATA.receivers(identity.role)
    return [
        each
        for each in found
        if each.owner != request.requester_id
        and (peer := identity.peers.get(each.owner)) is not None
        and peer.role in can_be_asked
        and peer.paths
    ]


def missing_for(
    request: RecallRequest,
    owner: str | None,
    rows: list[Row],
    awaited: Iterable[Awaited],
    tx: Transaction,
    now: datetime,
    identity: Identity,
    *,
    damaged: Callable[[], object],
) -> tuple[Ranges, Ranges]:
    """Numbers asked for whose owner cannot be asked: those that are lost, and those that may still
    come. An hour begins anew where the gap was opened ahead of ``now``: the clock was set back.
    ``damaged`` hears of gaps among them that cannot be read: then any may still come. F22."""
    lost: Ranges = ()
    coming: Ranges = ()
    if request.seq_from is None or request.seq_to is None:
        return lost, coming
    left = _without_awaited(_left(Range(request.seq_from, request.seq_to), rows), awaited)
    if not left:
        return lost, coming
    within, parties = Range(left[0].first, left[-1].last), identity.peers
    try:
        gaps = [
            gap
            for party in (parties if owner is None else (owner,))
            for gap in tx.gaps(party, request.stream_id, within=within)
        ]
    except StoreDamaged:
        damaged()
        return lost, left
    for whose, stream, gap in gaps:
        parts = overlap(left, Range(gap.first, gap.last))
        if parts and gap.opened_at > now:
            tx.open_gap(whose, stream, gap._replace(opened_at=now))
        for part in parts:
            if now - gap.opened_at > LOST_AFTER:
                lost = with_added(lost, part)
            else:
                coming = with_added(coming, part)
    return lost, coming


def unavailable_for(
    request: RecallRequest,
    owner: str | None,
    rows: list[Row],
    awaited: Iterable[Awaited],
    view: View,
    *,
    lost: Ranges = (),
    unsaid: Ranges = (),
    unread: bool = False,
) -> tuple[UnavailableRange, ...]:
    """Numbers asked for that no row holds and nobody will bring, by their reason: the one that was
    kept, declared for what was sent and is ``lost`` here, never existed for what nobody told us of.
    Where a row is ``unread`` it may hold what no other does: of that nothing is said. Nor is it of
    what is ``unsaid``, as it was taken in or may still come."""
    if request.seq_from is None or request.seq_to is None:
        return ()
    left = _without_awaited(_left(Range(request.seq_from, request.seq_to), rows), awaited)
    for each in unsaid:
        left = without(left, each)
    stream = str(request.stream_id)
    reasons = [(gone.numbers, gone.reason) for gone in gone_of_name(view, stream, owner)]
    reasons += [(numbers, UnavailableReason.DECLARED) for numbers in lost]
    if not unread:
        reasons += [(numbers, UnavailableReason.NEVER_EXISTED) for numbers in left]
    told = []
    for numbers, reason in reasons:
        told += [
            UnavailableRange(seq_from=part.first, seq_to=part.last, reason=reason)
            for part in overlap(left, numbers)
        ]
        left = without(left, numbers)
    return tuple(sorted(told, key=lambda each: each.seq_from))


def questions(
    job_id: str, awaited: Iterable[Awaited], identity: Identity, now: datetime
) -> Iterator[Letter]:
    """One recall upstream for each range that is awaited."""
    for each in awaited:
        recall_id = short_id("U", f"{job_id}/{each.owner}/{each.first}")
        request = RecallRequest(
            recall_id=recall_id,
            requester_id=identity.operator_id,
            stream_id=each.stream,
            seq_from=each.first,
            seq_to=each.last,
            cause=RecallCause.PEER_RECALL,
        )
        yield letter_for(each.owner, RECALL_DATA, request, now, message_id=recall_id)


def bounded(awaited: list[Awaited]) -> tuple[Awaited, ...]:
    """As many of the ranges, and of each as many numbers, as one recall may ask for."""
    return tuple(
        Awaited(each.owner, each.stream, each.first, min(each.last, each.first + MOST_ASKED - 1))
        for each in awaited[:MOST_AWAITED]
    )


def _left(asked: Range, rows: Iterable[Row], owner: str | None = None) -> Ranges:
    left: Ranges = (asked,)
    for row in rows:
        if not row.sparse and owner in (None, row.owner):
            left = without(left, Range(row.seq_from, row.seq_to))
    return left


def _without_awaited(left: Ranges, awaited: Iterable[Awaited]) -> Ranges:
    for each in awaited:
        left = without(left, Range(each.first, each.last))
    return left


def _lacking(owner: str, stream: str, left: Ranges, view: View) -> Iterator[Range]:
    """Of ``left``, what was found missing, and what was before our first contact with the stream;
    not what its sender said is not to be had."""
    state = view.stream(owner, stream)
    if state is None:
        return
    wanted: Ranges = ()
    for part in left:
        before = overlap((part,), Range(1, state.begin - 1)) if state.begin > 1 else ()
        for numbers in (*before, *overlap(state.missing, part)):
            wanted = with_added(wanted, numbers)
            for gone in gone_within(view, owner, stream, numbers):
                wanted = without(wanted, gone.numbers)
    yield from wanted


def _gaps_beside(rows: list[Row], view: View) -> list[Awaited]:
    def stream_of(row: Row) -> tuple[str, str]:
        return row.owner, row.stream

    found = []
    numbered = sorted((row for row in rows if not row.sparse), key=stream_of)
    for (owner, stream), group in groupby(numbered, key=stream_of):
        several = list(group)
        first = min(row.seq_from for row in several) - 1
        last = max(row.seq_to for row in several) + 1
        found += [
            Awaited(owner, stream, gap.first, gap.last)
            for _, _, gap in view.gaps(owner, stream)
            if gap.last >= first and gap.first <= last
        ]
    return found
