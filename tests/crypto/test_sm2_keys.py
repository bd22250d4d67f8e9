"""Keys of SM2 in PKCS#8, SubjectPublicKeyInfo and PEM: strict, encrypted at rest, never shown."""

from __future__ import annotations

import traceback
from contextlib import suppress

import pytest
from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier
from hypothesis import given
from hypothesis import strategies as st

from tests.crypto.sm2_providers import PROVIDERS, PUBLIC_KEY, SCALAR, provider_named
from vgigw.crypto import sm2_keys, sm2_pbes2
from vgigw.crypto.pem import ENCRYPTED_PRIVATE_KEY, PRIVATE_KEY, der_of_pem, pem_of_der
from vgigw.crypto.pem import (
    PUBLIC_KEY as PUBLIC_KEY_LABEL,
)
from vgigw.crypto.sm2_curve import G, N, P, PublicKey, octets
from vgigw.crypto.sm2_gmssl import GmsslProvider
from vgigw.crypto.sm2_keys import (
    bare_private_key,
    dump_private_key,
    dump_public_key,
    load_private_key,
    load_public_key,
)
from vgigw.crypto.sm2_pbes2 import decrypt_pbes2, encrypt_pbes2
from vgigw.errors import Misconfigured

PASSPHRASE = b"a passphrase of some length"
SPKI = dump_public_key(PUBLIC_KEY)
POINT = SPKI[-65:]
OPPOSITE = dump_public_key(PublicKey(PUBLIC_KEY.x, P - PUBLIC_KEY.y))
"""Its last bit is 0, as an unused one must be."""

# 107 times G: y begins with a zero byte, which is left out here and in all the lengths.
SHORT = bytes.fromhex(
    "3058301306072a8648ce3d020106082a811ccf5501822d03410004"
    "3b3de05121ff3a36d9dcd23ac5c15de8d757ae92795b15410e1ecd9e46466a47"
    "7b8326ebd1926d5ab4cccacefee53ad6106c43e6eb5c91a11606102e19c39b"
)
SM2_OID = bytes.fromhex("06082a811ccf5501822d")
P256_OID = bytes.fromhex("06082a8648ce3d030107")


@pytest.fixture(autouse=True)
def few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sm2_pbes2.encrypt_pbes2, "__kwdefaults__", {"rounds": 1000})


def pkcs8() -> bytes:
    provider = GmsslProvider()
    return dump_private_key(provider, provider.import_key(SCALAR), passphrase=None)


@PROVIDERS
@pytest.mark.parametrize("passphrase", [None, PASSPHRASE], ids=["plain", "encrypted"])
def test_private_key_comes_back(passphrase: bytes | None, name: str) -> None:
    provider = provider_named(name)
    key = provider.generate()
    der = dump_private_key(provider, key, passphrase=passphrase)
    again = load_private_key(provider, der, passphrase=passphrase)
    assert again.public_key == key.public_key
    assert provider.export_key(again) == provider.export_key(key)
    assert (provider.export_key(key) in der) is (passphrase is None)


def test_public_key_comes_back_and_is_91_bytes() -> None:
    assert load_public_key(SPKI) == PUBLIC_KEY
    assert len(SPKI) == 91
    assert SM2_OID in SPKI


def test_private_key_without_the_public_one_is_read() -> None:
    provider = GmsslProvider()
    key = load_private_key(provider, bare_private_key(SCALAR), passphrase=None)
    assert key.public_key == PUBLIC_KEY


@pytest.mark.parametrize(
    "der",
    [
        b"",
        SPKI[:-1],
        SPKI + b"\0",
        SPKI.replace(SM2_OID, P256_OID),
        SPKI[:-65] + b"\x02" + POINT[1:],
        SPKI[:-65] + b"\x06" + POINT[1:],
        OPPOSITE[:-66] + b"\x01" + OPPOSITE[-65:],
        SHORT,
        SPKI[:-64] + bytes(64),
        SPKI[:-1] + bytes([SPKI[-1] ^ 1]),
        SPKI[:-64] + octets(PUBLIC_KEY.x) + b"\xff" * 32,
        bytes.fromhex("3019301306072a8648ce3d020106082a811ccf5501822d03020000"),
        bytes.fromhex("3018301306072a8648ce3d020106082a811ccf5501822d030100"),
    ],
    ids=[
        "empty",
        "cut",
        "trailing byte",
        "another curve",
        "compressed",
        "hybrid",
        "unused bits",
        "y of 31 bytes",
        "origin",
        "off the curve",
        "not reduced",
        "infinity",
        "no point",
    ],
)
def test_what_is_no_public_key_of_sm2_is_refused(der: bytes) -> None:
    with pytest.raises(Misconfigured):
        load_public_key(der)


