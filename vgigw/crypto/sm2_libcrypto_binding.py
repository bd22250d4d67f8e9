"""The functions of libcrypto that SM2 needs, with their C types."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from ctypes import c_char_p, c_int, c_long, c_size_t, c_ulong, c_void_p
from typing import Any, Final

from vgigw.errors import Misconfigured

NAMES: Final = ("libcrypto.so.3", "libcrypto.so.4", "libcrypto.so", "libcrypto.3.dylib")
"""Where it is looked for. Not what ``ctypes.util`` finds, which starts a compiler to ask it."""

_BEGIN = [c_void_p, c_void_p, c_void_p, c_void_p, c_void_p]
_DECODE = [c_void_p, c_void_p, c_long]
_TRANSFORM = [c_void_p, c_void_p, c_void_p, c_char_p, c_size_t]
_FUNCTIONS: Final[dict[str, tuple[Any, list[Any]]]] = {
    "OpenSSL_version": (c_char_p, [c_int]),
    "ERR_set_mark": (c_int, []),
    "ERR_pop_to_mark": (c_int, []),
    "ERR_peek_error": (c_ulong, []),
    "EVP_MD_fetch": (c_void_p, [c_void_p, c_char_p, c_char_p]),
    "EVP_MD_CTX_new": (c_void_p, []),
    "EVP_MD_CTX_free": (None, [c_void_p]),
    "EVP_PKEY_CTX_new_from_name": (c_void_p, [c_void_p, c_char_p, c_char_p]),
    "EVP_PKEY_CTX_new_from_pkey": (c_void_p, [c_void_p, c_void_p, c_char_p]),
    "EVP_PKEY_CTX_free": (None, [c_void_p]),
    "EVP_PKEY_CTX_set1_id": (c_int, [c_void_p, c_char_p, c_int]),
    "EVP_PKEY_keygen_init": (c_int, [c_void_p]),
    "EVP_PKEY_generate": (c_int, [c_void_p, c_void_p]),
    "EVP_PKEY_is_a": (c_int, [c_void_p, c_char_p]),
    "EVP_PKEY_free": (None, [c_void_p]),
    "EVP_PKEY_get_bn_param": (c_int, [c_void_p, c_char_p, c_void_p]),
    "BN_bn2binpad": (c_int, [c_void_p, c_void_p, c_int]),
    "BN_clear_free": (None, [c_void_p]),
    "d2i_AutoPrivateKey": (c_void_p, _DECODE),
    "d2i_PUBKEY": (c_void_p, _DECODE),
    "i2d_PUBKEY": (c_int, [c_void_p, c_void_p]),
    "EVP_DigestSignInit": (c_int, _BEGIN),
    "EVP_DigestSign": (c_int, _TRANSFORM),
    "EVP_DigestVerifyInit": (c_int, _BEGIN),
    "EVP_DigestVerify": (c_int, [c_void_p, c_char_p, c_size_t, c_char_p, c_size_t]),
    "EVP_PKEY_encrypt_init": (c_int, [c_void_p]),
    "EVP_PKEY_encrypt": (c_int, _TRANSFORM),
    "EVP_PKEY_decrypt_init": (c_int, [c_void_p]),
    "EVP_PKEY_decrypt": (c_int, _TRANSFORM),
}


class Libcrypto:
    """An open libcrypto: its functions are attributes."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._functions: dict[str, Any] = {}
        for name, (result, arguments) in _FUNCTIONS.items():
            function = library[name]
            function.restype, function.argtypes = result, arguments
            self._functions[name] = function

    @classmethod
    def open(cls, names: Sequence[str] = NAMES) -> Libcrypto:
        """The first of ``names`` that is installed and has all that is needed.

        Raises :class:`~vgigw.errors.Misconfigured` where none is.
        """
        for name in names:
            try:
                return cls(ctypes.CDLL(name))
            except (OSError, AttributeError):
                # Not there, or of OpenSSL 1.1, or built without what SM2 needs.
                continue
        raise Misconfigured("no libcrypto of OpenSSL 3 found")

    def __getattr__(self, name: str) -> Any:
        try:
            return self._functions[name]
        except KeyError:
            raise AttributeError(name) from None

    def __getitem__(self, name: str) -> Any:
        return self._functions[name]

    @property
    def version(self) -> str:
        """Product and number: ``OpenSSL 3.0.19``."""
        words: bytes = self.OpenSSL_version(0)
        return " ".join(words.decode("ascii", "replace").split()[:2])
