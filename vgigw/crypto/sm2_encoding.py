"""How SM2 signatures and ciphertexts stand on the wire: which form, is declared and never guessed.

DER is that of GM/T 0009, read strictly: one value has one encoding, and nothing follows it.
"""

from __future__ import annotations

from enum import Enum

from cryptography.hazmat import asn1

from vgigw.crypto.sm2_curve import NUMBER_BYTES, Ciphertext, Signature, number, octets
from vgigw.errors import NotDecrypted, NotGenuine

_UNCOMPRESSED = b"\x04"
_C1_BYTES = 1 + 2 * NUMBER_BYTES
_C3_END = _C1_BYTES + NUMBER_BYTES


class SignatureForm(Enum):
    """Form of a signature."""

    DER = "der"
    """``SEQUENCE { r INTEGER, s INTEGER }``, 8 to 72 bytes."""
    RAW = "raw"
    """r and s of 32 bytes each."""


class CiphertextForm(Enum):
    """Form of a ciphertext. The order C1C2C3 of before 2012 is none."""

    DER = "der"
    """``SEQUENCE { x INTEGER, y INTEGER, C3 OCTET STRING, C2 OCTET STRING }``."""
    C1C3C2 = "c1c3c2"
    """04, x, y, C3 of 32 bytes each, then C2."""


@asn1.sequence
class _Signature:
    r: int
    s: int


@asn1.sequence
class _Ciphertext:
    x: int
    y: int
    digest: bytes
    masked: bytes


def encode_signature(signature: Signature, form: SignatureForm) -> bytes:
    """``signature`` as the peer wants it."""
    if form is SignatureForm.RAW:
        return octets(signature.r) + octets(signature.s)
    return asn1.encode_der(_Signature(r=signature.r, s=signature.s))


def decode_signature(encoded: bytes, form: SignatureForm) -> Signature:
    """The signature; raises :class:`~vgigw.errors.NotGenuine` for what is none in ``form``."""
    if form is SignatureForm.RAW:
        if len(encoded) != 2 * NUMBER_BYTES:
            raise NotGenuine
        return Signature(number(encoded[:NUMBER_BYTES]), number(encoded[NUMBER_BYTES:]))
    try:
        parts = asn1.decode_der(_Signature, encoded)
    except ValueError as cause:
        raise NotGenuine from cause
    return Signature(parts.r, parts.s)


def encode_ciphertext(ciphertext: Ciphertext, form: CiphertextForm) -> bytes:
    """``ciphertext`` as the peer wants it."""
    if form is CiphertextForm.C1C3C2:
        point = _UNCOMPRESSED + octets(ciphertext.x) + octets(ciphertext.y)
        return point + ciphertext.digest + ciphertext.masked
    return asn1.encode_der(
        _Ciphertext(
            x=ciphertext.x, y=ciphertext.y, digest=ciphertext.digest, masked=ciphertext.masked
        )
    )


def decode_ciphertext(encoded: bytes, form: CiphertextForm) -> Ciphertext:
    """The ciphertext; raises :class:`~vgigw.errors.NotDecrypted` for what is none in ``form``.

    C1 is a point of the curve in what comes back; whether C3 fits is known after decryption.
    """
    if form is CiphertextForm.C1C3C2:
        # Shorter ones come out with a short C3 or an empty C2, which no ciphertext has.
        if encoded[:1] != _UNCOMPRESSED:
            raise NotDecrypted
        x, y = encoded[1 : 1 + NUMBER_BYTES], encoded[1 + NUMBER_BYTES : _C1_BYTES]
        return Ciphertext(number(x), number(y), encoded[_C1_BYTES:_C3_END], encoded[_C3_END:])
    try:
        parts = asn1.decode_der(_Ciphertext, encoded)
    except ValueError as cause:
        raise NotDecrypted from cause
    return Ciphertext(parts.x, parts.y, parts.digest, parts.masked)
