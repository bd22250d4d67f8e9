"""``vgigw keys``: keys are made, exchanged, rotated and revoked, and none is shown. ACC-5.8."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from vgigw.cli import main
from vgigw.crypto.exchange import Exchange
from vgigw.crypto.gm import Gm
from vgigw.crypto.key_algorithms import Algorithm
from vgigw.crypto.key_life import state_at
from vgigw.crypto.key_ring import KeyRing
from vgigw.crypto.key_ring_file import KeyRecord
from vgigw.crypto.link_keys import KeyState, Purpose
from vgigw.crypto.master_key import MasterKey
from vgigw.errors import NotGenuine

US, THEM = "100000001", "200000002"
MASTER = {US: "11" * 32, THEM: "22" * 32}
PASSPHRASE = "a passphrase of some length"


@pytest.fixture
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two configurations, each in a folder of its own."""
    monkeypatch.setenv("PASSPHRASE", PASSPHRASE)
    for own in (US, THEM):
        (tmp_path / own).mkdir()
        config = tmp_path / own / "vgigw.toml"
        config.write_text(f'[gateway]\noperator_id = "{own}"\nrole = "platform"\n')
    return tmp_path


def run(homes: Path, own: str, *arguments: str | Path, **more: Any) -> Result:
    command = ["keys", "-c", str(homes / own / "vgigw.toml"), *map(str, arguments)]
    environment = {"VGIGW_MASTER_KEY": MASTER[own]}
    return CliRunner().invoke(main, command, env=environment, **more)


def shown(homes: Path, own: str, *arguments: str | Path) -> Any:
    ran = run(homes, own, *arguments, "--json")
    assert ran.exit_code == 0, ran.output
    return json.loads(ran.stdout)


def ring(homes: Path, own: str) -> KeyRing:
    return KeyRing(homes / own / "var" / "keys.json", MasterKey(bytes.fromhex(MASTER[own])), own)


def make(homes: Path, own: str, key_id: str = "s", purpose: str = "sign") -> Any:
    return shown(homes, own, "new", key_id, "--algorithm", "sm2", "--purpose", purpose)[0]


def hand_over(homes: Path, giver: str, taker: str, key_id: str, purpose: str) -> Any:
    file = homes / "public.pem"
    file.write_text(run(homes, giver, "export", key_id).stdout)
    options = ("--party", giver, "--algorithm", "sm2", "--purpose", purpose)
    return shown(homes, taker, "import", file, key_id, *options)[0]


def test_two_operators_exchange_keys_and_talk_until_one_is_revoked(homes: Path) -> None:
    for own, other in ((US, THEM), (THEM, US)):
        for key_id, purpose in (("s", "sign"), ("e", "encrypt")):
            made = make(homes, own, key_id, purpose)
            taken = hand_over(homes, own, other, key_id, purpose)
            assert taken["fingerprint"] == made["fingerprint"]
            assert (made["private"], taken["private"]) == (True, False)
    suite = Gm()
    exchange = Exchange("PushTelemetry", US, THEM, datetime.now(UTC), "0001")
    ours = ring(homes, US).link(THEM, "gm").about(exchange)
    theirs = ring(homes, THEM).link(US, "gm").about(exchange)
    ciphertext = suite.encrypt(ours, b"message")
    signature = suite.sign(ours, ciphertext)
    suite.verify(theirs, ciphertext, signature)
    assert suite.decrypt(theirs, ciphertext) == b"message"
    assert shown(homes, THEM, "revoke", "s", "--party", US, "--yes")[0]["state"] == "revoked"
    with pytest.raises(NotGenuine):
        suite.verify(theirs, ciphertext, signature)


def test_list_and_show_tell_state_and_fingerprint(homes: Path) -> None:
    make(homes, US)
    hand_over(homes, US, THEM, "s", "sign")
    make(homes, THEM, "t")
    assert [one["key_id"] for one in shown(homes, THEM, "list")] == ["s", "t"]
    assert [one["key_id"] for one in shown(homes, THEM, "list", "--party", US)] == ["s"]
    one = shown(homes, THEM, "show", "s", "--party", US)[0]
    assert (one["algorithm"], one["purpose"], one["state"]) == ("sm2", "sign", "active")
    assert one["fingerprint"] in run(homes, THEM, "list").stdout
    missing = run(homes, THEM, "show", "s")
    assert (missing.exit_code, missing.stderr) == (2, f"vgigw: no key s of {THEM}\n")


def test_private_key_is_exported_encrypted_only(homes: Path) -> None:
    make(homes, US)
    command = ("export", "s", "--private")
    for more in ((), ("--passphrase", PASSPHRASE), ("--passphrase", "env:NOT_SET_AT_ALL")):
        refused = run(homes, US, *command, *more)
        assert (refused.exit_code, refused.stdout) == (2, "")
    text = run(homes, US, *command, "--passphrase", "env:PASSPHRASE").stdout
    assert text.startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    file = homes / "private.pem"
    file.write_text(text)
    options = ("--algorithm", "sm2", "--purpose", "sign", "--passphrase", "env:PASSPHRASE")
    again = shown(homes, US, "import", file, "again", *options)[0]
    assert again["fingerprint"] == shown(homes, US, "show", "s")[0]["fingerprint"]
    for wrong in ("--party", THEM), ("--peer", "x" * 9, "--party", THEM):
        assert run(homes, US, "import", file, "other", *options, *wrong).exit_code == 2


