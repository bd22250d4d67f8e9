"""A dialect is one data file: of an integrator's own, or the next version of one. ACC-A.2."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.doors.dialect_host import NOW, SECRET, SECRETS, STATE, Host, sealed
from tests.stores.fresh import fresh_store
from vgigw import Gateway, Identity, Peer
from vgigw.codec.dialect_files import Dialects
from vgigw.errors import Misconfigured
from vgigw.operations import Role
from vgigw.server.config import load
from vgigw.server.identity_from import identity_from
from vgigw.server.wsgi import cec102_door

HARBOUR = """
name = "harbour"
version = "{version}"
published = 2026-01-01
effective = {effective}
based_on = "tcec102-2016"
confidence = "A"

prefix = "/harbour/v1"

[title]
zh = "港口平台"
en = "Platform of a harbour"

[names]
PushDeviceState = ["{name}"]

[objects.ConnectorStatusInfo.spellings]
ConnectorID = ["{member}"]
"""
FIRST = HARBOUR.format(version="1", effective="2026-02-01", name="plug_state", member="PlugNo")
SECOND = HARBOUR.format(version="2", effective="2027-01-01", name="plug_status", member="PlugID")
PINNED, OLD, PLAIN = "888888888", "888888889", "888888887"
TOKEN = "/harbour/v1/query_token"
CONFIG = """
[gateway]
operator_id = "100000001"
role = "platform"
dialects = ["harbour.toml"]

[[peers]]
operator_id = "888888888"
role = "operator"
dialect = "{dialect}"
[peers.inbound]
operator_secret = "{secret}"
data_secret = "{secret}"
data_secret_iv = "{secret}"
sig_secret = "{secret}"
"""


def configured(folder: Path, dialect: str) -> Path:
    (folder / "harbour.toml").write_text(FIRST, encoding="utf-8")
    path = folder / "vgigw.toml"
    path.write_text(CONFIG.format(dialect=dialect, secret=SECRET), encoding="utf-8")
    return path


def test_a_new_dialect_is_one_data_file(tmp_path: Path) -> None:
    host = Host()
    config = configured(tmp_path, "harbour")
    own = host._handlers()
    gateway = Gateway.from_config(config, store=fresh_store(), handlers=own)
    host.gateway, host.door = gateway, cec102_door(gateway)
    state = {"PlugNo": "C1", "Status": 3}
    assert host.post(PINNED, "/harbour/v1/plug_state", state, token_path=TOKEN).ret == 0
    assert host.got[0].connector_id == "C1"
    refused = host.post(PINNED, "/harbour/v1/plug_state", STATE)
    assert refused.paths == [("/ConnectorID", "unknown"), ("/PlugNo", "required")]


def test_a_dialect_that_is_not_known_is_told_with_its_peer(tmp_path: Path) -> None:
    config = load(configured(tmp_path, "harbor"))
    says = "peer 888888888: dialect harbor is not known; the nearest known one is harbour"
    with pytest.raises(Misconfigured, match=says):
        identity_from(config)
    with pytest.raises(Misconfigured, match=says):
        Gateway.from_config(tmp_path / "vgigw.toml", store=fresh_store())


def dialects(folder: Path, *texts: str) -> Dialects:
    paths = [folder / f"{number}.toml" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    return Dialects(paths)


@pytest.fixture
def host(tmp_path: Path) -> Host:
    speakers = {"harbour": PLAIN, "harbour@1": OLD, "harbour@2027-06-30": PINNED}
    return Host(dialects(tmp_path, SECOND, FIRST), **speakers)


@pytest.mark.parametrize(
    ("beijing", "who", "first", "second"),
    [
        ("2026-12-31T23:59:59", PLAIN, 0, 4003),
        ("2027-01-01T00:00:00", PLAIN, 4003, 0),
        ("2026-12-31T23:59:59", OLD, 0, 4003),
        ("2027-06-01T00:00:00", OLD, 0, 4003),
        ("2026-03-01T00:00:00", PINNED, 4003, 0),
        ("2027-06-01T00:00:00", PINNED, 4003, 0),
    ],
)
def test_acc_a_2_a_version_is_understood_until_its_successor_is_in_force_or_as_pinned(
    host: Host, beijing: str, who: str, first: int, second: int
) -> None:
    now = datetime.fromisoformat(f"{beijing}+08:00")
    asked = {"OperatorID": who, "OperatorSecret": SECRET}
    token = host.give(sealed(who, TOKEN, asked, now), now).data["AccessToken"]

    def push(name: str, member: str) -> int:
        content = {member: "C1", "Status": 3}
        request = sealed(who, f"/harbour/v1/{name}", content, now, token=token)
        return host.give(request, now).ret

    assert (push("plug_state", "PlugNo"), push("plug_status", "PlugID")) == (first, second)


def test_a_message_is_read_by_the_version_it_was_sent_under(host: Host) -> None:
    sent = datetime.fromisoformat("2026-12-31T23:59:58+08:00")
    later = datetime.fromisoformat("2027-01-01T00:00:02+08:00")
    asked = {"OperatorID": PLAIN, "OperatorSecret": SECRET}
    token = host.give(sealed(PLAIN, TOKEN, asked, sent), sent).data["AccessToken"]
    content = {"PlugNo": "C1", "Status": 3}
    late = sealed(PLAIN, "/harbour/v1/plug_state", content, sent, token=token)
    assert host.give(late, later).ret == 0


def test_two_dialects_that_mean_two_things_by_one_path_are_refused(tmp_path: Path) -> None:
    clash = FIRST.replace("PushDeviceState", "PushArchive").replace("harbour", "dock", 1)
    known = dialects(tmp_path, FIRST, clash)
    peers = {
        who: Peer(
            operator_id=who,
            role=Role.OPERATOR,
            doors=frozenset({"cec102"}),
            suite="tcec102",
            inbound=SECRETS,
            dialect=dialect,
        )
        for who, dialect in ((OLD, "harbour"), (PINNED, "dock"))
    }
    identity = Identity(operator_id=PLAIN, role=Role.PLATFORM, peers=peers)
    gateway = Gateway(identity, fresh_store(), dialects=known)
    with pytest.raises(Misconfigured, match="/harbour/v1/plug_state is Push"):
        gateway.wsgi()
    one = replace(identity, peers={OLD: peers[OLD]})
    Gateway(one, fresh_store(), dialects=known).wsgi()


def test_a_dialect_may_not_hide_another_door(tmp_path: Path) -> None:
    known = dialects(tmp_path, FIRST.replace("/harbour/v1", "/vgi/v1"))
    with pytest.raises(Misconfigured, match="/vgi/v1/' must not be below"):
        Host(known, harbour=OLD)


def test_the_hour_of_the_tests_lies_between_the_versions() -> None:
    assert "2026-02-01" < NOW.date().isoformat() < "2027-01-01"
