"""A store that is forgotten without ``close`` cleans up after itself and loses nothing."""

from __future__ import annotations

import gc
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stores.postgres_server import Schemas, schemas
from vgigw.errors import Misconfigured
from vgigw.stores import MemoryStore, SqliteStore
from vgigw.stores.crash_point import VARIABLE

__all__ = ["schemas"]

pytestmark = pytest.mark.own_store("each kind has its own way to end")

_PATIENCE_S = 8.0


def _until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE_S
    while not done():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.005)


def _warned_by(act: Callable[[], None]) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        act()
        gc.collect()
    return [str(each.message) for each in caught if each.category is ResourceWarning]


def test_a_forgotten_memory_store_closes_its_connection() -> None:
    store = MemoryStore()
    connection = store._connection

    del store
    gc.collect()

    with pytest.raises(Exception, match="closed"):
        connection.execute("SELECT 1")


def test_a_forgotten_memory_store_warns_of_nothing() -> None:
    assert _warned_by(lambda: MemoryStore().write(lambda tx: None)) == []


def test_a_forgotten_store_ends_its_thread_and_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    threads: list[threading.Thread] = []

    def use() -> None:
        store = SqliteStore(path)
        threads.append(store._writer._thread)
        # The work holds its store, as a handler that knows its gateway does.
        store.write(lambda tx: (store.path, tx.next_number("n")))
        assert store.read(lambda view: view.counter("n")) == 1

    assert _warned_by(use) == []
    _until(lambda: gc.collect() >= 0 and not threads[0].is_alive())
    assert not path.with_name("state.db-wal").exists()
    again = SqliteStore(path)
    assert again.read(lambda view: view.counter("n")) == 1
    again.close()


def test_a_forgotten_shared_store_ends_its_thread_and_its_connections(schemas: Schemas) -> None:
    from vgigw.stores.postgres import PostgresStore

    threads: list[threading.Thread] = []

    def use() -> None:
        store = PostgresStore(schemas.url())
        threads.append(store._writer._thread)
        store.write(lambda tx: (store.commits, tx.next_number("n")))
        assert store.read(lambda view: view.counter("n")) == 1

    assert _warned_by(use) == []
    _until(lambda: gc.collect() >= 0 and not threads[0].is_alive())
    _until(lambda: schemas.connections() == 0)


def test_a_store_that_is_forgotten_by_its_own_work_ends(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    held = [SqliteStore(path)]
    writer = held[0]._writer

    def work(tx: object) -> None:
        held.clear()
        gc.collect()

    writer.submit(work)

    _until(lambda: not writer._thread.is_alive())


def test_a_store_that_cannot_be_made_leaves_no_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "nowhere")

    def make() -> None:
        with pytest.raises(Misconfigured):
            SqliteStore(tmp_path / "state.db")

    assert _warned_by(make) == []
