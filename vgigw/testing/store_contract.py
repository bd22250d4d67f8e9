"""What every store must hold, ours or a third party's: subclass ``StoreContract`` in a test.

::

    class TestMyStore(StoreContract):
        def make_store(self, folder: Path) -> Store:
            return MyStore(folder / "state")

Needs pytest. Durability over a crash is not checked here: it needs a process that dies.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from vgigw.errors import Conflict, StoreFailed
from vgigw.operations import Lane
from vgigw.ports import Answered, LetterState, Seen, Store, Transaction, View
from vgigw.testing.store_contract_ledger import LedgerContract, refused
from vgigw.testing.store_records import BIG, OWNER, T0, after, document, letter, row


class StoreContract(LedgerContract):
    """The contract of :class:`vgigw.ports.Store`; each method holds one promise."""

    def make_store(self, folder: Path) -> Store:
        """A new, empty store; ``folder`` is a place of its own that it may use."""
        raise NotImplementedError

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        """The store under test, closed afterwards."""
        store = self.make_store(tmp_path / "store")
        yield store
        store.close()

    # What a write promises.

    def test_a_part_that_fails_leaves_nothing_and_the_rest_stays(self, store: Store) -> None:
        def fails(part: Transaction) -> None:
            part.next_number("part")
            raise LookupError

        def work(tx: Transaction) -> int:
            tx.next_number("before")
            with pytest.raises(LookupError):
                tx.apart(fails)
            return tx.apart(lambda part: part.next_number("after"))

        assert store.write(work) == 1
        numbers = ("before", "part", "after")
        assert store.read(lambda view: [view.counter(each) for each in numbers]) == [1, 0, 1]

    def test_a_write_returns_the_result_and_a_read_sees_it(self, store: Store) -> None:
        assert store.write(lambda tx: tx.append(row(1, 5))) == 1
        assert store.read(lambda view: view.last_row_id()) == 1

    def test_a_work_that_raises_leaves_nothing_behind(self, store: Store) -> None:
        def work(tx: Transaction) -> None:
            tx.append(row(1, 5))
            tx.put(document("A", 1))
            tx.enqueue(letter("m"))
            tx.remember(b"g", OWNER, "Op", T0)
            tx.next_number("n")
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            store.write(work)
        assert store.read(lambda view: (view.last_row_id(), view.counter("n"))) == (0, 0)
        assert store.read(lambda view: view.document("station", OWNER, "A")) is None
        assert store.read(lambda view: view.letters()) == []
        assert store.read(lambda view: view.seen(b"g")) is None

    def test_a_work_reads_its_own_changes(self, store: Store) -> None:
        def work(tx: Transaction) -> int:
            tx.put(document("A", 1))
            return tx.count_documents("station")

        assert store.write(work) == 1

    def test_works_of_many_threads_lose_no_update(self, store: Store) -> None:
        numbers: list[int] = []

        def run() -> None:
            mine = [store.write(lambda tx: tx.next_number("n")) for _ in range(20)]
            numbers.extend(mine)

        in_threads(8, run)
        assert sorted(numbers) == list(range(1, 161))
        assert store.read(lambda view: view.counter("n")) == 160

    def test_a_read_is_one_snapshot(self, store: Store) -> None:
        store.write(lambda tx: tx.next_number("n"))
        writer = threading.Thread(target=store.write, args=(lambda tx: tx.next_number("n"),))

        def look_twice(view: View) -> tuple[int, int]:
            first = view.counter("n")
            writer.start()
            # A store may keep the write waiting until the read has ended.
            writer.join(timeout=0.2)
            return first, view.counter("n")

        assert store.read(look_twice) == (1, 1)
        writer.join()
        assert store.read(lambda view: view.counter("n")) == 2

    def test_after_close_every_call_is_refused_and_close_may_be_called_twice(
        self, store: Store
    ) -> None:
        store.write(lambda tx: tx.next_number("n"))
        store.close()
        store.close()
        with pytest.raises(StoreFailed):
            store.write(lambda tx: tx.next_number("n"))
        with pytest.raises(StoreFailed):
            store.read(lambda view: view.counter("n"))

    # Guards, answers, tokens.

    def test_a_guard_is_seen_until_it_is_purged(self, store: Store) -> None:
        store.write(lambda tx: tx.remember(b"g" * 32, OWNER, "QueryToken", after(60)))
        assert store.read(lambda view: view.seen(b"g" * 32)) == Seen(OWNER, "QueryToken")
        assert store.read(lambda view: view.seen(b"h" * 32)) is None
        assert store.write(lambda tx: tx.purge(after(59), T0)) == 0
        assert store.write(lambda tx: tx.purge(after(61), T0)) == 1
        assert store.read(lambda view: view.seen(b"g" * 32)) is None

    def test_an_answer_is_kept_by_peer_operation_and_key(self, store: Store) -> None:
        store.write(lambda tx: tx.keep_answer(OWNER, "Op", "k", "d" * 64, b"{}", T0))
        assert store.read(lambda v: v.answered(OWNER, "Op", "k")) == Answered("d" * 64, b"{}")
        for other in (("987654321", "Op", "k"), (OWNER, "Op2", "k"), (OWNER, "Op", "k2")):
            assert store.read(lambda v, name=other: v.answered(*name)) is None  # type: ignore[misc]
        refused(store, Conflict, lambda tx: tx.keep_answer(OWNER, "Op", "k", "e" * 64, b"[]", T0))
        assert store.write(lambda tx: tx.purge(T0, after(1))) == 1
        assert store.read(lambda v: v.answered(OWNER, "Op", "k")) is None

    def test_a_token_belongs_to_its_peer_while_it_lives(self, store: Store) -> None:
        store.write(lambda tx: tx.keep_token(b"t" * 32, OWNER, after(60)))
        assert store.read(lambda view: view.token_peer(b"t" * 32, after(59))) == OWNER
        assert store.read(lambda view: view.token_peer(b"t" * 32, after(60))) is None
        assert store.read(lambda view: view.token_peer(b"u" * 32, T0)) is None

    # The journal.

    def test_a_row_comes_back_as_it_was(self, store: Store) -> None:
        wanted = row(BIG - 9, BIG, payload=bytes(range(256)), sparse=True, stream="充电")
        number = store.write(lambda tx: tx.append(wanted))
        wanted = msgspec.structs.replace(wanted, id=number)
        assert store.read(lambda view: view.rows(stream="充电")) == [wanted]

    def test_a_row_is_saved_with_other_content_and_stays_where_it_is(self, store: Store) -> None:
        for first in (1, 6):
            store.write(lambda tx, f=first: tx.append(row(f, f + 4)))  # type: ignore[misc]
        (held, other) = store.read(lambda view: view.rows())
        changed = msgspec.structs.replace(held, payload=b"other", digest="d")

        store.write(lambda tx: (tx.save_row(changed), tx.scrub()))  # type: ignore[func-returns-value]

        assert store.read(lambda view: view.rows()) == [changed, other]
        gone = msgspec.structs.replace(held, id=99)
        refused(store, StoreFailed, lambda tx: tx.save_row(gone))

    @pytest.mark.parametrize(("first", "last"), [(10, 19), (1, 10), (19, 30), (1, 30), (12, 13)])
    def test_a_sequence_number_is_never_stored_twice(
        self, store: Store, first: int, last: int
    ) -> None:
        store.write(lambda tx: tx.append(row(10, 19)))
        refused(store, Conflict, lambda tx: tx.append(row(first, last)))
        store.write(lambda tx: tx.append(row(first, last, stream="s2")))
        store.write(lambda tx: tx.append(row(first, last, owner="987654321")))
        store.write(lambda tx: tx.append(row(first, last, sparse=True)))
        assert store.read(lambda view: view.last_row_id()) == 4

    def test_rows_are_found_by_overlap_of_sequence_ends_included(self, store: Store) -> None:
        for first in range(10, 50, 10):
            store.write(lambda tx, first=first: tx.append(row(first, first + 9)))  # type: ignore[misc]
        store.write(lambda tx: tx.append(row(1, 100, sparse=True)))

        def found(first: int | None, last: int | None) -> list[int]:
            rows = store.read(
                lambda v: v.rows(owner=OWNER, stream="s1", seq_from=first, seq_to=last)
            )
            return [row.seq_from for row in rows]

        assert found(19, 20) == [10, 20, 1]
        assert found(20, 29) == [20, 1]
        assert found(None, 10) == [10, 1]
        assert found(49, None) == [40, 1]
        assert found(50, None) == [1]
        assert found(101, None) == []

    def test_rows_are_found_by_time_from_inclusive_to_exclusive(self, store: Store) -> None:
        for first in (0, 20, 40):
            store.write(lambda tx, first=first: tx.append(row(first + 1, first + 2)))  # type: ignore[misc]
        month = row(100, 100, owner="987654321", time_from=after(-2_600_000), time_to=after(30))
        store.write(lambda tx: tx.append(month))

        def found(since: float | None, until: float | None, owner: str | None) -> list[int]:
            start = None if since is None else after(since)
            end = None if until is None else after(until)
            rows = store.read(lambda v: v.rows(owner=owner, time_from=start, time_to=end))
            return [row.seq_from for row in rows]

        assert found(11, 21, OWNER) == [1]
        assert found(11.001, 21.001, OWNER) == [21]
        assert found(11.001, 21.001, None) == [21, 100]
        assert found(30, None, None) == [21, 41, 100]
        assert found(30.001, None, None) == [21, 41]
        assert found(None, 1, None) == [100]

    def test_a_listing_of_rows_is_paged_stably_by_id(self, store: Store) -> None:
        for first in (30, 10, 20):
            store.write(lambda tx, first=first: tx.append(row(first, first)))  # type: ignore[misc]
        last = store.read(lambda view: view.last_row_id())
        store.write(lambda tx: tx.append(row(5, 5)))
        page = store.read(lambda view: view.rows(owner=OWNER, up_to_id=last, limit=2))
        assert [found.seq_from for found in page] == [30, 10]
        page = store.read(lambda v: v.rows(owner=OWNER, after_id=page[-1].id, up_to_id=last))
        assert [found.seq_from for found in page] == [20]

    # Documents.

    def test_the_highest_version_is_current_and_older_ones_are_history(self, store: Store) -> None:
        for version in (2, 1, 3):
            store.write(lambda tx, v=version: tx.put(document("A", v)))  # type: ignore[misc]
        newest = document("A", 3, payload=b"later", assumed=("/Station/Area",), group="g")
        store.write(lambda tx: tx.put(newest))
        assert store.read(lambda view: view.document("station", OWNER, "A")) == newest
        some = store.read(lambda view: view.history("station", OWNER, "A", range(2, 3)))
        assert [held.version for held in some] == [2]
        history = store.read(lambda view: view.history("station", OWNER, "A"))
        assert [held.version for held in history] == [1, 2, 3]
        assert history[-1] == newest
        assert store.read(lambda view: view.count_documents("station")) == 1

    def test_an_erased_document_is_gone_with_its_history(self, store: Store) -> None:
        for version in (1, 2):
            store.write(lambda tx, v=version: tx.put(document("A", v)))  # type: ignore[misc]
        store.write(lambda tx: tx.put(document("B", 1)))
        assert store.write(lambda tx: tx.erase("station", OWNER, "A")) == 2
        assert store.read(lambda view: view.document("station", OWNER, "A")) is None
        assert store.read(lambda view: view.history("station", OWNER, "A")) == []
        assert store.read(lambda view: view.count_documents("station")) == 1

    def test_an_erased_answer_is_gone_and_its_neighbours_stay(self, store: Store) -> None:
        for key in ("A", "B"):
            store.write(lambda tx, k=key: _answered(tx, k))  # type: ignore[misc]
        assert store.write(lambda tx: tx.erase_answer(OWNER, "Op", "A")) == 1
        assert store.write(lambda tx: tx.erase_answer(OWNER, "Op", "A")) == 0
        assert store.read(lambda view: view.answered(OWNER, "Op", "A")) is None
        assert store.read(lambda view: view.answered(OWNER, "Op", "B")) is not None

    def test_an_erased_letter_says_nothing_any_more_and_is_not_sent(self, store: Store) -> None:
        waiting = letter("m")
        others = (letter("n"), letter("m"), letter("m", destination="000000009"))
        number = store.write(lambda tx: tx.enqueue(waiting))
        for other in others:
            store.write(lambda tx, o=other: tx.enqueue(o))  # type: ignore[misc]

        assert store.write(lambda tx: tx.erase_letter(number))
        assert not store.write(lambda tx: tx.erase_letter(number + 100))

        (erased,) = store.read(lambda view: view.letters(state=LetterState.DEAD))
        assert (erased.id, erased.message_id) == (number, "")
        assert erased.is_erased
        assert erased.payload != waiting.payload
        left = store.read(lambda view: view.letters(state=LetterState.WAITING))
        assert [each.message_id for each in left] == ["n", "m", "m"]
        assert not any(each.is_erased for each in left)

    def test_letters_behind_an_id_come_by_id_whatever_their_lane(self, store: Store) -> None:
        lanes = (Lane.BULK, Lane.LIVE, Lane.CONTROL)
        numbers = store.write(lambda tx: [tx.enqueue(letter("m", lane=each)) for each in lanes])
        found = store.read(lambda view: view.letters(after_id=numbers[0], limit=1))
        assert [each.id for each in found] == numbers[1:2]
        assert [each.id for each in store.read(lambda view: view.letters(after_id=0))] == numbers

    def test_an_erased_letter_that_was_delivered_stays_so(self, store: Store) -> None:
        number = store.write(lambda tx: tx.enqueue(letter("m")))
        sent = letter("m", id=number, state=LetterState.DELIVERED)
        store.write(lambda tx: tx.save_letter(sent))
        assert store.write(lambda tx: tx.erase_letter(number))
        (erased,) = store.read(lambda view: view.letters())
        assert erased.state is LetterState.DELIVERED
        assert erased.payload != sent.payload

    def test_documents_are_listed_and_counted_by_the_same_filters(self, store: Store) -> None:
        def work(tx: Transaction) -> None:
            tx.put(document("B", 1, group="g", at=after(10)))
            tx.put(document("A", 1, group="g"))
            tx.put(document("A", 1, owner="000000001", at=after(20)))
            tx.put(document("C", 1, kind="other", group="g"))

        store.write(work)
        filters: tuple[tuple[dict[str, Any], list[tuple[str, str]]], ...] = (
            ({}, [("000000001", "A"), (OWNER, "A"), (OWNER, "B")]),
            ({"owner": OWNER}, [(OWNER, "A"), (OWNER, "B")]),
            ({"key": "A"}, [("000000001", "A"), (OWNER, "A")]),
            ({"group": "g"}, [(OWNER, "A"), (OWNER, "B")]),
            ({"group": ""}, [("000000001", "A")]),
            ({"since": after(10)}, [("000000001", "A"), (OWNER, "B")]),
        )
        for wanted, names in filters:
            found = store.read(lambda v, w=wanted: v.documents("station", **w))  # type: ignore[misc]
            assert [(held.owner, held.key) for held in found] == names
            counted = store.read(lambda v, w=wanted: v.count_documents("station", **w))  # type: ignore[misc]
            assert counted == len(names)
        between = store.read(lambda view: view.documents("station", keys=("A", "B"), by_key=True))
        assert {held.key for held in between} == {"A"}
        assert [held.owner for held in between] == sorted(held.owner for held in between)
        counted = store.read(lambda view: view.count_documents("station", keys=("A", "B")))
        assert counted == len(between)
        everything = store.read(lambda view: view.documents("station", by_key=True))
        order = [(held.key, held.owner) for held in everything]
        assert order == sorted(order)
        page = store.read(lambda view: view.documents("station", offset=1, limit=1))
        assert [(held.owner, held.key) for held in page] == [(OWNER, "A")]


def _answered(tx: Transaction, key: str) -> None:
    tx.keep_answer(OWNER, "Op", key, "d", b"{}", T0)


def in_threads(count: int, run: Callable[[], None]) -> None:
    """``run`` in so many threads at once; waits for all."""
    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
