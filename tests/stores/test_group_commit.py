"""One writer thread: works share a commit, a lone one does not wait, a failing one falls alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stores.fresh import store_at
from vgigw.errors import Busy, Conflict, StoreFailed
from vgigw.ports import Transaction
from vgigw.testing.store_contract import in_threads
from vgigw.testing.store_records import row


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Any]:
    store = store_at(tmp_path / "state.db")
    yield store
    store.close()


def number(tx: Transaction) -> int:
    return tx.next_number("n")


def held_group(store: Any, works: int) -> None:
    """Lets ``works`` writes come together behind one that is under way."""
    entered, go = threading.Event(), threading.Event()

    def hold(tx: Transaction) -> None:
        entered.set()
        go.wait(10)

    first = threading.Thread(target=store.write, args=(hold,))
    first.start()
    assert entered.wait(10)
    others = [threading.Thread(target=store.write, args=(number,)) for _ in range(works)]
    for thread in others:
        thread.start()
    while store._writer._queue.qsize() < works:
        time.sleep(0.001)
    go.set()
    for thread in [first, *others]:
        thread.join()


def test_a_lone_write_is_committed_at_once(store: Any) -> None:
    before = store.commits
    for done in range(1, 11):
        store.write(number)
        assert store.commits == before + done


def test_works_that_wait_share_one_commit(store: Any) -> None:
    before = store.commits
    held_group(store, 40)
    assert store.commits == before + 1
    assert store.read(lambda view: view.counter("n")) == 40


def test_a_group_is_bounded(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vgigw.stores.group_writer.GROUP_WORKS", 10)
    before = store.commits
    held_group(store, 29)
    assert store.commits == before + 3


def test_sixty_four_threads_share_commits(store: Any) -> None:
    def run() -> None:
        for _ in range(10):
            store.write(number)

    before = store.commits
    in_threads(64, run)
    assert store.read(lambda view: view.counter("n")) == 640
    assert store.commits - before <= 640 // 4


def test_a_failing_work_is_rolled_back_alone(store: Any) -> None:
    outcomes: list[str] = []

    def one(name: int) -> None:
        def work(tx: Transaction) -> None:
            tx.append(row(name, name))
            if name % 3 == 0:
                raise Conflict(str(name))

        try:
            store.write(work)
        except Conflict as error:
            outcomes.append(error.message)

    threads = [threading.Thread(target=one, args=(name,)) for name in range(1, 61)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=int) == [str(name) for name in range(3, 61, 3)]
    found = {row.seq_from for row in store.read(lambda view: view.rows())}
    assert found == {name for name in range(1, 61) if name % 3}


def test_a_work_that_writes_through_the_store_again_is_refused(store: Any) -> None:
    with pytest.raises(StoreFailed):
        store.write(lambda tx: store.write(number))
    assert store.write(number) == 1


def test_a_work_that_leaves_the_thread_does_not_end_it(store: Any) -> None:
    def leave(tx: Transaction) -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        store.write(leave)
    assert store.write(number) == 1


def test_close_finishes_the_writes_that_wait(store: Any, tmp_path: Path) -> None:
    entered, go, done = threading.Event(), threading.Event(), list[int]()

    def hold(tx: Transaction) -> None:
        entered.set()
        go.wait(10)

    threads = [threading.Thread(target=store.write, args=(hold,))]
    threads[0].start()
    assert entered.wait(10)
    threads += [threading.Thread(target=lambda: done.append(store.write(number))) for _ in range(5)]
    for thread in threads[1:]:
        thread.start()
    while store._writer._queue.qsize() < 5:
        time.sleep(0.001)
    closing = threading.Thread(target=store.close)
    closing.start()
    go.set()
    for thread in [*threads, closing]:
        thread.join()
    assert sorted(done) == [1, 2, 3, 4, 5]
    again = store_at(tmp_path / "state.db")
    assert again.read(lambda view: view.counter("n")) == 5
    again.close()


def test_f20_nobody_waits_long_for_others_and_what_was_put_off_is_not_done(store: Any) -> None:
    entered, go = threading.Event(), threading.Event()

    def hold(tx: Transaction) -> int:
        entered.set()
        go.wait(10)
        return tx.next_number("held")

    done: list[int] = []
    first = threading.Thread(target=lambda: done.append(store.write(hold)))
    first.start()
    assert entered.wait(10)
    store._writer._wait_s = 0.1
    with pytest.raises(Busy):
        store.write(number)
    go.set()
    first.join()
    assert done == [1]  # its own work may take as long as it needs
    store._writer._wait_s = 10.0
    assert store.write(number) == 1


def test_f20_a_slow_commit_is_answered_busy_and_stands_all_the_same(store: Any) -> None:
    session = store._writer._session
    commit, store._writer._wait_s = session.commit, 0.1

    def slowly() -> None:
        time.sleep(0.5)
        commit()

    session.commit = slowly
    with pytest.raises(Busy):
        store.write(number)
    session.commit, store._writer._wait_s = commit, 10.0
    assert store.write(number) == 2
