"""RSA and Ed25519 in the suite intl: lengths, salts and second forms."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers, generate_private_key

from tests.crypto.signing_links import (
    MESSAGE,
    rsa,
    scene,
)
from vgigw.crypto.intl import INTL
from vgigw.errors import Misconfigured, NotGenuine


def test_rsa_that_is_too_short_is_refused() -> None:
    # OpenSSL makes one of 1024 bits without a word.
    short = generate_private_key(65537, 1024)
    for call in (
        lambda: INTL.sign_octets(short, MESSAGE),
        lambda: INTL.verify_octets(short.public_key(), MESSAGE, b"s" * 128),
        lambda: INTL.wrap(short.public_key(), b"k" * 32),
        lambda: INTL.unwrap(short, b"w" * 128),
    ):
        with pytest.raises(Misconfigured, match="2048 to 4096 bits"):
            call()


def test_rsa_that_is_too_long_is_refused() -> None:
    endless = RSAPublicNumbers(65537, (1 << 4096) + 1).public_key()
    for call in (
        lambda: INTL.verify_octets(endless, MESSAGE, b"s" * 513),
        lambda: INTL.wrap(endless, b"k" * 32),
    ):
        with pytest.raises(Misconfigured, match="2048 to 4096 bits"):
            call()


def test_pss_salt_is_as_long_as_the_digest_and_the_digest_is_sha_256() -> None:
    from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA1, SHA256

    own = rsa(2048, 0)
    mask = MGF1(SHA256())
    own_way = own.sign(MESSAGE, PSS(mask, 32), SHA256())
    INTL.verify_octets(own.public_key(), MESSAGE, own_way)
    for made in (
        own.sign(MESSAGE, PSS(mask, 0), SHA256()),
        own.sign(MESSAGE, PSS(mask, PSS.MAX_LENGTH), SHA256()),
        own.sign(MESSAGE, PSS(MGF1(SHA1()), 32), SHA256()),
        own.sign(MESSAGE, PKCS1v15(), SHA256()),
        own_way[1:],
        b"\0" + own_way,
        b"",
    ):
        with pytest.raises(NotGenuine):
            INTL.verify_octets(own.public_key(), MESSAGE, made)


def test_second_form_of_an_ed25519_signature_is_refused() -> None:
    order = 2**252 + 27742317777372353535851937790883648493
    own = scene("intl-ed25519").one.sign
    made = INTL.sign_octets(own.private, MESSAGE)
    INTL.verify_octets(own.public, MESSAGE, made)
    second = int.from_bytes(made[32:], "little") + order
    for other in (made[:32] + second.to_bytes(32, "little"), made + b"\0", made[:-1]):
        with pytest.raises(NotGenuine):
            INTL.verify_octets(own.public, MESSAGE, other)
