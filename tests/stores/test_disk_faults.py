"""A disk that fails a read, writes half or is interrupted: told, and nothing is lost (F19, F20)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stores.reading_child import LOOKS
from tests.stores.test_crash import ROOT, acknowledged, sound, stored
from tests.stores.test_power_loss import build, disk_in, writing
from vgigw.stores import SqliteStore
from vgigw.testing.power_loss import ForgetfulDisk, fault
from vgigw.testing.store_records import row

__all__ = ["build"]

pytestmark = pytest.mark.own_store("a disk that fails under the file")

READER = Path(__file__).with_name("reading_child.py")
MOST_READS = 200
_EACH = MOST_READS // int(os.environ.get("VGIGW_READ_FAULTS", "12"))
READS = sorted({7, *range(1, MOST_READS + 1, _EACH)})
"""In the short form; `make reliability` asks for each of the 200. The seventh is of the count of
commits, as the store is opened."""

ROWS = 240


def fill(path: Path) -> None:
    store = SqliteStore(path)
    for number in range(1, ROWS + 1):
        store.write(lambda tx, n=number: tx.append(row(n, n, payload=bytes(9000))))  # type: ignore[misc]
    store.close()


def reading(filled: tuple[ForgetfulDisk, Path], **environment: str) -> list[str]:
    disk, path = filled
    ran = subprocess.run(
        [sys.executable, str(READER), str(path), str(ROWS)],
        env={**os.environ, "PYTHONPATH": str(ROOT), **disk.environment, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return ran.stdout.split()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, build: Path) -> tuple[ForgetfulDisk, Path]:
    folder = tmp_path_factory.mktemp("filled") / "disk"
    disk = disk_in(folder, build)
    fill(folder / "state.db")
    return disk, folder / "state.db"


def test_f19_every_row_comes_from_a_sound_disk(filled: tuple[ForgetfulDisk, Path]) -> None:
    assert set(reading(filled)) == {"all"}


@pytest.mark.parametrize("count", READS)
def test_f19_a_read_that_fails_is_told_and_never_a_short_answer(
    filled: tuple[ForgetfulDisk, Path], count: int
) -> None:
    told = reading(filled, **fault("read", count))
    # Already when it is opened; or then, and whoever saw the disk fail is asked for nothing again.
    assert told in (["refused"], ["failed", *["refused"] * LOOKS])
    assert count < 10 or len(told) > 1
    assert set(reading(filled)) == {"all"}


@pytest.mark.parametrize("error", ["SHORT", "EINTR"])
@pytest.mark.parametrize("count", [20, 90, 150])
def test_f20_a_write_that_is_cut_short_or_interrupted_is_finished(
    tmp_path: Path, build: Path, error: str, count: int
) -> None:
    disk = disk_in(tmp_path / "disk", build)
    path = tmp_path / "disk" / "state.db"
    process = writing(disk, path, "durable", most=30, **fault("write", count, error, 10))
    output, _ = process.communicate(timeout=60)
    disk.lose_power()
    told = acknowledged(output)
    assert process.returncode == 0
    assert len(told) == 4 * 30
    assert told == stored(path)
    assert sound(path)
