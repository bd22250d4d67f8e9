"""``vgigw outbox retry`` and ``drop``: dead letters are dealt with by a person. PLT-7.6b."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.cases.applied import a_notice
from tests.cli.processes import OPERATOR, prepared, result, run
from vgigw import Gateway
from vgigw import operations as ops
from vgigw.objects.notices import EVERYBODY
from vgigw.ports import LetterState, Transaction

AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Of a platform with two dead letters, the second after 20 attempts, and one that waits."""
    path, _ = prepared(tmp_path / "gw")
    gateway = Gateway.from_config(path)
    for name in ("N1", "N2", "N3"):
        gateway.send(OPERATOR, ops.PUBLISH_NOTICE, a_notice(name, audience=(EVERYBODY,)), AT)
    gateway.store.write(_two_dead)
    gateway.close()
    return path


def _two_dead(tx: Transaction) -> None:
    for letter in tx.letters()[:2]:
        dead = replace(letter, state=LetterState.DEAD, attempts=20, faults=15, last_error="refused")
        tx.save_letter(dead)


def states(config: Path) -> dict[int, str]:
    return {each["id"]: each["state"] for each in result("outbox", "-c", config)}


def test_retry_gives_a_letter_its_attempts_anew_and_keeps_its_identifier(config: Path) -> None:
    before = {each["id"]: each for each in result("outbox", "-c", config)}

    (tried,) = result("outbox", "-c", config, "retry", "2")

    assert states(config) == {1: "dead", 2: "waiting", 3: "waiting"}
    after = {each["id"]: each for each in result("outbox", "-c", config)}[2]
    assert after["attempts"] == 0
    assert after["message_id"] == before[2]["message_id"] == tried["message_id"]


def test_retry_and_drop_of_all_to_a_peer_leave_what_waits_alone(config: Path) -> None:
    result("outbox", "-c", config, "drop", "1", "--yes")
    assert states(config) == {2: "dead", 3: "waiting"}
    result("outbox", "-c", config, "retry", "--peer", OPERATOR)
    assert states(config) == {2: "waiting", 3: "waiting"}
    result("outbox", "-c", config, "drop", "--peer", OPERATOR, "--yes")
    assert states(config) == {2: "waiting", 3: "waiting"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("retry", "3"), 2),  # waits
        (("retry", "9"), 2),  # is not there
        (("drop", "1", "3", "--yes"), 2),
        (("retry",), 2),
        (("retry", "1", "--peer", OPERATOR), 2),
        (("drop", "1"), 1),  # nobody confirmed
    ],
)
def test_what_cannot_be_meant_changes_nothing(
    config: Path, arguments: tuple[str, ...], code: int
) -> None:
    before = states(config)
    ended = run("outbox", "-c", config, *arguments)
    assert (ended.returncode, ended.stdout.count("tried")) == (code, 0)
    assert states(config) == before
