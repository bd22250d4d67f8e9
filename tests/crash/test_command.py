"""The kill test as a command: what it prints, and that its exit code tells."""

from __future__ import annotations

import os
import signal
import threading
import traceback
from pathlib import Path

import msgspec
from click.testing import CliRunner, Result

from vgigw.testing.crash.__main__ import main
from vgigw.testing.crash.run import Report, Run, Settings


def told(result: Result) -> str:
    """What the command printed, and the way of whatever ended it."""
    way = traceback.format_exception(result.exception) if result.exception else []
    return f"{result.output}\n{''.join(way)}"


def test_the_command_reports_as_json_and_passes() -> None:
    arguments = ["--kills", "1", "--crash-points", "0", "--seed", "11", "--json"]
    result = CliRunner().invoke(main, arguments)

    assert result.exit_code == 0, told(result)
    report = msgspec.json.decode(result.stdout, type=Report)
    assert (report.passed, report.seed, report.kills) == (True, 11, 1)


def test_the_command_fails_where_the_store_loses() -> None:
    arguments = ["--kills", "2", "--crash-points", "0", "--lose"]
    result = CliRunner().invoke(main, arguments)

    assert result.exit_code == 1, told(result)
    assert isinstance(result.exception, SystemExit), told(result)
    assert "seed" in result.stdout
    assert "missing: (" in result.stdout


def test_a_gateway_that_answers_late_is_not_one_that_loses(tmp_path: Path) -> None:
    """A loaded machine may hold every process up for seconds."""
    settings = Settings(kills=0, seed=11)
    with Run(settings, tmp_path) as run:
        run._start()
        process = run._gateway._process
        assert process is not None
        os.killpg(process.pid, signal.SIGSTOP)
        resume = threading.Timer(3.5, os.killpg, (process.pid, signal.SIGCONT))
        resume.start()
        run.lanes[0].send_one()
        resume.join()
    assert len(run.lanes[0].acknowledged) == 1
