"""The contract test finds the faults that suites are known for."""

from __future__ import annotations

import hmac
from contextlib import suppress
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES128

from tests.crypto.published import SECRETS
from tests.crypto.signing_links import keys_of, scene
from vgigw.crypto.cbc import encrypt_cbc
from vgigw.crypto.exchange import Exchange
from vgigw.crypto.intl import Intl
from vgigw.crypto.link_keys import AnyLinkKeys
from vgigw.crypto.suite import SUITES, Secrets
from vgigw.crypto.tcec102 import TCEC102, Tcec102
from vgigw.errors import NotDecrypted, NotGenuine
from vgigw.testing.suite_contract import AT, check_suite

ALIKE = Exchange("any", "any", "any", AT, "any")


class IgnoresCase(Tcec102):
    def verify(self, secrets: Secrets, message: bytes, signature: str) -> None:
        super().verify(secrets, message, signature.strip().upper())


class ComparesPrefix(Tcec102):
    def verify(self, secrets: Secrets, message: bytes, signature: str) -> None:
        if not signature.startswith(self.sign(secrets, message)):
            raise NotGenuine


class LetsLibraryErrorsOut(Tcec102):
    def verify(self, secrets: Secrets, message: bytes, signature: str) -> None:
        if not hmac.compare_digest(self.sign(secrets, message), signature):
            raise NotGenuine


class TellsPaddingFromLength(Tcec102):
    def decrypt(self, secrets: Secrets, ciphertext: bytes) -> bytes:
        if len(ciphertext) % 16:
            raise NotDecrypted("length is wrong")
        return super().decrypt(secrets, ciphertext)


class DoesNotEncrypt(Tcec102):
    def encrypt(self, secrets: Secrets, plaintext: bytes) -> bytes:
        return plaintext

    def decrypt(self, secrets: Secrets, ciphertext: bytes) -> bytes:
        return ciphertext


class OneKeyForAll(Tcec102):
    def sign(self, secrets: Secrets, message: bytes) -> str:
        return super().sign(SECRETS, message)


class CoversTheMessageAlone(Intl):
    def sign(self, keys: AnyLinkKeys, message: bytes) -> str:
        return super().sign(keys.about(ALIKE), message)

    def verify(self, keys: AnyLinkKeys, message: bytes, signature: str) -> None:
        super().verify(keys.about(ALIKE), message, signature)


class ForgetsTheReceiver(Intl):
    def sign(self, keys: AnyLinkKeys, message: bytes) -> str:
        return super().sign(keys.about(replace(keys.told(), receiver="-")), message)

    def verify(self, keys: AnyLinkKeys, message: bytes, signature: str) -> None:
        super().verify(keys.about(replace(keys.told(), receiver="-")), message, signature)


class BindsNoCiphertext(Intl):
    def seal(self, data_key: bytes, plaintext: bytes, associated: bytes) -> bytes:
        return super().seal(data_key, plaintext, b"")

    def unseal(self, data_key: bytes, sealed: bytes, associated: bytes) -> bytes:
        return super().unseal(data_key, sealed, b"")


class TakesItsOwnWordForThePeers(Intl):
    def verify(self, keys: AnyLinkKeys, message: bytes, signature: str) -> None:
        with suppress(NotGenuine):
            return super().verify(keys, message, signature)
        own = [replace(key, key=key.key.public_key()) for key in keys.own]
        return super().verify(replace(keys, peer=own), message, signature)


class ReadsLenientBase64(Intl):
    def verify(self, keys: AnyLinkKeys, message: bytes, signature: str) -> None:
        super().verify(keys, message, signature.rstrip("=\n"))


class CountsTheEncryption(Intl):
    def seal(self, data_key: bytes, plaintext: bytes, associated: bytes) -> bytes:
        return bytes(12) + AESGCM(data_key).encrypt(bytes(12), plaintext, associated)

    def new_data_key(self) -> bytes:
        return b"k" * 32

    def wrap(self, key: object, data_key: bytes) -> bytes:
        return data_key

    def unwrap(self, key: object, wrapped: bytes) -> bytes:
        return wrapped


class MakesUpAnExchange(Intl):
    def sign(self, keys: AnyLinkKeys, message: bytes) -> str:
        return super().sign(keys if keys.exchange else keys.about(ALIKE), message)


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (CoversTheMessageAlone, "NotGenuine was expected"),
        (ForgetsTheReceiver, "NotGenuine was expected"),
        (BindsNoCiphertext, "a change shows|NotDecrypted was expected"),
        (TakesItsOwnWordForThePeers, "NotGenuine was expected"),
        (ReadsLenientBase64, "NotGenuine was expected"),
        (CountsTheEncryption, "another key does not open a ciphertext"),
        (MakesUpAnExchange, "Misconfigured was expected"),
    ],
)
def test_broken_suite_that_signs_does_not_pass(broken: type[Intl], promise: str) -> None:
    stage = scene("intl-ed25519")
    ours, theirs = keys_of(stage.one, stage.other), keys_of(stage.other, stage.one)
    with pytest.raises(AssertionError, match=f"^({promise})$"):
        check_suite(broken(), ours, theirs, keys_of(stage.stranger, stage.stranger))


def test_suite_that_signs_is_not_checked_with_one_side_alone() -> None:
    stage = scene("intl-ed25519")
    with pytest.raises(AssertionError, match="both sides and a stranger"):
        check_suite(Intl(), keys_of(stage.one, stage.other))


@pytest.mark.parametrize(
    "broken",
    [
        IgnoresCase,
        ComparesPrefix,
        LetsLibraryErrorsOut,
        TellsPaddingFromLength,
        DoesNotEncrypt,
        OneKeyForAll,
    ],
)
def test_broken_suite_does_not_pass(broken: type[Tcec102]) -> None:
    with pytest.raises((AssertionError, TypeError)):
        check_suite(broken(), SECRETS)


def test_suites_go_by_their_names_and_the_table_is_closed() -> None:
    assert {name: suite.name for name, suite in SUITES.items()} == {
        "tcec102": "tcec102",
        "gm-mac": "gm-mac",
    }
    with pytest.raises(TypeError):
        SUITES["other"] = TCEC102  # type: ignore[index]


def test_wrong_vector_changes_the_first_block_only() -> None:
    # A property of CBC that the fixed vector of T/CEC 102 rests on; kept so that it stays known.
    algorithm = AES128(SECRETS.data_secret)
    ciphertext = encrypt_cbc(algorithm, SECRETS.data_secret_iv, b"a" * 40)
    other = Secrets(b"-", SECRETS.data_secret, b"0" * 16, b"-")
    assert TCEC102.decrypt(other, ciphertext)[16:] == b"a" * 24
