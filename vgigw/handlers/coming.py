"""What of our own telemetry is on its way to a peer: in the outbox, in the backlog, in a job.

What is on its way is not lost. A receiver that sees a gap while a backlog drains asks for what
comes anyway; it would get it twice. PLT-7.9d.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from msgspec.structs import replace

from vgigw.codec.packing import unpack
from vgigw.handlers.backlog import UNREADABLE, find_backlog
from vgigw.handlers.poison_numbers import held_back, held_in, holds_any, withheld
from vgigw.handlers.recall_plan import RecallPlan, gap_of, sound_plans
from vgigw.objects import RecallRequest, UnavailableRange
from vgigw.objects.operating_enumerations import UnavailableReason
from vgigw.operations import BACKFILL_DATA, UPLOAD_TELEMETRY
from vgigw.ports import Letter, LetterState, Row, View, letter_groups
from vgigw.rules.catch_up import LIVE
from vgigw.rules.ranges import Range, Ranges, overlap, together, without

MOST_LOOKED_AT: Final = 1_000
"""Letters that are looked at; of more, what is not seen may come twice."""
_OF_RECORDS: Final = frozenset({UPLOAD_TELEMETRY.name, BACKFILL_DATA.name})


class Place(msgspec.Struct, frozen=True):
    """Which numbers of which stream a batch has."""

    stream: str = msgspec.field(name="StreamID")
    first: int = msgspec.field(name="SeqFrom")
    last: int = msgspec.field(name="SeqTo")


_place = msgspec.json.Decoder(Place)


def place_of(letter: Letter) -> Place | None:
    """What a letter brings; None where it brings no records, or was erased."""
    if letter.operation not in _OF_RECORDS or letter.is_erased:
        return None
    return _place.decode(unpack(letter.payload))


def coming_to(request: RecallRequest, rows: Iterable[Row], view: View) -> Ranges:
    """Of the numbers in ``rows`` that ``request`` asks for to fill a gap, those that come anyway.
    Whoever wants to look again gets all."""
    asked = gap_of(request)
    if asked is None:
        return ()
    stream = str(request.stream_id)
    # What is held, and all behind it, comes when somebody has decided.
    coming = overlap(held_back(view, request.requester_id, stream, rows), asked)
    for numbers in _coming(request.requester_id, stream, view):
        coming = together(coming, overlap((numbers,), asked))
    return coming


def declared_to(request: RecallRequest, rows: Iterable[Row], view: View) -> Ranges:
    """Of the numbers in ``rows`` that ``request`` asks for to fill a gap, those that its sender did
    not take, and that were declared to it for that. F63."""
    asked = gap_of(request)
    if asked is None:
        return ()
    stream = str(request.stream_id)
    return overlap(withheld(view, request.requester_id, stream, rows), asked)


def told_declared(declared: Ranges, coming: Ranges) -> Iterator[UnavailableRange]:
    """As the requester is told; not of what comes after all."""
    for each in coming:
        declared = without(declared, each)
    for first, last in declared:
        yield UnavailableRange(seq_from=first, seq_to=last, reason=UnavailableReason.DECLARED)


def less_held(plan: RecallPlan, view: View) -> tuple[RecallPlan, bool]:
    """A job without what its requester would not take now, as its stream is held; and whether it
    may bring some of a stream that is. What it leaves out its requester asks for again."""
    request = plan.request
    if not plan.is_backfill:
        return plan, False
    if request.stream_id is None:
        return plan, holds_any(view, plan.requester)
    held, asked = held_in(view, plan.requester, request.stream_id), gap_of(request)
    own = held.get(plan.owner, ()) if plan.owner is not None else ()
    if asked is None or not own:
        # Of a job that has the rows of several parties, what is not held goes on.
        return plan, bool(held if plan.owner is None else own)
    behind = overlap((Range(own[0].first, max(own[0].first, asked.last)),), asked)
    coming = together(plan.coming, behind)
    fewer = sum(each.size for each in coming) - sum(each.size for each in plan.coming)
    given_up = plan.given_up + min(fewer, max(plan.total - plan.sent - plan.given_up, 0))
    return replace(plan, coming=coming, given_up=given_up), True


def places_waiting(view: View, destination: str, limit: int) -> Iterator[Place]:
    """What waits in the outbox for ``destination`` by itself, and not because it was recalled."""
    waiting = LetterState.WAITING
    for lane in LIVE:
        for letter in view.letters(destination=destination, state=waiting, lane=lane, limit=limit):
            if (place := place_of(letter)) is not None:
                yield place
    group = letter_groups.of_backlog(destination)
    for letter in view.letters(state=waiting, group=group, limit=limit):
        if (place := place_of(letter)) is not None:
            yield place


def _coming(destination: str, stream: str, view: View) -> Iterator[Range]:
    try:
        backlog = find_backlog(destination, stream, view)
    except UNREADABLE:
        backlog = None  # Nobody feeds a damaged one: what waits in it comes by recall alone.
    if backlog is not None:
        yield from backlog.waiting
    for place in places_waiting(view, destination, MOST_LOOKED_AT):
        if place.stream == stream:
            yield Range(place.first, place.last)
    for plan in sound_plans(view)[0]:
        asked = plan.request
        same = plan.requester == destination and asked.stream_id == stream
        if same and plan.is_backfill and asked.seq_from and asked.seq_to and not asked.object_ids:
            yield Range(asked.seq_from, asked.seq_to)
