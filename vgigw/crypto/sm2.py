"""What a provider of SM2 is: signatures and encryption with a public key by GB/T 32918.

A provider takes the handle of a private key, never the key itself, so that a hardware module can
be one. The values that go in and out (:mod:`vgigw.crypto.sm2_curve`) are numbers; how they stand
on the wire is declared for each peer and read by :mod:`vgigw.crypto.sm2_encoding`. PLT-10.3b.
"""

from __future__ import annotations

from typing import Final, Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SM3, Hash

from vgigw.crypto.sm2_curve import (
    NUMBER_BYTES,
    A,
    B,
    Ciphertext,
    G,
    N,
    PublicKey,
    Signature,
    number,
    octets,
)
from vgigw.errors import Misconfigured, OwnFault

DEFAULT_USER_ID: Final = b"1234567812345678"
"""The user id that holds where two parties agreed on none. GM/T 0009 clause 10."""

LONGEST_USER_ID: Final = 0xFFFF // 8 - 1
"""Bytes. Its length is written in bits, in two bytes, and libcrypto takes no longer one."""


class PrivateKey(Protocol):
    """Handle of a private key: tells the public key that belongs to it, and nothing else."""

    @property
    def public_key(self) -> PublicKey: ...


class Sm2Provider(Protocol):
    """Signs, verifies, encrypts and decrypts; safe to share between threads.

    What it raises is of :mod:`vgigw.errors`, in words of ours:
    :class:`~vgigw.errors.Misconfigured` for the handle of another provider and for a user id of
    0 or more than 8190 bytes, :class:`~vgigw.errors.OwnFault` where it failed itself. A third
    party proves its own with :func:`vgigw.testing.sm2_contract.check_sm2_provider`.
    """

    @property
    def name(self) -> str:
        """Name and version, for whoever asks which provider is in use."""
        ...

    def sign(self, key: PrivateKey, message: bytes, user_id: bytes = DEFAULT_USER_ID) -> Signature:
        """Signature of ``message`` with SM3, by the signer ``user_id``; another one each time."""
        ...

    def verify(
        self,
        public_key: PublicKey,
        message: bytes,
        signature: Signature,
        user_id: bytes = DEFAULT_USER_ID,
    ) -> None:
        """Raise :class:`~vgigw.errors.NotGenuine` unless ``signature`` is one of ``message``."""
        ...

    def encrypt(self, public_key: PublicKey, plaintext: bytes) -> Ciphertext:
        """Ciphertext of 1 byte or more; another one each time."""
        ...

    def decrypt(self, key: PrivateKey, ciphertext: Ciphertext) -> bytes:
        """Plaintext; raises :class:`~vgigw.errors.NotDecrypted`, the same for every cause."""
        ...


class Sm2SoftwareProvider(Sm2Provider, Protocol):
    """A provider that makes keys, and takes and gives them; one of hardware has no need to."""

    def generate(self) -> PrivateKey:
        """A new private key."""
        ...

    def import_key(self, scalar: bytes, public_key: PublicKey | None = None) -> PrivateKey:
        """The private key that ``scalar`` (32 bytes, 1 to N - 2) is.

        Raises :class:`~vgigw.errors.Misconfigured`, also where ``public_key`` is another's.
        """
        ...

    def export_key(self, key: PrivateKey) -> bytes:
        """The 32 bytes of a private key, to be written encrypted and forgotten."""
        ...


class KeyHandle:
    """A handle that shows nothing of its key; copies and pickles are refused."""

    __slots__ = ("_public_key",)

    def __init__(self, public_key: PublicKey) -> None:
        self._public_key = public_key

    @property
    def public_key(self) -> PublicKey:
        return self._public_key

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"

    def __reduce__(self) -> str:
        raise TypeError("a private key is neither copied nor pickled")


def sm3(*parts: bytes) -> bytes:
    """SM3 of ``parts`` one after another; 32 bytes."""
    try:
        digest = Hash(SM3())
    except UnsupportedAlgorithm as cause:
        raise Misconfigured("SM3 is not in this build of the crypto library") from cause
    for part in parts:
        digest.update(part)
    return digest.finalize()


def message_digest(public_key: PublicKey, message: bytes, user_id: bytes) -> bytes:
    """What is signed: SM3 of the signer's ZA and of ``message``. GB/T 32918.2 clause 5.5."""
    require_user_id(user_id)
    bits = (8 * len(user_id)).to_bytes(2, "big")
    curve = b"".join(map(octets, (A, B, *G)))
    signer = sm3(bits, user_id, curve, octets(public_key.x), octets(public_key.y))
    return sm3(signer, message)


def require_user_id(user_id: bytes) -> None:
    """Raise :class:`~vgigw.errors.Misconfigured` unless ``user_id`` names somebody.

    An empty one is lawful by the letter, and what some libraries take where nobody set one: it
    would verify between two such peers and nowhere else.
    """
    if not 0 < len(user_id) <= LONGEST_USER_ID:
        raise Misconfigured(f"SM2 user id must have 1 to {LONGEST_USER_ID} bytes")


def require_plaintext(plaintext: bytes) -> None:
    """Raise :class:`~vgigw.errors.OwnFault` for an empty plaintext, which SM2 has no form for."""
    if not plaintext:
        raise OwnFault("SM2 encrypts 1 byte or more")


def require_scalar(scalar: bytes) -> None:
    """Raise :class:`~vgigw.errors.Misconfigured` unless ``scalar`` is a private key.

    0 signs with any key, N - 1 has no inverse to sign with; libraries load both.
    """
    if len(scalar) != NUMBER_BYTES or not 1 <= number(scalar) <= N - 2:
        raise Misconfigured(f"SM2 private key must be {NUMBER_BYTES} bytes, from 1 to N - 2")


def require_same_key(reckoned: PublicKey, claimed: PublicKey | None) -> None:
    """Raise :class:`~vgigw.errors.Misconfigured` where a key came with another's public key."""
    if claimed is not None and claimed != reckoned:
        raise Misconfigured("SM2 public key is not that of the private key")
