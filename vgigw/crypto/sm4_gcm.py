"""SM4-GCM: a ciphertext that shows each change, of itself and of what it goes with. RFC 8998."""

from __future__ import annotations

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM

from vgigw.crypto.secrets import BLOCK_BYTES
from vgigw.errors import Misconfigured, NotDecrypted

NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16

MOST_MESSAGES: Final = 2**32
"""Under one key, so that two random nonces hardly meet: one that meets gives the key away."""


def generate_sm4_key() -> bytes:
    """16 new bytes."""
    return secrets.token_bytes(BLOCK_BYTES)


def encrypt_sm4_gcm(key: bytes, plaintext: bytes, associated: bytes) -> bytes:
    """Nonce (12 bytes, new each time), ciphertext, tag (16 bytes).

    ``key``: 16 bytes. ``associated`` is bound to the ciphertext and not in it. Raises
    :class:`~vgigw.errors.Misconfigured`.
    """
    nonce = secrets.token_bytes(NONCE_BYTES)
    try:
        encryptor = Cipher(_algorithm(key), GCM(nonce)).encryptor()
    except UnsupportedAlgorithm as cause:
        raise _not_built_in() from cause
    encryptor.authenticate_additional_data(associated)
    ciphertext = encryptor.update(plaintext) + encryptor.finalize()
    return nonce + ciphertext + encryptor.tag


def decrypt_sm4_gcm(key: bytes, sealed: bytes, associated: bytes) -> bytes:
    """The plaintext of what :func:`encrypt_sm4_gcm` made with the same ``key`` and ``associated``.

    Raises :class:`~vgigw.errors.NotDecrypted`, the same for every cause.
    """
    algorithm = _algorithm(key)
    if len(sealed) < NONCE_BYTES + TAG_BYTES:
        raise NotDecrypted
    nonce, tag = sealed[:NONCE_BYTES], sealed[-TAG_BYTES:]
    try:
        decryptor = Cipher(algorithm, GCM(nonce, tag)).decryptor()
    except UnsupportedAlgorithm as cause:
        raise _not_built_in() from cause
    decryptor.authenticate_additional_data(associated)
    try:
        return decryptor.update(sealed[NONCE_BYTES:-TAG_BYTES]) + decryptor.finalize()
    except InvalidTag as cause:
        raise NotDecrypted from cause


def _algorithm(key: bytes) -> SM4:
    if len(key) != BLOCK_BYTES:
        raise Misconfigured(f"SM4 key must have exactly {BLOCK_BYTES} bytes")
    return SM4(key)


def _not_built_in() -> Misconfigured:
    return Misconfigured("SM4-GCM is not in this build of the crypto library")
