"""Damage of the files is told, never passed off as what was stored (F21 to F24)."""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections import Counter
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

WRONG_FILES = int(os.environ.get("VGIGW_WRONG_FILES", "1"))
"""Rounds of each kind; `make reliability` asks for 10."""

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
    sys.stdout.write(f"seed {seed}: {dict(Counter(outcomes))}\n")
    assert {"refused", "told"} & set(outcomes), "no flip was noticed"


@pytest.mark.parametrize("wrong", ["cut", "no log", "no file", "older copy", "older log"])
def test_f21_f23_f24_files_that_lack_commits_are_refused(tmp_path: Path, wrong: str) -> None:
    seed = random.SystemRandom().randrange(2**31)
    draw = random.Random(seed)
    for run in range(WRONG_FILES):
        folder = tmp_path / str(run)
        path, held = killed(folder, before=draw.randrange(1, 20), after=draw.randrange(1, 20))
        log = path.with_name("state.db-wal")
        if wrong == "cut":
            os.truncate(log, draw.randrange(log.stat().st_size // 2))
        elif wrong == "no log":
            log.unlink()
        elif wrong == "no file":
            path.unlink()
            log.unlink()
        elif wrong == "older copy":
            shutil.copy(folder / "older" / "state.db", path)
            log.unlink()
        else:
            shutil.copy(folder / "older" / "state.db-wal", log)
        with pytest.raises(Misconfigured, match="lacks") as told:
            SqliteStore(path)
        assert "Put the right files back" in told.value.message, f"seed {seed}, run {run}"
        # Nothing was made worse: with the right files all is there again.
        for each in (folder / "right").iterdir():
            shutil.copy(each, folder)
        store = SqliteStore(path)
        assert len(store.read(lambda view: view.rows())) == held
        store.close()
        shutil.rmtree(folder)
    sys.stdout.write(f"seed {seed}: {wrong}, refused {WRONG_FILES} of {WRONG_FILES}\n")


def killed(folder: Path, before: int, after: int) -> tuple[Path, int]:
    """What a killed process left, how many rows it held; beside it what stood there some commits
    before, in ``older``, and all of it once more in ``right``."""
    for name in ("live", "older", "right"):
        (folder / name).mkdir(parents=True)
    store = SqliteStore(folder / "live" / "state.db")
    for number in range(before + after):
        if number == before:
            for each in (folder / "live").glob("state.db*"):
                shutil.copy(each, folder / "older")
        store.write(lambda tx, n=number: fill(tx, n))  # type: ignore[misc]
    for name in ("state.db", "state.db-wal", f"state.db{SUFFIX}"):
        shutil.copy(folder / "live" / name, folder)
        shutil.copy(folder / "live" / name, folder / "right")
    store.close()
    return folder / "state.db", before + after


def test_f24_going_on_without_the_log_is_a_decision(tmp_path: Path) -> None:
    path, held = killed(tmp_path, before=3, after=3)
    path.with_name("state.db-wal").unlink()
    with pytest.raises(Misconfigured, match="remove state"):
        SqliteStore(path)
    path.with_name(f"state.db{SUFFIX}").unlink()
    store = SqliteStore(path)
    assert len(store.read(lambda view: view.rows())) < held
    store.close()


@pytest.mark.parametrize("gone", ["", "-wal"])
def test_f23_f24_a_file_that_is_removed_under_a_live_store_ends_it(
    tmp_path: Path, gone: str
) -> None:
    path = tmp_path / "state.db"
    store = SqliteStore(path)
    store.write(lambda tx: fill(tx, 0))
    path.with_name(f"state.db{gone}").unlink()
    with pytest.raises(StoreFailed):
        store.write(lambda tx: fill(tx, 1))
    store.close()


def test_f23_an_older_copy_of_a_closed_store_is_refused(tmp_path: Path, sound: Path) -> None:
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
