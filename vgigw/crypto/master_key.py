"""The master key of a key ring: what private keys are encrypted with at rest. ACC-5.8.

It comes from the environment, from a file or from a hook, and is never written. Each private key
is encrypted with a key of its own, derived from the master key and a salt.
"""

from __future__ import annotations

import hmac
import importlib
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vgigw.errors import Misconfigured

MASTER_KEY_BYTES: Final = 32

_SALT_BYTES: Final = 16
_NONCE: Final = bytes(12)
_SEALING: Final = b"vgigw-key-ring-seal-1"
_MAC: Final = b"vgigw-key-ring-mac-1"

Hook = Callable[[], bytes]
"""Gives the 32 bytes, from a vault or a module of hardware."""


class MasterKey:
    """32 bytes that encrypt private keys and vouch for the file they stand in; never shown."""

    __slots__ = ("_octets",)

    def __init__(self, octets: bytes) -> None:
        if len(octets) != MASTER_KEY_BYTES:
            raise Misconfigured(f"a master key has exactly {MASTER_KEY_BYTES} bytes")
        self._octets = octets

    def __repr__(self) -> str:
        return "MasterKey(...)"

    @classmethod
    def named(cls, where: str, folder: Path = Path()) -> MasterKey:
        """The key at ``env:NAME`` or ``file:PATH`` (64 hex digits), or of ``package.module:HOOK``.

        Raises :class:`~vgigw.errors.Misconfigured`, which tells where and not what.
        """
        kind, _, rest = where.partition(":")
        if kind == "env":
            if rest not in os.environ:
                raise Misconfigured(f"master key: environment variable {rest} is not set")
            return cls(_of_hex(os.environ[rest], where))
        if kind == "file":
            try:
                text = (folder / rest).read_text(encoding="ascii")
            except (OSError, UnicodeDecodeError):
                text = None
            if text is None:
                raise Misconfigured(f"master key: file {rest} cannot be read")
            return cls(_of_hex(text.strip(), where))
        return cls(_of_hook(kind, rest, where))

    def seal(self, plaintext: bytes, about: bytes) -> bytes:
        """Salt (16 bytes), ciphertext and tag (16 bytes) of AES-256-GCM, bound to ``about``."""
        salt = secrets.token_bytes(_SALT_BYTES)
        # The key is of this salt alone, so that its one nonce may be fixed.
        return salt + AESGCM(self._derive(salt, _SEALING)).encrypt(_NONCE, plaintext, about)

    def unseal(self, sealed: bytes, about: bytes) -> bytes:
        """The plaintext; raises :class:`~vgigw.errors.Misconfigured`."""
        salt, rest = sealed[:_SALT_BYTES], sealed[_SALT_BYTES:]
        try:
            return AESGCM(self._derive(salt, _SEALING)).decrypt(_NONCE, rest, about)
        except (InvalidTag, ValueError) as cause:
            raise Misconfigured(
                "a private key cannot be opened; is it the right master key?"
            ) from cause

    def mac(self, octets: bytes) -> bytes:
        """HMAC-SHA256 of ``octets``, 32 bytes."""
        return hmac.digest(self._derive(b"", _MAC), octets, "sha256")

    def verify(self, octets: bytes, mac: bytes) -> None:
        """Raise :class:`~vgigw.errors.Misconfigured` unless ``mac`` is that of ``octets``."""
        if not hmac.compare_digest(self.mac(octets), mac):
            raise Misconfigured(
                "the key ring was changed by somebody else, or belongs to another master key"
            )

    def _derive(self, salt: bytes, purpose: bytes) -> bytes:
        return HKDF(SHA256(), MASTER_KEY_BYTES, salt or None, purpose).derive(self._octets)


def _of_hex(text: str, where: str) -> bytes:
    octets = b""
    # A failure is told below, without a cause that quotes the text.
    with suppress(ValueError):
        octets = bytes.fromhex(text)
    if len(octets) != MASTER_KEY_BYTES or len(text) != 2 * MASTER_KEY_BYTES:
        raise Misconfigured(
            f"master key at {where}: must be {2 * MASTER_KEY_BYTES} hex digits; "
            "`openssl rand -hex 32` makes one"
        )
    return octets


def _of_hook(module: str, attribute: str, where: str) -> bytes:
    try:
        hook: Hook = getattr(importlib.import_module(module), attribute)
        return bytes(memoryview(hook()))
    except Exception as cause:  # noqa: BLE001 - a hook of somebody else's may fail in any way
        why = type(cause).__name__
    # What a hook raises may quote what it holds: only its kind is told.
    raise Misconfigured(f"master key: hook {where} failed ({why})")
