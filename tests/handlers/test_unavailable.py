"""Reasons of numbers that are not to be had: kept, told, gone when the record comes. PLT-7.9d."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stores.fresh import fresh_store
from tests.trio import NOW, OPERATOR, OTHER, STREAM
from vgigw.handlers import unavailable
from vgigw.handlers.unavailable import all_gone, gone_of, gone_of_name, gone_within
from vgigw.objects.operating_enumerations import UnavailableReason
from vgigw.ports import Store, View
from vgigw.rules.ranges import Range

NUMBERS = st.tuples(st.integers(1, 20), st.integers(0, 6)).map(lambda n: Range(n[0], n[0] + n[1]))
EVENTS = st.lists(st.tuples(NUMBERS, st.sampled_from([None, *UnavailableReason])), max_size=12)


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


def test_plt_7_9d_of_too_many_reasons_the_oldest_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(unavailable, "_MOST", 3)
    store = fresh_store()
    for number in (9, 7, 5, 3, 1):
        at = NOW + timedelta(seconds=10 - number)
        note(store, Range(number, number), UnavailableReason.DECLARED, at)
    found = store.read(lambda view: gone_of(view, OPERATOR, STREAM))
    assert [each.first for each in found] == [1, 3, 5]
