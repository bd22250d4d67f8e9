"""SM2 keys as they rest: SubjectPublicKeyInfo and PKCS#8, in DER. RFC 5480, 5915, 5958.

Read strictly: named curve only, a private key of exactly 32 bytes, nothing after the end. Every
refusal of a private key is one error that neither shows nor chains what was read.
"""

from __future__ import annotations

from typing import Annotated, Final, NoReturn

from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

from vgigw.crypto.sm2 import PrivateKey, Sm2SoftwareProvider
from vgigw.crypto.sm2_curve import NUMBER_BYTES, PublicKey, number, octets
from vgigw.crypto.sm2_pbes2 import decrypt_pbes2, encrypt_pbes2
from vgigw.errors import Misconfigured

EC_PUBLIC_KEY: Final = ObjectIdentifier("1.2.840.10045.2.1")
SM2_CURVE: Final = ObjectIdentifier("1.2.156.10197.1.301")


@asn1.sequence
class _Algorithm:
    algorithm: ObjectIdentifier
    curve: ObjectIdentifier


@asn1.sequence
class PublicKeyInfo:
    """SubjectPublicKeyInfo as it stands in a certificate and alone."""

    algorithm: _Algorithm
    point: asn1.BitString


@asn1.sequence
class _EcPrivateKey:
    version: int
    scalar: bytes
    curve: Annotated[ObjectIdentifier | None, asn1.Explicit(0)]
    point: Annotated[asn1.BitString | None, asn1.Explicit(1)]


@asn1.sequence
class _PrivateKeyInfo:
    version: int
    algorithm: _Algorithm
    key: bytes


def dump_public_key(key: PublicKey) -> bytes:
    """SubjectPublicKeyInfo in DER, 91 bytes."""
    return asn1.encode_der(PublicKeyInfo(algorithm=_algorithm(), point=_bits_of(key)))


def load_public_key(der: bytes) -> PublicKey:
    """The key of a SubjectPublicKeyInfo; raises :class:`~vgigw.errors.Misconfigured`."""
    try:
        info = asn1.decode_der(PublicKeyInfo, der)
    except ValueError as cause:
        raise Misconfigured("SM2 public key cannot be read") from cause
    return public_key_of_info(info)


def is_sm2(der: bytes) -> bool:
    """Whether a SubjectPublicKeyInfo says that it is of SM2, sound or not."""
    try:
        algorithm = asn1.decode_der(PublicKeyInfo, der).algorithm
    except ValueError:
        return False
    return (algorithm.algorithm, algorithm.curve) == (EC_PUBLIC_KEY, SM2_CURVE)


def public_key_of_info(info: PublicKeyInfo) -> PublicKey:
    """As :func:`load_public_key`, of what is parsed already."""
    _require_sm2(info.algorithm)
    return _point_of(info.point)


def dump_private_key(
    provider: Sm2SoftwareProvider, key: PrivateKey, *, passphrase: bytes | None
) -> bytes:
    """PKCS#8 in DER: encrypted with ``passphrase``, or plain where that is ``None``."""
    der = _private_key_info(provider.export_key(key), key.public_key)
    return der if passphrase is None else encrypt_pbes2(der, passphrase)


def load_private_key(
    provider: Sm2SoftwareProvider, der: bytes, *, passphrase: bytes | None
) -> PrivateKey:
    """The key of a PKCS#8, encrypted unless ``passphrase`` is ``None``.

    The public key is reckoned from the private one, and must be the one that stands beside it, if
    any does. Raises :class:`~vgigw.errors.Misconfigured`.
    """
    plain = der if passphrase is None else decrypt_pbes2(der, passphrase)
    if plain is None:
        _unreadable()
    scalar, public_key = _read_private_key_info(plain)
    return provider.import_key(scalar, public_key)


def bare_private_key(scalar: bytes) -> bytes:
    """PKCS#8 in DER without the public key, for a library that reckons it."""
    return _private_key_info(scalar, None)


def _private_key_info(scalar: bytes, public_key: PublicKey | None) -> bytes:
    point = None if public_key is None else _bits_of(public_key)
    key = _EcPrivateKey(version=1, scalar=scalar, curve=None, point=point)
    info = _PrivateKeyInfo(version=0, algorithm=_algorithm(), key=asn1.encode_der(key))
    return asn1.encode_der(info)


def _read_private_key_info(der: bytes) -> tuple[bytes, PublicKey | None]:
    read = _decode_private_key_info(der)
    # Raised out here, so that no exception of the parser hangs on to it.
    if read is None:
        _unreadable()
    info, key = read
    _require_sm2(info.algorithm)
    if (info.version, key.version) != (0, 1) or key.curve not in {None, SM2_CURVE}:
        _unreadable()
    return key.scalar, None if key.point is None else _point_of(key.point)


def _decode_private_key_info(der: bytes) -> tuple[_PrivateKeyInfo, _EcPrivateKey] | None:
    try:
        info = asn1.decode_der(_PrivateKeyInfo, der)
        return info, asn1.decode_der(_EcPrivateKey, info.key)
    except ValueError:
        return None


def _algorithm() -> _Algorithm:
    return _Algorithm(algorithm=EC_PUBLIC_KEY, curve=SM2_CURVE)


def _require_sm2(algorithm: _Algorithm) -> None:
    if (algorithm.algorithm, algorithm.curve) != (EC_PUBLIC_KEY, SM2_CURVE):
        raise Misconfigured("key is not of SM2")


def _bits_of(key: PublicKey) -> asn1.BitString:
    return asn1.BitString(b"\x04" + octets(key.x) + octets(key.y), 0)


def _point_of(bits: asn1.BitString) -> PublicKey:
    point = bits.as_bytes()
    # Compressed and hybrid forms, and the single zero byte of infinity, are refused here.
    if bits.padding_bits() or len(point) != 1 + 2 * NUMBER_BYTES or point[0] != 4:
        raise Misconfigured("SM2 public key is not an uncompressed point")
    return PublicKey(number(point[1 : 1 + NUMBER_BYTES]), number(point[1 + NUMBER_BYTES :]))


def _unreadable() -> NoReturn:
    raise Misconfigured("SM2 private key cannot be read; PKCS#8 and the right passphrase?")
