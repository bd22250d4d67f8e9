"""Which numbers a recall brings, asks upstream for, or finds on their way. PLT-7.9d."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.stores.fresh import fresh_store
from tests.trio import (
    DISPATCH,
    MEASURED,
    NOW,
    OPERATOR,
    OTHER,
    PLATFORM,
    STREAM,
    Trio,
    batch,
    kept,
)
from vgigw.handlers import unavailable
from vgigw.handlers.recall_counting import _less
from vgigw.handlers.recall_letters import pieces_of
from vgigw.handlers.recall_plan import Awaited, RecallPlan, gap_of
from vgigw.handlers.recall_upstream import awaited_for, questions
from vgigw.objects import RecallRequest
from vgigw.objects.operating_enumerations import RecallCause, UnavailableReason
from vgigw.ports import OWN_DOOR, Identity, Transaction, own_row
from vgigw.rules.ranges import Range, Ranges, with_added
from vgigw.rules.sequence import StreamState

RANGES = st.tuples(st.integers(1, 30), st.integers(0, 8)).map(lambda n: Range(n[0], n[0] + n[1]))
MANY = st.lists(RANGES, max_size=4)
ELSE = "another-stream"


WANTED = RecallPlan(
    job_id="J1",
    requester=DISPATCH,
    request=RecallRequest(
        recall_id="R1",
        requester_id=DISPATCH,
        stream_id=STREAM,
        time_from=MEASURED,
        time_to=NOW,
        cause=RecallCause.GAP,
    ),
    owner=None,
    up_to_id=9,
    fed_at=NOW,
)


@cache
def platform() -> Identity:
    """Who asks, and whom it knows."""
    return Trio().gateways[PLATFORM].identity


def numbers(parts: list[Range] | Ranges) -> set[int]:
    return {seq for part in parts for seq in range(part.first, part.last + 1)}


def joined(parts: list[Range]) -> Ranges:
    whole: Ranges = ()
    for part in parts:
        whole = with_added(whole, part)
    return whole


def asking(**members: Any) -> RecallRequest:
    values: dict[str, Any] = {
        "recall_id": "R1",
        "requester_id": DISPATCH,
        "stream_id": STREAM,
        "cause": RecallCause.GAP,
    }
    return RecallRequest(**values | members)


def _know(owner: str, state: StreamState, tx: Transaction) -> None:
    tx.save_stream(owner, STREAM, state)


@given(wanted=RANGES, coming=MANY)
def test_plt_7_9d_what_is_on_its_way_is_neither_counted_nor_in_the_range(
    wanted: Range, coming: list[Range]
) -> None:
    left = numbers([wanted]) - numbers(coming)
    expected = (len(left), Range(min(left), max(left)) if left else None)
    assert _less((wanted.size, wanted), joined(coming)) == expected
    assert _less((3, None), joined(coming)) == (3, None)


@given(begin=st.integers(1, 30), missing=MANY, gone=MANY, others=MANY, asked=RANGES)
def test_plt_7_9d_upstream_is_asked_for_what_is_missing_or_was_before_us_and_is_not_gone(
    begin: int, missing: list[Range], gone: list[Range], others: list[Range], asked: Range
) -> None:
    store, identity = fresh_store(), platform()
    lost = joined(missing)
    state = StreamState(begin=begin, contiguous=begin, highest=60, missing=lost)

    def keep(tx: Transaction) -> None:
        tx.save_stream(OPERATOR, STREAM, state)
        note = UnavailableReason.EXPIRED
        for part in gone:
            unavailable.note_gone(tx, OPERATOR, STREAM, (part,), note, NOW)
        for part in others:
            unavailable.note_gone(tx, OTHER, STREAM, (part,), note, NOW)
            unavailable.note_gone(tx, OPERATOR, ELSE, (part,), note, NOW)

    store.write(keep)
    request = asking(seq_from=asked.first, seq_to=asked.last)

    def found(owner: str | None) -> list[Awaited]:
        return store.read(lambda view: awaited_for(request, owner, [], view, identity))

    expected = numbers([asked]) & (numbers(lost) | set(range(1, begin))) - numbers(gone)
    assert {(each.owner, each.stream) for each in found(None)} <= {(OPERATOR, STREAM)}
    assert numbers([Range(each.first, each.last) for each in found(None)]) == expected
    assert found(OPERATOR) == found(None)
    assert found(OTHER) == []


def test_plt_7_9d_who_asks_is_not_asked_itself_and_of_two_owners_the_one_that_is_meant() -> None:
    store, identity = fresh_store(), platform()
    state = StreamState(begin=5, contiguous=9, highest=9)
    for each in (OPERATOR, OTHER):
        store.write(partial(_know, each, state))

    def owners(owner: str | None, requester: str = DISPATCH) -> list[str]:
        request = asking(seq_from=1, seq_to=4, requester_id=requester)
        found = store.read(lambda view: awaited_for(request, owner, [], view, identity))
        return sorted(each.owner for each in found)

    assert owners(None) == sorted([OPERATOR, OTHER])
    assert owners(OTHER) == [OTHER]
    assert owners(None, OPERATOR) == [OTHER]


def test_plt_7_9d_a_question_upstream_has_one_name_however_often_it_is_put() -> None:
    identity = platform()
    awaited = [Awaited(OPERATOR, STREAM, 3, 4), Awaited(OPERATOR, STREAM, 7, 9)]
    asked = list(questions("J1", awaited, identity, NOW))
    assert [each.message_id for each in asked] == [
        each.message_id for each in questions("J1", awaited, identity, NOW)
    ]
    assert (
        len({each.message_id for each in (*asked, *questions("J2", awaited, identity, NOW))}) == 4
    )
    for letter, one in zip(asked, awaited, strict=True):
        request = kept(RecallRequest, letter.payload)
        assert letter.destination == one.owner
        assert letter.message_id == request.recall_id
        assert (request.stream_id, request.seq_from, request.seq_to) == (
            STREAM,
            one.first,
            one.last,
        )
        assert request.requester_id == identity.operator_id


@pytest.mark.parametrize(
    ("members", "gap"),
    [
        ({"seq_from": 3, "seq_to": 9}, Range(3, 9)),
        ({"seq_from": 3, "seq_to": 9, "cause": RecallCause.LINK_DOWN}, Range(3, 9)),
        ({"seq_from": 3, "seq_to": 9, "cause": RecallCause.PEER_RECALL}, None),
        ({"seq_from": 3, "seq_to": 9, "stream_id": None}, None),
        ({"seq_from": 3}, None),
        ({"seq_to": 9}, None),
        ({"seq_from": 3, "seq_to": 9, "object_ids": ("C1",)}, None),
        ({"seq_from": 3, "seq_to": 9, "time_from": NOW}, None),
        ({"seq_from": 3, "seq_to": 9, "time_to": NOW}, None),
    ],
)
def test_plt_7_9d_only_whole_numbers_of_one_stream_fill_a_gap(
    members: dict[str, Any], gap: Range | None
) -> None:
    assert gap_of(asking(**members)) == gap


@pytest.mark.parametrize(("door", "source"), [(OWN_DOOR, "SITE-1"), ("rest", OPERATOR)])
def test_plt_7_9d_what_came_from_a_party_comes_again_as_its_own_whatever_source_it_named(
    door: str, source: str
) -> None:
    live = own_row(replace(batch(1, 3), source_id="SITE-1"), OPERATOR, NOW)
    (piece,) = pieces_of(WANTED, replace(live, id=1, door=door))
    assert (piece.header.source_id, piece.first, len(piece.records)) == (source, 1, 3)


def test_plt_7_9d_what_is_left_of_a_row_is_split_where_numbers_are_missing() -> None:
    row = replace(own_row(batch(1, 6), OPERATOR, NOW), id=1)
    without_two = replace(WANTED, coming=(Range(2, 2), Range(5, 5)))
    pieces = pieces_of(without_two, row)
    assert [(each.first, len(each.records)) for each in pieces] == [(1, 1), (3, 2), (6, 1)]
    (whole,) = pieces_of(WANTED, replace(row, sparse=True))
    assert (whole.first, len(whole.records)) == (0, 6)
