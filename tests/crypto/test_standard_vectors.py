"""Vectors of the standards and of Project Wycheproof, all that these suites can run."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SM3, Hash

from vgigw.crypto.suite import SUITES, Secrets, hmac_sha256, verify_hmac_sha256
from vgigw.errors import NotDecrypted, NotGenuine

VECTORS = Path(__file__).parents[1] / "vectors"
KAT: dict[str, Any] = json.loads((VECTORS / "gm_kat.json").read_text())
WYCHEPROOF: dict[str, Any] = json.loads((VECTORS / "aes_cbc_pkcs5_test.json").read_text())
AES_128 = [
    case
    for group in WYCHEPROOF["testGroups"]
    if group["keySize"] == 128 and group["ivSize"] == 128
    for case in group["tests"]
]


def keyed(sig_secret: bytes) -> Secrets:
    return Secrets(b"-", b"k" * 16, b"v" * 16, sig_secret)


def test_wycheproof_aes_128_cbc_padding() -> None:
    suite = SUITES["tcec102"]
    refusals = set()
    outcomes = []
    for case in AES_128:
        key, iv, plaintext, ciphertext = (
            bytes.fromhex(case[part]) for part in ("key", "iv", "msg", "ct")
        )
        secrets = Secrets(b"-", key, iv, b"-")
        outcomes.append(case["result"])
        if case["result"] == "valid":
            assert suite.encrypt(secrets, plaintext) == ciphertext, case["tcId"]
            assert suite.decrypt(secrets, ciphertext) == plaintext, case["tcId"]
        else:
            with pytest.raises(NotDecrypted) as refusal:
                suite.decrypt(secrets, ciphertext)
            refusals.add((str(refusal.value), refusal.value.ret, refusal.value.details))
    assert (outcomes.count("valid"), outcomes.count("invalid")) == (24, 48)
    assert refusals == {("payload cannot be decrypted", 4103, ())}


def test_gbt_32907_sm4_cbc() -> None:
    sm4 = KAT["sm4"]
    key, iv, plaintext, ciphertext = (
        bytes.fromhex(sm4[part]) for part in ("key", "cbc_iv", "cbc_pt", "cbc_ct_nopad")
    )
    # The standard's value has no padding: ours is longer by one block.
    ours = SUITES["gm-mac"].encrypt(Secrets(b"-", key, iv, b"-"), plaintext)
    assert ours[:-16] == ciphertext
    assert len(ours) == len(ciphertext) + 16


def test_gbt_32907_sm4_one_block() -> None:
    sm4 = KAT["sm4"]
    key = bytes.fromhex(sm4["key"])
    # One block under a vector of zeros is the block cipher itself.
    ours = SUITES["gm-mac"].encrypt(Secrets(b"-", key, bytes(16), b"-"), key)
    assert ours[:16].hex() == sm4["ecb_1"]


@pytest.mark.parametrize("case", KAT["sm3"], ids=[case["src"] for case in KAT["sm3"]])
def test_gbt_32905_sm3_of_the_library_in_use(case: dict[str, str]) -> None:
    digest = Hash(SM3())
    digest.update(bytes.fromhex(case["msg"]))
    assert digest.finalize().hex() == case["digest"]


@pytest.mark.parametrize("case", KAT["hmac"], ids=[case["src"] for case in KAT["hmac"]])
def test_rfc_2202_and_rfc_4231_hmac(case: dict[str, str]) -> None:
    secrets, message = keyed(bytes.fromhex(case["key"])), bytes.fromhex(case["msg"])
    if case["alg"] == "md5":
        assert SUITES["tcec102"].sign(secrets, message) == case["mac"].upper()
    else:
        assert hmac_sha256(secrets, message).hex() == case["mac"]


def test_rfc_9421_hmac_sha256_refuses_every_flipped_byte() -> None:
    secrets, message = keyed(b"a secret of some length"), b'"@method": POST'
    signature = hmac_sha256(secrets, message)
    verify_hmac_sha256(secrets, message, signature)
    for place in range(len(signature)):
        changed = bytearray(signature)
        changed[place] ^= 0x80
        with pytest.raises(NotGenuine):
            verify_hmac_sha256(secrets, message, bytes(changed))
    for other in (b"", signature[:-1], signature + b"\0"):
        with pytest.raises(NotGenuine):
            verify_hmac_sha256(secrets, message, other)


def test_collected_t_cec_102_example() -> None:
    example = KAT["tcec102"]
    secret = example["key_and_iv_and_sigsecret"].encode()
    secrets = Secrets(secret, secret, secret, secret)
    parts = (example[part] for part in ("OperatorID", "Data", "TimeStamp", "Seq"))
    SUITES["tcec102"].verify(secrets, "".join(parts).encode(), example["Sig"])
    assert SUITES["tcec102"].decrypt(secrets, b64decode(example["Data"])).startswith(b'{"total":1')
