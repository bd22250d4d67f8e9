"""What a suite is, and the suites at hand by name. ACC-5.4, ACC-5.5, PLT-10.3b."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Protocol

from vgigw.crypto.gm_mac import GM_MAC
from vgigw.crypto.mac import hmac_sha256, verify_hmac_sha256
from vgigw.crypto.secrets import Secrets
from vgigw.crypto.tcec102 import TCEC102

__all__ = ["SUITES", "Secrets", "Suite", "hmac_sha256", "verify_hmac_sha256"]


class Suite(Protocol):
    """A cipher and a signature that belong together; safe to share between threads.

    Whoever uses one signs the ciphertext, and verifies before decrypting. A suite with private
    keys gets its key handles when it is made; the signature's text form is the suite's own, so
    that hex of a digest and base64 of a signature both fit. Third parties prove theirs with
    :func:`vgigw.testing.suite_contract.check_suite`.
    """

    @property
    def name(self) -> str:
        """Name in a peer's profile and in a message header."""
        ...

    def sign(self, secrets: Secrets, message: bytes) -> str:
        """Signature of ``message`` in ASCII; upper-case hex where it is a keyed digest."""
        ...

    def verify(self, secrets: Secrets, message: bytes, signature: str) -> None:
        """Raise :class:`~vgigw.errors.NotGenuine` unless ``signature`` is one of ``message``."""
        ...

    def encrypt(self, secrets: Secrets, plaintext: bytes) -> bytes:
        """Ciphertext of ``plaintext`` of any length, empty too."""
        ...

    def decrypt(self, secrets: Secrets, ciphertext: bytes) -> bytes:
        """Plaintext; raises :class:`~vgigw.errors.NotDecrypted`, the same for every cause."""
        ...


SUITES: Final[Mapping[str, Suite]] = MappingProxyType(
    {suite.name: suite for suite in (TCEC102, GM_MAC)}
)
"""Suites that need nothing but the four secrets."""
