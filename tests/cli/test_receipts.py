"""``vgigw receipts``: who received and read what, and when, for people and machines. PLT-8.6."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from tests.cases.applied import a_notice, a_reading, a_sanction
from tests.cli.processes import OPERATOR, prepared, result, run
from vgigw import Gateway
from vgigw import operations as ops
from vgigw.cli import main
from vgigw.handlers.keeping import packed
from vgigw.objects import SanctionKind
from vgigw.objects.notices import EVERYBODY
from vgigw.ports import Document, Letter, LetterState, Transaction
from vgigw.ports.deliveries import delivery_of, keep_delivery

AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
NOTICE, SANCTION = ops.PUBLISH_NOTICE.name, ops.NOTIFY_SANCTION.name


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Of a platform that sent a notice, taken and read, another that waits, and a sanction that
    was refused for good."""
    path, _ = prepared(tmp_path / "gw")
    gateway = Gateway.from_config(path)
    gateway.send(OPERATOR, ops.PUBLISH_NOTICE, a_notice(audience=(EVERYBODY,)), AT)
    gateway.send(OPERATOR, ops.NOTIFY_SANCTION, a_sanction(SanctionKind.NOTICE), AT)
    gateway.send(OPERATOR, ops.PUBLISH_NOTICE, a_notice("N2", audience=(EVERYBODY,)), AT)
    gateway.store.write(_ended)
    gateway.close()
    return path


def _ended(tx: Transaction) -> None:
    letters = {each.message_id: each for each in tx.letters()}
    later = AT + timedelta(seconds=3)
    _end(letters["N1"], LetterState.DELIVERED, "", later, tx)
    _end(letters["S-NOTICE"], LetterState.DEAD, "refused 4202", later, tx)
    payload, digest = packed(a_reading(read_time=AT + timedelta(minutes=5)))
    tx.put(
        Document(
            kind="NoticeReceipt",
            owner=OPERATOR,
            key="N1",
            version=1,
            group="N1",
            payload=payload,
            digest=digest,
            at=later,
        )
    )


def _end(letter: Letter, state: LetterState, error: str, at: datetime, tx: Transaction) -> None:
    ended = replace(letter, state=state, attempts=1, next_at=at, last_error=error)
    tx.save_letter(ended)
    keep_delivery(delivery_of(ended, None if error else at), letter.id, tx, at)


def shown(config: Path, *more: str) -> list[dict[str, Any]]:
    ran = CliRunner().invoke(main, ["receipts", "-c", str(config), "--json", *more])
    assert ran.exit_code == 0, ran.output
    found: list[dict[str, Any]] = json.loads(ran.stdout)
    return found


def test_plt_8_6_machines_see_who_received_and_read_what_and_when(config: Path) -> None:
    found = result("receipts", "-c", config)
    assert [(each["operation"], each["object_id"], each["state"]) for each in found] == [
        (SANCTION, "S-NOTICE", "dead"),
        (NOTICE, "N1", "delivered"),
        (NOTICE, "N2", "waiting"),
    ]
    assert {each["party"] for each in found} == {OPERATOR}
    taken = found[1]
    assert taken["received_at"].startswith("2026-11-21T08:00:03")
    assert taken["read_at"].startswith("2026-11-21T08:05:00")
    assert found[0]["last_error"] == "refused 4202"


@pytest.mark.parametrize(
    ("asked", "objects"),
    [
        (["--missing"], ["S-NOTICE", "N2"]),
        (["--operation", NOTICE], ["N1", "N2"]),
        (["--operation", NOTICE, "--object", "N1"], ["N1"]),
        (["--object", "N2"], ["N2"]),
        (["--peer", OPERATOR], ["S-NOTICE", "N1", "N2"]),
        (["--peer", "999999999"], []),
    ],
)
def test_plt_8_6_receipts_are_found_by_what_is_asked(
    config: Path, asked: list[str], objects: list[str]
) -> None:
    assert [each["object_id"] for each in shown(config, *asked)] == objects


def test_plt_8_6_people_see_a_table(config: Path) -> None:
    ran = run("receipts", "-c", config)
    assert ran.returncode == 0
    told = ran.stdout
    assert "3 deliveries" in told
    assert "never" in told


@pytest.mark.own_store("a database is there before a gateway is, a file is not")
def test_a_gateway_that_never_ran_has_no_receipts_and_gets_no_store(tmp_path: Path) -> None:
    path, _ = prepared(tmp_path / "gw")
    ran = CliRunner().invoke(main, ["receipts", "-c", str(path)])
    assert ran.exit_code == 2
    assert "vgigw serve" in ran.output
    assert not (tmp_path / "gw" / "var" / "vgigw.sqlite3").exists()
