"""A peer is called over TLS and known by its certificate; anything else is no peer. PLT-10.3a."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from socket import create_server

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from vgigw.envelope.wire import WireRequest
from vgigw.errors import PeerUnreachable
from vgigw.senders.http import HttpSender

ASKED = WireRequest(method="POST", path="/x", body=b"body")
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def certificate(folder: Path, address: str, days: int) -> Path:
    """A key and a certificate of its own for ``address``, in one file."""
    key, now = generate_private_key(SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "peer")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=9))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    file = folder / f"{address}-{days}.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(secret + made.public_bytes(Encoding.PEM))
    return file


class TlsPeer:
    """Answers over TLS until it is closed; ``bodies`` is what arrived."""

    def __init__(self, file: Path, highest: ssl.TLSVersion | None = None) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(file)
        if highest is not None:
            self._context.set_ciphers("ALL:@SECLEVEL=0")
            self._context.minimum_version = ssl.TLSVersion.TLSv1
            self._context.maximum_version = highest
        self.bodies: list[bytes] = []
        self._server = create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def base(self) -> str:
        return f"https://127.0.0.1:{self._server.getsockname()[1]}/"

    def close(self) -> None:
        self._server.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                raw, _ = self._server.accept()
                with suppress(OSError), self._context.wrap_socket(raw, server_side=True) as link:
                    seen = b""
                    while not seen.endswith(b"body"):
                        seen += link.recv(65536)
                    self.bodies.append(seen)
                    link.sendall(ANSWER)


@pytest.fixture
def sender(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpSender]:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate(tmp_path, "127.0.0.1", 9)))
    made = HttpSender()
    yield made
    made.close()


def test_plt_10_3a_a_peer_with_a_certificate_that_is_trusted_is_called(
    sender: HttpSender, tmp_path: Path
) -> None:
    peer = TlsPeer(tmp_path / "127.0.0.1-9.pem")
    assert sender.exchange(peer.base, ASKED).body == b"ok"
    assert len(peer.bodies) == 1
    peer.close()


@pytest.mark.parametrize(
    ("address", "days", "trusted"),
    [("127.0.0.1", 8, False), ("127.0.0.2", 9, True), ("127.0.0.1", -1, True)],
    ids=["of nobody we trust", "of another address", "expired"],
)
def test_plt_10_3a_nothing_is_told_to_who_shows_a_certificate(
    address: str, days: int, trusted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = certificate(tmp_path, address, days)
    ours = shown if trusted else certificate(tmp_path, "127.0.0.1", 7)
    monkeypatch.setenv("SSL_CERT_FILE", str(ours))
    peer, sender = TlsPeer(shown), HttpSender()
    with pytest.raises(PeerUnreachable):
        sender.exchange(peer.base, ASKED)
    assert peer.bodies == []
    sender.close()
    peer.close()


def test_plt_10_3a_tls_of_before_1_2_is_refused(sender: HttpSender, tmp_path: Path) -> None:
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        peer = TlsPeer(tmp_path / "127.0.0.1-9.pem", ssl.TLSVersion.TLSv1_1)
    with pytest.raises(PeerUnreachable):
        sender.exchange(peer.base, ASKED)
    assert peer.bodies == []
    peer.close()
