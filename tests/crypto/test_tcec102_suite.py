"""The suite tcec102 against the published messages of the protocol. ACC-5.4, ACC-5.5."""

from __future__ import annotations

from base64 import b64decode, b64encode

import pytest

from tests.crypto.published import O1, SECRETS, V1, V2, V3, Sealed
from vgigw.crypto.suite import SUITES, Secrets
from vgigw.errors import NotGenuine
from vgigw.testing.suite_contract import check_suite

SUITE = SUITES["tcec102"]
MESSAGES = pytest.mark.parametrize("sealed", [V1, V2, V3, O1], ids=["V1", "V2", "V3", "O1"])


@MESSAGES
def test_published_ciphertext_is_made_and_read_to_the_byte(sealed: Sealed) -> None:
    plaintext = sealed.plaintext.encode()
    assert b64encode(SUITE.encrypt(SECRETS, plaintext)).decode() == sealed.data
    assert SUITE.decrypt(SECRETS, b64decode(sealed.data)) == plaintext


@MESSAGES
def test_published_signature_covers_the_ciphertext(sealed: Sealed) -> None:
    signed = sealed.signed.format(data=sealed.data).encode()
    assert SUITE.sign(SECRETS, signed) == sealed.signature
    SUITE.verify(SECRETS, signed, sealed.signature)


@MESSAGES
def test_lower_case_signature_is_refused(sealed: Sealed) -> None:
    with pytest.raises(NotGenuine):
        SUITE.verify(
            SECRETS, sealed.signed.format(data=sealed.data).encode(), sealed.signature.lower()
        )


@pytest.mark.parametrize(
    ("plaintext", "data"),
    [
        (b"hello world!", "cmljobIKHDAcF9uf3mgs/w=="),
        (b'{"code":1}', "rWw+eGNoGIT9QTHun71Efg=="),
    ],
)
def test_v5_short_published_ciphertexts(plaintext: bytes, data: str) -> None:
    assert b64encode(SUITE.encrypt(SECRETS, plaintext)).decode() == data
    assert SUITE.decrypt(SECRETS, b64decode(data)) == plaintext


def test_v6_dialect_of_july_2016_is_not_the_standard() -> None:
    legacy = "9abdbba388a6a862eb74c3adb91d7352"
    secrets = Secrets(b"-", b"1234567890abcdef", b"1234567890abcdef", b"key")
    standard = b"1rWw+eGNoGIT9QTHun71Efg==20160728231909"
    named = b"OperatorId=1&Data=rWw+eGNoGIT9QTHun71Efg==&TimeStamp=20160728231909"
    assert SUITE.sign(secrets, named) == legacy.upper()
    for signature in (legacy, legacy.upper()):
        with pytest.raises(NotGenuine):
            SUITE.verify(secrets, standard, signature)


def test_suite_holds_the_contract() -> None:
    check_suite(SUITE, SECRETS)
