"""What a store promises of streams, gaps, counters and the outbox: part of ``StoreContract``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from vgigw.errors import Conflict, StoreFailed, VgigwError
from vgigw.operations import Lane
from vgigw.ports import LetterState, Store, Transaction
from vgigw.rules.gap import Gap
from vgigw.rules.lease import Lease
from vgigw.rules.sequence import Range, StreamState
from vgigw.testing.store_records import BIG, OWNER, T0, after, letter


class LedgerContract:
    """Each method holds one promise; ``store`` is a fixture of whoever inherits."""

    # Streams, gaps, counters.

    def test_the_state_of_a_stream_is_kept(self, store: Store) -> None:
        state = StreamState(1, 4, BIG, (Range(5, 6), Range(9, BIG - 1)))
        assert store.read(lambda view: view.stream(OWNER, "s1")) is None
        store.write(lambda tx: tx.save_stream(OWNER, "s1", StreamState(1, 4, 4)))
        store.write(lambda tx: tx.save_stream(OWNER, "s1", state))
        assert store.read(lambda view: view.stream(OWNER, "s1")) == state
        assert store.read(lambda view: view.streams()) == [(OWNER, "s1", state)]

    def test_gaps_are_opened_replaced_and_closed(self, store: Store) -> None:
        first, second = Gap(5, 9, T0, None, 0), Gap(20, BIG, T0, after(1), 2)
        store.write(lambda tx: tx.open_gap(OWNER, "s1", second))
        store.write(lambda tx: tx.open_gap(OWNER, "s1", first))
        store.write(lambda tx: tx.open_gap(OWNER, "s2", first))
        assert store.read(lambda view: view.gaps(OWNER, "s1")) == [
            (OWNER, "s1", first),
            (OWNER, "s1", second),
        ]
        rest = Gap(7, 9, T0, after(2), 1)
        store.write(lambda tx: tx.replace_gaps(OWNER, "s1", (rest,)))
        assert store.read(lambda view: view.gaps()) == [(OWNER, "s1", rest), (OWNER, "s2", first)]
        store.write(lambda tx: tx.replace_gaps(OWNER, "s1", ()))
        assert store.read(lambda view: view.gaps(OWNER)) == [(OWNER, "s2", first)]

    def test_the_streams_of_an_owner_are_counted(self, store: Store) -> None:
        state = StreamState(1, 4, 4)
        for owner, stream in ((OWNER, "s1"), (OWNER, "s2"), ("987654321", "s1")):
            store.write(lambda tx, o=owner, s=stream: tx.save_stream(o, s, state))  # type: ignore[misc]
        assert store.read(lambda view: view.count_streams(OWNER)) == 2
        assert store.read(lambda view: view.count_streams("nobody")) == 0

    def test_gaps_come_in_slices_and_by_what_they_reach(self, store: Store) -> None:
        kept = [Gap(first, first + 4, T0) for first in (10, 20, 30)]
        for stream in ("s1", "s2"):
            for gap in kept:
                store.write(lambda tx, s=stream, g=gap: tx.open_gap(OWNER, s, g))  # type: ignore[misc]
        every = [(OWNER, stream, gap) for stream in ("s1", "s2") for gap in kept]
        read = store.read
        assert read(lambda view: view.gaps(OWNER, limit=2)) == every[:2]
        assert read(lambda view: view.gaps(OWNER, after=("s1", 20), limit=2)) == every[2:4]
        assert read(lambda view: view.gaps(OWNER, after=("s2", 30))) == []
        for first, last, reached in ((14, 20, 2), (15, 19, 0), (1, 9, 0), (34, 99, 1), (22, 22, 1)):
            within = Range(first, last)
            found = read(lambda view, w=within: view.gaps(OWNER, "s1", within=w))  # type: ignore[misc]
            assert len(found) == reached, within
        store.write(lambda tx: tx.replace_gaps(OWNER, "s1", (), Range(12, 21)))
        assert read(lambda view: view.gaps(OWNER)) == every[2:]

    def test_counters_are_apart_and_begin_at_one(self, store: Store) -> None:
        assert store.write(lambda tx: (tx.next_number("a"), tx.next_number("a"))) == (1, 2)
        assert store.write(lambda tx: tx.next_number("b")) == 1

    # Leases.

    def test_a_lease_is_kept_by_name(self, store: Store) -> None:
        first = Lease(holder="a", epoch=1, at=T0)
        assert store.read(lambda view: view.lease("w")) is None
        store.write(lambda tx: tx.save_lease("w", first))
        store.write(lambda tx: tx.save_lease("v", Lease(holder="b", epoch=BIG, at=T0)))
        assert store.read(lambda view: view.lease("w")) == first
        beaten = Lease(holder="a", epoch=1, beats=1, at=after(1))
        store.write(lambda tx: tx.save_lease("w", beaten))
        assert store.read(lambda view: view.lease("w")) == beaten

    def test_the_epoch_of_a_lease_rises_with_each_holder_and_never_falls(
        self, store: Store
    ) -> None:
        store.write(lambda tx: tx.save_lease("w", Lease(holder="a", epoch=1, at=T0)))
        taken = Lease(holder="b", epoch=2, at=after(-3600))
        store.write(lambda tx: tx.save_lease("w", taken))
        for holder, epoch in (("a", 1), ("a", 2), ("b", 1)):
            late = Lease(holder=holder, epoch=epoch, beats=9, at=after(9))
            refused(store, Conflict, lambda tx, late=late: tx.save_lease("w", late))  # type: ignore[misc]
        assert store.read(lambda view: view.lease("w")) == taken
        given_back = Lease(holder="", epoch=2, at=T0)
        store.write(lambda tx: tx.save_lease("w", given_back))
        again = Lease(holder="b", epoch=2, at=T0)
        refused(store, Conflict, lambda tx: tx.save_lease("w", again))
        assert store.read(lambda view: view.lease("w")) == given_back

    # The outbox.

    def test_letters_come_by_lane_then_id_and_only_when_due(self, store: Store) -> None:
        def work(tx: Transaction) -> None:
            tx.enqueue(letter("bulk", lane=Lane.BULK))
            tx.enqueue(letter("live-1"))
            tx.enqueue(letter("later", next_at=after(5)))
            tx.enqueue(letter("control", lane=Lane.CONTROL, valid_until=after(9), group="g"))
            tx.enqueue(letter("elsewhere", destination="987654321"))

        store.write(work)

        def names(**wanted: Any) -> list[str]:
            found = store.read(lambda view: view.letters(**wanted))
            return [held.message_id for held in found]

        waiting = LetterState.WAITING
        assert names(destination=OWNER, state=waiting, due=T0) == ["control", "live-1", "bulk"]
        assert names(destination=OWNER, due=after(5), limit=3) == ["control", "live-1", "later"]
        assert names(destination=OWNER, newest_first=True) == ["control", "later", "live-1", "bulk"]
        assert names(created_before=T0) == names(up_to_id=0) == []
        assert len(names(created_before=after(1))) == len(names(up_to_id=5)) == 5
        assert names(up_to_id=3, newest_first=True) == ["later", "live-1", "bulk"]
        assert names(after_id=1, up_to_id=3) == ["live-1", "later"]
        assert names(group="g") == ["control"]
        assert store.read(lambda view: view.count_letters(state=waiting)) == 5
        assert store.read(lambda view: view.count_letters(state=waiting, group="g")) == 1

    def test_a_letter_is_saved_and_its_payload_and_id_never_change(self, store: Store) -> None:
        number = store.write(lambda tx: tx.enqueue(letter("m", valid_until=after(9))))
        (held,) = store.read(lambda view: view.letters())
        assert held == letter("m", valid_until=after(9), id=number)
        tried = msgspec.structs.replace(
            held, attempts=1, next_at=after(2), last_error="unreachable"
        )
        forged = msgspec.structs.replace(tried, payload=b"other", message_id="other")
        store.write(lambda tx: tx.save_letter(forged))
        assert store.read(lambda view: view.letters()) == [tried]
        assert store.read(lambda view: view.letter(number)) == tried
        assert store.read(lambda view: view.letter(number + 1)) is None
        refused(store, StoreFailed, lambda tx: tx.save_letter(letter("x", id=number + 1)))

    def test_a_purge_forgets_delivered_letters_and_keeps_dead_and_waiting_ones(
        self, store: Store
    ) -> None:
        last = 0
        for state in (LetterState.WAITING, LetterState.DEAD, LetterState.DELIVERED):
            last = store.write(lambda tx, s=state: tx.enqueue(letter(s.value, state=s)))  # type: ignore[misc]
        assert store.write(lambda tx: tx.purge(after(9), T0)) == 0
        assert store.write(lambda tx: tx.purge(after(9), after(1))) == 1
        left = store.read(lambda view: view.letters())
        assert {held.state for held in left} == {LetterState.WAITING, LetterState.DEAD}
        assert store.write(lambda tx: tx.enqueue(letter("new"))) > last


def refused(store: Store, kind: type[VgigwError], work: Callable[[Transaction], object]) -> None:
    """Assert that ``work`` is refused with ``kind``."""
    with pytest.raises(kind):
        store.write(work)