def changed_private_keys() -> dict[str, bytes]:
    der = pkcs8()
    version = der.index(b"\x02\x01\x00") + 2
    inner = der.index(b"\x02\x01\x01\x04\x20") + 2
    point = der.index(POINT)
    return {
        "empty": b"",
        "cut": der[:-1],
        "trailing byte": der + b"\0",
        "another curve": der.replace(SM2_OID, P256_OID),
        "version 1": der[:version] + b"\x01" + der[version + 1 :],
        "inner version 2": der[:inner] + b"\x02" + der[inner + 1 :],
        "inner key itself": der[der.index(b"\x30", 25) :],
        "public key of another": der[: point + 33] + octets(P - PUBLIC_KEY.y),
        "public key off the curve": der[:-1] + bytes([der[-1] ^ 1]),
        "0": bare_private_key(octets(0)),
        "N - 1": bare_private_key(octets(N - 1)),
        "N": bare_private_key(octets(N)),
        "31 bytes": bare_private_key(b"\x01" * 31),
        "33 bytes": bare_private_key(b"\0" + b"\x01" * 32),
        "a public key": SPKI,
    }


@pytest.mark.parametrize("change", list(changed_private_keys()))
def test_what_is_no_private_key_of_sm2_is_refused_and_not_shown(change: str) -> None:
    with pytest.raises(Misconfigured) as refusal:
        load_private_key(GmsslProvider(), changed_private_keys()[change], passphrase=None)
    shown = "".join(traceback.format_exception(refusal.value))
    assert SCALAR.hex() not in shown
    assert repr(SCALAR)[2:-1] not in shown
    assert refusal.value.__cause__ is None
    assert refusal.value.__context__ is None


def naming_inside(curve: str) -> bytes:
    inner = sm2_keys._EcPrivateKey(
        version=1, scalar=SCALAR, curve=ObjectIdentifier(curve), point=None
    )
    return asn1.encode_der(
        sm2_keys._PrivateKeyInfo(
            version=0, algorithm=sm2_keys._algorithm(), key=asn1.encode_der(inner)
        )
    )


def test_private_key_with_the_curve_named_inside_must_name_sm2() -> None:
    provider = GmsslProvider()
    key = load_private_key(provider, naming_inside("1.2.156.10197.1.301"), passphrase=None)
    assert key.public_key == PUBLIC_KEY
    with pytest.raises(Misconfigured):
        load_private_key(provider, naming_inside("1.2.840.10045.3.1.7"), passphrase=None)


@pytest.mark.parametrize("wrong", [b"", b"A passphrase of some length", PASSPHRASE + b"x"])
def test_wrong_passphrase_is_refused_and_not_shown(wrong: bytes) -> None:
    provider = GmsslProvider()
    der = dump_private_key(provider, provider.import_key(SCALAR), passphrase=PASSPHRASE)
    with pytest.raises(Misconfigured, match="right passphrase") as refusal:
        load_private_key(provider, der, passphrase=wrong)
    shown = "".join(traceback.format_exception(refusal.value))
    assert PASSPHRASE.decode() not in shown
    assert refusal.value.__cause__ is None


def test_empty_passphrase_does_not_encrypt() -> None:
    with pytest.raises(Misconfigured, match="passphrase"):
        encrypt_pbes2(b"key", b"")


def test_plain_key_is_not_taken_where_a_passphrase_is_given_nor_the_reverse() -> None:
    provider = GmsslProvider()
    encrypted = dump_private_key(provider, provider.import_key(SCALAR), passphrase=PASSPHRASE)
    for der, passphrase in ((pkcs8(), PASSPHRASE), (encrypted, None)):
        with pytest.raises(Misconfigured):
            load_private_key(provider, der, passphrase=passphrase)


def test_encryption_at_rest_is_salted() -> None:
    assert len({encrypt_pbes2(b"key", PASSPHRASE) for _ in range(5)}) == 5


@pytest.mark.parametrize("rounds", [0, 5_000_001])
def test_rounds_have_a_bound(rounds: int) -> None:
    with pytest.raises(Misconfigured):
        encrypt_pbes2(b"key", PASSPHRASE, rounds=rounds)


