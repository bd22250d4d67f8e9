"""``vgigw outbox dead``, ``retry`` and ``drop``: a person deals with them. PLT-7.6b."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.cases.applied import a_notice
from tests.cli.processes import DISPATCH, OPERATOR, prepared, result, run
from tests.trio import batch
from vgigw import Gateway
from vgigw import operations as ops
from vgigw.cli.opened import looked_up
from vgigw.handlers.poison_numbers import held_of, hold, withheld
from vgigw.objects.notices import EVERYBODY
from vgigw.ports import LetterState, Transaction
from vgigw.rules.ranges import Range

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


def test_dead_lists_what_was_given_up_and_why(config: Path) -> None:
    found = result("outbox", "-c", config, "dead")
    assert [(each["id"], each["state"], each["last_error"]) for each in found] == [
        (1, "dead", "refused"),
        (2, "dead", "refused"),
    ]
    assert result("outbox", "-c", config, "dead", "--peer", DISPATCH) == []
    assert "2 dead letters" in run("outbox", "-c", config, "dead").stdout


def test_f63_drop_tells_what_it_declared(config: Path) -> None:
    gateway = Gateway.from_config(config)
    told = batch(1, 3)
    gateway.send(DISPATCH, ops.UPLOAD_TELEMETRY, told, AT)

    def held(tx: Transaction) -> None:
        letter = tx.letters(destination=DISPATCH)[0]
        tx.save_letter(replace(letter, state=LetterState.DEAD, last_error="refused 4004"))
        hold(tx, DISPATCH, OPERATOR, told.stream_id, Range(1, 3), AT)

    gateway.store.write(held)
    gateway.close()

    (dropped,) = result("outbox", "-c", config, "drop", "--peer", DISPATCH, "--yes")

    assert dropped["letter"]["last_error"] == "refused 4004"
    assert dropped["declared"] == [{"stream": told.stream_id, "seq_from": 1, "seq_to": 3}]
    assert looked_up(config, lambda view: held_of(view, DISPATCH)) == {}
    (own,) = looked_up(config, lambda view: view.rows())
    asked = looked_up(config, lambda view: withheld(view, DISPATCH, told.stream_id, (own,)))
    assert asked == ((1, 3),)


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


def test_jes_6_4_1c_of_an_erased_letter_nothing_is_tried_again(config: Path) -> None:
    gateway = Gateway.from_config(config)
    gateway.store.write(lambda tx: tx.erase_letter(2))
    gateway.close()

    ended = run("outbox", "-c", config, "retry", "2")
    assert (ended.returncode, "erased" in ended.stderr) == (2, True)
    assert states(config) == {1: "dead", 2: "dead", 3: "waiting"}

    result("outbox", "-c", config, "retry", "--peer", OPERATOR)
    assert states(config) == {1: "waiting", 2: "dead", 3: "waiting"}
    result("outbox", "-c", config, "drop", "2", "--yes")
    assert states(config) == {1: "waiting", 3: "waiting"}
