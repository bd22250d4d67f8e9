"""SM4-GCM against RFC 8998 and a second SM4 with GHASH written out; every change is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from gmssl.sm4 import SM4_ENCRYPT, CryptSM4
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.crypto.sm2_providers import VECTORS
from vgigw.crypto.sm4_gcm import (
    NONCE_BYTES,
    TAG_BYTES,
    decrypt_sm4_gcm,
    encrypt_sm4_gcm,
    generate_sm4_key,
)
from vgigw.errors import Misconfigured, NotDecrypted

SM4: dict[str, Any] = json.loads((VECTORS / "gm_kat.json").read_text())["sm4"]
KEY = bytes.fromhex(SM4["key"])
BLOCK = st.binary(min_size=16, max_size=16)


def test_rfc_8998_ciphertext_and_tag() -> None:
    published = {part: bytes.fromhex(text) for part, text in SM4["rfc8998_gcm"].items()}
    sealed = published["iv"] + published["ct"] + published["tag"]
    assert decrypt_sm4_gcm(KEY, sealed, published["aad"]).hex() == SM4["ctr_pt"]


def other_block(key: bytes, block: bytes) -> bytes:
    cipher = CryptSM4()
    cipher.set_key(key, SM4_ENCRYPT)
    return bytes(cipher.one_round(cipher.sk, list(block)))


def times(left: int, right: int) -> int:
    """Product in the field of GHASH. NIST SP 800-38D clause 6.3."""
    product = 0
    for bit in range(127, -1, -1):
        if left >> bit & 1:
            product ^= right
        right = right >> 1 ^ (0xE1 << 120 if right & 1 else 0)
    return product


def other_gcm(key: bytes, nonce: bytes, plaintext: bytes, associated: bytes) -> bytes:
    """Ciphertext and tag. NIST SP 800-38D clause 7.1."""
    counted = [
        other_block(key, nonce + count.to_bytes(4, "big"))
        for count in range(1, len(plaintext) // 16 + 3)
    ]
    stream = b"".join(counted[1:])
    ciphertext = bytes(left ^ right for left, right in zip(plaintext, stream, strict=False))
    hashed = b"".join(part + bytes(-len(part) % 16) for part in (associated, ciphertext))
    hashed += (8 * len(associated)).to_bytes(8, "big") + (8 * len(ciphertext)).to_bytes(8, "big")
    factor, digest = int.from_bytes(other_block(key, bytes(16)), "big"), 0
    for at in range(0, len(hashed), 16):
        digest = times(digest ^ int.from_bytes(hashed[at : at + 16], "big"), factor)
    return ciphertext + (digest ^ int.from_bytes(counted[0], "big")).to_bytes(16, "big")


@settings(max_examples=25)
@given(key=BLOCK, plaintext=st.binary(max_size=70), associated=st.binary(max_size=40))
def test_another_sm4_and_ghash_write_the_same(
    key: bytes, plaintext: bytes, associated: bytes
) -> None:
    sealed = encrypt_sm4_gcm(key, plaintext, associated)
    nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    assert other_gcm(key, nonce, plaintext, associated) == rest
    assert decrypt_sm4_gcm(key, sealed, associated) == plaintext
    assert len(sealed) == NONCE_BYTES + len(plaintext) + TAG_BYTES


def test_nonce_is_another_one_each_time() -> None:
    assert len({encrypt_sm4_gcm(KEY, b"", b"")[:NONCE_BYTES] for _ in range(500)}) == 500


def test_every_change_is_refused_in_one_wording() -> None:
    sealed = encrypt_sm4_gcm(KEY, b"one message of some length", b"header")
    changed = [
        sealed[:place] + bytes([octet ^ 1]) + sealed[place + 1 :]
        for place, octet in enumerate(sealed)
    ]
    changed += [sealed[:length] for length in range(len(sealed))]
    changed += [sealed + b"\0", b"\0" + sealed]
    texts = set()
    for text in changed:
        with pytest.raises(NotDecrypted) as refusal:
            decrypt_sm4_gcm(KEY, text, b"header")
        texts.add((str(refusal.value), refusal.value.details))
    for key, associated in ((KEY, b"Header"), (KEY, b""), (generate_sm4_key(), b"header")):
        with pytest.raises(NotDecrypted):
            decrypt_sm4_gcm(key, sealed, associated)
    assert texts == {("payload cannot be decrypted", ())}


@pytest.mark.parametrize("length", [0, 15, 17, 24, 32])
def test_key_of_another_length_is_refused_and_not_cut(length: int) -> None:
    for call in (encrypt_sm4_gcm, decrypt_sm4_gcm):
        with pytest.raises(Misconfigured, match="exactly 16 bytes"):
            call(b"k" * length, b"x" * 40, b"")


def test_generated_keys_are_16_bytes_and_differ() -> None:
    keys = {generate_sm4_key() for _ in range(50)}
    assert len(keys) == 50
    assert {len(key) for key in keys} == {16}
