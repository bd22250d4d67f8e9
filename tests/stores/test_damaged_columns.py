"""A flipped bit in a column that a question is compared with is told, and hides no row. F22."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from vgigw.errors import StoreDamaged
from vgigw.ports import Row, View
from vgigw.stores import SqliteStore
from vgigw.testing.store_records import OWNER, after, row

pytestmark = pytest.mark.own_store("bits of the file")

FIRST = 0x5A_3C_71_18
STREAM = "a stream"
BEGIN, END = after(FIRST % 1_000_000), after(FIRST % 1_000_000 + 1)
Query = Callable[[View], list[Row]]
QUERIES: dict[str, Query] = {
    "sequence": lambda v: v.rows(owner=OWNER, stream=STREAM, seq_from=FIRST, seq_to=FIRST),
    "sequence of all": lambda v: v.rows(stream=STREAM, seq_from=FIRST, seq_to=FIRST),
    "time": lambda v: v.rows(owner=OWNER, time_from=BEGIN, time_to=END),
    "time of all": lambda v: v.rows(time_from=BEGIN, time_to=END),
    "stream and time": lambda v: v.rows(owner=OWNER, stream=STREAM, time_from=BEGIN, time_to=END),
    "both": lambda v: v.rows(
        owner=OWNER,
        stream=STREAM,
        seq_from=FIRST,
        seq_to=FIRST,
        time_from=BEGIN,
        time_to=END,
    ),
}


def columns() -> dict[str, tuple[bytes, int]]:
    """What stands at the columns of the one row, and which of its bytes the flip is in."""
    made = row(FIRST, FIRST + 1, stream=STREAM)
    first_ms, last_ms = (int(each.timestamp() * 1000) for each in (made.time_from, made.time_to))
    numbers = b"".join(each.to_bytes(4) for each in (FIRST, FIRST + 1))
    times = b"".join(each.to_bytes(6) for each in (first_ms, last_ms))
    told = OWNER.encode() + STREAM.encode() + numbers + times
    at = len(OWNER) + len(STREAM)
    return {
        "owner": (told, 2),
        "stream": (told, len(OWNER) + 2),
        "seq_from": (told, at + 1),
        "seq_to": (told, at + 5),
        "time_from": (told, at + 9),
        "time_to": (told, at + 15),
    }


def flipped(path: Path, column: str) -> None:
    """One bit of a column, in the table alone: the indexes stay as they are."""
    content = bytearray(path.read_bytes())
    told, place = columns()[column]
    assert content.count(told) == 1
    content[content.index(told) + place] ^= 0x08
    path.write_bytes(content)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "state.db"
    store = SqliteStore(path)
    store.write(lambda tx: tx.append(row(FIRST, FIRST + 1, stream=STREAM)))
    store.close()
    return path


@pytest.mark.parametrize("asked", list(QUERIES))
@pytest.mark.parametrize("column", list(columns()))
def test_f22_no_flipped_column_of_a_row_hides_it(path: Path, column: str, asked: str) -> None:
    flipped(path, column)
    store = SqliteStore(path)
    try:
        with pytest.raises(StoreDamaged):
            store.read(QUERIES[asked])
        with pytest.raises(StoreDamaged):
            store.read(lambda view: view.rows(owner=OWNER, stream=STREAM))
    finally:
        store.close()


@pytest.mark.parametrize("asked", list(QUERIES))
def test_what_is_sound_is_found(path: Path, asked: str) -> None:
    store = SqliteStore(path)
    assert len(store.read(QUERIES[asked])) == 1
    store.close()


def test_a_limit_counts_what_is_wanted_alone(tmp_path: Path) -> None:
    """By time more rows are looked at than lie in it, and they take no place of others."""
    store = SqliteStore(tmp_path / "state.db")
    for number in range(100, 200, 2):
        store.write(lambda tx, n=number: tx.append(row(n, n + 1, stream=STREAM)))  # type: ignore[misc]
    asked = after(150), after(180)
    every = store.read(lambda view: view.rows(time_from=asked[0], time_to=asked[1]))
    assert all(each.time_from < asked[1] and each.time_to >= asked[0] for each in every)
    for limit in range(1, len(every) + 2):
        found = store.read(
            lambda view, n=limit: view.rows(time_from=asked[0], time_to=asked[1], limit=n)  # type: ignore[misc]
        )
        assert found == every[:limit]
    store.close()
