"""The configuration: what is not known is refused with advice, and a secret is never told."""

from __future__ import annotations

from pathlib import Path

import pytest

from vgigw.codec.convention import INSIDE, Convention
from vgigw.codec.convention_stamps import CurveStamp
from vgigw.crypto.secrets import Secrets
from vgigw.errors import Misconfigured
from vgigw.objects.enumerations import CoordinateSystem, PolarityMode, UnitProfile
from vgigw.ports import Identity
from vgigw.server.config import Config, load
from vgigw.server.identity_from import identity_from

CANARY = "canary-secret-16"

GATEWAY = """
[gateway]
operator_id = "100000001"
role = "platform"
"""
PEER = f"""
[[peers]]
operator_id = "123456789"
role = "operator"
[peers.inbound]
operator_secret = "{CANARY}"
data_secret = "{CANARY}"
data_secret_iv = "{CANARY}"
sig_secret = "{CANARY}"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "vgigw.toml"
    path.write_text(text, encoding="utf-8")
    return path


def loaded(folder: Path, text: str) -> Config:
    return load(written(folder, text))


def with_signature_secret(reference: str) -> str:
    """``PEER`` with ``reference`` in the place of one secret."""
    return PEER.replace(f'sig_secret = "{CANARY}"', f'sig_secret = "{reference}"')


def inbound_of(identity: Identity) -> Secrets:
    inbound = identity.peers["123456789"].inbound
    assert isinstance(inbound, Secrets)
    return inbound


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(Misconfigured) as refused:
        identity_from(loaded(folder, text))
    return refused.value.message


def test_the_least_that_is_needed_is_an_identity(tmp_path: Path) -> None:
    config = loaded(tmp_path, GATEWAY)
    assert config.listen.host == "127.0.0.1"
    assert config.state_dir == tmp_path / "var"
    assert config.warnings() == []


@pytest.mark.parametrize(
    ("text", "unknown", "nearest"),
    [
        (GATEWAY + "windows_s = 5\n", "gateway.windows_s", "window_s"),
        ("[gatway]\n" + GATEWAY, "gatway", "gateway"),
        (GATEWAY + "[listen]\nprot = 1\n", "listen.prot", "port"),
        (GATEWAY + PEER.replace("role =", "rolle ="), "peers.rolle", "role"),
        (GATEWAY + PEER.replace("sig_secret", "sign_secret"), "peers.inbound.sign_secret", "sig_"),
        (GATEWAY + PEER + "[peers.outbound]\npath = []\n", "peers.outbound.path", "paths"),
        (GATEWAY + "[log]\nlevels = 1\n", "log.levels", "level"),
    ],
)
def test_an_unknown_key_is_refused_with_its_place_and_the_nearest_known_one(
    tmp_path: Path, text: str, unknown: str, nearest: str
) -> None:
    message = refusal(tmp_path, text)
    assert f"unknown key {unknown};" in message
    assert f"nearest known one is {nearest}" in message


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "gateway.example"])
def test_plain_http_is_served_on_loopback_only_unless_a_tls_proxy_stands_in_front(
    tmp_path: Path, host: str
) -> None:
    listen = f'[listen]\nhost = "{host}"\n'
    assert "not loopback" in refusal(tmp_path, GATEWAY + listen)
    config = loaded(tmp_path, GATEWAY + listen + "behind_tls_proxy = true\n")
    assert config.listen.host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_loopback_needs_no_proxy(tmp_path: Path, host: str) -> None:
    assert loaded(tmp_path, GATEWAY + f'[listen]\nhost = "{host}"\n').listen.host == host


def test_a_secret_may_stand_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VGIGW_TEST_SECRET", "from-environment")
    text = GATEWAY + with_signature_secret("env:VGIGW_TEST_SECRET")
    identity = identity_from(loaded(tmp_path, text))
    assert inbound_of(identity).sig_secret == b"from-environment"


def test_a_secret_may_stand_in_a_file_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "sig").write_text("from-a-file\n", encoding="utf-8")
    text = GATEWAY + with_signature_secret("file:sig")
    identity = identity_from(loaded(tmp_path, text))
    assert inbound_of(identity).sig_secret == b"from-a-file"


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("env:VGIGW_NOT_SET", "environment variable VGIGW_NOT_SET is not set"),
        ("file:nowhere", "file nowhere cannot be read"),
        ("file:.", "file . cannot be read"),
    ],
)
def test_a_secret_that_is_not_there_is_told_by_peer_member_and_place(
    tmp_path: Path, reference: str, says: str
) -> None:
    text = GATEWAY + with_signature_secret(reference)
    message = refusal(tmp_path, text)
    assert says in message
    assert "peer 123456789 inbound.sig_secret" in message


def test_a_missing_secret_is_told(tmp_path: Path) -> None:
    message = refusal(tmp_path, GATEWAY + PEER.replace(f'sig_secret = "{CANARY}"\n', ""))
    assert "sig_secret" in message
    assert CANARY not in message


def test_secrets_outbound_stand_all_four_or_none(tmp_path: Path) -> None:
    outbound = '[peers.outbound]\npaths = ["https://x"]\n'
    whole = identity_from(loaded(tmp_path, GATEWAY + PEER + outbound))
    peer = whole.peers["123456789"]
    assert peer.outbound == peer.inbound
    part = GATEWAY + PEER + outbound + f'sig_secret = "{CANARY}"\n'
    assert "all four secrets must stand, or none" in refusal(tmp_path, part)


def test_a_secret_is_in_no_repr(tmp_path: Path) -> None:
    outbound = PEER.split("[peers.inbound]")[1]
    config = loaded(tmp_path, GATEWAY + PEER + f"[peers.outbound]\n{outbound}")
    identity = identity_from(config)
    for shown in (config, config.peers, *config.peers, identity, *identity.peers.values()):
        assert CANARY not in repr(shown)
        assert CANARY not in f"{shown!s}"


@pytest.mark.parametrize(
    "spoilt",
    [
        PEER.replace(f'data_secret = "{CANARY}"', f'data_secret = "{CANARY}-too-long"'),
        PEER.replace(f'sig_secret = "{CANARY}"', f'sig_secret = ["{CANARY}"]'),
        PEER.replace(f'sig_secret = "{CANARY}"', f"sig_secret = {CANARY}"),
        PEER.replace('role = "operator"', 'role = "nobody"'),
        PEER.replace(f'sig_secret = "{CANARY}"', f'sig_secret = "{CANARY}'),
        PEER.replace('role = "operator"', 'role = "operator"\nsuite = "none"'),
        PEER + PEER,
    ],
)
def test_a_secret_is_in_no_error_nor_in_what_caused_it(tmp_path: Path, spoilt: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        identity_from(loaded(tmp_path, GATEWAY + spoilt))
    error: BaseException | None = refused.value
    while error is not None:
        assert CANARY not in str(error)
        error = error.__cause__


def test_a_literal_secret_is_warned_about_inbound_and_outbound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "as they are" in loaded(tmp_path, GATEWAY + PEER).warnings()[0]
    monkeypatch.setenv("VGIGW_TEST_SECRET", CANARY)
    clean = PEER.replace(CANARY, "env:VGIGW_TEST_SECRET")
    assert loaded(tmp_path, GATEWAY + clean).warnings() == []
    literal = "[peers.outbound]" + PEER.split("[peers.inbound]")[1]
    (warning,) = loaded(tmp_path, GATEWAY + clean + literal).warnings()
    assert "as they are" in warning
    assert CANARY not in warning


def test_leave_for_the_legacy_cipher_is_warned_about(tmp_path: Path) -> None:
    text = GATEWAY + PEER.replace(
        'role = "operator"', 'role = "operator"\nallow_legacy_suite = true'
    )
    assert any("legacy suite" in warning for warning in loaded(tmp_path, text).warnings())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GATEWAY + PEER + PEER, "stands twice"),
        (GATEWAY + PEER.replace("123456789", "100000001"), "peer 100000001 is our own id"),
        (GATEWAY + 'store = "paper"\n', "known are sqlite"),
        (GATEWAY + PEER.replace('role = "operator"', 'role = "operator"\nsuite = "x"'), "tcec102"),
        (GATEWAY.replace("100000001", "1"), "operator_id"),
        ("", "gateway"),
        (GATEWAY + "folder = 1\n", "unknown key gateway.folder"),
        ("folder = '/'\n" + GATEWAY, "unknown key folder"),
        ("[gateway", "not TOML"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, text: str, says: str) -> None:
    assert says in refusal(tmp_path, text)


def test_a_file_that_is_not_there_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="vgigw init"):
        load(tmp_path / "none.toml")


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "vgigw.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(Misconfigured):
        load(path)


@pytest.mark.parametrize("base", ["http://example.org/evcs/v1", "example.org/evcs", "ftp://x/", ""])
def test_plt_9_6b_a_path_is_https_or_plain_on_loopback(tmp_path: Path, base: str) -> None:
    text = GATEWAY + PEER + f'[peers.outbound]\npaths = ["{base}"]\n'

    assert "path" in refusal(tmp_path, text)


@pytest.mark.parametrize("base", ["https://example.org/evcs/v1", "http://127.0.0.1:1/evcs/v1"])
def test_plt_9_6b_https_anywhere_and_http_on_loopback_are_taken(tmp_path: Path, base: str) -> None:
    text = GATEWAY + PEER + f'[peers.outbound]\npaths = ["{base}"]\n'

    assert identity_from(loaded(tmp_path, text)).peers["123456789"].paths == (base,)


@pytest.mark.parametrize("prefix", ["", "/", "evcs", "/ev(cs", "/vgi/v1", "/soap", "/readyz"])
def test_a_prefix_that_hides_another_door_or_none_is_refused(tmp_path: Path, prefix: str) -> None:
    text = GATEWAY + f'[listen]\ncec102_prefix = "{prefix}"\n' + PEER

    assert "cec102_prefix" in refusal(tmp_path, text)


def test_q39_a_peer_without_a_convention_has_ours(tmp_path: Path) -> None:
    identity = identity_from(loaded(tmp_path, GATEWAY + PEER))
    assert identity.peers["123456789"].convention is INSIDE


@pytest.mark.parametrize(
    ("key", "convention"),
    [
        ('power_unit = "MW"', Convention(power_unit=UnitProfile.MW)),
        ('polarity = "load"', Convention(polarity=PolarityMode.LOAD)),
        ('polarity = "generation"', Convention(polarity=PolarityMode.GENERATION)),
        ('coordinates = "WGS-84"', Convention(coordinates=CoordinateSystem.WGS_84)),
        ('curve_stamp = "begin"', Convention(curve_stamp=CurveStamp.BEGIN)),
        ('curve_stamp = "end"', Convention(curve_stamp=CurveStamp.END)),
    ],
)
def test_q39_a_peer_has_the_convention_that_its_section_says(
    tmp_path: Path, key: str, convention: Convention
) -> None:
    config = loaded(tmp_path, f"{GATEWAY}{PEER}[peers.convention]\n{key}\n")
    assert identity_from(config).peers["123456789"].convention == convention


@pytest.mark.parametrize("value", ["mw", "GW", "W", ""])
def test_q39_a_unit_that_is_not_known_is_refused(tmp_path: Path, value: str) -> None:
    text = f'{GATEWAY}{PEER}[peers.convention]\npower_unit = "{value}"\n'
    assert "convention.power_unit" in refusal(tmp_path, text)


@pytest.mark.parametrize(
    "wrong", ["123-456-789", "12345678", "1" * 19, "\u4e00" * 9, "123456789\\n"]
)
def test_an_operator_id_is_letters_and_digits_alone(tmp_path: Path, wrong: str) -> None:
    """No message could say another one."""
    for text in (GATEWAY.replace("100000001", wrong), GATEWAY + PEER.replace("123456789", wrong)):
        with pytest.raises(Misconfigured, match=r"operator_id"):
            loaded(tmp_path, text)
