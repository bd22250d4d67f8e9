"""The public key of an X.509 certificate, of whichever kind: ``cryptography`` tells none of SM2."""

from __future__ import annotations

from typing import Annotated

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


def public_key_of_certificate(der: bytes) -> bytes:
    """SubjectPublicKeyInfo in DER, as it stands; raises :class:`~vgigw.errors.Misconfigured`."""
    try:
        return asn1.encode_der(asn1.decode_der(_Certificate, der).tbs.parse(_Tbs).key)
    except ValueError as cause:
        raise Misconfigured("certificate cannot be read") from cause
