"""Messages of gm and intl that stay readable, and a second reading of them without our code."""

from __future__ import annotations

import base64
import json
import struct
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key

from tests.crypto.sm2_providers import VECTORS, provider_named
from vgigw.crypto.exchange import SEALED, SIGNED, Exchange
from vgigw.crypto.gm import Gm
from vgigw.crypto.intl import INTL
from vgigw.crypto.link_keys import AnyLinkKeys, LinkKey, LinkKeys, Purpose
from vgigw.crypto.signing import SigningSuite
from vgigw.crypto.sm2_keys import load_private_key

ROWS: list[dict[str, Any]] = json.loads((VECTORS / "signing_suites.json").read_text())["suites"]
BY_ALGORITHM = {row["algorithm"]: row for row in ROWS}
NOT_BEFORE, NOT_AFTER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


def loaded(row: dict[str, Any], name: str, provider: str) -> Any:
    der = bytes.fromhex(row[name])
    if row["suite"] == "gm":
        return load_private_key(provider_named(provider), der, passphrase=None)
    return load_der_private_key(der, None)


def receiving(row: dict[str, Any], provider: str) -> tuple[SigningSuite[Any, Any], AnyLinkKeys]:
    signer, own = (loaded(row, name, provider) for name in ("sign_key", "encrypt_key"))
    is_gm = row["suite"] == "gm"
    public = signer.public_key if is_gm else signer.public_key()
    dates = (NOT_BEFORE, NOT_AFTER)
    keys = LinkKeys(
        own=(LinkKey(row["encrypt_key_id"], Purpose.ENCRYPT, own, *dates),),
        peer=(LinkKey(row["sign_key_id"], Purpose.SIGN, public, *dates),),
    )
    return (Gm(provider_named(provider)) if is_gm else INTL), keys


def exchange_of(message: dict[str, Any]) -> Exchange:
    told = message["exchange"]
    return Exchange(**told | {"sent_at": datetime.fromisoformat(told["sent_at"])})


@pytest.mark.parametrize(
    ("algorithm", "provider"),
    [
        ("sm2-sm3", "libcrypto"),
        ("sm2-sm3", "gmssl"),
        ("rsa-pss-sha256", "-"),
        ("ed25519", "-"),
    ],
)
def test_published_messages_verify_and_open(algorithm: str, provider: str) -> None:
    row = BY_ALGORITHM[algorithm]
    suite, keys = receiving(row, provider)
    assert len(row["messages"]) == 3
    for message in row["messages"]:
        exchange = exchange_of(message)
        assert (
            exchange.octets(SIGNED, suite.name, row["sign_key_id"]).hex() == message["signed_frame"]
        )
        assert (
            exchange.octets(SEALED, suite.name, row["encrypt_key_id"]).hex()
            == message["sealed_frame"]
        )
        ciphertext = bytes.fromhex(message["ciphertext"])
        told = keys.about(exchange)
        suite.verify(told, ciphertext, message["signature_of_ciphertext"])
        assert suite.decrypt(told, ciphertext).hex() == message["plaintext"]


def frame(purpose: str, row: dict[str, Any], key_id: str, told: dict[str, str]) -> bytes:
    """The frame by its description alone."""
    sent_at = datetime.fromisoformat(told["sent_at"]).astimezone(UTC)
    parts = (
        *(purpose, row["suite"], key_id),
        *(told["operation"], told["sender"], told["receiver"]),
        *(sent_at.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00"), told["nonce"], told["answers"]),
    )
    octets = (part.encode() for part in parts)
    return b"".join(struct.pack(">I", len(part)) + part for part in octets)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["algorithm"])
def test_frames_are_as_described(row: dict[str, Any]) -> None:
    for message in row["messages"]:
        told = message["exchange"]
        signed = frame("vgigw-signed-1", row, row["sign_key_id"], told)
        sealed = frame("vgigw-sealed-1", row, row["encrypt_key_id"], told)
        assert signed.hex() == message["signed_frame"]
        assert sealed.hex() == message["sealed_frame"]


@pytest.mark.parametrize("algorithm", ["rsa-pss-sha256", "ed25519"])
def test_messages_of_intl_open_by_their_description_alone(algorithm: str) -> None:
    row = BY_ALGORITHM[algorithm]
    signer, own = (loaded(row, name, "-") for name in ("sign_key", "encrypt_key"))
    assert isinstance(own, RSAPrivateKey)
    for message in row["messages"]:
        ciphertext = bytes.fromhex(message["ciphertext"])
        key_id, _, text = message["signature_of_ciphertext"].partition(".")
        assert key_id == row["sign_key_id"]
        signature = base64.urlsafe_b64decode(text + "==")
        covered = bytes.fromhex(message["signed_frame"]) + ciphertext
        if isinstance(signer, Ed25519PrivateKey):
            signer.public_key().verify(signature, covered)
        else:
            pss = padding.PSS(padding.MGF1(SHA256()), 32)
            signer.public_key().verify(signature, covered, pss, SHA256())
        named = row["encrypt_key_id"].encode()
        start = b"\x01" + bytes([len(named)]) + named + b"\x01\x00"
        assert ciphertext.startswith(start)
        head, rest = ciphertext[: len(start) + 256], ciphertext[len(start) + 256 :]
        oaep = padding.OAEP(padding.MGF1(SHA256()), SHA256(), None)
        data_key = own.decrypt(head[len(start) :], oaep)
        associated = bytes.fromhex(message["sealed_frame"]) + head
        opened = AESGCM(data_key).decrypt(rest[:12], rest[12:], associated)
        assert opened.hex() == message["plaintext"]
