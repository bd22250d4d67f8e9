"""Both providers of SM2 hold one contract, and the contract finds the faults of known libraries."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.crypto.sm2_providers import PROVIDERS, provider_named
from vgigw.crypto.sm2 import (
    DEFAULT_USER_ID,
    PrivateKey,
    Sm2SoftwareProvider,
    message_digest,
    require_plaintext,
)
from vgigw.crypto.sm2_curve import Ciphertext, N, PublicKey, Signature, number
from vgigw.crypto.sm2_gmssl import GmsslKey, GmsslProvider, _masked
from vgigw.errors import NotDecrypted
from vgigw.testing.sm2_contract import check_sm2_provider


@PROVIDERS
def test_provider_holds_the_contract(name: str) -> None:
    provider = provider_named(name)
    check_sm2_provider(provider, provider.generate(), provider.generate())


@PROVIDERS
def test_each_provider_reads_what_the_other_wrote(name: str) -> None:
    ours = provider_named(name)
    theirs = provider_named("gmssl" if name == "libcrypto" else "libcrypto")
    key = theirs.generate()
    scalar = theirs.export_key(key)
    same = ours.import_key(scalar, key.public_key)
    assert ours.export_key(same) == scalar
    theirs.verify(key.public_key, b"message", ours.sign(same, b"message", b"id"), b"id")
    ours.verify(key.public_key, b"message", theirs.sign(key, b"message", b"id"), b"id")
    assert theirs.decrypt(key, ours.encrypt(key.public_key, b"text")) == b"text"
    assert ours.decrypt(same, theirs.encrypt(key.public_key, b"text")) == b"text"


class IgnoresC3(GmsslProvider):
    def decrypt(self, key: PrivateKey, ciphertext: Ciphertext) -> bytes:
        shared = self._multiply_secret(self._own(key), (ciphertext.x, ciphertext.y))
        return _masked(ciphertext.masked, shared)


class RepeatsItsNonce(GmsslProvider):
    def sign(self, key: PrivateKey, message: bytes, user_id: bytes = DEFAULT_USER_ID) -> Signature:
        scalar = self._own(key)
        digest = number(message_digest(key.public_key, message, user_id))
        nonce = 0x1234567
        x, _ = self._multiply(nonce, (key.public_key.x, key.public_key.y))
        nonce = nonce * scalar % N
        r = (digest + x) % N
        return Signature(r, (nonce - r * scalar) * pow(1 + scalar, -1, N) % N)


class KnowsOneUserId(GmsslProvider):
    def sign(self, key: PrivateKey, message: bytes, user_id: bytes = DEFAULT_USER_ID) -> Signature:
        return super().sign(key, message)

    def verify(
        self,
        public_key: PublicKey,
        message: bytes,
        signature: Signature,
        user_id: bytes = DEFAULT_USER_ID,
    ) -> None:
        super().verify(public_key, message, signature)


class TakesAnEmptyId(GmsslProvider):
    def sign(self, key: PrivateKey, message: bytes, user_id: bytes = DEFAULT_USER_ID) -> Signature:
        return super().sign(key, message, user_id or b"-")


class LetsLibraryErrorsOut(GmsslProvider):
    def decrypt(self, key: PrivateKey, ciphertext: Ciphertext) -> bytes:
        try:
            return super().decrypt(key, ciphertext)
        except NotDecrypted:
            raise ValueError("C3") from None


class TellsWhatFailed(GmsslProvider):
    def decrypt(self, key: PrivateKey, ciphertext: Ciphertext) -> bytes:
        try:
            return super().decrypt(key, ciphertext)
        except NotDecrypted:
            raise NotDecrypted(f"{len(ciphertext.masked)} bytes do not fit C3") from None


class TakesAnyHandle(GmsslProvider):
    def _own(self, key: PrivateKey) -> int:
        return super()._own(key) if isinstance(key, GmsslKey) else 5


class EncryptsNothing(GmsslProvider):
    def encrypt(self, public_key: PublicKey, plaintext: bytes) -> Ciphertext:
        require_plaintext(plaintext)
        return replace(super().encrypt(public_key, plaintext), masked=plaintext)


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (IgnoresC3, "NotDecrypted was expected"),
        (RepeatsItsNonce, "a nonce is used once"),
        (KnowsOneUserId, "NotGenuine was expected"),
        (TakesAnEmptyId, "Misconfigured was expected"),
        (LetsLibraryErrorsOut, "C3"),
        (TellsWhatFailed, "every cause of a failed decryption reads the same"),
        (TakesAnyHandle, "Misconfigured was expected"),
        (EncryptsNothing, "a ciphertext hides its plaintext"),
    ],
)
def test_broken_provider_does_not_pass(broken: type[GmsslProvider], promise: str) -> None:
    provider: Sm2SoftwareProvider = broken()
    with pytest.raises((AssertionError, ValueError), match=f"^{promise}$"):
        check_sm2_provider(provider, provider.generate(), provider.generate())
