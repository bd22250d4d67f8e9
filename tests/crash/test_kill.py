"""Nothing acknowledged is lost and nothing is done twice, however often a gateway is killed."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from vgigw.operations import ISSUE_CONTROL, PUSH_DEVICE_STATE
from vgigw.testing.crash import Run, Settings
from vgigw.testing.crash.acts import Act, Trace
from vgigw.testing.crash.run import every_crash_point
from vgigw.testing.crash.stored import Stored, read_stored

KILLS = 10
"""``python -m vgigw.testing.crash --kills 200`` is the long form."""

KINDS = {"UploadTelemetry", "PushDeviceState", "PushArchive", "IssueControl"}


def drawn() -> int:
    seed = random.SystemRandom().randrange(2**31)
    sys.stdout.write(f"seed {seed}\n")
    return seed


def test_plt_7_6b_kills_lose_nothing_and_apply_nothing_twice(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    settings = Settings(kills=KILLS, seed=drawn(), crash_points=every_crash_point(1))
    with Run(settings, tmp_path) as run:
        report = run.carry_out()

    record_property("report", msgspec.json.encode(report).decode())
    assert (report.missing, report.twice, report.altered, report.foreign) == (0, 0, 0, 0), report
    assert report.refused == report.unanswered == 0, report
    assert report.passed
    assert (report.kills, report.crash_points) == (KILLS, 2)
    assert set(report.acknowledged) == KINDS
    assert report.acknowledged_in_all > 20 * KILLS, "the load was too thin to prove anything"
    assert report.repeated_after_commit > 0, "no kill came between a commit and its answer"


def test_the_kills_find_a_store_that_acknowledges_before_its_commit(tmp_path: Path) -> None:
    with Run(Settings(kills=3, seed=drawn(), lose=True), tmp_path) as run:
        report = run.carry_out()

    assert not report.passed
    assert report.missing > 0
    assert any("content" in line for line in report.found["missing"]), report


def waiting_after_crash(run: Run, place: str, *, stored: bool) -> tuple[list[Act], Stored]:
    """Events and commands without an answer after a crash, stored or not, and what is stored.

    A second handling of those would show, that of a batch or an archive would not. A commit may be
    one of another message or of the clockwork: then there is another crash.
    """
    for count in range(25, 55):
        run.crash_under_load(f"{place}:{count}")
        found = read_stored(run.database, whole=False)
        pending = [lane.pending for lane in run.lanes if lane.pending is not None]
        acts = [act for act in pending if act.operation in (PUSH_DEVICE_STATE, ISSUE_CONTROL)]
        wanted = [act for act in acts if (act.trace in found.digests) is stored]
        if wanted:
            return wanted, found
    raise AssertionError("nobody waited for an answer")


def replies(run: Run) -> dict[Trace, bytes]:
    return {one.act.trace: one.reply for lane in run.lanes for one in lane.acknowledged}


def test_card_6_a_message_killed_after_its_commit_gets_the_original_answer(tmp_path: Path) -> None:
    with Run(Settings(kills=0, seed=drawn()), tmp_path) as run:
        run.begin()
        acts, before = waiting_after_crash(run, "after-commit", stored=True)
        run.finish()
        told, after = replies(run), read_stored(run.database, whole=True)
        report = run.report()

    for act in acts:
        assert told[act.trace] == before.answers[act.sender, act.operation.name, act.key]
        assert after.digests[act.trace] == before.digests[act.trace] == [act.digest]
    assert report.repeated_after_commit >= len(acts)
    assert report.passed, report


def test_card_6_a_message_killed_before_its_commit_is_taken_at_the_second_attempt(
    tmp_path: Path,
) -> None:
    with Run(Settings(kills=0, seed=drawn()), tmp_path) as run:
        run.begin()
        acts, before = waiting_after_crash(run, "before-commit", stored=False)
        run.finish()
        told, after = replies(run), read_stored(run.database, whole=True)
        report = run.report()

    for act in acts:
        assert (act.sender, act.operation.name, act.key) not in before.answers
        assert act.trace in told
        assert after.digests[act.trace] == [act.digest]
    assert report.passed, report
