"""What was erased stands in no byte of the store's files any more. JES-6.4.1c."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vgigw.operations import Lane
from vgigw.ports import Document, Letter, Transaction, View
from vgigw.stores import SqliteStore

pytestmark = pytest.mark.own_store("bytes of the file")

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
SECRET = b"the-vehicle-of-somebody"
LONG = SECRET * 2000
"""Does not fit a page: it stands on overflow pages of its own."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    made = SqliteStore(tmp_path / "state.db")
    yield made
    made.close()


def on_disk(store: SqliteStore) -> bytes:
    return b"".join(each.read_bytes() for each in sorted(store.path.parent.iterdir()))


def keep(tx: Transaction) -> None:
    name = SECRET.decode()
    for version, payload in ((1, SECRET), (2, LONG)):
        tx.put(
            Document(
                kind="V", owner="O", key=name, version=version, payload=payload, digest="", at=NOW
            )
        )
    tx.keep_answer("O", "Op", name, "", SECRET, NOW)
    letter = Letter(
        destination="D",
        operation="Op",
        message_id=name,
        lane=Lane.LIVE,
        payload=LONG,
        created_at=NOW,
        next_at=NOW,
    )
    tx.enqueue(letter)


def forget(tx: Transaction) -> None:
    tx.erase("V", "O", SECRET.decode())
    tx.erase_answer("O", "Op", SECRET.decode())
    for letter in tx.letters():
        tx.erase_letter(letter.id)
    tx.scrub()


@pytest.mark.parametrize("times", [1, 50])
def test_what_is_erased_leaves_file_and_log_with_its_commit_jes_6_4_1c(
    store: SqliteStore, times: int
) -> None:
    for _ in range(times):
        store.write(keep)
        assert SECRET in on_disk(store)
        store.write(forget)
        assert SECRET not in on_disk(store)


def test_a_reader_puts_off_the_clearing_of_the_log_to_the_next_commit(store: SqliteStore) -> None:
    store.write(keep)

    def look(view: View) -> None:
        assert view.counter("n") == 0  # The reader has its snapshot from here on.
        store.write(forget)

    store.read(look)
    store.write(lambda tx: tx.next_number("n"))

    assert SECRET not in on_disk(store)
