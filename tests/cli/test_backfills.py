"""``vgigw backfills``: list, show and --follow, beside whoever else uses the store. PLT-7.9d."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.cli.processes import DISPATCH, prepared
from tests.trio import STREAM, batch
from vgigw import Gateway
from vgigw.cli import main
from vgigw.cli.opened import changed
from vgigw.handlers.backlog import Backlog, save_backlog
from vgigw.handlers.draining import OUT, note_drained
from vgigw.ports import Transaction, own_row
from vgigw.rules.ranges import Range


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Of a platform that drains 1000 of 2000 records to its dispatch, at 100 a second."""
    path, _ = prepared(tmp_path / "gw")
    gateway = Gateway.from_config(path)
    own, now = gateway.identity.operator_id, datetime.now(UTC)

    def drains(tx: Transaction) -> None:
        tx.append(own_row(batch(1, 2000), own, now))
        backlog = Backlog(
            stream=STREAM,
            waiting=(Range(1001, 2000),),
            newest_first=False,
            since=now - timedelta(hours=1),
            total=2000,
            sent=1000,
        )
        save_backlog(DISPATCH, backlog, tx, now)
        for seconds in (20, 15, 10, 5, 0):
            at = now - timedelta(seconds=seconds)
            note_drained(tx, DISPATCH, OUT, 500, 5000, at, 0.25)

    gateway.store.write(drains)
    gateway.close()
    return path


def invoke(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["backfills", "-c", str(config), *arguments])


def test_plt_7_9d_list_and_show_tell_when_it_will_be_over(config: Path) -> None:
    ran = invoke(config, "--json")
    assert ran.exit_code == 0, ran.output
    (found,) = json.loads(ran.stdout)
    assert (found["peer"], found["stream"], found["state"]) == (DISPATCH, STREAM, "running")
    assert (found["left"], found["sent"], found["acknowledged"]) == (1000, 1000, 1000)
    assert (found["share"], found["records_per_s"]) == (0.25, 100.0)
    assert (found["ends_in_s"], found["left_bytes"]) == (10.0, 10000)
    assert found["ends_at"]

    table = invoke(config, "list").stdout
    assert "(in 10 s)" in table
    shown = invoke(config, "show", STREAM).stdout
    for words in ("left_bytes", "10000", "records_per_s", "100.00", f"{STREAM} to {DISPATCH}"):
        assert words in shown
    nobody = invoke(config, "show", "S9")
    assert (nobody.exit_code, "nothing of S9" in nobody.output) == (2, True)


@pytest.mark.parametrize("form", ["lines", "json"])
def test_plt_7_9d_follow_tells_until_it_is_over(
    config: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def over(_: float) -> None:
        changed(config, lambda tx: tx.erase("Backlog", DISPATCH, STREAM))

    monkeypatch.setattr("vgigw.cli.backfill_progress.time.sleep", over)
    ran = invoke(config, "--follow", *(["--json"] if form == "json" else []))
    assert ran.exit_code == 0, ran.output
    first, last = ran.stdout.splitlines()
    if form == "json":
        assert (json.loads(first)[0]["left"], json.loads(last)) == (1000, [])
    else:
        assert first.startswith(f"{STREAM} to {DISPATCH}: running, 1000 left, over ")
        assert last == "nothing is on its way"


def test_follow_ends_by_ctrl_c(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def pressed(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("vgigw.cli.backfill_progress.time.sleep", pressed)
    ran = invoke(config, "show", STREAM, "--follow")
    assert (ran.exit_code, len(ran.stdout.splitlines())) == (0, 1)


def test_on_a_terminal_there_are_bars(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def over(_: float) -> None:
        changed(config, lambda tx: tx.erase("Backlog", DISPATCH, STREAM))

    monkeypatch.setattr("vgigw.cli.backfill_progress.time.sleep", over)
    monkeypatch.setattr("vgigw.cli.backfill_progress._is_terminal", lambda: True)
    ran = invoke(config, "--follow")
    assert (ran.exit_code, "2000/2000" in ran.stdout) == (0, True), ran.output
