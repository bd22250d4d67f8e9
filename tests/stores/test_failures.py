"""What the store does when disk, file or neighbour fail: nothing false is acknowledged."""

from __future__ import annotations

import contextlib
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from vgigw.errors import Busy, Misconfigured, StoreFailed, StoreFull, VgigwError
from vgigw.ports import Transaction
from vgigw.stores import SqliteStore
from vgigw.stores.sql_tables import SCHEMA_VERSION
from vgigw.stores.sqlite_transaction import SqliteTransaction
from vgigw.testing.store_records import row

pytestmark = pytest.mark.own_store("SQLite's own faults")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path / "state.db", busy_wait_s=0.05)
    yield store
    store.close()


def big(tx: Transaction) -> int:
    return tx.append(row(1, 1, payload=bytes(1_000_000)))


def fill(store: SqliteStore) -> None:
    """No page more than there are."""
    (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
    store._connection.execute(f"PRAGMA max_page_count = {pages}")


def test_f17_a_full_disk_refuses_the_write_and_the_store_goes_on(store: SqliteStore) -> None:
    fill(store)
    with pytest.raises(StoreFull, match="no space"):
        store.write(big)
    assert store.read(lambda view: view.last_row_id()) == 0
    assert store.write(lambda tx: tx.next_number("n")) == 1
    store._connection.execute("PRAGMA max_page_count = 1000000")
    assert store.write(big) == 1


def test_f17_a_work_cannot_swallow_a_full_disk(store: SqliteStore) -> None:
    def work(tx: Transaction) -> str:
        tx.next_number("n")
        with contextlib.suppress(VgigwError):
            big(tx)
        return "stored"

    fill(store)
    with pytest.raises(StoreFull, match="no space"):
        store.write(work)
    assert store.read(lambda view: view.counter("n")) == 0


def test_f26_a_neighbour_that_holds_the_lock_means_busy(store: SqliteStore) -> None:
    neighbour = sqlite3.connect(store.path, isolation_level=None)
    neighbour.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy):
        store.write(lambda tx: tx.next_number("n"))
    neighbour.execute("ROLLBACK")
    neighbour.close()
    assert store.write(lambda tx: tx.next_number("n")) == 1


def test_f22_a_damaged_file_fails_the_store_for_good(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    store = SqliteStore(path)
    for number in range(1, 200):
        store.write(lambda tx, n=number: tx.append(row(n, n, payload=bytes(3000))))  # type: ignore[misc]
    store.close()
    with path.open("r+b") as file:
        file.seek(400_000)
        file.write(b"\xa5" * (path.stat().st_size - 400_000))
    store = SqliteStore(path)
    with pytest.raises(StoreFailed):
        store.read(lambda view: view.rows())
    for _ in range(2):
        with pytest.raises(StoreFailed):
            store.write(lambda tx: tx.append(row(1000, 1000)))
    with pytest.raises(StoreFailed):
        store.write(lambda tx: None)
    store.close()


def test_f23_a_file_that_is_removed_under_the_store_takes_no_write(store: SqliteStore) -> None:
    store.write(lambda tx: tx.next_number("n"))
    store.path.rename(store.path.with_name("moved.db"))
    for _ in range(2):
        with pytest.raises(StoreFailed):
            store.write(lambda tx: tx.next_number("n"))


def test_a_refusal_speaks_in_our_own_words(store: SqliteStore) -> None:
    store.write(lambda tx: tx.remember(b"g", "p", "Op", row(1, 1).received_at))
    with pytest.raises(VgigwError) as caught:
        store.write(lambda tx: tx.remember(b"g", "p", "Op", row(1, 1).received_at))
    assert "guard" not in caught.value.message
    assert "UNIQUE" not in caught.value.message


def test_a_read_cannot_write(store: SqliteStore) -> None:
    with pytest.raises(StoreFailed):
        store.read(lambda view: SqliteTransaction(view._connection).next_number("n"))  # type: ignore[attr-defined]
    assert store.read(lambda view: view.counter("n")) == 0


def test_the_file_is_readable_by_us_alone_and_its_folder_is_made(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "a" / "b" / "state.db")
    store.write(lambda tx: tx.next_number("n"))
    for name in ("state.db", "state.db-wal", "state.db-shm"):
        assert stat.S_IMODE((tmp_path / "a" / "b" / name).stat().st_mode) == 0o600
    store.close()


def test_the_store_syncs_each_commit(store: SqliteStore) -> None:
    assert store._connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert store._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_newer_schema_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    SqliteStore(path).close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    before = path.read_bytes()
    with pytest.raises(Misconfigured, match="newer vgigw"):
        SqliteStore(path)
    assert path.read_bytes() == before


def test_the_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    with pytest.raises(Misconfigured, match="another program"):
        SqliteStore(path)


def test_a_file_that_is_no_database_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("shopping list")
    with pytest.raises(Misconfigured, match="not a database"):
        SqliteStore(path)
    assert path.read_text() == "shopping list"


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        SqliteStore(tmp_path)
