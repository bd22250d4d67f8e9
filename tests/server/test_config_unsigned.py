"""``[[peers]] unsigned``: what has to stand beside it, and that it is told. PLT-10.3a."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.authority import Authority
from tests.server.test_config import GATEWAY, PEER, loaded, refusal
from vgigw.cli.findings import State
from vgigw.cli.front_checks import client_certificates
from vgigw.errors import Misconfigured
from vgigw.server.identity_from import identity_from
from vgigw.server.serve import serve

LISTEN = '[listen]\nbehind_tls_proxy = true\nclient_certificate_header = "ClientCert"\n'
KEYS = {
    "doors": '["rest", "soap"]',
    "protection": '"transport"',
    "certificates": f'["sha256:{"a" * 64}"]',
    "unsigned": "true",
}
OUTBOUND = '[peers.outbound]\ndoor = "rest"\npaths = ["https://peer.example/vgi/v1"]\n'
OWN_AUTHORITIES = 'authorities = "file:ca.pem"\n'


def text(listen: str = LISTEN, outbound: str = "", **keys: str | None) -> str:
    lines = [f"{name} = {value}" for name, value in (KEYS | keys).items() if value]
    role = 'role = "operator"\n'
    return GATEWAY + listen + PEER.replace(role, role + "\n".join(lines) + "\n") + outbound


def test_plt_10_3a_a_peer_may_leave_its_messages_unsigned(tmp_path: Path) -> None:
    peer = identity_from(loaded(tmp_path, text())).peers["123456789"]
    assert (peer.unsigned, peer.unsigned_sensitive) == (True, False)
    both = text(outbound=OUTBOUND + OWN_AUTHORITIES, unsigned_sensitive="true")
    peer = identity_from(loaded(tmp_path, both)).peers["123456789"]
    assert (peer.unsigned, peer.unsigned_sensitive) == (True, True)


@pytest.mark.parametrize(
    ("wrong", "advice"),
    [
        (text(doors='["rest", "cec102"]'), "leave cec102 out"),
        (text(protection=None), 'set protection = "transport"'),
        (text(certificates=None), "name its certificates"),
        (text(unsigned="false", unsigned_sensitive="true"), "set that, too"),
        (text(soap_signature='"ws-security"', suite='"intl"'), "leave soap_signature out"),
        (text("[listen]\nbehind_tls_proxy = true\n"), "listen.client_certificate_header"),
        (text(outbound=OUTBOUND), "set outbound.authorities"),
        (
            text(outbound=OUTBOUND.replace("https://peer.example", "http://127.0.0.1:1")),
            "set outbound.authorities",
        ),
        (
            text(outbound=OUTBOUND.replace('"rest"', '"cec102"') + OWN_AUTHORITIES),
            "set outbound.door",
        ),
    ],
)
def test_plt_10_3a_what_vouches_for_it_has_to_be_there(
    tmp_path: Path, wrong: str, advice: str
) -> None:
    told = refusal(tmp_path, wrong)
    assert "123456789: unsigned: " in told
    assert advice in told


def test_a_gateway_that_ends_no_tls_does_not_begin(tmp_path: Path) -> None:
    path = tmp_path / "vgigw.toml"
    path.write_text(text(""))
    with pytest.raises(Misconfigured, match="vgigw serve ends no TLS"):
        serve(path)


def test_it_is_told_at_the_start_and_by_the_doctor(tmp_path: Path) -> None:
    warnings = loaded(tmp_path, text()).warnings()
    assert any("may come unsigned, but for class SEN" in each for each in warnings)
    warnings = loaded(tmp_path, text(unsigned_sensitive="true")).warnings()
    assert any("may come unsigned, class SEN included" in each for each in warnings)
    warnings = loaded(tmp_path, text("")).warnings()
    assert any("which vgigw serve does not" in each for each in warnings)


def second(folder: Path, unsigned: str) -> str:
    """Another peer, known by the certificate of the first: once in words, once as a file."""
    authority = Authority(folder)
    issued = authority.issue("client")
    other = PEER.replace("123456789", "987654321").replace(
        'role = "operator"\n',
        f'role = "operator"\ncertificates = ["file:{issued.certificate}"]\n',
    )
    return text(unsigned=unsigned, certificates=f'["{issued.fingerprint.upper()}"]') + other


@pytest.mark.parametrize("order", ["unsigned first", "unsigned last"])
def test_attack_a_certificate_of_two_peers_vouches_for_neither(tmp_path: Path, order: str) -> None:
    whole = second(tmp_path, "true")
    if order == "unsigned last":
        head, first, last = whole.split("[[peers]]")
        whole = "[[peers]]".join((head, last + "\n", first))
    told = refusal(tmp_path, whole)
    assert "peers 123456789" in told.replace("987654321 and 123456789", "123456789 and")
    assert "have one certificate" in told
    config = loaded(tmp_path, whole)
    assert config.peers


def test_a_certificate_of_two_peers_that_sign_is_told_by_the_doctor(tmp_path: Path) -> None:
    config = loaded(tmp_path, second(tmp_path, "false"))
    assert len(identity_from(config).peers) == 2
    warned = [each for each in client_certificates(config) if each.state is State.WARN]
    assert ["one certificate" in each.found for each in warned] == [True]
