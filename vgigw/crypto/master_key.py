"""The master of a key ring: what private keys are encrypted with at rest, and what vouches for the
file that they stand in. ACC-5.8.

Either 32 bytes that we are handed, or somebody else's two functions that wrap and unwrap a key, so
that the master key itself never leaves a vault or a module of hardware. Neither is ever written.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, SM3, HashAlgorithm
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vgigw.crypto.secrets import BLOCK_BYTES
from vgigw.crypto.sm4_gcm import decrypt_sm4_gcm, encrypt_sm4_gcm
from vgigw.errors import Misconfigured, NotDecrypted

MASTER_KEY_BYTES: Final = 32

_SALT_BYTES: Final = 16
_NONCE: Final = bytes(12)
_LENGTH_BYTES: Final = 2


class Cipher(StrEnum):
    """What a ring is encrypted with, and the digest that goes with it."""

    AES_256_GCM = "aes-256-gcm"
    """With HKDF and HMAC of SHA-256."""
    SM4_GCM = "sm4-gcm"
    """With HKDF and HMAC of SM3."""


class Master(Protocol):
    """Seals private keys and vouches for a file; shows nothing.

    ``cipher`` is what it seals with; it opens both. Raises :class:`~vgigw.errors.Misconfigured`.
    """

    @property
    def cipher(self) -> Cipher: ...

    def seal(self, plaintext: bytes, about: bytes) -> bytes:
        """``plaintext`` encrypted, and bound to ``about``."""
        ...

    def unseal(self, sealed: bytes, about: bytes, cipher: Cipher = Cipher.AES_256_GCM) -> bytes:
        """The plaintext of what was sealed with ``cipher``."""
        ...

    def mac(self, octets: bytes) -> bytes:
        """What tells each change of ``octets``."""
        ...

    def verify(self, octets: bytes, mac: bytes, cipher: Cipher = Cipher.AES_256_GCM) -> None:
        """Raise unless ``mac`` is that of ``octets``, made by a master of ``cipher``."""
        ...


class Wrapper(Protocol):
    """The two functions of a vault or a module of hardware.

    What ``wrap`` makes nobody else can make: whoever wraps a key can vouch for a ring.
    """

    def wrap(self, key: bytes) -> bytes:
        """32 bytes, so that only ``unwrap`` opens them; at most 65,535 bytes."""
        ...

    def unwrap(self, wrapped: bytes) -> bytes:
        """The 32 bytes; raises for what ``wrap`` did not make."""
        ...


class MasterKey:
    """A master of 32 bytes. Each private key is encrypted with a key of its own, derived from them
    and a salt."""

    __slots__ = ("_octets", "cipher")

    def __init__(self, octets: bytes, cipher: Cipher = Cipher.AES_256_GCM) -> None:
        if len(octets) != MASTER_KEY_BYTES:
            raise Misconfigured(f"a master key has exactly {MASTER_KEY_BYTES} bytes")
        self._octets = octets
        self.cipher = cipher

    def __repr__(self) -> str:
        return "MasterKey(...)"

    def seal(self, plaintext: bytes, about: bytes) -> bytes:
        """Salt (16 bytes), then ciphertext and tag of AES-256-GCM, or what SM4-GCM makes."""
        salt = secrets.token_bytes(_SALT_BYTES)
        if self.cipher is Cipher.SM4_GCM:
            return salt + encrypt_sm4_gcm(self._sealing(salt, self.cipher), plaintext, about)
        # The key is of this salt alone, so that its one nonce may be fixed.
        return salt + AESGCM(self._sealing(salt, self.cipher)).encrypt(_NONCE, plaintext, about)

    def unseal(self, sealed: bytes, about: bytes, cipher: Cipher = Cipher.AES_256_GCM) -> bytes:
        """See :meth:`Master.unseal`."""
        salt, rest = sealed[:_SALT_BYTES], sealed[_SALT_BYTES:]
        try:
            if cipher is Cipher.SM4_GCM:
                return decrypt_sm4_gcm(self._sealing(salt, cipher), rest, about)
            return AESGCM(self._sealing(salt, cipher)).decrypt(_NONCE, rest, about)
        except (InvalidTag, NotDecrypted, ValueError) as cause:
            raise Misconfigured(
                "a private key cannot be opened; is it the right master key?"
            ) from cause

    def mac(self, octets: bytes) -> bytes:
        """HMAC of ``octets``, 32 bytes."""
        return self._mac(octets, self.cipher)

    def verify(self, octets: bytes, mac: bytes, cipher: Cipher = Cipher.AES_256_GCM) -> None:
        """See :meth:`Master.verify`."""
        if not hmac.compare_digest(self._mac(octets, cipher), mac):
            raise Misconfigured(
                "the key ring was changed by somebody else, or belongs to another master key"
            )

    def _mac(self, octets: bytes, cipher: Cipher) -> bytes:
        words = b"-sm3-1" if cipher is Cipher.SM4_GCM else b"-1"
        key = self._derived(b"", b"vgigw-key-ring-mac" + words, cipher)
        digest = HMAC(key, _digest_of(cipher))
        digest.update(octets)
        return digest.finalize()

    def _sealing(self, salt: bytes, cipher: Cipher) -> bytes:
        if cipher is Cipher.SM4_GCM:
            return self._derived(salt, b"vgigw-key-ring-seal-sm4-1", cipher)[:BLOCK_BYTES]
        return self._derived(salt, b"vgigw-key-ring-seal-1", cipher)

    def _derived(self, salt: bytes, purpose: bytes, cipher: Cipher) -> bytes:
        derivation = HKDF(_digest_of(cipher), MASTER_KEY_BYTES, salt or None, purpose)
        return derivation.derive(self._octets)


class WrappedMaster:
    """A master whose key stays where it is: each private key, and each state of the file, has a key
    of its own, which stands beside it as ``wrapper`` made it."""

    __slots__ = ("_opened", "_wrapper", "cipher")

    def __init__(self, wrapper: Wrapper, cipher: Cipher = Cipher.AES_256_GCM) -> None:
        self._wrapper = wrapper
        self.cipher = cipher
        # The file is read with each message: its key is asked for once.
        self._opened: Callable[[bytes], MasterKey] = lru_cache(maxsize=64)(self._open)

    def __repr__(self) -> str:
        return "WrappedMaster(...)"

    def seal(self, plaintext: bytes, about: bytes) -> bytes:
        """The wrapped key after its length (2 bytes), and what a :class:`MasterKey` makes."""
        head, own = self._new()
        return head + own.seal(plaintext, about)

    def unseal(self, sealed: bytes, about: bytes, cipher: Cipher = Cipher.AES_256_GCM) -> bytes:
        """See :meth:`Master.unseal`."""
        own, rest = self._split(sealed)
        return own.unseal(rest, about, cipher)

    def mac(self, octets: bytes) -> bytes:
        """The wrapped key after its length (2 bytes), and the HMAC."""
        head, own = self._new()
        return head + own.mac(octets)

    def verify(self, octets: bytes, mac: bytes, cipher: Cipher = Cipher.AES_256_GCM) -> None:
        """See :meth:`Master.verify`."""
        own, rest = self._split(mac)
        own.verify(octets, rest, cipher)

    def _new(self) -> tuple[bytes, MasterKey]:
        key = secrets.token_bytes(MASTER_KEY_BYTES)
        wrapped = _asked("wrap", self._wrapper.wrap, key)
        if not 0 < len(wrapped) < 1 << 8 * _LENGTH_BYTES or key in wrapped:
            raise Misconfigured("master key: wrap gave what is no wrapped key")
        return len(wrapped).to_bytes(_LENGTH_BYTES, "big") + wrapped, MasterKey(key, self.cipher)

    def _split(self, octets: bytes) -> tuple[MasterKey, bytes]:
        end = _LENGTH_BYTES + int.from_bytes(octets[:_LENGTH_BYTES], "big")
        return self._opened(octets[_LENGTH_BYTES:end]), octets[end:]

    def _open(self, wrapped: bytes) -> MasterKey:
        return MasterKey(_asked("unwrap", self._wrapper.unwrap, wrapped), self.cipher)


def _asked(name: str, function: Callable[[bytes], bytes], octets: bytes) -> bytes:
    try:
        return bytes(memoryview(function(octets)))
    except Exception as cause:  # noqa: BLE001 - a hook of somebody else's may fail in any way
        why = type(cause).__name__
    # What it raises may quote what it holds: only its kind is told.
    raise Misconfigured(f"master key: {name} failed ({why})")


def _digest_of(cipher: Cipher) -> HashAlgorithm:
    return SM3() if cipher is Cipher.SM4_GCM else SHA256()
