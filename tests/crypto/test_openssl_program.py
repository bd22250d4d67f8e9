"""What the suites compute against the ``openssl`` program, in both directions; SM2 stands apart."""

from __future__ import annotations

import secrets
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from vgigw.crypto.intl import INTL
from vgigw.crypto.suite import SUITES, Secrets, hmac_sha256
from vgigw.errors import NotGenuine

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl program here")

CIPHERS = {"tcec102": "aes-128-cbc", "gm-mac": "sm4-cbc"}
DIGESTS = {"tcec102": "md5", "gm-mac": "sm3"}
TEXTS = [b"", b"x", "充电站".encode() * 5, bytes(range(256)) * 64]
PSS = ("-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest")
OAEP = ("rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256")


def done(*arguments: str | Path, taken: bytes = b"") -> bytes:
    """What the program wrote, which must have gone well."""
    ran = subprocess.run(["openssl", *arguments], input=taken, capture_output=True, timeout=30)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.fixture
def four() -> Secrets:
    return Secrets(b"-", *(secrets.token_bytes(16) for _ in range(3)))


@pytest.mark.parametrize("name", CIPHERS)
@pytest.mark.parametrize("text", TEXTS, ids=len)
def test_acc_5_4_a_ciphertext_is_that_of_the_program_and_is_read_back(
    text: bytes, name: str, four: Secrets
) -> None:
    suite = SUITES[name]
    enc = (
        "enc",
        f"-{CIPHERS[name]}",
        "-K",
        four.data_secret.hex(),
        "-iv",
        four.data_secret_iv.hex(),
    )
    theirs = done(*enc, taken=text)
    assert suite.encrypt(four, text) == theirs
    assert suite.decrypt(four, theirs) == text
    assert done(*enc, "-d", taken=suite.encrypt(four, text)) == text


@pytest.mark.parametrize("name", DIGESTS)
@pytest.mark.parametrize("text", TEXTS, ids=len)
def test_acc_5_5_a_keyed_digest_is_that_of_the_program(
    text: bytes, name: str, four: Secrets
) -> None:
    theirs = keyed_digest(DIGESTS[name], four, text).hex().upper()
    assert SUITES[name].sign(four, text) == theirs
    SUITES[name].verify(four, text, theirs)
    with pytest.raises(NotGenuine):
        SUITES[name].verify(four, text + b"x", theirs)


@pytest.mark.parametrize("text", TEXTS, ids=len)
def test_rfc_9421_hmac_sha256_is_that_of_the_program(text: bytes, four: Secrets) -> None:
    assert hmac_sha256(four, text) == keyed_digest("sha256", four, text)


def keyed_digest(digest: str, four: Secrets, text: bytes) -> bytes:
    key = f"hexkey:{four.sig_secret.hex()}"
    return done("dgst", f"-{digest}", "-mac", "HMAC", "-macopt", key, "-binary", taken=text)


def key_files(folder: Path, key: Any) -> tuple[Path, Path]:
    private, public = folder / "private.pem", folder / "public.pem"
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    private.write_bytes(plain)
    form = PublicFormat.SubjectPublicKeyInfo
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, form))
    return private, public


@pytest.mark.parametrize("text", TEXTS, ids=len)
def test_plt_10_3b_rsa_pss_verifies_on_either_side(text: bytes, tmp_path: Path) -> None:
    key = generate_private_key(65537, 2048)
    private, public = key_files(tmp_path, key)
    signature = tmp_path / "signature"
    signature.write_bytes(INTL.sign_octets(key, text))
    checked = done("dgst", "-sha256", "-verify", public, *PSS, "-signature", signature, taken=text)
    assert checked == b"Verified OK\n"
    theirs = done("dgst", "-sha256", "-sign", private, *PSS, taken=text)
    INTL.verify_octets(key.public_key(), text, theirs)
    with pytest.raises(NotGenuine):
        INTL.verify_octets(key.public_key(), text + b"x", theirs)


def test_plt_10_3b_ed25519_signs_what_the_program_signs(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    private, _ = key_files(tmp_path, key)
    message = tmp_path / "message"
    message.write_bytes(TEXTS[-1])
    theirs = done("pkeyutl", "-sign", "-rawin", "-in", message, "-inkey", private)
    assert INTL.sign_octets(key, TEXTS[-1]) == theirs
    INTL.verify_octets(key.public_key(), TEXTS[-1], theirs)


def test_plt_10_3b_a_data_key_is_wrapped_for_either_side(tmp_path: Path) -> None:
    key = generate_private_key(65537, 2048)
    private, public = key_files(tmp_path, key)
    padding = [part for option in OAEP for part in ("-pkeyopt", option)]
    data_key = INTL.new_data_key()
    ours = INTL.wrap(key.public_key(), data_key)
    assert done("pkeyutl", "-decrypt", "-inkey", private, *padding, taken=ours) == data_key
    encrypted = done("pkeyutl", "-encrypt", "-pubin", "-inkey", public, *padding, taken=data_key)
    assert INTL.unwrap(key, encrypted) == data_key
