"""Certificates and requests for them, written for whichever kind of key signs. RFC 5280, RFC 2986.

``cryptography`` signs certificates with keys that it knows, and SM2 is none of them: here it
encodes names, extensions and the frame, and whoever has the key signs. One writer for all kinds, so
that they say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Final, NamedTuple

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

from vgigw.crypto.key_algorithms import Algorithm

Extensions = Sequence[tuple[x509.ExtensionType, bool]]
"""Each with whether it is critical."""

_VERSION_3: Final = 2
_REQUESTED: Final = ObjectIdentifier("1.2.840.113549.1.9.14")
_LAST_OF_UTC_TIME: Final = 2049


class Signer(NamedTuple):
    """A private key as a function, and its public key (SubjectPublicKeyInfo)."""

    algorithm: Algorithm
    public: bytes
    sign: Callable[[bytes], bytes]


class Holder(NamedTuple):
    """Whom a certificate is of, and from when until when."""

    subject: x509.Name
    public: bytes
    not_before: datetime
    not_after: datetime


@asn1.sequence
class _Algorithm:
    algorithm: ObjectIdentifier
    parameters: asn1.Null | None


@asn1.sequence
class _Validity:
    not_before: asn1.TLV
    not_after: asn1.TLV


@asn1.sequence
class _Extension:
    oid: ObjectIdentifier
    critical: Annotated[bool, asn1.Default(value=False)]
    octets: bytes


@asn1.sequence
class _Tbs:
    version: Annotated[int, asn1.Explicit(0)]
    serial: int
    algorithm: _Algorithm
    issuer: asn1.TLV
    validity: _Validity
    subject: asn1.TLV
    key: asn1.TLV
    extensions: Annotated[list[_Extension], asn1.Explicit(3)]


@asn1.sequence
class _Attribute:
    oid: ObjectIdentifier
    values: asn1.SetOf[list[_Extension]]


@asn1.sequence
class _RequestInfo:
    version: int
    subject: asn1.TLV
    key: asn1.TLV
    attributes: Annotated[asn1.SetOf[_Attribute], asn1.Implicit(0)]


@asn1.sequence
class _Signed:
    content: asn1.TLV
    algorithm: _Algorithm
    signature: asn1.BitString


_SIGNED_BY: Final = {
    Algorithm.SM2: _Algorithm(algorithm=ObjectIdentifier("1.2.156.10197.1.501"), parameters=None),
    Algorithm.ED25519: _Algorithm(algorithm=ObjectIdentifier("1.3.101.112"), parameters=None),
    Algorithm.RSA: _Algorithm(
        algorithm=ObjectIdentifier("1.2.840.113549.1.1.11"), parameters=asn1.Null()
    ),
}
"""SM2 with SM3, Ed25519, RSA (PKCS #1 v1.5) with SHA-256."""


def write_certificate(
    issuer: Signer, issuer_name: bytes, holder: Holder, extensions: Extensions
) -> bytes:
    """DER of a certificate with a random serial number of 159 bits; ``issuer_name`` is in DER."""
    tbs = _Tbs(
        version=_VERSION_3,
        serial=x509.random_serial_number(),
        algorithm=_SIGNED_BY[issuer.algorithm],
        issuer=_tlv(issuer_name),
        validity=_Validity(not_before=_time(holder.not_before), not_after=_time(holder.not_after)),
        subject=_tlv(holder.subject.public_bytes()),
        key=_tlv(holder.public),
        extensions=_written(extensions),
    )
    return _signed(issuer, asn1.encode_der(tbs))


def write_request(signer: Signer, subject: x509.Name, extensions: Extensions) -> bytes:
    """DER of a PKCS #10 request, which proves that ``signer`` has the private key."""
    asked = _Attribute(oid=_REQUESTED, values=asn1.SetOf([_written(extensions)]))
    info = _RequestInfo(
        version=0,
        subject=_tlv(subject.public_bytes()),
        key=_tlv(signer.public),
        attributes=asn1.SetOf([asked]),
    )
    return _signed(signer, asn1.encode_der(info))


def _signed(signer: Signer, content: bytes) -> bytes:
    signature = asn1.BitString(signer.sign(content), 0)
    by = _SIGNED_BY[signer.algorithm]
    return asn1.encode_der(_Signed(content=_tlv(content), algorithm=by, signature=signature))


def _written(extensions: Extensions) -> list[_Extension]:
    return [
        _Extension(oid=one.oid, critical=critical, octets=one.public_bytes())
        for one, critical in extensions
    ]


def _time(instant: datetime) -> asn1.TLV:
    form = asn1.UTCTime if instant.year <= _LAST_OF_UTC_TIME else asn1.GeneralizedTime
    return _tlv(asn1.encode_der(form(instant.replace(microsecond=0))))


def _tlv(der: bytes) -> asn1.TLV:
    return asn1.decode_der(asn1.TLV, der)
