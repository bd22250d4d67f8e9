"""What a suite is, and the suites at hand by name. ACC-5.4, ACC-5.5, PLT-10.3b.

A suite is handed the keys of one link, and only it knows what they are: four secrets in common
(:class:`~vgigw.crypto.secrets.Secrets`) or private and public keys
(:class:`~vgigw.crypto.link_keys.LinkKeys`). Whoever uses it tells the keys what the message is
about, ``keys.about(exchange)``, and asks nothing else of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Protocol, Self, TypeAlias, TypeVar

from vgigw.crypto.exchange import Exchange
from vgigw.crypto.gm_mac import GM_MAC
from vgigw.crypto.link_keys import AnyLinkKeys
from vgigw.crypto.mac import hmac_sha256, verify_hmac_sha256
from vgigw.crypto.secrets import Secrets
from vgigw.crypto.tcec102 import TCEC102

__all__ = [
    "SUITES",
    "AnyKeys",
    "AnySuite",
    "Keys",
    "Secrets",
    "Suite",
    "SuiteFor",
    "hmac_sha256",
    "verify_hmac_sha256",
]

KeysT_contra = TypeVar("KeysT_contra", contravariant=True)


class Keys(Protocol):
    """The keys of one link for one suite."""

    def about(self, exchange: Exchange) -> Self:
        """The same keys for the message that ``exchange`` tells of."""
        ...


class SuiteFor(Protocol[KeysT_contra]):
    """A cipher and a signature that belong together; safe to share between threads.

    Whoever uses one signs the ciphertext, and verifies before decrypting. ``sign`` and ``decrypt``
    use our side of the keys, ``verify`` and ``encrypt`` the peer's; of secrets in common both
    sides are one. The signature's text form is the suite's own, so that hex of a digest and base64
    of a signature both fit. Third parties prove theirs with
    :func:`vgigw.testing.suite_contract.check_suite`.
    """

    @property
    def name(self) -> str:
        """Name in a peer's profile and in a message header."""
        ...

    def sign(self, keys: KeysT_contra, /, message: bytes) -> str:
        """Signature of ``message`` in ASCII; upper-case hex where it is a keyed digest."""
        ...

    def verify(self, keys: KeysT_contra, /, message: bytes, signature: str) -> None:
        """Raise :class:`~vgigw.errors.NotGenuine` unless ``signature`` is one of ``message``."""
        ...

    def encrypt(self, keys: KeysT_contra, /, plaintext: bytes) -> bytes:
        """Ciphertext of ``plaintext`` of any length, empty too."""
        ...

    def decrypt(self, keys: KeysT_contra, /, ciphertext: bytes) -> bytes:
        """Plaintext; raises :class:`~vgigw.errors.NotDecrypted`, the same for every cause."""
        ...


Suite: TypeAlias = SuiteFor[Secrets]
"""A suite of secrets in common."""

AnySuite: TypeAlias = SuiteFor[Any]
"""A suite of whatever keys; those that go with it stand beside it in a peer's profile."""

AnyKeys: TypeAlias = Secrets | AnyLinkKeys
"""The keys of a link: secrets in common, or private and public ones."""

SUITES: Final[Mapping[str, Suite]] = MappingProxyType(
    {suite.name: suite for suite in (TCEC102, GM_MAC)}
)
"""Suites that need nothing but the four secrets."""
