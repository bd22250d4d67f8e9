"""The gauge of a store: free space, what waits, and the reserve that is given up. F17."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.stores.small_disk import MIB, small_disk
from vgigw.ports import Strain
from vgigw.server import disk
from vgigw.server.disk import RESERVE_FILE, DiskGauge


class Store:
    waiting = 7
    saving = False

    def save_space(self, saving: bool) -> None:
        self.saving = saving


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "_LOOK_EVERY_S", 0.0)


def test_f17_the_reserve_is_made_given_up_and_made_again() -> None:
    with small_disk(32 * MIB) as small:
        store = Store()
        gauge = DiskGauge(store, small.folder, 8 * MIB)
        reserve = small.folder / RESERVE_FILE
        assert gauge().free_bytes == 32 * MIB
        assert reserve.stat().st_blocks * 512 == MIB
        assert gauge().free_bytes == 31 * MIB
        assert not store.saving
        small.fill()
        assert gauge().free_bytes == 0
        assert not reserve.exists()
        assert gauge().free_bytes == MIB
        assert store.saving
        small.free()
        gauge()
        assert not store.saving
        assert reserve.exists()
        assert [each.name for each in small.folder.iterdir()] == [RESERVE_FILE]


def test_f17_what_a_process_left_that_was_killed_is_taken_away_at_the_start(
    tmp_path: Path,
) -> None:
    """Each one is as large as the reserve, and nobody else would ever look at it."""
    for name in (f"{RESERVE_FILE}.4711", f"{RESERVE_FILE}.1", RESERVE_FILE, "vgigw.sqlite3"):
        (tmp_path / name).write_bytes(b"x")
    DiskGauge(Store(), tmp_path, 0)
    assert {each.name for each in tmp_path.iterdir()} == {RESERVE_FILE, "vgigw.sqlite3"}


def test_no_reserve_is_made_of_the_last_space() -> None:
    with small_disk(9 * MIB) as small:
        gauge = DiskGauge(Store(), small.folder, 8 * MIB)
        for _ in range(2):
            assert gauge() == Strain(waiting=7, free_bytes=9 * MIB)
        assert list(small.folder.iterdir()) == []


def test_without_a_limit_there_is_no_reserve(tmp_path: Path) -> None:
    gauge = DiskGauge(Store(), tmp_path, 0)
    strain = gauge()
    assert strain.waiting == 7
    assert (strain.free_bytes or 0) > 0
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_yet_tells_nothing_of_a_disk(tmp_path: Path) -> None:
    assert DiskGauge(object(), tmp_path / "none", 8 * MIB)() == Strain()


def test_the_disk_is_looked_at_once_a_second_at_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "_LOOK_EVERY_S", 1.0)
    gauge = DiskGauge(Store(), tmp_path, 0)
    looks = []
    moment = [100.0]

    def look(folder: Path) -> int:
        looks.append(folder)
        return 5

    monkeypatch.setattr(disk, "free_bytes", look)
    monkeypatch.setattr(time, "monotonic", lambda: moment[0])
    for step_s in (0.0, 0.5, 0.49, 0.02, 0.5):
        moment[0] += step_s
        assert gauge().free_bytes == 5
    assert len(looks) == 2
