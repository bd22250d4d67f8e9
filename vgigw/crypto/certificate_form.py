"""The frame of an X.509 certificate, and the public key in it, of whichever kind.

``cryptography`` gives the key of a certificate only where it knows the kind, and SM2 it does not.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from cryptography.hazmat import asn1

from vgigw.errors import Misconfigured


@asn1.sequence
class _Tbs:
    version: Annotated[int | None, asn1.Explicit(0)]
    serial: int
    algorithm: asn1.TLV
    issuer: asn1.TLV
    validity: asn1.TLV
    subject: asn1.TLV
    key: asn1.TLV
    issuer_id: Annotated[asn1.BitString | None, asn1.Implicit(1)]
    subject_id: Annotated[asn1.BitString | None, asn1.Implicit(2)]
    extensions: Annotated[list[asn1.TLV] | None, asn1.Explicit(3)]


@asn1.sequence
class _Certificate:
    tbs: asn1.TLV
    algorithm: asn1.TLV
    signature: asn1.BitString


class Form(NamedTuple):
    """SubjectPublicKeyInfo in DER, and the names in DER without their frame."""

    spki: bytes
    subject: bytes
    issuer: bytes


def form_of(der: bytes) -> Form:
    """The parts as they stand; raises ``ValueError``."""
    outer = asn1.decode_der(_Certificate, der)
    inner = outer.tbs.parse(_Tbs)
    if inner.serial <= 0:
        # cryptography would warn of it, and refuse it one day.
        raise ValueError("serial number is not positive")
    if asn1.encode_der(outer.algorithm) != asn1.encode_der(inner.algorithm):
        raise ValueError("two algorithms of one signature")
    return Form(asn1.encode_der(inner.key), bytes(inner.subject.data), bytes(inner.issuer.data))


def public_key_of_certificate(der: bytes) -> bytes:
    """SubjectPublicKeyInfo in DER; raises :class:`~vgigw.errors.Misconfigured`."""
    try:
        return form_of(der).spki
    except ValueError as cause:
        raise Misconfigured("certificate cannot be read") from cause
