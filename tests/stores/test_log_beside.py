"""A long log that a kill left is written back while the rest of a start goes on. F01, F25."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from vgigw.stores.log_beside import LONG_BYTES, written_back_beside
from vgigw.stores.sqlite import SqliteStore

pytestmark = pytest.mark.own_store("the log of an embedded store is looked at")

COUNTED = 400
CHILD = f"""
import os, signal, sys
from pathlib import Path
from vgigw.stores.sqlite import SqliteStore
store = SqliteStore(Path(sys.argv[1]))
for _ in range({COUNTED}):
    store.write(lambda tx: tx.next_number("n"))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """A store whose process was killed before its log was written back."""
    path = tmp_path / "store.sqlite3"
    ended = subprocess.run([sys.executable, "-c", CHILD, str(path)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert in_the_file(path) < COUNTED
    return path


def in_the_file(path: Path) -> int:
    """The number as the file has it, its log left out."""
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        found = connection.execute("SELECT max(value) FROM counter").fetchone()
    except sqlite3.DatabaseError:  # The table itself stands in the log.
        return 0
    finally:
        connection.close()
    return int(found[0] or 0)


def log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def test_f01_a_long_log_is_in_the_file_before_the_store_is_opened(killed: Path) -> None:
    with written_back_beside(killed, long_bytes=1):
        end_s = time.monotonic() + 30
        while in_the_file(killed) < COUNTED and time.monotonic() < end_s:
            time.sleep(0.01)
        assert in_the_file(killed) >= COUNTED
        store = SqliteStore(killed)
    try:
        assert store.write(lambda tx: tx.next_number("n")) == COUNTED + 1
    finally:
        store.close()
    assert in_the_file(killed) >= COUNTED + 1


def test_f01_it_needs_nobody_who_opens_the_store(killed: Path) -> None:
    with written_back_beside(killed, long_bytes=1):
        pass
    assert in_the_file(killed) >= COUNTED


def test_a_log_of_the_usual_length_is_left_to_the_store(killed: Path) -> None:
    before = log_of(killed).read_bytes()
    assert 0 < len(before) < LONG_BYTES
    with written_back_beside(killed):
        pass
    assert log_of(killed).read_bytes() == before


def test_no_file_is_made_and_what_is_no_store_is_left_to_who_opens_it(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    with written_back_beside(path, long_bytes=0):
        pass
    assert list(tmp_path.iterdir()) == []

    path.write_bytes(b"no store at all" * 100)
    log_of(path).write_bytes(b"no log")
    with written_back_beside(path, long_bytes=1):
        pass
    assert path.read_bytes() == b"no store at all" * 100


def test_f26_who_writes_meanwhile_is_not_waited_for(killed: Path) -> None:
    writer = sqlite3.connect(killed, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    try:
        with written_back_beside(killed, long_bytes=1):
            pass
        assert in_the_file(killed) >= COUNTED
    finally:
        writer.close()
