"""A gateway whose disk is slow, fails a read, or whose store another program holds (F19, F20, F26).

Nothing is lost, whoever calls is told when to try again, memory stays, and it goes on by itself.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from vgigw.testing.crash import Run, Settings
from vgigw.testing.power_loss import fault

LOCKED_S = float(os.environ.get("VGIGW_LOCKED_S", "7"))
SLOW_SYNCS = int(os.environ.get("VGIGW_SLOW_SYNCS", "1"))
READ_FAULTS = int(os.environ.get("VGIGW_READ_FAULTS", "12")) // 4
"""In the short form; `make reliability` asks for 30 s, ten syncs and more reads."""

MOST_GROWTH_BYTES = 64 * 1024 * 1024
PATIENCE_S = 30.0

pytestmark = [
    pytest.mark.own_store("a disk that fails under the file, and its lock"),
    pytest.mark.long,
]
with_compiler = pytest.mark.skipif(
    not (shutil.which("cc") or shutil.which("gcc")),
    reason="no C compiler here to build the disk that fails with",
)


class Ordeal:
    """A run, and what is seen of it from outside."""

    def __init__(self, folder: Path, *, disk: bool) -> None:
        seed = random.SystemRandom().randrange(2**31)
        sys.stdout.write(f"seed {seed}\n")
        self.run = Run(Settings(kills=0, seed=seed, power_loss=disk), folder)
        self.growth_bytes = 0

    @property
    def acknowledged(self) -> int:
        return sum(len(lane.acknowledged) for lane in self.run.lanes)

    @property
    def put_off(self) -> list[float | None]:
        return [wait_s for lane in self.run.lanes for wait_s in lane.put_off]

    def watch(self, group: int, during: Callable[[], object]) -> None:
        """Memory before, during and after; then it takes messages again."""
        self.more(20)
        before = held_bytes(group)
        during()
        at_that_time = held_bytes(group)
        self.more(50)
        self.growth_bytes = max(at_that_time, held_bytes(group)) - before

    def more(self, messages: int) -> None:
        wanted = self.acknowledged + messages
        until(lambda: self.acknowledged >= wanted)

    def check(self) -> None:
        """Acknowledged and missing 0, twice 0, nothing refused for good."""
        self.run.finish()
        report = self.run.report()
        assert report.passed, report
        assert all(wait_s is not None for wait_s in self.put_off)
        assert self.growth_bytes < MOST_GROWTH_BYTES


def until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)


def held_bytes(group: int) -> int:
    main = psutil.Process(group)
    return sum(int(each.memory_info().rss) for each in (main, *main.children(recursive=True)))


@contextlib.contextmanager
def ordeal_in(folder: Path, *, disk: bool) -> Iterator[Ordeal]:
    ordeal = Ordeal(folder, disk=disk)
    with ordeal.run as run:
        run.begin()
        yield ordeal


@with_compiler
@pytest.mark.parametrize(("slow", "times"), [("SLOW", SLOW_SYNCS), ("SLOW8", 1)])
def test_f20_a_slow_sync_is_waited_for_or_answered_busy_and_it_goes_on(
    tmp_path: Path, slow: str, times: int
) -> None:
    with ordeal_in(tmp_path, disk=True) as ordeal:
        slow_s = times * int(slow.removeprefix("SLOW") or 2)
        disk = fault("sync", 60, slow, times)
        ordeal.run.endure_under_load(
            lambda group: ordeal.watch(group, lambda: time.sleep(slow_s + 1)), disk
        )
        # A peer waits for two seconds; for eight it would not. Of several slow ones in a row, who
        # came during one waits for its rest and for his own.
        assert times > 1 or bool(ordeal.put_off) == (slow == "SLOW8")
        ordeal.check()


def test_f26_while_another_program_holds_the_lock_the_answer_is_busy_and_then_it_goes_on(
    tmp_path: Path,
) -> None:
    def hold(ordeal: Ordeal) -> None:
        other = sqlite3.connect(ordeal.run.database, isolation_level=None, timeout=PATIENCE_S)
        other.execute("BEGIN IMMEDIATE")
        before = ordeal.acknowledged
        time.sleep(LOCKED_S)
        # Answers of the last commit before may still have been on their way.
        assert ordeal.acknowledged - before <= len(ordeal.run.lanes)
        other.execute("ROLLBACK")
        other.close()

    with ordeal_in(tmp_path, disk=False) as ordeal:
        ordeal.run.endure_under_load(lambda group: ordeal.watch(group, lambda: hold(ordeal)))
        assert len(ordeal.put_off) >= len(ordeal.run.lanes) // 2
        ordeal.check()


@with_compiler
def test_f19_a_gateway_whose_disk_fails_a_read_starts_anew_and_loses_nothing(
    tmp_path: Path,
) -> None:
    armed, log = tmp_path / "armed", tmp_path / "vgigw.log"

    def fail(ordeal: Ordeal) -> None:
        ordeal.more(20)
        before = log.read_text().count("store.failed")
        armed.touch()
        until(lambda: log.read_text().count("store.failed") > before)
        armed.unlink()
        until(ordeal.run.is_ready)

    with ordeal_in(tmp_path, disk=True) as ordeal:
        for number in range(READ_FAULTS):
            # All of them: what a checkpoint cannot read it leaves for the next, and tells nobody.
            disk = fault("read", 1 + number, times=0, armed=armed)
            ordeal.run.endure_under_load(lambda _: fail(ordeal), disk)
        ordeal.check()
    assert log.read_text().count('"cause":"SQLITE_') >= READ_FAULTS
