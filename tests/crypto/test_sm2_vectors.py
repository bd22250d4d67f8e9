"""SM2 against the example of GB/T 32918.5 and 320 cases with the verdicts of OpenSSL."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from tests.crypto.sm2_providers import (
    ANNEX,
    CIPHERTEXT,
    PROVIDERS,
    PUBLIC_KEY,
    SCALAR,
    SIGNATURE,
    VECTORS,
    provider_named,
)
from vgigw.crypto import sm2_gmssl
from vgigw.crypto.sm2 import DEFAULT_USER_ID, message_digest
from vgigw.crypto.sm2_curve import PublicKey
from vgigw.crypto.sm2_encoding import (
    CiphertextForm,
    SignatureForm,
    decode_ciphertext,
    decode_signature,
    encode_ciphertext,
    encode_signature,
)
from vgigw.errors import NotGenuine

CASES: dict[str, Any] = json.loads((VECTORS / "sm2_cases.json").read_text())
MESSAGE = ANNEX["msg_sign"].encode()
PLAINTEXT = ANNEX["msg_enc"].encode()
PUBLISHED_DIGEST = "f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640"
"""e of annex A of the standard."""


def public_key_of(case: dict[str, str]) -> PublicKey:
    return PublicKey(int(case["x"], 16), int(case["y"], 16))


@PROVIDERS
def test_gbt_32918_annex_a_signature_verifies(name: str) -> None:
    provider = provider_named(name)
    provider.verify(PUBLIC_KEY, MESSAGE, SIGNATURE)
    provider.verify(PUBLIC_KEY, MESSAGE, SIGNATURE, ANNEX["id"].encode())


@PROVIDERS
def test_gbt_32918_annex_c_ciphertext_decrypts(name: str) -> None:
    provider = provider_named(name)
    key = provider.import_key(SCALAR, PUBLIC_KEY)
    assert provider.decrypt(key, CIPHERTEXT) == PLAINTEXT


@PROVIDERS
def test_gbt_32918_public_key_follows_from_the_private_one(name: str) -> None:
    assert provider_named(name).import_key(SCALAR).public_key == PUBLIC_KEY


def test_gbt_32918_digest_of_the_signer_and_the_message() -> None:
    assert message_digest(PUBLIC_KEY, MESSAGE, DEFAULT_USER_ID).hex() == PUBLISHED_DIGEST


def test_gbt_32918_numbers_come_out_with_the_nonce_of_the_standard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    provider = sm2_gmssl.GmsslProvider()
    key = provider.import_key(SCALAR)
    draw = sm2_gmssl._factor

    def first_the_nonce_of_the_standard() -> int:
        monkeypatch.setattr(sm2_gmssl, "_factor", draw)
        return int(ANNEX["k"], 16)

    monkeypatch.setattr(sm2_gmssl, "_factor", first_the_nonce_of_the_standard)
    assert provider.sign(key, MESSAGE) == SIGNATURE
    monkeypatch.setattr(sm2_gmssl, "_factor", first_the_nonce_of_the_standard)
    assert provider.encrypt(PUBLIC_KEY, PLAINTEXT) == CIPHERTEXT


def test_cases_are_all_there() -> None:
    assert Counter(case["valid"] for case in CASES["sign"]) == {True: 20, False: 280}
    assert [case["valid"] for case in CASES["encrypt"]] == [True] * 20


@PROVIDERS
@pytest.mark.parametrize("kind", sorted({case["case"] for case in CASES["sign"]}))
def test_signature_cases_have_the_verdict_of_openssl(kind: str, name: str) -> None:
    provider = provider_named(name)
    cases = [case for case in CASES["sign"] if case["case"] == kind]
    assert len(cases) == 20
    for case in cases:
        key, message, user_id = public_key_of(case), bytes.fromhex(case["msg"]), case["uid"]
        encoded = bytes.fromhex(case["sig_der"])
        try:
            signature = decode_signature(encoded, SignatureForm.DER)
            provider.verify(key, message, signature, user_id.encode())
        except NotGenuine:
            assert not case["valid"], case
        else:
            assert case["valid"], case
            # There and back: DER and raw are one value.
            assert encode_signature(signature, SignatureForm.DER) == encoded
            raw = encode_signature(signature, SignatureForm.RAW)
            assert decode_signature(raw, SignatureForm.RAW) == signature


@PROVIDERS
def test_ciphertext_cases_decrypt(name: str) -> None:
    provider = provider_named(name)
    for case in CASES["encrypt"]:
        key = provider.import_key(bytes.fromhex(case["d"]), public_key_of(case))
        encoded = bytes.fromhex(case["ct_der"])
        ciphertext = decode_ciphertext(encoded, CiphertextForm.DER)
        assert provider.decrypt(key, ciphertext).hex() == case["pt"]
        assert encode_ciphertext(ciphertext, CiphertextForm.DER) == encoded
        raw = encode_ciphertext(ciphertext, CiphertextForm.C1C3C2)
        assert decode_ciphertext(raw, CiphertextForm.C1C3C2) == ciphertext
