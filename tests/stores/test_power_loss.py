"""Acknowledged means synced: a power loss takes nothing that was acknowledged (F03, F04, F18)."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.stores.test_crash import CHILD, ROOT, acknowledged, sound, stored
from vgigw.testing.power_loss import ForgetfulDisk, NoCompiler, fault

pytestmark = pytest.mark.own_store("files after a power loss")

RUNS = int(os.environ.get("VGIGW_POWER_LOSSES", "6"))
SYNCS = range(1, int(os.environ.get("VGIGW_SYNC_FAULTS", "12")) + 1)
"""In the short form; `make reliability` asks for 200 of each."""


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("disk")


def disk_in(folder: Path, build: Path) -> ForgetfulDisk:
    folder.mkdir()
    try:
        return ForgetfulDisk(folder, build)
    except NoCompiler:
        pytest.skip("no C compiler here to build the forgetful disk with")


def writing(
    disk: ForgetfulDisk,
    path: Path,
    mode: str,
    most: int = 100_000,
    size: int | str = 1,
    **environment: str,
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(CHILD), str(path), mode, str(most), str(size)],
        env={**os.environ, "PYTHONPATH": str(ROOT), **disk.environment, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def told_until_the_power_went(
    disk: ForgetfulDisk, path: Path, mode: str, draw: random.Random
) -> set[str]:
    with writing(disk, path, mode) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(draw.uniform(0, 0.5))
        process.kill()
        return acknowledged(first + process.stdout.read())


def test_f03_f04_a_power_loss_takes_nothing_that_was_acknowledged(
    tmp_path: Path, build: Path
) -> None:
    seed = random.SystemRandom().randrange(2**31)
    draw, count = random.Random(seed), 0
    for run in range(RUNS):
        disk = disk_in(tmp_path / str(run), build)
        path = tmp_path / str(run) / "state.db"
        told: set[str] = set()
        for _ in range(2):  # the second on what the first left
            told |= told_until_the_power_went(disk, path, "durable", draw)
            disk.lose_power(draw if run % 2 else None)
            assert told <= stored(path), f"seed {seed}, run {run}"
            assert sound(path)
        assert told
        count += len(told)
    sys.stdout.write(f"seed {seed}: {2 * RUNS} power losses, {count} acknowledged, 0 missing\n")


def test_f03_a_store_that_does_not_sync_each_commit_is_found_out(
    tmp_path: Path, build: Path
) -> None:
    disk = disk_in(tmp_path / "canary", build)
    path = tmp_path / "canary" / "state.db"
    told = told_until_the_power_went(disk, path, "unsynced", random.Random(1))
    assert disk.lose_power() > 0
    assert told - stored(path)


@pytest.mark.parametrize("count", SYNCS)
def test_f18_a_failed_sync_is_not_acknowledged_and_nothing_is_taken_after_it(
    tmp_path: Path, build: Path, count: int
) -> None:
    disk = disk_in(tmp_path / "disk", build)
    path = tmp_path / "disk" / "state.db"
    process = writing(disk, path, "durable", most=300, **fault("sync", count))
    output, _ = process.communicate(timeout=60)
    disk.lose_power()
    told = acknowledged(output)
    assert process.returncode != 0, "the fault was not noticed"
    assert len(told) < 4 * 300
    assert told <= stored(path)
    assert sound(path)


@pytest.mark.parametrize("count", [count * 13 for count in SYNCS if count % 3 == 0])
def test_f18_a_sync_that_fails_as_the_log_is_written_back_loses_nothing(
    tmp_path: Path, build: Path, count: int
) -> None:
    """Rows so large that the log is written back again and again. Such a fault need not be noticed:
    SQLite leaves what it could not sync in the log, and writes it back once more."""
    disk = disk_in(tmp_path / "disk", build)
    path = tmp_path / "disk" / "state.db"
    process = writing(disk, path, "durable", most=100, size=60_000, **fault("sync", count))
    output, _ = process.communicate(timeout=60)
    disk.lose_power()
    told = acknowledged(output)
    assert told
    assert told <= stored(path)
    assert sound(path)


@pytest.mark.parametrize("count", [100, 150])
def test_f17_a_full_disk_takes_nothing_that_was_acknowledged(
    tmp_path: Path, build: Path, count: int
) -> None:
    disk = disk_in(tmp_path / "disk", build)
    path = tmp_path / "disk" / "state.db"
    process = writing(disk, path, "durable", most=200, **fault("write", count, "ENOSPC", 0))
    output, _ = process.communicate(timeout=60)
    told = acknowledged(output)
    disk.lose_power()
    assert process.returncode != 0
    assert told
    assert told <= stored(path)
    assert sound(path)
