"""SM2 against the ``openssl`` program, in both directions; skipped where it has no SM2."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crypto.sm2_providers import PROVIDERS, openssl, provider_named
from vgigw.crypto.pem import ENCRYPTED_PRIVATE_KEY, PRIVATE_KEY, PUBLIC_KEY, der_of_pem, pem_of_der
from vgigw.crypto.sm2 import PrivateKey, Sm2SoftwareProvider
from vgigw.crypto.sm2_encoding import (
    CiphertextForm,
    SignatureForm,
    decode_ciphertext,
    decode_signature,
    encode_ciphertext,
    encode_signature,
)
from vgigw.crypto.sm2_keys import (
    dump_private_key,
    dump_public_key,
    load_private_key,
    load_public_key,
)
from vgigw.crypto.sm2_pbes2 import encrypt_pbes2

MESSAGE = "中电联示例站".encode() * 40
USER_IDS = ["1234567812345678", "grid@example"]


def done(*arguments: str | Path, taken: bytes = b"") -> bytes:
    """What the program wrote, which must have gone well."""
    ran = openssl(*arguments, taken=taken)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def key_files(provider: Sm2SoftwareProvider, folder: Path) -> tuple[PrivateKey, Path, Path]:
    key = provider.generate()
    private, public = folder / "private.pem", folder / "public.pem"
    private.write_text(pem_of_der(dump_private_key(provider, key, passphrase=None), PRIVATE_KEY))
    public.write_text(pem_of_der(dump_public_key(key.public_key), PUBLIC_KEY))
    return key, private, public


@PROVIDERS
@pytest.mark.parametrize("user_id", USER_IDS)
def test_openssl_verifies_what_we_sign(user_id: str, name: str, tmp_path: Path) -> None:
    provider = provider_named(name)
    key, _, public = key_files(provider, tmp_path)
    signature, message = tmp_path / "signature", tmp_path / "message"
    message.write_bytes(MESSAGE)
    signature.write_bytes(
        encode_signature(provider.sign(key, MESSAGE, user_id.encode()), SignatureForm.DER)
    )
    command = ("pkeyutl", "-verify", "-rawin", "-digest", "sm3", "-pubin", "-inkey", public)
    files = ("-in", message, "-sigfile", signature)
    done(*command, *files, "-pkeyopt", f"distid:{user_id}")
    other = openssl(*command, *files, "-pkeyopt", "distid:somebody-else")
    assert other.returncode != 0


@PROVIDERS
@pytest.mark.parametrize("user_id", USER_IDS)
def test_we_verify_what_openssl_signs(user_id: str, name: str, tmp_path: Path) -> None:
    provider = provider_named(name)
    key, private, _ = key_files(provider, tmp_path)
    message = tmp_path / "message"
    message.write_bytes(MESSAGE)
    signature = done(
        *("pkeyutl", "-sign", "-rawin", "-digest", "sm3", "-inkey", private),
        *("-in", message, "-pkeyopt", f"distid:{user_id}"),
    )
    read = decode_signature(signature, SignatureForm.DER)
    provider.verify(key.public_key, MESSAGE, read, user_id.encode())


@PROVIDERS
def test_openssl_decrypts_what_we_encrypt(name: str, tmp_path: Path) -> None:
    provider = provider_named(name)
    key, private, _ = key_files(provider, tmp_path)
    ciphertext = provider.encrypt(key.public_key, MESSAGE)
    encoded = encode_ciphertext(ciphertext, CiphertextForm.DER)
    assert done("pkeyutl", "-decrypt", "-inkey", private, taken=encoded) == MESSAGE


@PROVIDERS
def test_we_decrypt_what_openssl_encrypts(name: str, tmp_path: Path) -> None:
    provider = provider_named(name)
    key, _, public = key_files(provider, tmp_path)
    encoded = done("pkeyutl", "-encrypt", "-pubin", "-inkey", public, taken=MESSAGE)
    assert provider.decrypt(key, decode_ciphertext(encoded, CiphertextForm.DER)) == MESSAGE


@PROVIDERS
def test_we_read_the_keys_of_openssl(name: str) -> None:
    provider = provider_named(name)
    text = done("genpkey", "-algorithm", "SM2").decode()
    # OpenSSL 3.0 writes SEC 1 here, later ones PKCS#8.
    text = done("pkcs8", "-topk8", "-nocrypt", taken=text.encode()).decode()
    key = load_private_key(provider, der_of_pem(text, PRIVATE_KEY), passphrase=None)
    public = done("pkey", "-pubout", taken=text.encode()).decode()
    assert load_public_key(der_of_pem(public, PUBLIC_KEY)) == key.public_key
    assert pem_of_der(dump_public_key(key.public_key), PUBLIC_KEY) == public
    assert pem_of_der(dump_private_key(provider, key, passphrase=None), PRIVATE_KEY) == text


@pytest.mark.parametrize("cipher", ["aes-128-cbc", "aes-256-cbc", "sm4-cbc"])
def test_we_read_the_encrypted_keys_of_openssl(cipher: str) -> None:
    provider = provider_named("gmssl")
    plain = done("genpkey", "-algorithm", "SM2")
    text = done(
        *("pkcs8", "-topk8", "-v2", cipher, "-v2prf", "hmacWithSHA256"),
        *("-passout", "pass:a long passphrase"),
        taken=plain,
    ).decode()
    der = der_of_pem(text, ENCRYPTED_PRIVATE_KEY)
    key = load_private_key(provider, der, passphrase=b"a long passphrase")
    public = done("pkey", "-pubout", taken=plain).decode()
    assert load_public_key(der_of_pem(public, PUBLIC_KEY)) == key.public_key


def test_openssl_reads_our_encrypted_keys() -> None:
    provider = provider_named("gmssl")
    key = provider.generate()
    plain = dump_private_key(provider, key, passphrase=None)
    encrypted = encrypt_pbes2(plain, b"a long passphrase", rounds=2048)
    public = done(
        *("pkey", "-pubout", "-passin", "pass:a long passphrase"),
        taken=pem_of_der(encrypted, ENCRYPTED_PRIVATE_KEY).encode(),
    )
    assert load_public_key(der_of_pem(public.decode(), PUBLIC_KEY)) == key.public_key
