"""The kinds of key that a key ring holds: how each is made, read and written."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from vgigw.crypto import secret_set_form
from vgigw.crypto.intl import LEAST_RSA_BITS, MOST_RSA_BITS
from vgigw.crypto.link_keys import Purpose
from vgigw.crypto.sm2 import Sm2SoftwareProvider
from vgigw.crypto.sm2_encoding import SignatureForm, encode_signature
from vgigw.crypto.sm2_keys import (
    dump_private_key,
    dump_public_key,
    is_sm2,
    load_private_key,
    load_public_key,
)
from vgigw.crypto.sm2_pbes2 import decrypt_pbes2
from vgigw.errors import Misconfigured

RSA_BITS: Final = 3072
"""Of a new key."""


class Algorithm(StrEnum):
    """Kind of a key."""

    SM2 = "sm2"
    RSA = "rsa"
    ED25519 = "ed25519"
    SECRETS = "secrets"
    """No key pair: four secrets that two parties have in common, for tcec102 and gm-mac."""

    def serves(self, purpose: Purpose) -> bool:
        """Whether a key of this kind can be used so: Ed25519 only signs, and a set of secrets is
        for an exchange, which nothing else is for."""
        if self is Algorithm.SECRETS or purpose is Purpose.EXCHANGE:
            return self is Algorithm.SECRETS and purpose is Purpose.EXCHANGE
        return self is not Algorithm.ED25519 or purpose is not Purpose.ENCRYPT


OF_SUITE: Final = {
    "gm": frozenset({Algorithm.SM2}),
    "intl": frozenset({Algorithm.RSA, Algorithm.ED25519}),
}
"""Kinds of key that a suite of private keys takes."""

KEY_PAIRS: Final = tuple(one for one in Algorithm if one is not Algorithm.SECRETS)
"""Kinds with a private and a public half."""


def algorithms_of(suite: str) -> frozenset[Algorithm]:
    """What of a key ring ``suite`` takes; any that is not of private keys takes sets of secrets."""
    return OF_SUITE.get(suite, frozenset({Algorithm.SECRETS}))


_PRIVATE: Final = {Algorithm.RSA: RSAPrivateKey, Algorithm.ED25519: Ed25519PrivateKey}
_PUBLIC: Final = {Algorithm.RSA: RSAPublicKey, Algorithm.ED25519: Ed25519PublicKey}


class KeyForms:
    """Keys as handles and as DER; ``provider`` is asked for only where SM2 is met."""

    def __init__(self, provider: Callable[[], Sm2SoftwareProvider]) -> None:
        self._provider = provider

    def generate(self, algorithm: Algorithm) -> bytes:
        """PKCS#8 in DER, plain, of a new private key; or a set of secrets, written."""
        if algorithm is Algorithm.SECRETS:
            return secret_set_form.drawn()
        if algorithm is Algorithm.SM2:
            provider = self._provider()
            return dump_private_key(provider, provider.generate(), passphrase=None)
        made = (
            Ed25519PrivateKey.generate()
            if algorithm is Algorithm.ED25519
            else generate_private_key(65537, RSA_BITS)
        )
        return made.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    def private(self, algorithm: Algorithm, der: bytes, *, checked: bool = False) -> Any:
        """The handle of a plain PKCS#8, or the set of secrets that was written; raises
        :class:`~vgigw.errors.Misconfigured`.

        ``checked`` before, an RSA key is not tested for primes again, which takes 0.2 s.
        """
        if algorithm is Algorithm.SECRETS:
            return secret_set_form.read(der)
        if algorithm is Algorithm.SM2:
            return load_private_key(self._provider(), der, passphrase=None)
        key: Any = None
        # A failure is told below, without a cause that may quote the key.
        with suppress(ValueError, TypeError, UnsupportedAlgorithm):
            key = load_der_private_key(der, None, unsafe_skip_rsa_key_validation=checked)
        if not isinstance(key, _PRIVATE[algorithm]):
            raise Misconfigured(f"not a private key of {algorithm}")
        _require_length(key)
        return key

    def certify(self, algorithm: Algorithm, key: Any, octets: bytes) -> bytes:
        """Signature of ``octets`` as certificates and requests carry it: SM2 with SM3 in DER, RSA
        (PKCS #1 v1.5) with SHA-256, or Ed25519. ``key`` is a handle of :meth:`private`."""
        if algorithm is Algorithm.SM2:
            return encode_signature(self._provider().sign(key, octets), SignatureForm.DER)
        signature: bytes = (
            key.sign(octets)
            if algorithm is Algorithm.ED25519
            else key.sign(octets, PKCS1v15(), SHA256())
        )
        return signature

    def public_of(self, algorithm: Algorithm, private: bytes) -> bytes:
        """SubjectPublicKeyInfo in DER of a plain PKCS#8; what is shown of a set of secrets."""
        key = self.private(algorithm, private)
        if algorithm is Algorithm.SECRETS:
            return secret_set_form.shown(key)
        if algorithm is Algorithm.SM2:
            return dump_public_key(key.public_key)
        encoded: bytes = key.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
        return encoded


def public_key(algorithm: Algorithm, der: bytes) -> Any:
    """What a SubjectPublicKeyInfo holds; raises :class:`~vgigw.errors.Misconfigured`."""
    if algorithm is Algorithm.SECRETS:
        raise Misconfigured("a set of secrets has no public key")
    if algorithm is Algorithm.SM2:
        return load_public_key(der)
    key = _read_public(der)
    if not isinstance(key, _PUBLIC[algorithm]):
        raise Misconfigured(f"not a public key of {algorithm}")
    _require_length(key)
    return key


def algorithm_of(der: bytes) -> Algorithm:
    """The kind of a SubjectPublicKeyInfo; raises :class:`~vgigw.errors.Misconfigured`."""
    if is_sm2(der):
        return Algorithm.SM2
    key = _read_public(der)
    for algorithm, kind in _PUBLIC.items():
        if isinstance(key, kind):
            return algorithm
    raise Misconfigured("key is neither of SM2, RSA nor Ed25519")


def fingerprint_of(der: bytes) -> str:
    """SHA-256 in hex of a SubjectPublicKeyInfo or a certificate, as people compare it."""
    return hashlib.sha256(der).hexdigest()


def decrypted(der: bytes, passphrase: bytes) -> bytes:
    """Plain PKCS#8 of one encrypted with ``passphrase``; raises ``Misconfigured``.

    A wrong passphrase passes once in 256: whoever reads the key finds it.
    """
    plain = decrypt_pbes2(der, passphrase)
    if plain is None:
        raise Misconfigured("private key cannot be read; PKCS#8 and the right passphrase?")
    return plain


def _read_public(der: bytes) -> object:
    try:
        return load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm) as cause:
        raise Misconfigured("public key cannot be read") from cause


def _require_length(key: Any) -> None:
    bits = getattr(key, "key_size", LEAST_RSA_BITS)
    if not LEAST_RSA_BITS <= bits <= MOST_RSA_BITS:
        raise Misconfigured(f"RSA of {LEAST_RSA_BITS} to {MOST_RSA_BITS} bits is taken, not {bits}")
