"""A look that lasts makes the log long: told, ended, and the log stays within its bound (F25)."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vgigw.errors import Busy, VgigwError
from vgigw.ports import Row, View
from vgigw.stores import SqliteStore
from vgigw.stores.sql_view import SqlView
from vgigw.stores.sqlite_log import Lengths
from vgigw.testing.store_records import row

pytestmark = pytest.mark.own_store("SQLite's log")

LENGTHS = Lengths(large=2**20, most=2**21, look_s=1.0)
"""A 256th of what it is in service."""

PAYLOAD = bytes(40_000)
PATIENCE_S = 20.0


class Told:
    def __init__(self) -> None:
        self.events: list[str] = []

    def __call__(self, event: str, /, **facts: object) -> None:
        self.events.append(event)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def store(tmp_path: Path, told: Told) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path / "state.db", observer=told, log_lengths=LENGTHS)
    yield store
    store.close()


class Looking:
    """A thread that looks at once, and makes its query when it is told to ``end``."""

    def __init__(
        self, store: SqliteStore, query: Callable[[View], object], *, at_once: bool = False
    ) -> None:
        self._store, self._query = store, query
        self._looks, self._go = threading.Event(), threading.Event()
        if at_once:
            self._go.set()
        self.outcome: object = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._looks.wait(PATIENCE_S)

    def _run(self) -> None:
        try:
            self.outcome = self._store.read(self._look)
        except VgigwError as error:
            self.outcome = error

    def _look(self, view: View) -> object:
        view.last_row_id()
        self._looks.set()
        self._go.wait(PATIENCE_S)
        return self._query(view)

    def end(self) -> object:
        self._go.set()
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()
        return self.outcome


def length(store: SqliteStore) -> int:
    return store.path.with_name("state.db-wal").stat().st_size


def add(store: SqliteStore, number: int) -> None:
    store.write(lambda tx: tx.append(row(number, number, payload=PAYLOAD)))


def until_refused(store: SqliteStore) -> int:
    """Adds rows; the number of the one that was refused ."""
    for number in range(1, 200):
        try:
            add(store, number)
        except Busy:
            return number
    raise AssertionError("all were taken")


def test_f25_a_look_that_lasts_is_ended_and_the_log_stays_within_its_bound(
    store: SqliteStore, told: Told
) -> None:
    """The one who looks does nothing at all meanwhile."""
    looking, longest = Looking(store, lambda view: view.rows()), 0
    for number in range(1, 80):
        add(store, number)
        longest = max(longest, length(store))

    assert isinstance(looking.end(), Busy)
    assert LENGTHS.large <= longest <= LENGTHS.most
    assert told.events[:1] == ["store.log_long"]
    assert told.events[-1] == "store.log_short"
    assert store.read(lambda view: view.last_row_id()) == 79


def test_f25_whoever_goes_on_without_its_look_is_told_all_the_same(store: SqliteStore) -> None:
    def careless(view: View) -> list[Row]:
        with contextlib.suppress(VgigwError):
            return view.rows()
        return []

    looking = Looking(store, careless)
    for number in range(1, 80):
        add(store, number)
    assert isinstance(looking.end(), Busy)


def test_f25_a_statement_that_lasts_is_interrupted(store: SqliteStore) -> None:
    def count(view: View) -> object:
        assert isinstance(view, SqlView)
        return view._all(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
            "SELECT count(*) FROM n, journal"
        )

    add(store, 1)
    looking = Looking(store, count, at_once=True)
    for number in range(2, 80):
        add(store, number)
    assert isinstance(looking.end(), Busy)


def test_f25_short_looks_at_the_same_time_are_let_be(store: SqliteStore, told: Told) -> None:
    stop, counted = threading.Event(), list[int]()

    def look() -> None:
        while not stop.is_set():
            counted.append(len(store.read(lambda view: view.rows(limit=2))))
            time.sleep(0.002)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(1, 80):
        add(store, number)
    stop.set()
    for thread in threads:
        thread.join()
    assert counted
    assert length(store) <= LENGTHS.most


def test_f25_a_look_of_another_program_cannot_be_ended_and_the_bound_holds(
    store: SqliteStore, told: Told
) -> None:
    """It may be a copy by ``sqlite3``: writes are put off until it is done, and then go on."""
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM journal").fetchone()
    taken = until_refused(store)
    assert length(store) <= LENGTHS.most
    assert store.read(lambda view: view.last_row_id()) == taken - 1
    other.execute("ROLLBACK")
    other.close()
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        with contextlib.suppress(Busy):
            add(store, taken)
            break
        time.sleep(0.05)
    assert store.read(lambda view: view.last_row_id()) == taken
    assert length(store) < LENGTHS.large
    assert told.events.count("store.log_long") == 1
