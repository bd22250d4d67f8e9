"""``[peers.outbound]``: by which files a peer is called over TLS. PLT-10.3a."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.authority import Authority
from tests.server.test_config import GATEWAY, PEER, loaded, refusal
from tests.stores.fresh import fresh_store
from vgigw.errors import Misconfigured
from vgigw.ports.tls import SYSTEM, TlsFiles
from vgigw.server.assembly import Gateway
from vgigw.server.identity_from import identity_from
from vgigw.server.link_checks import tls_of

OUTBOUND = '[peers.outbound]\npaths = ["https://peer.example/evcs/v1"]\n'
OWN = 'certificate = "file:own.pem"\ncertificate_key = "file:own.key"\n'


def test_plt_10_3a_files_of_a_peer_are_those_of_its_bases(tmp_path: Path) -> None:
    lists = 'authorities = "file:ca.pem"\nrevocations = "file:ca.crl"\n'
    identity = identity_from(loaded(tmp_path, GATEWAY + PEER + OUTBOUND + OWN + lists))
    files = TlsFiles(
        certificate=tmp_path / "own.pem",
        certificate_key=tmp_path / "own.key",
        authorities=tmp_path / "ca.pem",
        revocations=tmp_path / "ca.crl",
    )
    assert tls_of(identity) == {"https://peer.example/evcs/v1": files}


def test_without_files_the_system_decides(tmp_path: Path) -> None:
    identity = identity_from(loaded(tmp_path, GATEWAY + PEER + OUTBOUND))
    assert set(tls_of(identity).values()) == {SYSTEM}


@pytest.mark.parametrize("key", ["certificate", "certificate_key"])
def test_a_certificate_and_its_key_stand_together(tmp_path: Path, key: str) -> None:
    text = GATEWAY + PEER + OUTBOUND + f'{key} = "file:own"\n'
    assert "stand together" in refusal(tmp_path, text)


@pytest.mark.parametrize("value", ["own.pem", "env:OWN", "-----BEGIN", ""])
@pytest.mark.parametrize("key", ["authorities", "revocations"])
def test_what_tls_reads_lies_in_files(tmp_path: Path, key: str, value: str) -> None:
    text = GATEWAY + PEER + OUTBOUND + f'{key} = "{value}"\n'
    assert f"outbound.{key}: write it as file:PATH" in refusal(tmp_path, text)


def test_two_peers_at_one_base_have_one_certificate(tmp_path: Path) -> None:
    other = PEER.replace("123456789", "987654321")
    same = GATEWAY + PEER + OUTBOUND + OWN + other + OUTBOUND
    assert tls_of(identity_from(loaded(tmp_path, same + OWN)))
    with pytest.raises(Misconfigured, match=r"987654321: https://peer\.example"):
        tls_of(identity_from(loaded(tmp_path, same)))


def test_files_that_do_not_do_end_the_start(tmp_path: Path) -> None:
    path = tmp_path / "vgigw.toml"
    path.write_text(GATEWAY + PEER + OUTBOUND + OWN)
    with pytest.raises(Misconfigured, match=r"own\.pem"):
        Gateway.from_config(path, store=fresh_store())
    Authority(tmp_path).issue("own")
    Gateway.from_config(path, store=fresh_store()).close()
