"""The provider of SM2 in use: libcrypto where it has SM2, else ``gmssl``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

from vgigw.crypto.sm2 import Sm2SoftwareProvider
from vgigw.crypto.sm2_curve import Ciphertext, PublicKey, Signature, octets
from vgigw.crypto.sm2_gmssl import GmsslProvider
from vgigw.crypto.sm2_libcrypto import LibcryptoProvider
from vgigw.errors import Misconfigured, VgigwError

PROVIDERS: Final[Sequence[Callable[[], Sm2SoftwareProvider]]] = (LibcryptoProvider, GmsslProvider)
"""In the order of choice."""

# The example of GB/T 32918.5, annexes A and C; its private key is printed there.
_SCALAR = 0x3945208F_7B2144B1_3F36E38A_C6D39F95_88939369_2860B51A_42FB81EF_4DF7C5B8
_PUBLIC_KEY = PublicKey(
    0x09F9DF31_1E5421A1_50DD7D16_1E4BC5C6_72179FAD_1833FC07_6BB08FF3_56F35020,
    0xCCEA490C_E26775A5_2DC6EA71_8CC1AA60_0AED05FB_F35E084A_6632F607_2DA9AD13,
)
_SIGNATURE = Signature(
    0xF5A03B06_48D2C463_0EEAC513_E1BB81A1_5944DA38_27D5B741_43AC7EAC_EEE720B3,
    0xB1B6AA29_DF212FD8_763182BC_0D421CA1_BB9038FD_1F7F42D4_840B69C4_85BBC1AA,
)
_CIPHERTEXT = Ciphertext(
    0x04EBFC71_8E8D1798_62043226_8E77FEB6_415E2EDE_0E073C0F_4F640ECD_2E149A73,
    0xE858F9D8_1E5430A5_7B36DAAB_8F950A3C_64E6EE6A_63094D99_283AFF76_7E124DF0,
    bytes.fromhex("59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766"),
    bytes.fromhex("21886ca989ca9c7d58087307ca93092d651efa"),
)


@cache
def sm2_provider() -> Sm2SoftwareProvider:
    """The first provider that is installed and knows the standard's example; found once.

    Raises :class:`~vgigw.errors.Misconfigured` where there is none.
    """
    return first_usable(PROVIDERS)


def first_usable(providers: Sequence[Callable[[], Sm2SoftwareProvider]]) -> Sm2SoftwareProvider:
    """As :func:`sm2_provider`, of ``providers``."""
    for open_provider in providers:
        try:
            provider = open_provider()
            if knows_the_example(provider):
                return provider
        except VgigwError:
            continue
    raise Misconfigured("SM2 needs libcrypto of OpenSSL 3, or gmssl, which comes with vgigw[gm]")


def knows_the_example(provider: Sm2SoftwareProvider) -> bool:
    """Whether ``provider`` verifies and decrypts what the standard prints; it raises or tells."""
    key = provider.import_key(octets(_SCALAR), _PUBLIC_KEY)
    provider.verify(_PUBLIC_KEY, b"message digest", _SIGNATURE)
    return provider.decrypt(key, _CIPHERTEXT) == b"encryption standard"
