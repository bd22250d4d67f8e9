"""Suite ``gm``: SM2 with SM3 signs, SM4-GCM encrypts, SM2 wraps the key of each message.

The user id of a signer is the default one, signatures are r and s of 32 bytes, wrapped keys are
C1C3C2: our own framing leaves no choice to a message. PLT-10.3b, GB/T 32918, GB/T 32907.
"""

from __future__ import annotations

from typing import ClassVar

from vgigw.crypto.secrets import BLOCK_BYTES
from vgigw.crypto.signing import SigningSuite
from vgigw.crypto.sm2 import PrivateKey, Sm2Provider
from vgigw.crypto.sm2_choice import sm2_provider
from vgigw.crypto.sm2_curve import PublicKey
from vgigw.crypto.sm2_encoding import (
    CiphertextForm,
    SignatureForm,
    decode_ciphertext,
    decode_signature,
    encode_ciphertext,
    encode_signature,
)
from vgigw.crypto.sm4_gcm import decrypt_sm4_gcm, encrypt_sm4_gcm, generate_sm4_key
from vgigw.errors import Misconfigured, NotDecrypted


class Gm(SigningSuite[PrivateKey, PublicKey]):
    """SM2 with SM3 and SM4-GCM by ``provider``, else by the one that this machine has.

    A provider of hardware is passed in with handles of its own. Raises
    :class:`~vgigw.errors.Misconfigured` where there is no provider.
    """

    __slots__ = ("provider",)
    name: ClassVar[str] = "gm"

    def __init__(self, provider: Sm2Provider | None = None) -> None:
        self.provider: Sm2Provider = sm2_provider() if provider is None else provider

    def sign_octets(self, key: PrivateKey, octets: bytes) -> bytes:
        """Both numbers of the signature, 64 bytes."""
        return encode_signature(self.provider.sign(key, octets), SignatureForm.RAW)

    def verify_octets(self, key: PublicKey, octets: bytes, signature: bytes) -> None:
        """See :meth:`vgigw.crypto.signing.SigningSuite.verify_octets`."""
        read = decode_signature(signature, SignatureForm.RAW)
        self.provider.verify(_public(key), octets, read)

    def http_algorithm(self, key: PrivateKey | PublicKey) -> str:
        """A name of our own: no registry of HTTP signatures knows SM2."""
        return "vgigw-sm2-sm3"

    def new_data_key(self) -> bytes:
        """16 bytes of SM4."""
        return generate_sm4_key()

    def wrap(self, key: PublicKey, data_key: bytes) -> bytes:
        """C1C3C2, 113 bytes."""
        return encode_ciphertext(
            self.provider.encrypt(_public(key), data_key), CiphertextForm.C1C3C2
        )

    def unwrap(self, key: PrivateKey, wrapped: bytes) -> bytes:
        """See :meth:`vgigw.crypto.signing.SigningSuite.unwrap`."""
        data_key = self.provider.decrypt(key, decode_ciphertext(wrapped, CiphertextForm.C1C3C2))
        if len(data_key) != BLOCK_BYTES:
            raise NotDecrypted
        return data_key

    def seal(self, data_key: bytes, plaintext: bytes, associated: bytes) -> bytes:
        """Nonce (12 bytes), ciphertext, tag (16 bytes)."""
        return encrypt_sm4_gcm(data_key, plaintext, associated)

    def unseal(self, data_key: bytes, sealed: bytes, associated: bytes) -> bytes:
        """See :meth:`vgigw.crypto.signing.SigningSuite.unseal`."""
        return decrypt_sm4_gcm(data_key, sealed, associated)


def _public(key: object) -> PublicKey:
    if not isinstance(key, PublicKey):
        raise Misconfigured("suite gm verifies and encrypts with public keys of SM2")
    return key