@pytest.mark.parametrize("rounds", ["7fffff", "800001", "000001", "000000"])
def test_file_with_rounds_out_of_bounds_is_refused_before_any_is_done(
    rounds: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    der = encrypt_pbes2(b"key", PASSPHRASE, rounds=70_000)
    assert decrypt_pbes2(der, PASSPHRASE) == b"key"
    changed = der.replace(bytes.fromhex("0203011170"), bytes.fromhex(f"0203{rounds}"))
    assert changed != der
    monkeypatch.delattr(sm2_pbes2, "PBKDF2HMAC")
    assert decrypt_pbes2(changed, PASSPHRASE) is None


def test_file_of_another_scheme_or_cipher_is_refused() -> None:
    der = encrypt_pbes2(b"key", PASSPHRASE)
    for named in (
        "2a864886f70d01050d",
        "2a864886f70d01050c",
        "2a864886f70d0209",
        "60864801650304012a",
    ):
        oid = bytes.fromhex(named)
        at = der.index(oid) + len(oid) - 1
        changed = der[:at] + bytes([der[at] ^ 2]) + der[at + 1 :]
        assert decrypt_pbes2(changed, PASSPHRASE) is None, named


@pytest.mark.parametrize(("key_bytes", "read"), [(32, b"key"), (16, None), (31, None), (0, None)])
def test_file_that_names_the_length_of_its_key_names_the_right_one(
    key_bytes: int, read: bytes | None
) -> None:
    encrypted = asn1.decode_der(sm2_pbes2._Encrypted, encrypt_pbes2(b"key", PASSPHRASE))
    encrypted.algorithm.parameters.derivation.parameters.key_bytes = key_bytes
    assert decrypt_pbes2(asn1.encode_der(encrypted), PASSPHRASE) == read


@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_changed_file_brings_out_no_other_error(place: int, bit: int) -> None:
    der = bytearray(encrypt_pbes2(b"key", PASSPHRASE, rounds=1))
    der[place % len(der)] ^= 1 << bit
    decrypt_pbes2(bytes(der[:-1]), PASSPHRASE)
    changed = bytearray(SPKI)
    changed[place % len(SPKI)] ^= 1 << bit
    with suppress(Misconfigured):
        load_public_key(bytes(changed))
    private = bytearray(bare_private_key(SCALAR))
    private[place % 36] ^= 1 << bit
    with suppress(Misconfigured):
        load_private_key(GmsslProvider(), bytes(private), passphrase=None)


@pytest.mark.parametrize("label", [PUBLIC_KEY_LABEL, PRIVATE_KEY, ENCRYPTED_PRIVATE_KEY])
def test_pem_comes_back(label: str) -> None:
    text = pem_of_der(SPKI, label)
    assert der_of_pem(text, label) == SPKI
    assert der_of_pem("\n" + text.replace("\n", "\r\n") + "\n", label) == SPKI
    assert max(map(len, text.splitlines())) == 64


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-----BEGIN PUBLIC KEY-----",
        "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----",
        pem_of_der(SPKI, PRIVATE_KEY),
        pem_of_der(SPKI, PUBLIC_KEY_LABEL) * 2,
        "note\n" + pem_of_der(SPKI, PUBLIC_KEY_LABEL),
        pem_of_der(SPKI, PUBLIC_KEY_LABEL) + "note",
        pem_of_der(SPKI, PUBLIC_KEY_LABEL).replace("-----BEGIN PUBLIC KEY-----", "A" * 28),
        pem_of_der(SPKI, PUBLIC_KEY_LABEL).replace("-----END PUBLIC KEY-----", "A" * 24),
        pem_of_der(SPKI, PUBLIC_KEY_LABEL).replace("M", "!", 1),
        pem_of_der(SPKI, PUBLIC_KEY_LABEL).replace("A", "密", 1),
        pem_of_der(SPKI, PUBLIC_KEY_LABEL).replace("=", ""),
    ],
)
def test_what_is_not_one_block_of_pem_is_refused(text: str) -> None:
    with pytest.raises(Misconfigured, match="one block of PUBLIC KEY"):
        der_of_pem(text, PUBLIC_KEY_LABEL)


def test_generator_is_a_key_like_any() -> None:
    key = GmsslProvider().import_key(octets(1))
    assert (key.public_key.x, key.public_key.y) == G
