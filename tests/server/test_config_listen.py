"""``[listen]`` and the certificates of peers: what cannot be meant is refused, weak is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.authority import Authority
from tests.server.test_config import GATEWAY, PEER, loaded, refusal
from tests.stores.fresh import fresh_store
from vgigw.server.arrival import TrustedProxy
from vgigw.server.assembly import Gateway
from vgigw.server.identity_from import identity_from

BEHIND = "[listen]\nbehind_tls_proxy = true\n"
FINGERPRINT = f"sha256:{'a' * 64}"


def with_peer(*lines: str) -> str:
    return PEER.replace('role = "operator"', "\n".join(('role = "operator"', *lines)))


@pytest.mark.parametrize("key", ["client_certificate_header", "source_header"])
def test_what_a_proxy_tells_needs_a_proxy(tmp_path: Path, key: str) -> None:
    told = f'[listen]\n{key} = "ClientTold"\n'
    assert "behind_tls_proxy" in refusal(tmp_path, GATEWAY + told)
    assert loaded(tmp_path, GATEWAY + told + "behind_tls_proxy = true\n").warnings() == []


@pytest.mark.parametrize("name", ["Client_Cert", "Client Cert", "-x", "x-", "x\\n", "\u540d"])
def test_a_header_has_a_name_that_a_header_can_have(tmp_path: Path, name: str) -> None:
    text = GATEWAY + BEHIND + f'client_certificate_header = "{name}"\n'
    assert "no name of a header" in refusal(tmp_path, text)


@pytest.mark.parametrize("proxies", ['["10.0.0.1/8"]', '["proxy"]', '[""]', '["10.0.0.0/8", "x"]'])
def test_a_trusted_proxy_is_a_network(tmp_path: Path, proxies: str) -> None:
    text = GATEWAY + BEHIND + f"trusted_proxies = {proxies}\n"
    assert "no network" in refusal(tmp_path, text)


def test_behind_a_proxy_somebody_has_to_be_trusted(tmp_path: Path) -> None:
    assert "empty" in refusal(tmp_path, GATEWAY + BEHIND + "trusted_proxies = []\n")


@pytest.mark.parametrize("network", ["0.0.0.0/0", "::/0"])
def test_trust_in_everybody_is_told(tmp_path: Path, network: str) -> None:
    config = loaded(tmp_path, GATEWAY + BEHIND + f'trusted_proxies = ["{network}"]\n')
    assert any("everybody" in warning for warning in config.warnings())


@pytest.mark.parametrize("key", ["client_certificate_header", "source_header"])
def test_attack_a_header_whose_name_has_a_twin_with_an_underscore_is_told(
    tmp_path: Path, key: str
) -> None:
    config = loaded(tmp_path, GATEWAY + BEHIND + f'{key} = "Client-Told"\n')
    assert [key in warning and "underscore" in warning for warning in config.warnings()] == [True]


def test_the_gateway_is_told_of_its_proxy(tmp_path: Path) -> None:
    keys = 'trusted_proxies = ["unix"]\nclient_certificate_header = "C"\nsource_header = "S"\n'
    path = tmp_path / "vgigw.toml"
    path.write_text(GATEWAY + BEHIND + keys)
    gateway = Gateway.from_config(path, store=fresh_store())
    told = TrustedProxy(networks=("unix",), certificate_header="C", source_header="S")
    assert (gateway.behind_tls_proxy, gateway.proxy) == (True, told)


def test_plt_10_3a_a_peer_is_known_by_its_certificates(tmp_path: Path) -> None:
    issued = Authority(tmp_path).issue("peer")
    text = GATEWAY + with_peer(f'certificates = ["{FINGERPRINT.upper()}", "file:peer.pem"]')
    peer = identity_from(loaded(tmp_path, text)).peers["123456789"]
    assert peer.certificates == (FINGERPRINT, issued.fingerprint)


@pytest.mark.parametrize("text", ["sha256:aa", "peer.pem", "", f"sha1:{'a' * 64}"])
def test_what_names_no_certificate_is_refused(tmp_path: Path, text: str) -> None:
    message = refusal(tmp_path, GATEWAY + with_peer(f'certificates = ["{text}"]'))
    assert "peer 123456789: certificates" in message


def test_a_transport_that_protects_whoever_comes_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VGIGW_TEST_SECRET", "canary-secret-16")
    header = BEHIND + 'client_certificate_header = "C"\n'

    def warnings(listen: str, *lines: str) -> list[str]:
        peer = with_peer(*lines).replace("canary-secret-16", "env:VGIGW_TEST_SECRET")
        return loaded(tmp_path, GATEWAY + listen + peer).warnings()

    by_transport, known = 'protection = "transport"', f'certificates = ["{FINGERPRINT}"]'
    assert "name its certificates" in warnings(header, by_transport)[0]
    assert "never seen" in warnings(BEHIND, by_transport, known)[0]
    assert warnings(header, by_transport, known) == []
    assert warnings("", by_transport) == []
