"""Forms on the wire are read strictly, and one is never taken for another."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from cryptography.hazmat import asn1
from hypothesis import given
from hypothesis import strategies as st

from tests.crypto.sm2_providers import CIPHERTEXT, SIGNATURE
from vgigw.crypto.sm2_curve import Ciphertext, G, N, P, PublicKey, Signature, add, octets
from vgigw.crypto.sm2_encoding import (
    CiphertextForm,
    SignatureForm,
    decode_ciphertext,
    decode_signature,
    encode_ciphertext,
    encode_signature,
)
from vgigw.errors import Misconfigured, NotDecrypted, NotGenuine

DER = encode_signature(SIGNATURE, SignatureForm.DER)
RAW = encode_signature(SIGNATURE, SignatureForm.RAW)
CIPHERTEXT_DER = encode_ciphertext(CIPHERTEXT, CiphertextForm.DER)
CIPHERTEXT_RAW = encode_ciphertext(CIPHERTEXT, CiphertextForm.C1C3C2)
NUMBERS = st.integers(1, N - 1)


def der_integer(octets: bytes) -> bytes:
    return bytes([2, len(octets)]) + octets


def der_sequence(*parts: bytes) -> bytes:
    inside = b"".join(parts)
    return bytes([0x30, len(inside)]) + inside


R, S = b"\0" + octets(SIGNATURE.r), b"\0" + octets(SIGNATURE.s)


@given(r=NUMBERS, s=NUMBERS)
def test_signature_comes_back_from_both_forms(r: int, s: int) -> None:
    if r + s == N:
        return
    signature = Signature(r, s)
    for form in SignatureForm:
        assert decode_signature(encode_signature(signature, form), form) == signature
    assert len(encode_signature(signature, SignatureForm.RAW)) == 64
    assert len(encode_signature(signature, SignatureForm.DER)) <= 72


@pytest.mark.parametrize(
    "encoded",
    [
        b"",
        RAW,
        RAW.hex().encode(),
        DER[:-1],
        DER + b"\0",
        DER * 2,
        der_sequence(der_integer(R)),
        der_sequence(der_integer(R), der_integer(S), der_integer(b"\1")),
        der_sequence(der_integer(b"\0" + R), der_integer(S)),
        der_sequence(der_integer(R[1:]), der_integer(S)),
        der_sequence(der_integer(R), b"\x04\x21" + S),
        der_sequence(der_integer(b""), der_integer(S)),
        b"\x31" + DER[1:],
        b"\x30\x81" + DER[1:],
        b"\x30\x80" + DER[2:] + b"\0\0",
    ],
    ids=[
        "empty",
        "raw",
        "hex of raw",
        "cut",
        "trailing byte",
        "twice",
        "r alone",
        "third number",
        "r with a zero too many",
        "r negative",
        "s an octet string",
        "r without a byte",
        "a set",
        "BER long length",
        "BER open length",
    ],
)
def test_what_is_not_der_of_a_signature_is_refused(encoded: bytes) -> None:
    with pytest.raises(NotGenuine):
        decode_signature(encoded, SignatureForm.DER)


@pytest.mark.parametrize(
    "encoded",
    [
        b"",
        DER,
        RAW[:-1],
        RAW + b"\0",
        RAW + b"\xde\xad\xbe\xef",
        octets(SIGNATURE.r) + octets(1) + b"\0",
        RAW.hex().encode(),
        b"\0" + RAW,
    ],
    ids=[
        "empty",
        "DER",
        "cut",
        "trailing byte",
        "trailing bytes",
        "trailing byte of a small number",
        "hex",
        "leading byte",
    ],
)
def test_what_is_not_raw_of_a_signature_is_refused(encoded: bytes) -> None:
    with pytest.raises(NotGenuine):
        decode_signature(encoded, SignatureForm.RAW)


@pytest.mark.parametrize("number", [0, -1, -5, N, N + 1, N + SIGNATURE.r, 2**256, 2**4096])
def test_r_and_s_out_of_range_are_refused(number: int) -> None:
    for r, s in ((number, SIGNATURE.s), (SIGNATURE.r, number)):
        with pytest.raises(NotGenuine):
            Signature(r, s)
        with pytest.raises(NotGenuine):
            decode_signature(der_of_numbers(r, s), SignatureForm.DER)


def der_of_numbers(*numbers: int) -> bytes:
    return asn1.encode_der(_Pair(first=numbers[0], second=numbers[1]))


@asn1.sequence
class _Pair:
    first: int
    second: int


def test_r_and_s_that_are_n_together_are_refused() -> None:
    with pytest.raises(NotGenuine):
        Signature(SIGNATURE.r, N - SIGNATURE.r)


def test_numbers_at_the_edge_of_the_range_are_read() -> None:
    for r, s in ((1, 1), (1, N - 2), (N - 1, N - 1)):
        assert decode_signature(octets(r) + octets(s), SignatureForm.RAW) == Signature(r, s)


@given(masked=st.binary(min_size=1, max_size=300), digest=st.binary(min_size=32, max_size=32))
def test_ciphertext_comes_back_from_both_forms(masked: bytes, digest: bytes) -> None:
    ciphertext = replace(CIPHERTEXT, masked=masked, digest=digest)
    for form in CiphertextForm:
        assert decode_ciphertext(encode_ciphertext(ciphertext, form), form) == ciphertext


@pytest.mark.parametrize(
    "encoded",
    [
        b"",
        b"\x04",
        CIPHERTEXT_DER,
        CIPHERTEXT_RAW[1:],
        CIPHERTEXT_RAW[:97],
        CIPHERTEXT_RAW[:96],
        CIPHERTEXT_RAW[:65],
        b"\x00" + CIPHERTEXT_RAW[1:],
        b"\x02" + CIPHERTEXT_RAW[1:],
        b"\x06" + CIPHERTEXT_RAW[1:],
        b"\x04" + CIPHERTEXT_RAW,
        CIPHERTEXT_RAW.hex().encode(),
    ],
    ids=[
        "empty",
        "prefix alone",
        "DER",
        "without the prefix",
        "without C2",
        "with C3 cut",
        "C1 alone",
        "infinity",
        "compressed",
        "hybrid",
        "prefix twice",
        "hex",
    ],
)
def test_what_is_not_c1c3c2_is_refused(encoded: bytes) -> None:
    with pytest.raises(NotDecrypted):
        decode_ciphertext(encoded, CiphertextForm.C1C3C2)


@pytest.mark.parametrize(
    "encoded",
    [b"", CIPHERTEXT_RAW, CIPHERTEXT_DER[:-1], CIPHERTEXT_DER + b"\0", DER],
    ids=["empty", "raw", "cut", "trailing byte", "a signature"],
)
def test_what_is_not_der_of_a_ciphertext_is_refused(encoded: bytes) -> None:
    with pytest.raises(NotDecrypted):
        decode_ciphertext(encoded, CiphertextForm.DER)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (0, 0),
        (CIPHERTEXT.x, CIPHERTEXT.y ^ 1),
        (CIPHERTEXT.x + P, CIPHERTEXT.y),
        (CIPHERTEXT.x, CIPHERTEXT.y - P),
        (-1, CIPHERTEXT.y),
        (2**300, 2**300),
    ],
    ids=["origin", "off the curve", "x not reduced", "y negative", "x negative", "too long"],
)
def test_point_off_the_curve_is_neither_c1_nor_a_public_key(x: int, y: int) -> None:
    with pytest.raises(NotDecrypted):
        Ciphertext(x, y, CIPHERTEXT.digest, CIPHERTEXT.masked)
    with pytest.raises(Misconfigured):
        PublicKey(x, y)


@given(st.binary(max_size=200))
def test_no_input_brings_out_another_error(encoded: bytes) -> None:
    for signature_form in SignatureForm:
        with suppress(NotGenuine):
            decode_signature(encoded, signature_form)
    for ciphertext_form in CiphertextForm:
        with suppress(NotDecrypted):
            decode_ciphertext(encoded, ciphertext_form)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_c3_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(NotDecrypted):
        replace(CIPHERTEXT, digest=b"x" * length)


def test_points_add_up_as_the_group_says() -> None:
    double = add(G, G)
    assert double is not None
    triple, opposite = add(double, G), (G[0], P - G[1])
    assert triple == add(G, double)
    assert add(G, opposite) is None
    assert triple is not None
    assert add(triple, opposite) == double
