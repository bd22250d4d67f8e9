"""What is shown to people has no secret, and no name breaks a line of the log. F86."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests import trio as scene
from tests.server.canaries import FORMS, MARK, SECRETS, Form, absent, logged
from tests.stores.fresh import store_at, stored_for
from tests.trio import OPERATOR, PLATFORM, Trio, batch
from vgigw.cli import main
from vgigw.operations import UPLOAD_TELEMETRY
from vgigw.server.config import DATABASE, load
from vgigw.server.log import LogObserver

EVIL = "a\r\n\x1b[31m\x9b2J\u2028\u202e\x7f\"'{}\\ \u4e2d"
SECRETS_IN_IT = f"""
[peers.inbound]
operator_secret = "operator-{MARK}"
data_secret = "{MARK}-data-key1"
data_secret_iv = "{MARK}-data-iv01"
sig_secret = "signature-{MARK}"
[peers.outbound]
paths = ["http://127.0.0.1:9/vgi/v1"]
door = "rest"
"""


def config(folder: Path, gateway: str = "", peer: str = "", secrets: str = SECRETS_IN_IT) -> Path:
    path = folder / "vgigw.toml"
    path.write_text(
        f'[gateway]\noperator_id = "{PLATFORM}"\nrole = "platform"\n{gateway}\n'
        f'[[peers]]\noperator_id = "{OPERATOR}"\nrole = "operator"\n{peer}\n{secrets}',
        "utf-8",
    )
    return path


def test_f86_nothing_that_holds_secrets_shows_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scene, "secrets_of", lambda _: SECRETS)
    store = f'store = "postgresql://user:{MARK}@host/db"\nmaster_key = "env:{MARK}"'
    settings = load(config(tmp_path, store))
    identity = Trio().platform.identity
    for shown in (SECRETS, identity, identity.peers[OPERATOR], settings, settings.peers[0]):
        absent(f"{shown!r} {shown!s}")
    absent(repr(settings.warnings()))


@pytest.mark.parametrize(
    ("gateway", "peer", "secrets"),
    [
        ("", "", SECRETS_IN_IT.replace("-data-key1", "-data-key-is-too-long")),
        ("", "", SECRETS_IN_IT.replace(f"signature-{MARK}", MARK)),
        ("", 'suite = "gm"', SECRETS_IN_IT),
        ("", "", SECRETS_IN_IT.replace(f'"signature-{MARK}"', f"signature-{MARK}")),
        ("", "", SECRETS_IN_IT.replace(f'"signature-{MARK}"', f'["{MARK}"]')),
        (f'store = "postgresql://user:{MARK}@127.0.0.1:9/db"', "", SECRETS_IN_IT),
        (f'store = "mysql://user:{MARK}@127.0.0.1:9/db"', "", SECRETS_IN_IT),
        (f'master_key = "{MARK}"', 'suite = "gm"', SECRETS_IN_IT),
    ],
)
def test_f86_a_wrong_setting_is_named_and_its_secret_is_not(
    tmp_path: Path, gateway: str, peer: str, secrets: str
) -> None:
    path = str(config(tmp_path, gateway, peer, secrets))
    for command in (["doctor"], ["peers"], ["outbox"], ["gaps"], ["keys", "list"]):
        ran = CliRunner().invoke(main, [*command, "-c", path, "--json"])
        absent(f"{ran.output}{ran.exception}")


def test_f86_commands_on_a_store_in_use_show_no_secret_and_no_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scene, "secrets_of", lambda _: SECRETS)
    path = stored_for(config(tmp_path))
    (tmp_path / "var").mkdir()
    store = store_at(tmp_path / "var" / DATABASE)
    trio = Trio(stores={PLATFORM: store})
    token = trio.token()
    trio.give(trio.sealed(UPLOAD_TELEMETRY, batch(3, 4), token))
    store.close()
    for command in ("doctor", "peers", "outbox", "gaps"):
        ran = CliRunner().invoke(main, [command, "-c", str(path), "--json"])
        json.loads(ran.output)
        absent(ran.output, token)


@pytest.mark.parametrize("form", FORMS)
def test_f86_no_name_breaks_a_line_or_steers_a_terminal(form: Form) -> None:
    with logged(form) as log:
        LogObserver()("letter.dead", peer=EVIL, message_id=EVIL, key_id="\x1b[2J", paths=[EVIL])
    text = log.getvalue().decode()
    assert len(text.splitlines()) == 1
    colours = text.replace("\x1b[2m", "")
    for unseen in ("\r", "\x9b", "\u2028", "\u202e", "\x7f", "\x1b[2J", "\x1b[31m\\"):
        assert unseen not in colours
    if form == "json":
        assert json.loads(text)["peer"] == EVIL
