"""Suite ``intl``: RSA-PSS with SHA-256 or Ed25519 signs, AES-256-GCM encrypts, RSA-OAEP wraps.

Which of the two signs is the kind of the key on record, never what a message says. The name
"RSA-256" of the source is read as RSA of 2048 bits or more with SHA-256. PLT-10.3b.
"""

from __future__ import annotations

import secrets
from typing import ClassVar, Final

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, SHA512

from vgigw.crypto.signing import SigningSuite
from vgigw.errors import Misconfigured, NotDecrypted, NotGenuine

LEAST_RSA_BITS: Final = 2048
MOST_RSA_BITS: Final = 4096
"""A longer signature has no room in an envelope, and a long check is a way to keep us busy."""

DATA_KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16

_PSS = PSS(MGF1(SHA256()), PSS.DIGEST_LENGTH)
_HTTP_PSS = PSS(MGF1(SHA512()), PSS.DIGEST_LENGTH)
_XML = PKCS1v15()
_OAEP = OAEP(MGF1(SHA256()), SHA256(), None)

OwnKey = RSAPrivateKey | Ed25519PrivateKey
PeerKey = RSAPublicKey | Ed25519PublicKey


class Intl(SigningSuite[OwnKey, PeerKey]):
    """RSA-PSS or Ed25519, AES-256-GCM and RSA-OAEP with SHA-256. Holds no state."""

    __slots__ = ()
    name: ClassVar[str] = "intl"

    def sign_octets(self, key: OwnKey, octets: bytes) -> bytes:
        """64 bytes of Ed25519, or as many as the modulus of RSA has."""
        if isinstance(key, Ed25519PrivateKey):
            return key.sign(octets)
        return _rsa_private(key).sign(octets, _PSS, SHA256())

    def verify_octets(self, key: PeerKey, octets: bytes, signature: bytes) -> None:
        """See :meth:`vgigw.crypto.signing.SigningSuite.verify_octets`."""
        try:
            if isinstance(key, Ed25519PublicKey):
                key.verify(signature, octets)
            else:
                _rsa_public(key).verify(signature, octets, _PSS, SHA256())
        except InvalidSignature as cause:
            raise NotGenuine from cause

    def http_algorithm(self, key: OwnKey | PeerKey) -> str:
        """The two names that RFC 9421 registers."""
        if isinstance(key, Ed25519PrivateKey | Ed25519PublicKey):
            return "ed25519"
        return "rsa-pss-sha512"

    def sign_http(self, key: OwnKey, base: bytes) -> bytes:
        """Of RSA with SHA-512, the one digest that RFC 9421 has for RSA-PSS."""
        if isinstance(key, Ed25519PrivateKey):
            return key.sign(base)
        return _rsa_private(key).sign(base, _HTTP_PSS, SHA512())

    def verify_http(self, key: PeerKey, base: bytes, signature: bytes) -> None:
        """See :meth:`vgigw.crypto.signing.SigningSuite.verify_http`."""
        if isinstance(key, Ed25519PublicKey):
            self.verify_octets(key, base, signature)
            return
        try:
            _rsa_public(key).verify(signature, base, _HTTP_PSS, SHA512())
        except InvalidSignature as cause:
            raise NotGenuine from cause

    def sign_xml(self, key: OwnKey, octets: bytes) -> bytes:
        """See :meth:`vgigw.crypto.signing.SigningSuite.sign_xml`."""
        return _rsa_private(key).sign(octets, _XML, SHA256())

    def verify_xml(self, key: PeerKey, octets: bytes, signature: bytes) -> None:
        """See :meth:`vgigw.crypto.signing.SigningSuite.verify_xml`."""
        try:
            _rsa_public(key).verify(signature, octets, _XML, SHA256())
        except InvalidSignature as cause:
            raise NotGenuine from cause

    def new_data_key(self) -> bytes:
        """32 bytes of AES."""
        return secrets.token_bytes(DATA_KEY_BYTES)

    def wrap(self, key: PeerKey, data_key: bytes) -> bytes:
        """RSA-OAEP, as many bytes as the modulus has."""
        return _rsa_public(key).encrypt(data_key, _OAEP)

    def unwrap(self, key: OwnKey, wrapped: bytes) -> bytes:
        """See :meth:`vgigw.crypto.signing.SigningSuite.unwrap`."""
        own = _rsa_private(key)
        try:
            data_key = own.decrypt(wrapped, _OAEP)
        except ValueError as cause:
            raise NotDecrypted from cause
        if len(data_key) != DATA_KEY_BYTES:
            raise NotDecrypted
        return data_key

    def seal(self, data_key: bytes, plaintext: bytes, associated: bytes) -> bytes:
        """Nonce (12 bytes), ciphertext, tag (16 bytes)."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(data_key).encrypt(nonce, plaintext, associated)

    def unseal(self, data_key: bytes, sealed: bytes, associated: bytes) -> bytes:
        """See :meth:`vgigw.crypto.signing.SigningSuite.unseal`."""
        if len(sealed) < NONCE_BYTES + TAG_BYTES:
            raise NotDecrypted
        nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return AESGCM(data_key).decrypt(nonce, rest, associated)
        except InvalidTag as cause:
            raise NotDecrypted from cause


def _rsa_private(key: object) -> RSAPrivateKey:
    if not isinstance(key, RSAPrivateKey) or not _is_long_enough(key.key_size):
        raise _not_of_suite()
    return key


def _rsa_public(key: object) -> RSAPublicKey:
    if not isinstance(key, RSAPublicKey) or not _is_long_enough(key.key_size):
        raise _not_of_suite()
    return key


def _is_long_enough(bits: int) -> bool:
    return LEAST_RSA_BITS <= bits <= MOST_RSA_BITS


def _not_of_suite() -> Misconfigured:
    return Misconfigured(
        f"suite intl signs with RSA of {LEAST_RSA_BITS} to {MOST_RSA_BITS} bits or with Ed25519, "
        "and encrypts with RSA"
    )


INTL: Final = Intl()
