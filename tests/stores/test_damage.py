"""Damage of the files is told, never passed off as what was stored (F21 to F24)."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
import zstandard

from vgigw.codec.packing import pack, unpack
from vgigw.errors import Misconfigured, StoreFailed
from vgigw.operations import Lane
from vgigw.ports import LetterState, Transaction, View
from vgigw.rules.gap import Gap
from vgigw.rules.lease import Lease
from vgigw.rules.sequence import StreamState
from vgigw.stores import SqliteStore
from vgigw.stores.sqlite_verify import verify
from vgigw.stores.stamp import SUFFIX
from vgigw.testing.store_records import OWNER, T0, after, document, letter, row

pytestmark = pytest.mark.own_store("bits of the file")

FLIPS = int(os.environ.get("VGIGW_BIT_FLIPS", "40"))
"""In the short form; `make reliability` asks for 200 of each kind."""

ROWS = 60


def fill(tx: Transaction, number: int) -> None:
    content = pack(f"content of {number} ".encode() * 40)
    tx.append(row(number, number, payload=content))
    tx.put(document(f"D{number}", number, payload=content))
    tx.enqueue(letter(f"m{number}", payload=content, lane=Lane.CONTROL))
    tx.keep_answer(OWNER, "Op", f"k{number}", "digest", b"reply" * 20, T0)
    tx.open_gap(OWNER, f"s{number}", Gap(first=number + 1, last=number + 9, opened_at=T0))
    tx.save_stream(OWNER, f"s{number}", StreamState(begin=1, contiguous=number, highest=number))
    tx.save_lease(f"l{number}", Lease(holder="a", epoch=number, at=T0))
    tx.remember(b"guard %d" % number, OWNER, "Op", after(600))
    tx.keep_token(b"token %d" % number, OWNER, after(600))
    tx.next_number(f"n{number}")


def everything(view: View) -> list[Any]:
    rows = view.rows()
    documents = view.documents("station")
    letters = view.letters(state=LetterState.WAITING)
    for payload in (each.payload for part in (rows, documents, letters) for each in part):
        unpack(payload)
    answers = [view.answered(OWNER, "Op", f"k{number}") for number in range(ROWS)]
    leases = [view.lease(f"l{number}") for number in range(ROWS)]
    taken = [
        (view.seen(b"guard %d" % n), view.token_peer(b"token %d" % n, T0), view.counter(f"n{n}"))
        for n in range(ROWS)
    ]
    return [rows, documents, letters, view.streams(), view.gaps(), answers, leases, taken]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed store, all of it in its file."""
    path = tmp_path_factory.mktemp("sound") / "state.db"
    store = SqliteStore(path)
    for number in range(ROWS):
        store.write(lambda tx, n=number: fill(tx, n))  # type: ignore[misc]
    store.close()
    return path


@pytest.fixture(scope="module")
def with_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a killed process left: a file, and a log that was not written back."""
    folder = tmp_path_factory.mktemp("killed")
    store = SqliteStore(folder / "open.db")
    for number in range(ROWS):
        store.write(lambda tx, n=number: fill(tx, n))  # type: ignore[misc]
    left = folder / "left"
    left.mkdir()
    for name in ("open.db", "open.db-wal", f"open.db{SUFFIX}"):
        shutil.copy(folder / name, left / name.replace("open", "state"))
    store.close()
    return left / "state.db"


def copied(path: Path, folder: Path) -> Path:
    folder.mkdir()
    for each in path.parent.glob(f"{path.name}*"):
        shutil.copy(each, folder)
    return folder / path.name


def flip(path: Path, draw: random.Random) -> int:
    """One bit of the file, anywhere; where."""
    place = draw.randrange(path.stat().st_size)
    with path.open("r+b") as file:
        file.seek(place)
        (byte,) = file.read(1)
        file.seek(place)
        file.write(bytes([byte ^ 1 << draw.randrange(8)]))
    return place


def told_or_equal(path: Path, wanted: list[Any]) -> str:
    """Opens and reads everything; ``silent`` is what must never be."""
    try:
        store = SqliteStore(path)
    except Misconfigured:
        return "refused"
    try:
        found = store.read(everything)
    except (StoreFailed, zstandard.ZstdError):
        return "told"
    finally:
        store.close()
    if verify(path):
        return "told"
    return "equal" if found == wanted else "silent"


@pytest.mark.parametrize("damaged", ["", "-wal"])
def test_f21_f22_a_flipped_bit_is_told_or_changes_nothing(
    tmp_path: Path, sound: Path, with_log: Path, damaged: str
) -> None:
    seed = random.SystemRandom().randrange(2**31)
    draw = random.Random(seed)
    origin = with_log if damaged else sound
    wanted = SqliteStore(copied(origin, tmp_path / "sound")).read(everything)
    assert len(wanted[0]) == ROWS
    outcomes = []
    for run in range(FLIPS):
        path = copied(origin, tmp_path / str(run))
        place = flip(path.with_name(f"{path.name}{damaged}"), draw)
        outcomes.append(told_or_equal(path, wanted))
        assert outcomes[-1] != "silent", f"seed {seed}, run {run}, byte {place}"
        shutil.rmtree(path.parent)
    assert {"refused", "told"} & set(outcomes), "no flip was noticed"


def test_f21_a_log_that_is_cut_is_refused(tmp_path: Path, with_log: Path) -> None:
    path = copied(with_log, tmp_path / "cut")
    log = path.with_name("state.db-wal")
    os.truncate(log, log.stat().st_size // 2)
    with pytest.raises(Misconfigured, match="lacks"):
        SqliteStore(path)


def test_f24_a_log_that_is_gone_is_refused_and_going_on_without_it_is_a_decision(
    tmp_path: Path, with_log: Path
) -> None:
    path = copied(with_log, tmp_path / "gone")
    path.with_name("state.db-wal").unlink()
    with pytest.raises(Misconfigured, match="remove state"):
        SqliteStore(path)
    path.with_name(f"state.db{SUFFIX}").unlink()
    store = SqliteStore(path)
    assert len(store.read(lambda view: view.rows())) < ROWS
    store.close()


def test_f23_an_older_copy_is_refused(tmp_path: Path, sound: Path) -> None:
    path = copied(sound, tmp_path / "live")
    older = path.read_bytes()
    store = SqliteStore(path)
    store.write(lambda tx: tx.next_number("n"))
    store.close()
    path.write_bytes(older)
    with pytest.raises(Misconfigured, match="older copy"):
        SqliteStore(path)


def test_a_stamp_that_is_behind_or_torn_is_no_fault(tmp_path: Path, sound: Path) -> None:
    path = copied(sound, tmp_path / "live")
    stamp = path.with_name(f"state.db{SUFFIX}")
    before = stamp.read_bytes()
    store = SqliteStore(path)
    store.write(lambda tx: tx.next_number("n"))
    store.close()
    for content in (before, b"", before[:7], bytes(12)):
        stamp.write_bytes(content)
        SqliteStore(path).close()


def test_a_sound_store_verifies(sound: Path) -> None:
    assert verify(sound) == []
