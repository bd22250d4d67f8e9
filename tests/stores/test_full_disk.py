"""A disk that is full to the last byte: refused, nothing lost, and it goes on by itself. F17.

``VGIGW_TEST_FULL_DISK_ROUNDS`` makes it longer (3 rounds unless told).
"""

from __future__ import annotations

import os
import sqlite3

import pytest

from tests.stores.small_disk import MIB, small_disk
from vgigw.errors import StoreFull
from vgigw.stores import SqliteStore, sqlite_faults
from vgigw.stores.session import Reach
from vgigw.testing.store_records import row

pytestmark = pytest.mark.own_store("a disk that is full under the file")

ROUNDS = int(os.environ.get("VGIGW_TEST_FULL_DISK_ROUNDS", "3"))


def test_f17_a_full_disk_takes_back_nothing_that_was_acknowledged() -> None:
    acknowledged: list[int] = []
    refused = 0
    with small_disk(24 * MIB) as disk:
        store = SqliteStore(disk.folder / "state.db")
        number = 0
        for _ in range(ROUNDS):
            disk.fill()
            for _ in range(200):
                number += 1
                try:
                    store.write(lambda tx, n=number: tx.append(row(n, n, payload=bytes(4000))))  # type: ignore[misc]
                except StoreFull:
                    refused += 1
                    break
                acknowledged.append(number)
            assert len(store.read(lambda view: view.rows(payloads=False))) == len(acknowledged)
            disk.free()
            number += 1
            store.write(lambda tx, n=number: tx.append(row(n, n, payload=bytes(4000))))  # type: ignore[misc]
            acknowledged.append(number)
        store.close()
        again = SqliteStore(disk.folder / "state.db")
        kept = [each.seq_from for each in again.read(lambda view: view.rows())]
        again.close()
        with sqlite3.connect(disk.folder / "state.db") as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert (kept, refused) == (acknowledged, ROUNDS)


def test_f17_a_store_that_saves_space_keeps_no_log() -> None:
    """One message of 100 bytes takes some 25,000 in the log; in the last space there is none."""
    with small_disk(24 * MIB) as disk:
        store = SqliteStore(disk.folder / "state.db")
        log = disk.folder / "state.db-wal"
        sizes = []
        for saving in (False, True):
            store.save_space(saving)
            for number in range(1, 101):
                store.write(lambda tx, n=number, s=saving: tx.next_number(f"{n}{s}"))  # type: ignore[misc]
            sizes.append(log.stat().st_size)
        store.close()
    assert sizes[0] > 500_000
    assert sizes[1] == 0


@pytest.mark.parametrize(
    ("code", "reach"),
    [
        (sqlite3.SQLITE_FULL, Reach.GROUP),
        (sqlite3.SQLITE_IOERR_SHMSIZE, Reach.GROUP),
        (sqlite3.SQLITE_IOERR_WRITE, Reach.STORE),
        (sqlite3.SQLITE_IOERR_FSYNC, Reach.STORE),
    ],
)
def test_f17_f18_no_space_passes_and_an_error_of_the_disk_does_not(code: int, reach: Reach) -> None:
    error = sqlite3.OperationalError("of whatever words")
    error.sqlite_errorcode = code
    assert sqlite_faults.reach_of(error) is reach
    assert isinstance(sqlite_faults.translate(error), StoreFull) is (reach is Reach.GROUP)
