"""Private keys encrypted at rest with a passphrase: PBES2 of RFC 8018, as PKCS#8 carries it.

``cryptography`` writes and reads this for the keys that it knows; SM2 is none of them.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final

from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.ciphers.algorithms import AES128, AES256, SM4
from cryptography.hazmat.primitives.hashes import SHA256, SM3, HashAlgorithm
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.x509 import ObjectIdentifier

from vgigw.crypto.cbc import decrypt_cbc, encrypt_cbc
from vgigw.crypto.secrets import BLOCK_BYTES
from vgigw.errors import Misconfigured, NotDecrypted

ROUNDS: Final = 600_000
"""Of PBKDF2 for what is written; about half a second."""

_MOST_ROUNDS: Final = 5_000_000
_SALT_BYTES: Final = 16

_PBES2 = ObjectIdentifier("1.2.840.113549.1.5.13")
_PBKDF2 = ObjectIdentifier("1.2.840.113549.1.5.12")
_HMAC_SHA256 = ObjectIdentifier("1.2.840.113549.2.9")
_AES_256_CBC = ObjectIdentifier("2.16.840.1.101.3.4.1.42")
_DIGESTS: Final[dict[ObjectIdentifier, Callable[[], HashAlgorithm]]] = {
    _HMAC_SHA256: SHA256,
    # HMAC-SM3 in GM/T 0006, and in GM/T 0091 and OpenSSL.
    ObjectIdentifier("1.2.156.10197.1.401.2"): SM3,
    ObjectIdentifier("1.2.156.10197.1.401.3.1"): SM3,
}
_CIPHERS = {
    _AES_256_CBC: (AES256, 32),
    ObjectIdentifier("2.16.840.1.101.3.4.1.2"): (AES128, 16),
    ObjectIdentifier("1.2.156.10197.1.104.2"): (SM4, 16),
}
"""Cipher in CBC and the bytes of its key."""


@asn1.sequence
class _Digest:
    algorithm: ObjectIdentifier
    parameters: asn1.Null | None


@asn1.sequence
class _Derivation:
    salt: bytes
    rounds: int
    key_bytes: int | None
    digest: _Digest


@asn1.sequence
class _DerivationAlgorithm:
    algorithm: ObjectIdentifier
    parameters: _Derivation


@asn1.sequence
class _CipherAlgorithm:
    algorithm: ObjectIdentifier
    iv: bytes


@asn1.sequence
class _Scheme:
    derivation: _DerivationAlgorithm
    cipher: _CipherAlgorithm


@asn1.sequence
class _SchemeAlgorithm:
    algorithm: ObjectIdentifier
    parameters: _Scheme


@asn1.sequence
class _Encrypted:
    algorithm: _SchemeAlgorithm
    ciphertext: bytes


def encrypt_pbes2(plaintext: bytes, passphrase: bytes, *, rounds: int = ROUNDS) -> bytes:
    """EncryptedPrivateKeyInfo in DER: PBKDF2 with HMAC-SHA-256, then AES-256-CBC.

    Raises :class:`~vgigw.errors.Misconfigured` for an empty passphrase, and for more rounds than
    are read again.
    """
    if not passphrase:
        raise Misconfigured("passphrase of a private key must not be empty")
    if not 0 < rounds <= _MOST_ROUNDS:
        raise Misconfigured(f"rounds must be 1 to {_MOST_ROUNDS}")
    salt, iv = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(BLOCK_BYTES)
    digest = _Digest(algorithm=_HMAC_SHA256, parameters=asn1.Null())
    derivation = _Derivation(salt=salt, rounds=rounds, key_bytes=None, digest=digest)
    scheme = _Scheme(
        derivation=_DerivationAlgorithm(algorithm=_PBKDF2, parameters=derivation),
        cipher=_CipherAlgorithm(algorithm=_AES_256_CBC, iv=iv),
    )
    key = PBKDF2HMAC(SHA256(), 32, salt, rounds).derive(passphrase)
    return asn1.encode_der(
        _Encrypted(
            algorithm=_SchemeAlgorithm(algorithm=_PBES2, parameters=scheme),
            ciphertext=encrypt_cbc(AES256(key), iv, plaintext),
        )
    )


def decrypt_pbes2(der: bytes, passphrase: bytes) -> bytes | None:
    """The plaintext; ``None`` for whatever is no such form, and for a wrong passphrase.

    Read are HMAC-SHA-256 and HMAC-SM3, AES-128, AES-256 and SM4 in CBC. A wrong passphrase passes
    once in 256: only the key inside tells.
    """
    try:
        encrypted = asn1.decode_der(_Encrypted, der)
        return _open(encrypted, passphrase)
    except (ValueError, NotDecrypted):
        return None


def _open(encrypted: _Encrypted, passphrase: bytes) -> bytes | None:
    scheme = encrypted.algorithm.parameters
    derivation = scheme.derivation.parameters
    digest = _DIGESTS.get(derivation.digest.algorithm)
    cipher = _CIPHERS.get(scheme.cipher.algorithm)
    named = (encrypted.algorithm.algorithm, scheme.derivation.algorithm) == (_PBES2, _PBKDF2)
    if not named or digest is None or cipher is None:
        return None
    algorithm, key_bytes = cipher
    if not 0 < derivation.rounds <= _MOST_ROUNDS or derivation.key_bytes not in {None, key_bytes}:
        return None
    key = PBKDF2HMAC(digest(), key_bytes, derivation.salt, derivation.rounds).derive(passphrase)
    return decrypt_cbc(algorithm(key), scheme.cipher.iv, encrypted.ciphertext)
