"""``vgigw doctor`` on TLS: certificates that nobody tells, open private keys, weak ciphers.

PLT-10.3a, PLT-7.10e.
"""

from __future__ import annotations

import socket
import ssl
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.authority import Authority
from tests.senders.tls_peer import TlsPeer, server_context
from vgigw.cli.checks import look_over, secrets_of
from vgigw.cli.findings import Finding, State
from vgigw.cli.front_checks import client_certificates, port
from vgigw.server.config import Config, load
from vgigw.testing.gateway_process import free_port

PROXY = 'behind_tls_proxy = true\nclient_certificate_header = "ClientCertificate"\n'
KNOWN = f'certificates = ["sha256:{"a" * 64}"]\n'
NEEDS = "suite tcec102 does not protect classes IMP and SEN"


def config(folder: Path, listen: str = "", peer: str = "", outbound: str = "") -> Config:
    (folder / "secret").write_text("1234567890abcdef")
    (folder / "secret").chmod(0o600)
    names = ("operator_secret", "data_secret", "data_secret_iv", "sig_secret")
    secrets = "\n".join(f'{name} = "file:secret"' for name in names)
    doors = "" if "doors" in peer else 'doors = ["rest"]\n'
    (folder / "vgigw.toml").write_text(f"""
[gateway]
operator_id = "100000001"
[listen]
{listen if "port" in listen else f"port = {free_port()}{chr(10)}{listen}"}
[[peers]]
operator_id = "123456789"
role = "operator"
{doors}{peer}
[peers.inbound]
{secrets}
{outbound}
""")
    return load(folder / "vgigw.toml")


def states(found: Any) -> list[State]:
    return [each.state for each in found]


def weak(found: list[Finding]) -> list[str]:
    return [each.found for each in found if NEEDS in each.found]


def test_a_proxy_that_tells_certificates_is_well(tmp_path: Path) -> None:
    (found,) = client_certificates(config(tmp_path, PROXY, KNOWN))
    assert (found.state, found.found) == (State.OK, "told by the proxy in ClientCertificate")


def test_where_nobody_has_certificates_nobody_has_to_tell_them(tmp_path: Path) -> None:
    assert list(client_certificates(config(tmp_path))) == []


def test_certificates_that_nobody_is_seen_to_ask_for_are_a_worry(tmp_path: Path) -> None:
    (found,) = client_certificates(config(tmp_path, "", KNOWN))
    assert found.state is State.WARN
    assert "gunicorn or cheroot" in found.advice


@pytest.mark.parametrize("asks", [False, True], ids=["server alone", "client certificates"])
def test_tls_on_the_port_is_seen_and_no_other_program(tmp_path: Path, asks: bool) -> None:
    authority = Authority(tmp_path)
    context = server_context(authority.issue("server"), authority if asks else None)
    # In TLS 1.3 the client would be told after its handshake.
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    peer = TlsPeer(context)
    try:
        served = config(tmp_path, f"port = {peer.base.split(':')[2].partition('/')[0]}", KNOWN)
        assert states(port(served)) == [State.OK]
        assert states(client_certificates(served)) == [State.OK]
    finally:
        peer.close()


def test_plain_http_on_the_port_is_no_tls(tmp_path: Path) -> None:
    def answer(server: socket.socket) -> None:
        link, _ = server.accept()
        with link:
            link.recv(65_536)
            link.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as squatter:
        squatter.settimeout(10)
        taken = config(tmp_path, f"port = {squatter.getsockname()[1]}", KNOWN)
        other = threading.Thread(target=answer, args=(squatter,))
        other.start()
        assert states(client_certificates(taken)) == [State.WARN]
        other.join()


@pytest.mark.parametrize(
    ("mode", "expected"), [(0o600, State.OK), (0o640, State.WARN), (0o604, State.WARN)]
)
def test_a_private_key_for_tls_is_private(tmp_path: Path, mode: int, expected: State) -> None:
    own = Authority(tmp_path).issue("own")
    own.key.chmod(mode)
    outbound = (
        '[peers.outbound]\npaths = ["https://127.0.0.1:1/vgi/v1"]\ndoor = "rest"\n'
        'certificate = "file:own.pem"\ncertificate_key = "file:own.key"'
    )
    found = list(secrets_of(config(tmp_path, outbound=outbound)))
    advice = [each.advice for each in found if each.state is State.WARN]
    assert advice == ([f"chmod 600 {own.key}"] if expected is State.WARN else [])


@pytest.mark.parametrize(
    ("listen", "peer", "warned"),
    [
        (PROXY, "", True),
        (PROXY, 'doors = ["cec102"]\nprotection = "transport"', True),
        (PROXY, 'protection = "transport"', False),
        (PROXY, "allow_legacy_suite = true", False),
        (PROXY, 'suite = "gm-mac"', False),
        (PROXY, KNOWN, False),
        ("", "", False),
    ],
    ids=["", "its door encrypts", "typed", "allowed", "another suite", "mutual TLS", "loopback"],
)
def test_plt_7_10e_a_suite_that_covers_no_secret_is_told_before_the_first_is_refused(
    tmp_path: Path, listen: str, peer: str, warned: bool
) -> None:
    config(tmp_path, listen, peer)
    assert bool(weak(look_over(tmp_path / "vgigw.toml"))) is warned
