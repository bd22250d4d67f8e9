"""A served gateway loses power, and meets a disk that fails: what it acknowledged is there."""

from __future__ import annotations

import os
import random
import shutil
import sys
from pathlib import Path

import pytest

from vgigw.testing.crash import Run, Settings
from vgigw.testing.power_loss import fault

LOSSES = int(os.environ.get("VGIGW_POWER_LOSSES", "6"))
FAULTS = int(os.environ.get("VGIGW_SYNC_FAULTS", "12")) // 4
"""In the short form; `make reliability` asks for more."""

pytestmark = pytest.mark.skipif(
    not (shutil.which("cc") or shutil.which("gcc")),
    reason="no C compiler here to build the forgetful disk with",
)


def drawn() -> int:
    seed = random.SystemRandom().randrange(2**31)
    sys.stdout.write(f"seed {seed}\n")
    return seed


def test_f03_f04_power_losses_lose_nothing_and_apply_nothing_twice(tmp_path: Path) -> None:
    with Run(Settings(kills=LOSSES, seed=drawn(), power_loss=True), tmp_path) as run:
        report = run.carry_out()

    assert (report.missing, report.twice, report.altered, report.foreign) == (0, 0, 0, 0), report
    assert report.passed, report
    assert report.acknowledged_in_all > 10 * LOSSES, "the load was too thin to prove anything"


def test_f18_a_gateway_whose_disk_fails_starts_anew_and_loses_nothing(tmp_path: Path) -> None:
    seed = drawn()
    draw = random.Random(seed)
    with Run(Settings(kills=0, seed=seed, power_loss=True), tmp_path) as run:
        run.begin()
        for _ in range(FAULTS):
            run.suffer_under_load(fault("sync", draw.randint(20, 120), "EIO", 1), for_s=2.0)
        run.finish()
        report = run.report()

    assert (report.missing, report.twice, report.altered, report.foreign) == (0, 0, 0, 0), report
    assert report.passed, report
    assert "store.failed" in (tmp_path / "vgigw.log").read_text(), "no fault came under load"
