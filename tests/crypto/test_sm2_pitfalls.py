"""The known faults of libraries of SM2, one test each, against both providers."""

from __future__ import annotations

import ast
import copy
import ctypes
import logging
import pickle
import random
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

import vgigw.crypto
from tests.crypto.sm2_providers import (
    CIPHERTEXT,
    PROVIDERS,
    PUBLIC_KEY,
    SCALAR,
    SIGNATURE,
    provider_named,
)
from vgigw.crypto import sm2_gmssl, sm2_libcrypto
from vgigw.crypto.sm2_curve import Ciphertext, G, N, P, PublicKey, Signature, add, number, octets
from vgigw.crypto.sm2_encoding import CiphertextForm, decode_ciphertext, encode_ciphertext
from vgigw.crypto.sm2_libcrypto import LibcryptoProvider
from vgigw.errors import Misconfigured, NotDecrypted, NotGenuine, OwnFault, VgigwError

MESSAGE = b"message digest"

# 470 times G: with the key of the standard, the mask of its first byte is 0.
ZERO_MASK_NONCE = 470
ZERO_MASK = Ciphertext(
    0x17A8DBF0E9D5CE427A04C8800BEF14DE5E22E24C5CEE027D8F71FE0BF8A909B1,
    0x0BC9ED977244BF069FA0E9163A353597134CF54A2747957945678515B49265E8,
    bytes.fromhex("14ad4f11f57e1b8e49b6398d410a9b26bf846f91f9d62a9d0c5a704c2ce181ad"),
    b"a",
)


