"""Which provider of SM2 is in use: the first that is there and knows the standard's example."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.crypto.sm2_providers import (
    CIPHERTEXT,
    PUBLIC_KEY,
    SCALAR,
    SIGNATURE,
    provider_named,
)
from vgigw.crypto import sm2_choice
from vgigw.crypto.sm2 import DEFAULT_USER_ID, PrivateKey
from vgigw.crypto.sm2_choice import PROVIDERS, first_usable, sm2_provider
from vgigw.crypto.sm2_curve import Ciphertext, PublicKey, Signature, octets
from vgigw.crypto.sm2_gmssl import GmsslProvider
from vgigw.crypto.sm2_libcrypto import LibcryptoProvider
from vgigw.crypto.sm2_libcrypto_binding import Libcrypto
from vgigw.errors import Misconfigured, NotGenuine


def not_installed() -> GmsslProvider:
    raise Misconfigured("not installed")


class VerifiesNothing(GmsslProvider):
    def verify(
        self,
        public_key: PublicKey,
        message: bytes,
        signature: Signature,
        user_id: bytes = DEFAULT_USER_ID,
    ) -> None:
        raise NotGenuine


class DecryptsToSomethingElse(GmsslProvider):
    def decrypt(self, key: PrivateKey, ciphertext: Ciphertext) -> bytes:
        return b"something else"


def test_libcrypto_is_chosen_where_it_has_sm2() -> None:
    provider_named("libcrypto")
    assert sm2_provider().name.startswith("libcrypto (OpenSSL 3") or "4" in sm2_provider().name
    assert sm2_provider() is sm2_provider()


def test_gmssl_is_chosen_where_libcrypto_has_none() -> None:
    assert first_usable([not_installed, *PROVIDERS[1:]]).name == "gmssl"
    assert list(PROVIDERS) == [LibcryptoProvider, GmsslProvider]


def test_provider_that_does_not_know_the_example_is_passed_over() -> None:
    broken = [VerifiesNothing, DecryptsToSomethingElse]
    assert type(first_usable([*broken, GmsslProvider])) is GmsslProvider
    with pytest.raises(Misconfigured, match=r"vgigw\[gm\]"):
        first_usable(broken)
    with pytest.raises(Misconfigured):
        first_usable([])


def test_example_in_the_product_is_that_of_the_standard() -> None:
    assert octets(sm2_choice._SCALAR) == SCALAR
    assert sm2_choice._PUBLIC_KEY == PUBLIC_KEY
    assert sm2_choice._SIGNATURE == SIGNATURE
    assert sm2_choice._CIPHERTEXT == CIPHERTEXT


def test_libcrypto_that_is_missing_or_too_old_is_told() -> None:
    # libc opens and has none of the functions, as OpenSSL 1.1 lacks some.
    for names in ((), ("libcrypto.so.none",), ("libc.so.6",)):
        with pytest.raises(Misconfigured, match="no libcrypto of OpenSSL 3"):
            Libcrypto.open(names)


def test_libcrypto_is_looked_for_under_each_name() -> None:
    provider_named("libcrypto")
    assert Libcrypto.open(("libcrypto.so.none", "libc.so.6", "libcrypto.so.3")).version


def test_libcrypto_without_sm3_or_sm2_is_told() -> None:
    provider_named("libcrypto")
    lib = Libcrypto.open()
    lib._functions["EVP_MD_fetch"] = lambda *_: None
    with pytest.raises(Misconfigured, match="no SM3"):
        LibcryptoProvider(lib)
    lib = Libcrypto.open()
    lib._functions["EVP_PKEY_is_a"] = lambda *_: 0
    provider = LibcryptoProvider(lib)
    with pytest.raises(Misconfigured, match="refused by libcrypto"):
        provider.import_key(SCALAR)
    with pytest.raises(Misconfigured, match="refused by libcrypto"):
        provider.verify(PUBLIC_KEY, b"message", SIGNATURE)


def test_gmssl_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gmssl.sm2", None)
    with pytest.raises(Misconfigured, match=r"vgigw\[gm\]"):
        GmsslProvider()


def test_gmssl_is_not_imported_until_it_is_chosen() -> None:
    program = (
        "import sys, vgigw.crypto.sm2_choice as choice\n"
        "assert 'gmssl' not in sys.modules\n"
        "choice.GmsslProvider()\n"
        "assert 'gmssl' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
