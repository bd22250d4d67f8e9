"""Each command of ``vgigw keys`` that the doctor advises is one: it parses, or it runs."""

from __future__ import annotations

import inspect
import re
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from vgigw.cli import key_advice, key_checks, main, secret_set_checks
from vgigw.cli.findings import Finding, State
from vgigw.crypto.key_algorithms import Algorithm
from vgigw.crypto.key_ring import Place
from vgigw.crypto.link_keys import Purpose
from vgigw.crypto.secret_set_form import SECRET_NAMES
from vgigw.crypto.secrets import Secrets
from vgigw.server.config import Config, load
from vgigw.server.link_keys import ring_of

US, BY_SETS, BY_SM2, BY_RSA = "100000001", "200000002", "300000003", "400000004"
COMMAND = re.compile(r"vgigw keys [^,;]+")


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """Of a gateway with peers by sets of secrets, SM2 keys and certified RSA keys; its ring is
    empty. It is the working folder, with what the words in capitals name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PASSPHRASE", "a passphrase of some length")
    (tmp_path / "FILE").write_text("no PEM")
    (tmp_path / "master").write_text("11" * 32)
    peers = {
        BY_SETS: 'doors = ["cec102"]\n[peers.inbound]\nring = true\n[peers.outbound]\nring = true',
        BY_SM2: 'suite = "gm"\n[peers.inbound]\noperator_secret = "12345678"',
        BY_RSA: 'suite = "intl"\ndoors = ["soap"]\nsoap_signature = "ws-security"\n'
        '[peers.inbound]\noperator_secret = "12345678"',
    }
    (tmp_path / "vgigw.toml").write_text(
        f'[gateway]\noperator_id = "{US}"\nmaster_key = "file:master"\n'
        + "".join(
            f'[[peers]]\noperator_id = "{peer}"\nrole = "operator"\n{rest}\n'
            for peer, rest in peers.items()
        )
    )
    return load(tmp_path / "vgigw.toml")


def advised(config: Config, state: State) -> list[str]:
    """The commands in the findings of this state."""
    found: list[Finding] = [
        *key_checks.keys_of_peers(config),
        *secret_set_checks.sets_of_peers(config),
    ]
    texts = [COMMAND.search(each.advice) for each in found if each.state is state]
    return [text.group().strip() for text in texts if text is not None]


def ran(command: str) -> tuple[bool, str]:
    """Whether it did what it is for, and what it told; raises where it is no command."""
    result = CliRunner().invoke(main, shlex.split(command)[1:])
    assert "Usage:" not in result.stderr, (command, result.stderr)
    assert isinstance(result.exception, SystemExit | None), command
    return result.exit_code == 0, result.stderr


def test_what_makes_a_missing_key_runs_and_what_takes_one_in_is_parsed(config: Config) -> None:
    commands = advised(config, State.FAIL)
    assert len(commands) == 10
    for number, command in enumerate(commands):
        done, told = ran(command.replace("KEY_ID", f"key-{number}"))
        # Nothing is in FILE that could be taken in.
        assert done is (" new " in command), told
    left = advised(config, State.FAIL)
    assert all(" import " in each for each in left)
    assert len(left) < len(commands)


def test_what_follows_a_key_that_ends_soon_runs(config: Config) -> None:
    ring, now = ring_of(config), datetime.now(UTC).replace(microsecond=0)
    soon: dict[str, Any] = {
        "not_before": now - timedelta(days=1),
        "not_after": now + timedelta(days=3),
    }
    ring.new("set-1", Algorithm.SECRETS, Purpose.EXCHANGE, peer=BY_SETS, **soon)
    theirs = Secrets.of(**dict.fromkeys(SECRET_NAMES, "a secret of 16 b"))
    ring.keep_set(Place(BY_SETS, "set-1"), US, theirs, **soon)
    for purpose in (Purpose.SIGN, Purpose.ENCRYPT):
        made = ring.new(purpose.value, Algorithm.SM2, purpose, **soon)
        place = Place(BY_SM2, purpose.value)
        ring.import_public(place, Algorithm.SM2, purpose, made.public, **soon)
    commands = advised(config, State.WARN)
    assert sorted(commands) == [
        "vgigw keys rotate encrypt NEW_ID",
        "vgigw keys rotate set-1 NEW_ID",
        "vgigw keys rotate sign NEW_ID",
    ]
    for number, command in enumerate(commands):
        assert ran(command.replace("NEW_ID", f"next-{number}"))[0]


def test_a_set_that_retires_without_a_successor_is_followed_by_a_new_one(config: Config) -> None:
    ring, now = ring_of(config), datetime.now(UTC).replace(microsecond=0)
    year = timedelta(days=365)
    dates: dict[str, Any] = {"not_before": now - timedelta(days=1), "not_after": now + year}
    ring.new("set-1", Algorithm.SECRETS, Purpose.EXCHANGE, peer=BY_SETS, **dates)
    ring.rotate("set-1", "set-2", now=now, life=year, at_once=True)
    ring.revoke(Place(US, "set-2"))
    (command,) = advised(config, State.WARN)
    assert ran(command)[0]
    assert advised(config, State.WARN) == []


def test_a_request_for_the_next_certificate_runs(config: Config) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    dates: dict[str, Any] = {"not_before": now, "not_after": now + timedelta(days=9)}
    ring_of(config).new("s", Algorithm.SM2, Purpose.SIGN, **dates)
    assert ran(key_advice.request("s"))[0]


@pytest.mark.parametrize("checks", [key_checks, secret_set_checks])
def test_no_command_is_advised_but_from_where_these_are_collected(checks: object) -> None:
    assert "vgigw keys" not in inspect.getsource(checks)  # type: ignore[arg-type]
