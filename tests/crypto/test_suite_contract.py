"""The contract test finds the faults that suites are known for."""

from __future__ import annotations

import hmac

import pytest
from cryptography.hazmat.primitives.ciphers.algorithms import AES128

from tests.crypto.published import SECRETS
from vgigw.crypto.cbc import encrypt_cbc
from vgigw.crypto.suite import SUITES, Secrets
from vgigw.crypto.tcec102 import TCEC102, Tcec102
from vgigw.errors import NotDecrypted, NotGenuine
from vgigw.testing.suite_contract import check_suite


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
