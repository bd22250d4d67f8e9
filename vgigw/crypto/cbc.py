"""CBC with PKCS#7 padding over a 128-bit block cipher, and one error for all that can go wrong."""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm, Cipher, modes
from cryptography.hazmat.primitives.padding import PKCS7

from vgigw.crypto.secrets import BLOCK_BYTES
from vgigw.errors import Misconfigured, NotDecrypted

_PADDING = PKCS7(BLOCK_BYTES * 8)
_PAD = tuple(bytes([count]) * count for count in range(BLOCK_BYTES + 1))


def encrypt_cbc(algorithm: BlockCipherAlgorithm, iv: bytes, plaintext: bytes) -> bytes:
    """``plaintext`` of any length, padded and encrypted; a whole number of 16-byte blocks."""
    try:
        encryptor = Cipher(algorithm, modes.CBC(iv)).encryptor()
    except UnsupportedAlgorithm as cause:
        raise _not_built_in(algorithm) from cause
    padded = plaintext + _PAD[BLOCK_BYTES - len(plaintext) % BLOCK_BYTES]
    return encryptor.update(padded) + encryptor.finalize()


def decrypt_cbc(algorithm: BlockCipherAlgorithm, iv: bytes, ciphertext: bytes) -> bytes:
    """The plaintext, without its padding.

    Raises :class:`~vgigw.errors.NotDecrypted` for a wrong length and for wrong padding alike, in
    the same words. Only a ciphertext whose signature was verified may come here.
    """
    if len(ciphertext) % BLOCK_BYTES:
        raise NotDecrypted
    try:
        decryptor = Cipher(algorithm, modes.CBC(iv)).decryptor()
    except UnsupportedAlgorithm as cause:
        raise _not_built_in(algorithm) from cause
    padded = decryptor.update(ciphertext) + decryptor.finalize()
    unpadder = _PADDING.unpadder()
    try:
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError as cause:
        raise NotDecrypted from cause


def _not_built_in(algorithm: BlockCipherAlgorithm) -> Misconfigured:
    return Misconfigured(f"cipher {algorithm.name} is not in this build of the crypto library")
