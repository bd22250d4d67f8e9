"""Reasons of numbers that are not to be had: kept, told, gone when the record comes. PLT-7.9d."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stores.fresh import fresh_store
from tests.trio import NOW, OPERATOR, OTHER, STREAM
from vgigw.handlers import unavailable
from vgigw.handlers.hidden_numbers import hidden_of
from vgigw.handlers.unavailable import (
    all_gone,
    gone_of,
    gone_of_name,
    gone_within,
    less_gone,
)
from vgigw.objects import TelemetryQuery
from vgigw.objects.operating_enumerations import UnavailableReason
from vgigw.ports import Document, Identity, Row, Store, Transaction, View
from vgigw.rules.ranges import Range, Ranges
from vgigw.rules.sequence import StreamState
from vgigw.testing.store_records import row

NUMBERS = st.tuples(st.integers(1, 20), st.integers(0, 6)).map(lambda n: Range(n[0], n[0] + n[1]))
EVENTS = st.lists(st.tuples(NUMBERS, st.sampled_from([None, *UnavailableReason])), max_size=12)


class Counting:
    """A view that notes which kinds of documents are asked for."""

    def __init__(self, view: View, seen: list[str]) -> None:
        self._view, self._seen = view, seen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._view, name)

    def document(self, kind: str, owner: str, key: str) -> Document | None:
        self._seen.append(kind)
        return self._view.document(kind, owner, key)


def row_at(number: int) -> Row:
    return row(number, number, owner=OPERATOR, stream=STREAM)


def note(
    store: Store, numbers: Range, reason: UnavailableReason | None, at: datetime = NOW
) -> None:
    if reason is None:
        store.write(lambda tx: unavailable.note_came(tx, OPERATOR, STREAM, numbers, at))
    else:
        store.write(lambda tx: unavailable.note_gone(tx, OPERATOR, STREAM, (numbers,), reason, at))


@given(EVENTS)
def test_plt_7_9d_each_number_has_its_newest_reason_until_it_comes(
    events: list[tuple[Range, UnavailableReason | None]],
) -> None:
    store, model = fresh_store(), dict[int, UnavailableReason]()
    for numbers, reason in events:
        note(store, numbers, reason)
        for seq in range(numbers.first, numbers.last + 1):
            model.pop(seq, None)
            if reason is not None:
                model[seq] = reason

    def held(view: View) -> dict[int, UnavailableReason]:
        return {
            seq: each.reason
            for each in gone_of(view, OPERATOR, STREAM)
            for seq in range(each.first, each.last + 1)
        }

    assert store.read(held) == model
    firsts = [each.first for each in store.read(lambda view: gone_of(view, OPERATOR, STREAM))]
    assert firsts == sorted(firsts)


def test_plt_7_9d_what_is_asked_for_is_cut_out_of_a_reason() -> None:
    store = fresh_store()
    note(store, Range(3, 9), UnavailableReason.EXPIRED)
    found = store.read(lambda view: gone_within(view, OPERATOR, STREAM, Range(5, 20)))
    assert [(each.first, each.last, each.since) for each in found] == [(5, 9, NOW)]
    assert store.read(lambda view: gone_within(view, OPERATOR, STREAM, Range(10, 20))) == ()
    assert store.read(lambda view: gone_within(view, OTHER, STREAM, Range(3, 9))) == ()
    by_name = store.read(lambda view: list(gone_of_name(view, STREAM, None)))
    assert [each.told().reason for each in by_name] == [UnavailableReason.EXPIRED]
    assert store.read(lambda view: list(gone_of_name(view, STREAM, OTHER))) == []
    assert store.read(lambda view: [each[:2] for each in all_gone(view)]) == [(OPERATOR, STREAM)]


def test_plt_7_9d_of_too_many_reasons_the_lowest_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(unavailable, "_MOST", 3)
    store = fresh_store()
    for number in (9, 1, 5, 7, 3):
        note(store, Range(number, number), UnavailableReason.DECLARED)
    found = store.read(lambda view: gone_of(view, OPERATOR, STREAM))
    assert [each.first for each in found] == [5, 7, 9]


def test_plt_7_9d_neighbours_of_one_reason_are_one_range_of_the_newer_time() -> None:
    store, later = fresh_store(), NOW + timedelta(seconds=9)
    note(store, Range(4, 6), UnavailableReason.EXPIRED)
    note(store, Range(1, 3), UnavailableReason.EXPIRED, later)
    note(store, Range(7, 9), UnavailableReason.DECLARED)
    found = store.read(lambda view: gone_of(view, OPERATOR, STREAM))
    assert [(each.numbers, each.since) for each in found] == [((1, 6), later), ((7, 9), NOW)]


def test_f22_what_may_be_forgotten_is_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of numbers below the lowest reason that is kept nobody can say that they are hidden."""
    monkeypatch.setattr(unavailable, "_MOST", 3)
    store = fresh_store()

    def left() -> Ranges:
        asked = (Range(1, 12),)
        return store.read(lambda view: less_gone(view, OPERATOR, STREAM, asked))

    for number in (5, 7):
        note(store, Range(number, number), UnavailableReason.DECLARED)
    assert left() == ((1, 4), (6, 6), (8, 12))
    note(store, Range(9, 9), UnavailableReason.DECLARED)
    assert left() == ((1, 4), (6, 6), (8, 8), (10, 12))
    note(store, Range(11, 11), UnavailableReason.DECLARED)  # One too many: that of 5 is forgotten.
    assert left() == ((8, 8), (10, 10), (12, 12))
    note(store, Range(9, 9), None)
    assert left() == ((8, 10), (12, 12)), "a record that came brings back no reason"
    note(store, Range(2, 2), UnavailableReason.DECLARED)
    assert left() == ((8, 10), (12, 12))


@pytest.mark.parametrize("middle", [Range(12, 12), Range(5, 5)])
def test_f22_a_record_that_comes_cuts_no_reasons_and_keeps_their_bound(
    middle: Range, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unavailable, "_MOST", 3)
    store = fresh_store()
    for numbers in (Range(1, 1), Range(4, 6), Range(8, 8), Range(12, 12)):
        note(store, numbers, UnavailableReason.DECLARED)
    note(store, middle, None)
    one = (Range(1, 1),)
    assert store.read(lambda view: less_gone(view, OPERATOR, STREAM, one)) == ()
    assert len(store.read(lambda view: gone_of(view, OPERATOR, STREAM))) <= 3


def test_f50_thousands_of_reasons_are_read_once_for_a_question() -> None:
    store, seen = fresh_store(), list[str]()
    even = [Range(number, number) for number in range(2, 20_000, 2)]

    def keep(tx: Transaction) -> None:
        for number in range(1, 20_000, 2):
            tx.append(row_at(number))
        unavailable.note_gone(tx, OPERATOR, STREAM, even, UnavailableReason.DECLARED, NOW)
        tx.save_stream(OPERATOR, STREAM, StreamState(1, 19_999, 19_999))

    def hidden(view: View) -> Ranges:
        counting = Counting(view, seen)
        asked = TelemetryQuery(stream_id=STREAM, seq_from=1, seq_to=19_999)
        rows = view.rows(payloads=False)
        return hidden_of(asked, OPERATOR, rows, cast("View", counting), cast("Identity", None))

    store.write(keep)
    assert store.read(hidden) == ()
    assert seen.count(unavailable.KIND) == 1