def first_drawn(first: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``first`` be drawn once, and then by chance as ever."""
    draw = sm2_gmssl._factor

    def once() -> int:
        monkeypatch.setattr(sm2_gmssl, "_factor", draw)
        return first

    monkeypatch.setattr(sm2_gmssl, "_factor", once)


@PROVIDERS
@pytest.mark.parametrize(
    "scalar",
    [0, N - 1, N, N + 1, 2**256 - 1],
    ids=["0", "N-1", "N", "N+1", "all ones"],
)
def test_private_key_out_of_range_is_refused(scalar: int, name: str) -> None:
    # libcrypto signs with 0, and never ends with N - 1.
    with pytest.raises(Misconfigured, match="from 1 to N - 2"):
        provider_named(name).import_key(octets(scalar))


@PROVIDERS
@pytest.mark.parametrize("scalar", [1, 2, N - 2])
def test_private_key_at_the_edge_of_the_range_signs(scalar: int, name: str) -> None:
    provider = provider_named(name)
    key = provider.import_key(octets(scalar))
    provider.verify(key.public_key, MESSAGE, provider.sign(key, MESSAGE))
    assert provider.decrypt(key, provider.encrypt(key.public_key, MESSAGE)) == MESSAGE


@PROVIDERS
@pytest.mark.parametrize("length", [0, 1, 31, 33, 64])
def test_private_key_of_another_length_is_refused(length: int, name: str) -> None:
    with pytest.raises(Misconfigured, match="must be 32 bytes"):
        provider_named(name).import_key(b"\x01" * length)


@PROVIDERS
def test_public_key_of_another_private_key_is_refused(name: str) -> None:
    for other in (PublicKey(*G), PublicKey(PUBLIC_KEY.x, P - PUBLIC_KEY.y)):
        with pytest.raises(Misconfigured, match="not that of the private key"):
            provider_named(name).import_key(SCALAR, other)


@PROVIDERS
@pytest.mark.parametrize("place", range(32))
def test_c3_is_checked_in_every_byte(place: int, name: str) -> None:
    provider = provider_named(name)
    key = provider.import_key(SCALAR)
    digest = bytearray(CIPHERTEXT.digest)
    digest[place] ^= 0x80
    with pytest.raises(NotDecrypted):
        provider.decrypt(key, replace(CIPHERTEXT, digest=bytes(digest)))


@PROVIDERS
def test_order_c1c2c3_of_before_2012_is_refused(name: str) -> None:
    provider = provider_named(name)
    point = encode_ciphertext(CIPHERTEXT, CiphertextForm.C1C3C2)[:65]
    old = point + CIPHERTEXT.masked + CIPHERTEXT.digest
    with pytest.raises(NotDecrypted):
        provider.decrypt(provider.import_key(SCALAR), decode_ciphertext(old, CiphertextForm.C1C3C2))


@PROVIDERS
def test_mask_of_zeros_is_refused(name: str) -> None:
    provider = provider_named(name)
    with pytest.raises(NotDecrypted):
        provider.decrypt(provider.import_key(SCALAR), ZERO_MASK)


def test_mask_of_zeros_is_not_sent_by_gmssl(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = sm2_gmssl.GmsslProvider()
    first_drawn(ZERO_MASK_NONCE, monkeypatch)
    ciphertext = provider.encrypt(PUBLIC_KEY, b"a")
    assert ciphertext.x != ZERO_MASK.x
    assert provider.decrypt(provider.import_key(SCALAR), ciphertext) == b"a"


def test_mask_of_zeros_is_not_sent_by_libcrypto(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = provider_named("libcrypto")
    assert isinstance(provider, LibcryptoProvider)
    ask, asked = provider._transform, []

    def first_the_unlucky_one(*arguments: object) -> bytes | None:
        asked.append(arguments)
        if len(asked) == 1:
            return encode_ciphertext(ZERO_MASK, CiphertextForm.DER)
        return ask(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(provider, "_transform", first_the_unlucky_one)
    assert provider.encrypt(PUBLIC_KEY, b"a").x != ZERO_MASK.x
    assert len(asked) == 2


def test_mask_of_zeros_is_refused_though_libcrypto_took_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Releases differ in whether they look at the mask.
    provider = provider_named("libcrypto")
    monkeypatch.setattr(provider, "_transform", lambda *_: b"a")
    with pytest.raises(NotDecrypted):
        provider.decrypt(provider.import_key(SCALAR), ZERO_MASK)


@PROVIDERS
def test_empty_plaintext_is_refused_and_does_not_hang(name: str) -> None:
    with pytest.raises(OwnFault, match="1 byte or more"):
        provider_named(name).encrypt(PUBLIC_KEY, b"")


@PROVIDERS
def test_empty_user_id_is_refused(name: str) -> None:
    provider = provider_named(name)
    key = provider.import_key(SCALAR)
    with pytest.raises(Misconfigured, match="user id"):
        provider.sign(key, MESSAGE, b"")
    with pytest.raises(Misconfigured, match="user id"):
        provider.verify(PUBLIC_KEY, MESSAGE, SIGNATURE, b"")


@PROVIDERS
def test_one_who_names_no_user_id_is_the_default_one(name: str) -> None:
    provider = provider_named(name)
    signature = provider.sign(provider.import_key(SCALAR), MESSAGE)
    provider.verify(PUBLIC_KEY, MESSAGE, signature, b"1234567812345678")


@PROVIDERS
def test_nonce_does_not_follow_the_seed_of_random(name: str) -> None:
    provider = provider_named(name)
    key = provider.import_key(SCALAR)
    made = []
    for _ in range(2):
        random.seed(20120101)
        made.append((provider.sign(key, MESSAGE), provider.encrypt(PUBLIC_KEY, b"k").x))
    assert made[0][0].r != made[1][0].r
    assert made[0][1] != made[1][1]


def test_gmssl_is_not_asked_for_what_it_does_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    from gmssl import func, sm3
    from gmssl.sm2 import CryptSM2

    def not_this(*arguments: object) -> None:
        raise AssertionError(arguments)

    for name in ("sign", "verify", "encrypt", "decrypt", "sign_with_sm3", "verify_with_sm3"):
        monkeypatch.setattr(CryptSM2, name, not_this)
    monkeypatch.setattr(func, "random_hex", not_this)
    monkeypatch.setattr(sm3, "sm3_hash", not_this)
    provider = sm2_gmssl.GmsslProvider()
    key = provider.generate()
    provider.verify(key.public_key, MESSAGE, provider.sign(key, MESSAGE))
    assert provider.decrypt(key, provider.encrypt(key.public_key, b"k")) == b"k"


def test_no_suite_imports_random() -> None:
    for source in Path(vgigw.crypto.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            module = node.module if isinstance(node, ast.ImportFrom) else None
            assert "random" not in {*names, module}, source


@PROVIDERS
def test_public_key_that_begins_with_04_is_whole(name: str) -> None:
    # gmssl strips the characters 0 and 4, not the prefix: one key in eight breaks.
    provider = provider_named(name)
    found = 0
    point = G
    for scalar in range(1, 200):
        if octets(point[0]).hex().startswith(("0", "4")) and found < 4:
            found += 1
            key = provider.import_key(octets(scalar))
            assert (key.public_key.x, key.public_key.y) == point
            provider.verify(key.public_key, MESSAGE, provider.sign(key, MESSAGE))
        point = add(point, G) or G
    assert found == 4


def numbers_with(together: int, sign: int) -> Signature:
    """r + s is ``together``, and its multiple of the key is ``sign`` times that of s and G."""
    s = sign * together * number(SCALAR) % N
    return Signature((together - s) % N, s)


@PROVIDERS
@pytest.mark.parametrize("sign", [1, -1], ids=["equal points", "infinity"])
def test_sum_at_the_edges_of_addition_is_refused(sign: int, name: str) -> None:
    # At infinity gmssl breaks with a TypeError.
    with pytest.raises(NotGenuine):
        provider_named(name).verify(PUBLIC_KEY, MESSAGE, numbers_with(12345, sign))


def test_sum_of_two_equal_points_is_genuine(monkeypatch: pytest.MonkeyPatch) -> None:
    # Here gmssl compares with a coordinate that it did not bring back to its form.
    provider, signature = sm2_gmssl.GmsslProvider(), numbers_with(12345, 1)
    point = provider._multiply(2 * signature.s % N, G)
    digest = octets((signature.r - point[0]) % N)
    monkeypatch.setattr(sm2_gmssl, "message_digest", lambda *_: digest)
    provider.verify(PUBLIC_KEY, MESSAGE, signature)


@PROVIDERS
def test_high_and_low_s_are_two_signatures_and_one_of_them_is_none(name: str) -> None:
    provider = provider_named(name)
    key = provider.import_key(SCALAR)
    high, low = 0, 0
    while not (high and low):
        signature = provider.sign(key, MESSAGE)
        provider.verify(PUBLIC_KEY, MESSAGE, signature)
        high, low = high + (signature.s > N // 2), low + (signature.s <= N // 2)
        with pytest.raises(NotGenuine):
            provider.verify(PUBLIC_KEY, MESSAGE, Signature(signature.r, N - signature.s))


@PROVIDERS
def test_nothing_of_a_private_key_is_shown(name: str, caplog: pytest.LogCaptureFixture) -> None:
    provider = provider_named(name)
    caplog.set_level(logging.DEBUG)
    key = provider.import_key(SCALAR)
    shown = [repr(key), str(key), f"{[key]}", repr(provider)]
    for call in (
        lambda: provider.import_key(SCALAR, PublicKey(*G)),
        lambda: provider.import_key(SCALAR + b"\0"),
        lambda: provider.decrypt(key, replace(CIPHERTEXT, masked=b"x")),
    ):
        with pytest.raises(VgigwError) as refusal:
            call()
        shown += traceback.format_exception(refusal.value)
        assert refusal.value.__cause__ is None
        assert refusal.value.__context__ is None
    number = int.from_bytes(SCALAR, "big")
    for text in (*shown, caplog.text):
        for secret in (SCALAR.hex(), SCALAR.hex().upper(), str(number), repr(SCALAR)):
            assert secret not in text


@PROVIDERS
def test_private_key_is_neither_copied_nor_pickled(name: str) -> None:
    key = provider_named(name).import_key(SCALAR)
    for duplicate in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="neither copied nor pickled"):
            duplicate(key)
    assert not hasattr(key, "__dict__")


class Quoting:
    """Stands for a release of gmssl that quotes what it was given."""

    def __init__(self, answer: str | None = None) -> None:
        self.answer = answer

    def _kg(self, factor: int, point: str) -> str:
        if self.answer is None:
            raise ValueError(f"{factor} times {point}")
        return self.answer


@pytest.mark.parametrize(
    "curve", [Quoting(), Quoting(""), Quoting("1" * 128), Quoting("x" * 128), object()]
)
def test_failure_of_gmssl_is_our_error_in_our_words(curve: object) -> None:
    provider = sm2_gmssl.GmsslProvider()
    key = provider.import_key(SCALAR)
    provider._curve = curve
    for call in (
        lambda: provider.sign(key, MESSAGE),
        lambda: provider.encrypt(PUBLIC_KEY, MESSAGE),
        lambda: provider.decrypt(key, CIPHERTEXT),
        lambda: provider.verify(PUBLIC_KEY, MESSAGE, SIGNATURE),
    ):
        with pytest.raises(OwnFault, match=r"^SM2 by gmssl failed$") as failure:
            call()
        assert failure.value.__cause__ is None
        assert failure.value.__context__ is None


def test_multiplication_with_a_secret_is_split_at_random() -> None:
    provider = sm2_gmssl.GmsslProvider()
    used: list[int] = []
    product = provider._product

    def noted(factor: int, point: str) -> tuple[int, int] | None:
        used.append(factor)
        return product(factor, point)

    provider._product = noted  # type: ignore[method-assign]
    key = provider.import_key(SCALAR)
    for _ in range(2):
        provider.decrypt(key, CIPHERTEXT)
    secret = int.from_bytes(SCALAR, "big")
    assert len(set(used)) == len(used) == 6
    assert {(left + right) % N for left, right in zip(used[::2], used[1::2], strict=True)} == {
        secret
    }
    assert secret not in used


def test_secret_factor_that_is_drawn_by_chance_is_split_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first_drawn(5, monkeypatch)
    x, y = sm2_gmssl.GmsslProvider()._multiply_secret(5, G)
    assert (x, y) == sm2_gmssl.GmsslProvider()._multiply(5, G)


@pytest.mark.parametrize("unlucky", ["r is 0", "s is 0", "r and the nonce are N"])
def test_unlucky_nonce_is_drawn_again(unlucky: str, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = sm2_gmssl.GmsslProvider()
    key = provider.import_key(SCALAR)
    nonce, x = 1, G[0]
    r = {
        "r is 0": 0,
        "s is 0": nonce * pow(number(SCALAR), -1, N),
        "r and the nonce are N": N - nonce,
    }[unlucky] % N
    monkeypatch.setattr(sm2_gmssl, "message_digest", lambda *_: octets((r - x) % N))
    first_drawn(nonce, monkeypatch)
    signature = provider.sign(key, MESSAGE)
    assert signature.r != r
    provider.verify(PUBLIC_KEY, MESSAGE, signature)


def test_inverse_of_the_private_key_is_reckoned_blind(monkeypatch: pytest.MonkeyPatch) -> None:
    inverted = []

    def noted(value: int, exponent: int, modulus: int) -> int:
        inverted.append(value % modulus)
        return pow(value, exponent, modulus)

    monkeypatch.setattr(sm2_gmssl, "pow", noted, raising=False)
    provider = sm2_gmssl.GmsslProvider()
    key = provider.import_key(SCALAR)
    for _ in range(3):
        provider.sign(key, MESSAGE)
    assert len(set(inverted)) == 3
    assert number(SCALAR) + 1 not in inverted


def test_libcrypto_leaves_no_error_to_ssl() -> None:
    provider = provider_named("libcrypto")
    assert isinstance(provider, LibcryptoProvider)
    key = provider.import_key(SCALAR)
    before = provider._lib.ERR_peek_error()
    with pytest.raises(NotGenuine):
        provider.verify(PUBLIC_KEY, b"another", SIGNATURE)
    with pytest.raises(NotDecrypted):
        provider.decrypt(key, replace(CIPHERTEXT, masked=b"x"))
    assert provider._decode("d2i_PUBKEY", b"\x30\x00") is None
    assert provider._lib.ERR_peek_error() == before == 0


def test_libcrypto_keeps_the_errors_that_ssl_has_not_read_yet() -> None:
    provider = provider_named("libcrypto")
    assert isinstance(provider, LibcryptoProvider)
    lib = provider._lib
    der = ctypes.c_char_p(b"\x30\x00")
    assert lib.d2i_PUBKEY(None, ctypes.byref(der), 2) is None
    pending = lib.ERR_peek_error()
    assert pending
    with pytest.raises(NotGenuine):
        provider.verify(PUBLIC_KEY, b"another", SIGNATURE)
    assert lib.ERR_peek_error() == pending
    # Without a mark of ours, this takes all of them.
    lib.ERR_pop_to_mark()
    assert lib.ERR_peek_error() == 0


def test_buffers_of_libcrypto_are_wiped(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = provider_named("libcrypto")
    buffers, taken = [], sm2_libcrypto._taken

    def noted(buffer: ctypes.Array[ctypes.c_char], length: int) -> bytes:
        buffers.append(buffer)
        return taken(buffer, length)

    monkeypatch.setattr(sm2_libcrypto, "_taken", noted)
    key = provider.import_key(SCALAR)
    assert provider.export_key(key) == SCALAR
    assert provider.decrypt(key, CIPHERTEXT) == b"encryption standard"
    assert len(buffers) == 2
    assert {buffer.raw for buffer in buffers} == {bytes(len(buffer)) for buffer in buffers}


def test_libcrypto_takes_no_key_of_another_curve() -> None:
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    provider = provider_named("libcrypto")
    assert isinstance(provider, LibcryptoProvider)
    der = (
        generate_private_key(SECP256R1())
        .public_key()
        .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )
    assert provider._decode("d2i_PUBKEY", der) is None


@PROVIDERS
def test_threads_share_a_provider_and_a_key(name: str) -> None:
    provider = provider_named(name)
    key = provider.generate()

    def both_ways(turn: int) -> bool:
        message = f"message {turn}".encode()
        provider.verify(key.public_key, message, provider.sign(key, message))
        return provider.decrypt(key, provider.encrypt(key.public_key, message)) == message

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(both_ways, range(16)))
