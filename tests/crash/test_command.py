"""The kill test as a command: what it prints, and that its exit code tells."""

from __future__ import annotations

import msgspec
from click.testing import CliRunner

from vgigw.testing.crash.__main__ import main
from vgigw.testing.crash.run import Report


def test_the_command_reports_as_json_and_passes() -> None:
    arguments = ["--kills", "1", "--crash-points", "0", "--seed", "11", "--json"]
    result = CliRunner().invoke(main, arguments)

    report = msgspec.json.decode(result.stdout, type=Report)
    assert result.exit_code == 0, result.output
    assert (report.passed, report.seed, report.kills) == (True, 11, 1)


def test_the_command_fails_where_the_store_loses() -> None:
    arguments = ["--kills", "2", "--crash-points", "0", "--lose"]
    result = CliRunner().invoke(main, arguments)

    assert result.exit_code == 1, result.output
    assert "seed" in result.stdout
    assert "missing: (" in result.stdout
