"""Acknowledged means durable: what a dead process acknowledged is found again (F01, F02)."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from vgigw.errors import Misconfigured
from vgigw.stores import SqliteStore
from vgigw.stores.crash_point import VARIABLE

pytestmark = pytest.mark.own_store("kills a child that writes a file")

CHILD = Path(__file__).with_name("crash_child.py")
ROOT = Path(__file__).resolve().parents[2]
KILLED = 137


def child(path: Path, mode: str, most: int = 100_000, crash: str = "") -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), VARIABLE: crash}
    arguments = [sys.executable, str(CHILD), str(path), mode, str(most)]
    return subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE, text=True)


def stored(path: Path) -> set[str]:
    store = SqliteStore(path)
    try:
        rows = store.read(lambda view: view.rows())
    finally:
        store.close()
    return {f"{row.stream} {row.seq_from}" for row in rows}


def sound(path: Path) -> bool:
    connection = sqlite3.connect(path)
    try:
        return bool(connection.execute("PRAGMA integrity_check").fetchone() == ("ok",))
    finally:
        connection.close()


def acknowledged(text: str) -> set[str]:
    return {line for line in text.split("\n")[:-1] if line}


def test_f01_what_was_acknowledged_before_a_kill_is_found_again(tmp_path: Path) -> None:
    path, told = tmp_path / "state.db", set[str]()
    for run in range(5):
        with child(path, "durable") as process:
            assert process.stdout is not None
            lines = "".join(process.stdout.readline() for _ in range(20 + 37 * run))
            process.kill()
            told |= acknowledged(lines + process.stdout.read())
        found = stored(path)
        assert told <= found
        assert sound(path)
    assert len(told) >= 5 * 20


@pytest.mark.parametrize("place", ["before-commit", "after-commit"])
def test_f02_no_acknowledged_row_is_lost_at_a_crash_point(tmp_path: Path, place: str) -> None:
    path = tmp_path / "state.db"
    output, _ = child(path, "durable", crash=f"{place}:20").communicate(timeout=30)
    told = acknowledged(output)
    assert told
    assert told <= stored(path)


def test_the_crash_test_notices_a_store_that_acknowledges_too_early(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    process = child(path, "early", crash="before-commit:3")
    output, _ = process.communicate(timeout=30)
    assert process.returncode == KILLED
    assert acknowledged(output) - stored(path)


def test_two_processes_create_and_write_one_file(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    both = [child(path, "durable", most=20) for _ in range(2)]
    told: set[str] = set()
    for process in both:
        output, _ = process.communicate(timeout=30)
        assert process.returncode == 0
        told |= acknowledged(output)
    assert len(told) == 2 * 4 * 20
    assert told == stored(path)
    assert sound(path)


@pytest.mark.parametrize("text", ["in-the-middle", "before-commit:often"])
def test_an_unknown_crash_point_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv(VARIABLE, text)
    with pytest.raises(Misconfigured):
        SqliteStore(tmp_path / "state.db")
