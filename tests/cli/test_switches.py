"""A test switch that loses data is told loudly by ``vgigw serve`` and ``vgigw doctor``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.cli.processes import prepared
from vgigw.cli import main
from vgigw.server.serve import LOSE
from vgigw.stores.crash_point import VARIABLE
from vgigw.testing.gateway_process import GatewayProcess

SWITCHES = {LOSE: "1", VARIABLE: "before-commit:1000000"}


def told(config: Path) -> list[str]:
    lines = config.with_suffix(".log").read_text().splitlines()
    found = [json.loads(line) for line in lines if "test-switch.on" in line]
    assert all(line["level"] == "error" and "data will be lost" in line["what"] for line in found)
    return [line["switch"] for line in found]


@pytest.mark.parametrize(("switches", "names"), [(SWITCHES, [LOSE, VARIABLE]), ({}, [])])
def test_serve_logs_each_test_switch_at_error(
    tmp_path: Path, switches: dict[str, str], names: list[str]
) -> None:
    config, port = prepared(tmp_path / "gw")
    with GatewayProcess(config, port) as gateway:
        gateway.start({LOSE: "", VARIABLE: "", **switches})
    assert told(config) == names


@pytest.mark.parametrize("name", [LOSE, VARIABLE])
def test_doctor_fails_where_a_test_switch_is_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    config, _ = prepared(tmp_path / "gw")
    for each in SWITCHES:
        monkeypatch.delenv(each, raising=False)
    arguments = ["doctor", "-c", str(config), "--json"]

    without = json.loads(CliRunner().invoke(main, arguments).stdout)["checks"]
    monkeypatch.setenv(name, SWITCHES[name])
    ran = CliRunner().invoke(main, arguments)

    checks = {each["check"]: each for each in json.loads(ran.stdout)["checks"]}
    assert ran.exit_code == 1
    assert checks[f"environment {name}"]["state"] == "fail"
    assert checks[f"environment {name}"]["advice"] == f"unset {name}"
    assert not any(each["check"].startswith("environment") for each in without)
