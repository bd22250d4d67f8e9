"""``vgigw init`` writes what loads and serves, with every key, its default, and fresh secrets."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from vgigw.cli import main
from vgigw.cli.template import WORDS
from vgigw.ports import Limits
from vgigw.server.config import Config, GatewaySection, LogSection, load
from vgigw.server.config_listen import ListenSection
from vgigw.server.config_peers import (
    ConventionSection,
    OutboundSection,
    PeerSection,
    SecretsSection,
)
from vgigw.server.identity_from import identity_from

SECTIONS = {
    "gateway": GatewaySection,
    "listen": ListenSection,
    "log": LogSection,
    "limits": Limits,
    "peers": PeerSection,
    "peers.convention": ConventionSection,
    "peers.inbound": SecretsSection,
    "peers.outbound": OutboundSection,
}
DOCUMENTED = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "configure.md"


def init(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["init", *arguments])


def keys() -> list[tuple[str, str]]:
    """(section, key) of every value that a configuration may hold."""
    return [
        (section, name)
        for section, cls in SECTIONS.items()
        for name in cls.__struct_fields__
        if f"{section}.{name}" not in SECTIONS
    ]


def test_it_loads_without_a_warning(tmp_path: Path) -> None:
    assert init(str(tmp_path)).exit_code == 0

    config = load(tmp_path / "vgigw.toml")

    assert config.warnings() == []
    assert {p.role.value for p in identity_from(config).peers.values()} == {"operator", "dispatch"}


@pytest.mark.parametrize(("section", "key"), keys())
def test_every_key_stands_in_it_and_in_the_guide(tmp_path: Path, section: str, key: str) -> None:
    init(str(tmp_path))
    text = (tmp_path / "vgigw.toml").read_text("utf-8")

    assert f"\n{key} = " in text or f"\n# {key} = " in text
    assert WORDS[f"{section}.{key}"]
    assert f"`{key}`" in DOCUMENTED.read_text("utf-8")


def test_what_it_shows_as_default_is_the_default(tmp_path: Path) -> None:
    init(str(tmp_path))
    written = tomllib.loads((tmp_path / "vgigw.toml").read_text("utf-8"))
    written["peers"] = []

    shown = msgspec.convert(written, Config)

    needed = GatewaySection(operator_id="100000001")
    assert shown == Config(gateway=needed)


def test_secrets_are_private_fresh_and_differ(tmp_path: Path) -> None:
    init(str(tmp_path / "one"))
    init(str(tmp_path / "two"))

    files = [f for name in ("one", "two") for f in (tmp_path / name / "secrets").iterdir()]
    assert len(files) == 16
    assert {stat.S_IMODE(f.stat().st_mode) for f in files} == {0o600}
    assert len({f.read_text() for f in files}) == 16
    assert "/secrets/" in (tmp_path / "one" / ".gitignore").read_text()


def test_it_overwrites_nothing_unless_told(tmp_path: Path) -> None:
    init(str(tmp_path))
    before = {f: f.read_bytes() for f in tmp_path.rglob("*") if f.is_file()}

    again = init(str(tmp_path))

    assert again.exit_code == 2
    assert "--force" in again.stderr
    assert again.stdout == ""
    assert {f: f.read_bytes() for f in tmp_path.rglob("*") if f.is_file()} == before
    assert init(str(tmp_path), "--force").exit_code == 0
    assert {f: f.read_bytes() for f in before} != before


@pytest.mark.parametrize("wrong", ["short", "1" * 19, '12345678"', "\u4e00" * 9])
def test_an_identity_that_could_not_load_is_refused(tmp_path: Path, wrong: str) -> None:
    assert init(str(tmp_path), "--operator-id", wrong).exit_code == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("own", ["123456789", "200000002"])
def test_the_example_peers_are_not_ourselves(tmp_path: Path, own: str) -> None:
    assert init(str(tmp_path), "--operator-id", own).exit_code == 0

    config = load(tmp_path / "vgigw.toml")

    assert config.gateway.operator_id == own
    assert len(identity_from(config).peers) == 2
    assert len(list((tmp_path / "secrets").iterdir())) == 8
