"""The demonstration in its short form: it holds, it notices a gateway that loses, it cleans up."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from rich.console import Console

from vgigw.server.serve import LOSE
from vgigw.testing.demo.findings import Check, Figures, Refused, Report, percentile
from vgigw.testing.demo.table import show
from vgigw.testing.simulators.account import Comparison
from vgigw.testing.simulators.tally import Count

COMMAND = [sys.executable, "-m", "vgigw.cli", "demo", "--short"]
DOORS = {
    "to gateway, cec102",
    "to gateway, rest",
    "to gateway, soap",
    "to operator, cec102",
    "to dispatch, soap",
}


def started(tmp_path: Path, *options: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A server that gives its processes a title leaves their environment to be read.
        env={**os.environ, "TMPDIR": str(tmp_path), "SPT_NOENV": "1", **environment},
    )


def processes_of(tmp_path: Path) -> list[int]:
    """Gateways and simulators of a demonstration below ``tmp_path``, under whatever title."""
    return [
        process.pid
        for process in psutil.process_iter(["environ", "cmdline"])
        if (process.info["environ"] or {}).get("TMPDIR") == str(tmp_path)
        and "demo" not in (process.info["cmdline"] or ())
    ]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, dict[str, Any], Path]:
    tmp_path = tmp_path_factory.mktemp("demo")
    with started(tmp_path, "--json") as process:
        out, err = process.communicate(timeout=60)
    assert out, err
    return process.returncode, json.loads(out), tmp_path


def test_every_promise_holds(outcome: tuple[int, dict[str, Any], Path]) -> None:
    code, document, _ = outcome
    failed = [check for check in document["checks"] if not check["passed"]]
    assert (failed, document["ok"], code) == ([], True, 0)
    assert len(document["checks"]) == 8


def test_acknowledged_is_stored_and_nothing_is_applied_twice(
    outcome: tuple[int, dict[str, Any], Path],
) -> None:
    records = outcome[1]["records"]
    assert records["acknowledged"] == records["stored"] > 0
    assert (records["lost"], records["different"], records["twice"]) == (0, 0, 0)
    assert outcome[1]["kills"] == 1


def test_each_gap_that_opened_closed(outcome: tuple[int, dict[str, Any], Path]) -> None:
    gaps = outcome[1]["gaps"]
    assert gaps["opened"] == gaps["closed"] > 0
    assert gaps["records"] > 0


def test_each_door_was_used_and_its_messages_add_up(
    outcome: tuple[int, dict[str, Any], Path],
) -> None:
    messages = outcome[1]["messages"]
    assert set(messages) == DOORS
    for door, count in messages.items():
        refused = sum(count["refused"].values())
        assert count["sent"] == count["accepted"] + refused + count["unanswered"], door
        assert count["accepted"] > 0, door


def test_each_attack_met_its_documented_code(outcome: tuple[int, dict[str, Any], Path]) -> None:
    refusals = outcome[1]["refusals"]
    assert {each["expected"] for each in refusals} == {0, 4001, 4002, 4101, 4102, 4202, 4301}
    assert all(each["code"] == each["expected"] for each in refusals)


def test_latencies_are_measured_both_ways(outcome: tuple[int, dict[str, Any], Path]) -> None:
    for way in ("up", "down", "down_and_back"):
        measured = outcome[1]["latency_ms"][way]
        assert measured["count"] > 0
        assert 0 < measured["p50"] <= measured["p99"]


def test_nothing_is_left_behind(outcome: tuple[int, dict[str, Any], Path]) -> None:
    tmp_path = outcome[2]
    assert list(tmp_path.iterdir()) == []
    assert processes_of(tmp_path) == []


@pytest.mark.long
def test_a_gateway_that_acknowledges_before_it_commits_does_not_pass(tmp_path: Path) -> None:
    with started(tmp_path, **{LOSE: "1"}) as process:
        out, err = process.communicate(timeout=100)
    assert process.returncode == 1, err
    assert "NOT every check holds" in out
    assert "✗" in out
    assert "expected:" in out
    assert processes_of(tmp_path) == []


def test_sigterm_in_the_middle_ends_what_was_started(tmp_path: Path) -> None:
    with started(tmp_path) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("2/"):
                break
        assert processes_of(tmp_path)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []
    assert processes_of(tmp_path) == []


def report(passed: bool) -> Report:
    check = Check(name="Nothing is lost", passed=passed, found="1 lost", expected="0", seconds=1.0)
    count = Count(accepted=3, unanswered=1)
    count.refused[4001] += 2
    return Report(
        checks=[check],
        figures=Figures(
            comparison=Comparison(10, 9, 1, 0, 0),
            refusals=[Refused(attack="forged", expected=4001, code=0)],
        ),
        messages={"to gateway, soap": count},
    )


def test_a_failed_check_says_what_was_expected() -> None:
    console = Console(width=120, record=True, file=io.StringIO())
    show(report(passed=False), console)
    text = console.export_text()
    for words in ("NOT every", "✗", "1 lost", "expected: 0", "10 ≠ 9", "2 (4001: 2)", "0 of 1"):
        assert words in text, words


def test_a_report_without_checks_is_not_ok() -> None:
    assert not Report().ok
    assert not report(passed=False).ok
    assert report(passed=True).ok


def test_percentile_is_a_value_that_was_measured() -> None:
    assert percentile([], 50) is None
    assert percentile([5.0, 1.0, 3.0], 50) == 3.0
    assert percentile([float(n) for n in range(1, 101)], 99) == 99.0
