"""What is held and declared to a peer, number by number, as a model says. F63."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.stores.fresh import fresh_store
from tests.trio import NOW, OPERATOR, OTHER, PLATFORM, STREAM, batch
from vgigw.handlers.poison_numbers import (
    declare,
    held_in,
    hold,
    holds_any,
    note_delivered,
    release,
    withheld,
)
from vgigw.ports import Row, Transaction, own_row
from vgigw.rules.ranges import Range, Ranges

NUMBERS = st.tuples(st.integers(1, 20), st.integers(0, 6)).map(lambda n: Range(n[0], n[0] + n[1]))
EVENTS = st.lists(
    st.tuples(st.sampled_from(["hold", "release", "declare", "delivered"]), NUMBERS), max_size=12
)


def row(owner: str, first: int = 1, last: int = 30) -> Row:
    return replace(own_row(batch(first, last), owner, NOW), id=1)


def numbers(ranges: Ranges) -> set[int]:
    return {seq for each in ranges for seq in range(each.first, each.last + 1)}


@given(EVENTS)
def test_f63_each_number_is_held_and_declared_until_it_was_delivered(
    events: list[tuple[str, Range]],
) -> None:
    store, held, declared = fresh_store(), set[int](), set[int]()

    def work(tx: Transaction) -> None:
        for event, part in events:
            several = numbers((part,))
            if event == "hold":
                hold(tx, PLATFORM, OPERATOR, STREAM, part, NOW)
                held.update(several)
            elif event == "release":
                assert release(tx, PLATFORM, OPERATOR, STREAM, part, NOW) == bool(held & several)
                held.difference_update(several)
            elif event == "declare":
                declare(tx, PLATFORM, OPERATOR, STREAM, part, NOW)
                declared.update(several)
            else:
                note_delivered(tx, PLATFORM, OPERATOR, STREAM, part, NOW)
                held.difference_update(several)
                declared.difference_update(several)

    store.write(work)
    found = store.read(lambda view: held_in(view, PLATFORM, STREAM))
    assert numbers(found.get(OPERATOR, ())) == held
    assert store.read(lambda view: holds_any(view, PLATFORM)) == bool(held)
    asked = store.read(lambda view: withheld(view, PLATFORM, STREAM, [row(OPERATOR)]))
    assert numbers(asked) == declared


def test_f63_a_stream_of_the_same_name_of_another_party_is_not_withheld() -> None:
    store = fresh_store()
    store.write(lambda tx: declare(tx, PLATFORM, OPERATOR, STREAM, Range(1, 9), NOW))

    def withheld_of(*rows: Row) -> Ranges:
        return store.read(lambda view: withheld(view, PLATFORM, STREAM, rows))

    assert withheld_of(row(OTHER)) == ()
    assert withheld_of(row(OPERATOR, 3, 12)) == ((3, 9),)
    assert withheld_of(row(OPERATOR), row(OTHER, 4, 5)) == ((1, 3), (6, 9))
    assert store.read(lambda view: withheld(view, OTHER, STREAM, [row(OPERATOR)])) == ()
