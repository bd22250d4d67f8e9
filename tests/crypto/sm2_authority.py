"""An authority that issues certificates of SM2, well formed or with one fault on purpose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier
from cryptography.x509.oid import NameOID

from vgigw.crypto.sm2 import DEFAULT_USER_ID, PrivateKey, Sm2SoftwareProvider
from vgigw.crypto.sm2_certificate import SM2_WITH_SM3, Sm2Certificate, sm2_certificate
from vgigw.crypto.sm2_encoding import SignatureForm, encode_signature
from vgigw.crypto.sm2_keys import dump_public_key

NOT_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
NOT_AFTER = datetime(2027, 1, 1, tzinfo=UTC)
AUTHORITY = x509.BasicConstraints(ca=True, path_length=None)
ECDSA_WITH_SHA256 = ObjectIdentifier("1.2.840.10045.4.3.2")


def key_usage(*allowed: str) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: name in allowed for name in names})


@asn1.sequence
class _Algorithm:
    algorithm: ObjectIdentifier


@asn1.sequence
class _Validity:
    not_before: asn1.UTCTime
    not_after: asn1.UTCTime


@asn1.sequence
class _Extension:
    oid: ObjectIdentifier
    critical: Annotated[bool, asn1.Default(value=False)]
    octets: bytes


@asn1.sequence
class _Tbs:
    version: Annotated[int | None, asn1.Explicit(0)]
    serial: int
    algorithm: _Algorithm
    issuer: asn1.TLV
    validity: _Validity
    subject: asn1.TLV
    key: asn1.TLV
    extensions: Annotated[list[_Extension] | None, asn1.Explicit(3)]


@asn1.sequence
class _Certificate:
    tbs: asn1.TLV
    algorithm: _Algorithm
    signature: asn1.BitString


def tlv(der: bytes) -> asn1.TLV:
    return asn1.decode_der(asn1.TLV, der)


def name_of(words: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, words)])


@dataclass
class Issue:
    """What one certificate says."""

    subject: str
    extensions: Sequence[tuple[x509.ExtensionType, bool]] = field(
        default_factory=lambda: [(key_usage("digital_signature"), True)]
    )
    not_before: datetime = NOT_BEFORE
    not_after: datetime = NOT_AFTER
    algorithm: ObjectIdentifier = SM2_WITH_SM3
    outer_algorithm: ObjectIdentifier = SM2_WITH_SM3
    spki: bytes | None = None
    serial: int = 1
    version: int | None = 2
    user_id: bytes = DEFAULT_USER_ID


class Authority:
    """Somebody with a key and a certificate, who issues others."""

    def __init__(self, provider: Sm2SoftwareProvider, name: str) -> None:
        self.provider, self.name = provider, name
        self.key: PrivateKey = provider.generate()

    def issue(self, what: Issue, key: PrivateKey | None = None) -> bytes:
        """DER of a certificate of ``key``, or of our own."""
        spki = what.spki or dump_public_key((key or self.key).public_key)
        tbs = asn1.encode_der(
            _Tbs(
                version=what.version,
                serial=what.serial,
                algorithm=_Algorithm(algorithm=what.algorithm),
                issuer=tlv(name_of(self.name).public_bytes()),
                validity=_Validity(
                    not_before=asn1.UTCTime(what.not_before),
                    not_after=asn1.UTCTime(what.not_after),
                ),
                subject=tlv(name_of(what.subject).public_bytes()),
                key=tlv(spki),
                extensions=[
                    _Extension(oid=one.oid, critical=critical, octets=one.public_bytes())
                    for one, critical in what.extensions
                ]
                or None,
            )
        )
        signature = self.provider.sign(self.key, tbs, what.user_id)
        return asn1.encode_der(
            _Certificate(
                tbs=tlv(tbs),
                algorithm=_Algorithm(algorithm=what.outer_algorithm),
                signature=asn1.BitString(encode_signature(signature, SignatureForm.DER), 0),
            )
        )

    def certificate(self, path_length: int | None = None) -> Sm2Certificate:
        """Our own, signed by ourselves."""
        basic = x509.BasicConstraints(ca=True, path_length=path_length)
        extensions = [(basic, True), (key_usage("key_cert_sign"), True)]
        return sm2_certificate(self.issue(Issue(self.name, extensions)))