def test_rotation_shows_the_old_key_and_its_successor(homes: Path) -> None:
    make(homes, US)
    old, new = shown(homes, US, "rotate", "s", "s2")
    assert (old["state"], new["state"]) == ("active", "pending")
    begins, ends = (datetime.fromisoformat(text) for text in (new["not_before"], old["not_after"]))
    assert ends - begins == timedelta(hours=24)
    old, new = shown(homes, US, "rotate", "s", "s3", "--at-once")
    assert (old["state"], new["state"]) == ("retiring", "active")


def test_second_key_to_sign_leaves_peers_the_time_to_get_it(homes: Path) -> None:
    def begins(*arguments: str) -> str:
        made = shown(homes, US, "new", *arguments, "--algorithm", "ed25519")[0]
        return str(made["state"])

    assert begins("r", "--purpose", "sign", "--peer", THEM) == "active"
    assert begins("s", "--purpose", "sign", "--peer", "300000003") == "active"
    assert begins("t", "--purpose", "sign") == "pending"
    assert begins("u", "--purpose", "sign", "--peer", THEM) == "pending"
    assert begins("v", "--purpose", "sign", "--begin-in-s", "0") == "active"
    assert make(homes, US, "gm")["state"] == "active"
    assert make(homes, US, "gm-e", "encrypt")["state"] == "active"
    assert make(homes, US, "gm-f", "encrypt")["state"] == "active"


def test_revocation_is_asked_about(homes: Path) -> None:
    make(homes, US)
    assert run(homes, US, "revoke", "s", input="n\n").exit_code == 1
    assert shown(homes, US, "show", "s")[0]["state"] == "active"
    assert run(homes, US, "revoke", "s", input="y\n").exit_code == 0
    assert shown(homes, US, "show", "s")[0]["private"] is False


def test_nothing_secret_is_shown_or_kept_as_it_is(homes: Path) -> None:
    make(homes, US)
    output = "".join(
        run(homes, US, *arguments).output
        for arguments in (("list",), ("show", "s"), ("export", "s"), ("rotate", "s", "s2"))
    )
    kept = (homes / US / "var" / "keys.json").read_text()
    for text in (output, kept):
        assert MASTER[US] not in text
        assert PASSPHRASE not in text
        assert "PRIVATE" not in text


def test_ring_is_sealed_anew_with_another_cipher_and_another_master(homes: Path) -> None:
    made = make(homes, US)
    config = homes / US / "vgigw.toml"
    config.write_text(config.read_text() + 'master_cipher = "sm4-gcm"\n')
    assert shown(homes, US, "reseal") == {"resealed": True, "cipher": "sm4-gcm"}
    (homes / US / "next").write_text(MASTER[THEM])
    assert run(homes, US, "reseal", "--new-master-key", "file:next").exit_code == 0
    assert run(homes, US, "list").exit_code == 2
    again = run(homes, US, "--master-key", "file:next", "list", "--json")
    assert json.loads(again.stdout)[0]["fingerprint"] == made["fingerprint"]


def test_master_key_that_is_missing_or_another_is_told(homes: Path) -> None:
    make(homes, US)
    config = str(homes / US / "vgigw.toml")
    missing = CliRunner().invoke(
        main, ["keys", "-c", config, "list"], env={"VGIGW_MASTER_KEY": None}
    )
    assert (missing.exit_code, missing.stdout) == (2, "")
    assert missing.stderr == "vgigw: master key: environment variable VGIGW_MASTER_KEY is not set\n"
    (homes / US / "master").write_text(MASTER[THEM])
    command = ["keys", "-c", config, "--master-key", "file:master", "list"]
    other = CliRunner().invoke(main, command)
    assert (other.exit_code, other.stdout) == (2, "")
    assert "another master key" in other.stderr


NOW = datetime(2026, 7, 1, tzinfo=UTC)


def record(begin: int, end: int, state: KeyState = KeyState.ACTIVE) -> KeyRecord:
    return KeyRecord(
        party=US,
        key_id=f"from {begin}",
        algorithm=Algorithm.SM2,
        purpose=Purpose.SIGN,
        not_before=NOW + timedelta(days=begin),
        not_after=NOW + timedelta(days=end),
        public=b"",
        state=state,
    )


@pytest.mark.parametrize(
    ("looked_at", "beside", "state"),
    [
        (record(-2, 2), [], "active"),
        (record(1, 2), [], "pending"),
        (record(-2, -1), [], "expired"),
        (record(-2, 2), [record(-1, 3)], "retiring"),
        (record(-2, 2), [record(1, 3)], "active"),
        (record(-2, 2), [record(-1, 3, KeyState.REVOKED)], "active"),
        (record(-1, 3), [record(-2, 2)], "active"),
        (record(-2, 2, KeyState.REVOKED), [], "revoked"),
        (record(-2, -1, KeyState.RETIRING), [], "retiring"),
    ],
)
def test_state_is_what_dates_and_successor_make_of_it(
    looked_at: KeyRecord, beside: list[KeyRecord], state: str
) -> None:
    assert state_at(looked_at, (looked_at, *beside), NOW) == state
