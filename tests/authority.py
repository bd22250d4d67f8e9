"""A certificate authority for tests: servers, clients, and a list of what was revoked."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


class Issued(NamedTuple):
    """A certificate and its key, each in a file of its own."""

    certificate: Path
    key: Path
    fingerprint: str

    @property
    def pem(self) -> str:
        return self.certificate.read_text()

    @property
    def in_rfc_9440(self) -> str:
        """As a header has it."""
        return f":{base64.b64encode(self.der).decode()}:"

    @property
    def der(self) -> bytes:
        return x509.load_pem_x509_certificate(self.certificate.read_bytes()).public_bytes(
            Encoding.DER
        )


class Authority:
    """An authority with its certificate in ``file``; another one trusts nothing of it."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self._folder = folder
        self._name = _name(name)
        self._key = generate_private_key(SECP256R1())
        self.file = folder / f"{name}.pem"
        made = (
            _builder(name, self._key.public_key(), 9)
            .issuer_name(self._name)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_usage(signs_others=True), critical=True)
            .sign(self._key, SHA256())
        )
        self.file.write_bytes(made.public_bytes(Encoding.PEM))

    def issue(
        self, name: str, *, address: str = "127.0.0.1", host: str = "", days: int = 9
    ) -> Issued:
        """A certificate for ``address``, or for the name ``host`` where one is given, that ends in
        so many days, or ended."""
        whose = x509.DNSName(host) if host else x509.IPAddress(ip_address(address))
        key = generate_private_key(SECP256R1())
        made = (
            _builder(name, key.public_key(), days)
            .issuer_name(self._name)
            .add_extension(x509.SubjectAlternativeName([whose]), critical=False)
            .add_extension(_usage(signs_others=False), critical=True)
            .sign(self._key, SHA256())
        )
        issued = Issued(
            self._folder / f"{name}.pem",
            self._folder / f"{name}.key",
            f"sha256:{made.fingerprint(SHA256()).hex()}",
        )
        issued.certificate.write_bytes(made.public_bytes(Encoding.PEM))
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        issued.key.write_bytes(secret)
        return issued

    def revoked(self, issued: Iterable[Issued] = (), *, days: int = 1) -> Path:
        """The list of what was revoked, which ends in so many days, or ended."""
        now = datetime.now(UTC)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self._name)
            .last_update(now - timedelta(days=9))
            .next_update(now + timedelta(days=days))
        )
        for each in issued:
            number = x509.load_pem_x509_certificate(each.certificate.read_bytes()).serial_number
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(number)
                .revocation_date(now - timedelta(hours=1))
                .build()
            )
        file = self.file.with_suffix(".crl")
        file.write_bytes(builder.sign(self._key, SHA256()).public_bytes(Encoding.PEM))
        return file


def _builder(name: str, public_key: object, days: int) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .public_key(public_key)  # type: ignore[arg-type]
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=9))
        .not_valid_after(now + timedelta(days=days))
    )


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _usage(*, signs_others: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_others,
        crl_sign=signs_others,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
