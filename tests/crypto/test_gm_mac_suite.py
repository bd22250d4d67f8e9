"""The suite gm-mac against a second implementation of SM3 and SM4. PLT-10.3b."""

from __future__ import annotations

from base64 import b64decode, b64encode

from gmssl import sm3
from gmssl.sm4 import SM4_DECRYPT, SM4_ENCRYPT, CryptSM4
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.crypto.published import O1, O3_DATA, O3_SIGNATURE, SECRETS
from vgigw.crypto.suite import SUITES, Secrets
from vgigw.testing.suite_contract import check_suite

SUITE = SUITES["gm-mac"]
BLOCK = st.binary(min_size=16, max_size=16)


def sm3_digest(message: bytes) -> bytes:
    return bytes.fromhex(sm3.sm3_hash(list(message)))


def hmac_sm3(key: bytes, message: bytes) -> bytes:
    """RFC 2104 written out, over the other implementation's digest."""
    key = (sm3_digest(key) if len(key) > 64 else key).ljust(64, b"\0")
    inner = sm3_digest(bytes(byte ^ 0x36 for byte in key) + message)
    return sm3_digest(bytes(byte ^ 0x5C for byte in key) + inner)


def other_sm4(key: bytes, mode: int) -> CryptSM4:
    cipher = CryptSM4()
    cipher.set_key(key, mode)
    return cipher


def test_o3_ciphertext_and_signature() -> None:
    plaintext = O1.plaintext.encode()
    assert b64encode(SUITE.encrypt(SECRETS, plaintext)).decode() == O3_DATA
    assert SUITE.decrypt(SECRETS, b64decode(O3_DATA)) == plaintext
    message = O1.signed.format(data=O3_DATA).encode()
    assert SUITE.sign(SECRETS, message) == O3_SIGNATURE
    assert hmac_sm3(SECRETS.sig_secret, message).hex().upper() == O3_SIGNATURE


@settings(max_examples=25)
@given(key=BLOCK, iv=BLOCK, plaintext=st.binary(max_size=70))
def test_another_sm4_reads_and_writes_the_same(key: bytes, iv: bytes, plaintext: bytes) -> None:
    secrets = Secrets(b"-", key, iv, b"-")
    ciphertext = SUITE.encrypt(secrets, plaintext)
    assert other_sm4(key, SM4_ENCRYPT).crypt_cbc(iv, plaintext) == ciphertext
    assert other_sm4(key, SM4_DECRYPT).crypt_cbc(iv, ciphertext) == plaintext


@settings(max_examples=25)
@given(key=st.binary(min_size=1, max_size=80), message=st.binary(max_size=150))
def test_another_sm3_signs_the_same(key: bytes, message: bytes) -> None:
    secrets = Secrets(b"-", b"k" * 16, b"v" * 16, key)
    assert SUITE.sign(secrets, message) == hmac_sm3(key, message).hex().upper()


def test_suite_holds_the_contract() -> None:
    check_suite(SUITE, SECRETS)
