"""The two providers of SM2 give one verdict on whatever is shown to both of them."""

from __future__ import annotations

import os
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.crypto.sm2_providers import PROVIDERS, provider_named
from vgigw.crypto.sm2 import PrivateKey, Sm2SoftwareProvider, message_digest
from vgigw.crypto.sm2_curve import N, PublicKey, number, octets
from vgigw.crypto.sm2_encoding import (
    CiphertextForm,
    SignatureForm,
    decode_ciphertext,
    decode_signature,
    encode_ciphertext,
    encode_signature,
)
from vgigw.errors import NotDecrypted, NotGenuine

SCALARS = st.integers(1, N - 2).map(octets)
USER_IDS = st.binary(min_size=1, max_size=40)
PLAINTEXTS = st.binary(min_size=1, max_size=100)
FLIP = st.none() | st.tuples(st.integers(0, 1000), st.integers(0, 7))


def both() -> tuple[Sm2SoftwareProvider, Sm2SoftwareProvider]:
    return provider_named("libcrypto"), provider_named("gmssl")


def flipped(encoded: bytes, flip: tuple[int, int] | None) -> bytes:
    if flip is None:
        return encoded
    changed = bytearray(encoded)
    changed[flip[0] % len(changed)] ^= 1 << flip[1]
    return bytes(changed)


def is_genuine(
    provider: Sm2SoftwareProvider, key: PublicKey, message: bytes, encoded: bytes, user_id: bytes
) -> bool:
    try:
        signature = decode_signature(encoded, SignatureForm.RAW)
        provider.verify(key, message, signature, user_id)
    except NotGenuine:
        return False
    return True


def opened(provider: Sm2SoftwareProvider, key: PrivateKey, encoded: bytes) -> bytes | None:
    with suppress(NotDecrypted):
        return provider.decrypt(key, decode_ciphertext(encoded, CiphertextForm.C1C3C2))
    return None


@settings(max_examples=25)
@given(scalar=SCALARS, message=st.binary(max_size=200), user_id=USER_IDS, flip=FLIP)
def test_signature_of_either_has_one_verdict_by_both(
    scalar: bytes, message: bytes, user_id: bytes, flip: tuple[int, int] | None
) -> None:
    providers = both()
    keys = [provider.import_key(scalar) for provider in providers]
    assert keys[0].public_key == keys[1].public_key
    for signer, key in zip(providers, keys, strict=True):
        made = encode_signature(signer.sign(key, message, user_id), SignatureForm.RAW)
        shown = flipped(made, flip)
        verdicts = [
            is_genuine(provider, key.public_key, message, shown, user_id) for provider in providers
        ]
        assert verdicts == [flip is None] * 2


@settings(max_examples=25)
@given(scalar=SCALARS, plaintext=PLAINTEXTS, flip=FLIP)
def test_ciphertext_of_either_is_opened_alike_by_both(
    scalar: bytes, plaintext: bytes, flip: tuple[int, int] | None
) -> None:
    providers = both()
    keys = [provider.import_key(scalar) for provider in providers]
    for writer in providers:
        made = writer.encrypt(keys[0].public_key, plaintext)
        shown = flipped(encode_ciphertext(made, CiphertextForm.C1C3C2), flip)
        found = [
            opened(provider, key, shown) for provider, key in zip(providers, keys, strict=True)
        ]
        assert found == [plaintext if flip is None else None] * 2


@PROVIDERS
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_processes_that_fork_draw_nonces_of_their_own(name: str) -> None:
    # Workers share the memory of their parent, and with it the state of a generator.
    provider = provider_named(name)
    key = provider.generate()
    provider.sign(key, b"before")
    digest = number(message_digest(key.public_key, b"one message", b"id"))
    seen = []
    for _ in range(3):
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            try:
                signature = provider.sign(key, b"one message", b"id")
                os.write(writing, octets((signature.r - digest) % N))
            finally:
                os._exit(0)
        os.close(writing)
        os.waitpid(child, 0)
        seen.append(os.read(reading, 32))
        os.close(reading)
    assert all(len(nonce) == 32 for nonce in seen)
    assert len(set(seen)) == 3
