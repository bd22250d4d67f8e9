"""Vectors of the standards and of Project Wycheproof, all that these suites can run."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES, SM4
from cryptography.hazmat.primitives.hashes import SM3, Hash

from vgigw.crypto.cbc import decrypt_cbc, encrypt_cbc
from vgigw.crypto.suite import SUITES, Secrets, hmac_sha256, verify_hmac_sha256
from vgigw.errors import NotDecrypted, NotGenuine

VECTORS = Path(__file__).parents[1] / "vectors"
KAT: dict[str, Any] = json.loads((VECTORS / "gm_kat.json").read_text())
WYCHEPROOF: dict[str, Any] = json.loads((VECTORS / "aes_cbc_pkcs5_test.json").read_text())


def keyed(sig_secret: bytes) -> Secrets:
    return Secrets(b"-", b"k" * 16, b"v" * 16, sig_secret)


@pytest.mark.parametrize("group", WYCHEPROOF["testGroups"], ids=lambda each: each["keySize"])
def test_wycheproof_aes_cbc_padding(group: dict[str, Any]) -> None:
    refusals = set()
    outcomes = []
    for case in group["tests"]:
        key, iv, plaintext, ciphertext = (
            bytes.fromhex(case[part]) for part in ("key", "iv", "msg", "ct")
        )
        outcomes.append(case["result"])
        if case["result"] == "valid":
            assert encrypt_cbc(AES(key), iv, plaintext) == ciphertext, case["tcId"]
            assert decrypt_cbc(AES(key), iv, ciphertext) == plaintext, case["tcId"]
        else:
            with pytest.raises(NotDecrypted) as refusal:
                decrypt_cbc(AES(key), iv, ciphertext)
            refusals.add((str(refusal.value), refusal.value.ret, refusal.value.details))
    assert (outcomes.count("valid"), outcomes.count("invalid")) == (24, 48)
    assert refusals == {("payload cannot be decrypted", 4103, ())}


def test_wycheproof_aes_128_cbc_is_that_of_the_suite() -> None:
    (group,) = (each for each in WYCHEPROOF["testGroups"] if each["keySize"] == 128)
    for case in group["tests"]:
        key, iv, plaintext, ciphertext = (
            bytes.fromhex(case[part]) for part in ("key", "iv", "msg", "ct")
        )
        secrets, suite = Secrets(b"-", key, iv, b"-"), SUITES["tcec102"]
        if case["result"] == "valid":
            assert suite.encrypt(secrets, plaintext) == ciphertext, case["tcId"]
            assert suite.decrypt(secrets, ciphertext) == plaintext, case["tcId"]
        else:
            with pytest.raises(NotDecrypted):
                suite.decrypt(secrets, ciphertext)


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


@pytest.mark.slow
def test_gbt_32907_sm4_a_million_times_over() -> None:
    sm4 = KAT["sm4"]
    block = bytes.fromhex(sm4["key"])
    encryptor = Cipher(SM4(block), modes.ECB()).encryptor()
    for _ in range(1_000_000):
        block = encryptor.update(block)
    assert block.hex() == sm4["ecb_1e6_iterations"]


def test_draft_ribose_sm4_ctr_of_the_library_in_use() -> None:
    sm4 = KAT["sm4"]
    key, start = bytes.fromhex(sm4["key"]), bytes.fromhex(sm4["cbc_iv"])
    encryptor = Cipher(SM4(key), modes.CTR(start)).encryptor()
    assert encryptor.update(bytes.fromhex(sm4["ctr_pt"])).hex() == sm4["ctr_ct"]


def test_rfc_8998_sm4_ccm_by_its_parts() -> None:
    """CCM as RFC 3610 writes it out, on the SM4 of the library: 12 bytes of nonce, 16 of tag."""
    sm4, gcm = KAT["sm4"], KAT["sm4"]["rfc8998_gcm"]
    key, nonce, associated, text = (
        bytes.fromhex(each) for each in (sm4["key"], gcm["iv"], gcm["aad"], sm4["ctr_pt"])
    )
    first = b"\x7a" + nonce + len(text).to_bytes(3, "big")
    told = len(associated).to_bytes(2, "big") + associated
    chained = first + told + bytes(-len(told) % 16) + text
    mac = Cipher(SM4(key), modes.CBC(bytes(16))).encryptor().update(chained)[-16:]
    stream = Cipher(SM4(key), modes.CTR(b"\x02" + nonce + bytes(3))).encryptor()
    tag = stream.update(mac)
    assert tag.hex() == sm4["rfc8998_ccm"]["tag"]
    assert stream.update(text).hex() == sm4["rfc8998_ccm"]["ct"]


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
