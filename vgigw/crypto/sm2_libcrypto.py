"""SM2 by the system's libcrypto (OpenSSL 3 or later), through its EVP functions.

Private keys stay in memory of libcrypto. On 64-bit ARM, versions before the cure of
CVE-2025-9231 (3.2.6, 3.3.5, 3.4.3, 3.5.4) tell by their timing what the key is: keep a key that
lives long in a hardware module there.
"""

from __future__ import annotations

import ctypes
import hmac
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import byref, c_long, c_size_t, c_void_p, create_string_buffer
from functools import lru_cache
from typing import Final

from vgigw.crypto.sm2 import (
    DEFAULT_USER_ID,
    KeyHandle,
    PrivateKey,
    require_plaintext,
    require_same_key,
    require_scalar,
    require_user_id,
)
from vgigw.crypto.sm2_curve import NUMBER_BYTES, Ciphertext, PublicKey, Signature
from vgigw.crypto.sm2_encoding import (
    CiphertextForm,
    SignatureForm,
    decode_ciphertext,
    decode_signature,
    encode_ciphertext,
    encode_signature,
)
from vgigw.crypto.sm2_keys import bare_private_key, dump_public_key, load_public_key
from vgigw.crypto.sm2_libcrypto_binding import Libcrypto
from vgigw.errors import Misconfigured, NotDecrypted, NotGenuine, OwnFault

_OK: Final = 1
_SIGNATURE_BYTES: Final = 72
_PUBLIC_KEY_BYTES: Final = 91
_MORE_THAN_PLAINTEXT: Final = 160
"""C1 and C3 and what DER puts round them, rounded up."""


class LibcryptoKey(KeyHandle):
    """A key in memory of libcrypto, released with this handle."""

    __slots__ = ("__weakref__", "pointer")

    def __init__(self, lib: Libcrypto, pointer: int, public_key: PublicKey) -> None:
        super().__init__(public_key)
        self.pointer = pointer
        weakref.finalize(self, lib.EVP_PKEY_free, pointer).atexit = False


class LibcryptoProvider:
    """SM2 of libcrypto; raises :class:`~vgigw.errors.Misconfigured` where there is none."""

    def __init__(self, lib: Libcrypto | None = None) -> None:
        self._lib = Libcrypto.open() if lib is None else lib
        self._digest = self._lib.EVP_MD_fetch(None, b"SM3", None)
        if not self._digest:
            raise Misconfigured("libcrypto has no SM3")
        self.name: str = f"libcrypto ({self._lib.version})"
        # Peers are few and their keys are met in each message.
        self._public = lru_cache(maxsize=256)(self._load_public)

    def generate(self) -> LibcryptoKey:
        """See :meth:`vgigw.crypto.sm2.Sm2SoftwareProvider.generate`."""
        lib, made = self._lib, c_void_p()
        with self._quiet():
            context = lib.EVP_PKEY_CTX_new_from_name(None, b"SM2", None)
            try:
                if lib.EVP_PKEY_keygen_init(context) == _OK:
                    lib.EVP_PKEY_generate(context, byref(made))
            finally:
                lib.EVP_PKEY_CTX_free(context)
        return self._handle(made.value)

    def import_key(self, scalar: bytes, public_key: PublicKey | None = None) -> LibcryptoKey:
        """See :meth:`vgigw.crypto.sm2.Sm2SoftwareProvider.import_key`."""
        # libcrypto loads 0 and N - 1, signs with the first and never ends with the second.
        require_scalar(scalar)
        key = self._handle(self._decode("d2i_AutoPrivateKey", bare_private_key(scalar)))
        require_same_key(key.public_key, public_key)
        return key

    def export_key(self, key: PrivateKey) -> bytes:
        """See :meth:`vgigw.crypto.sm2.Sm2SoftwareProvider.export_key`."""
        lib, own = self._lib, self._own(key)
        number, scalar = c_void_p(), create_string_buffer(NUMBER_BYTES)
        with self._quiet():
            read = lib.EVP_PKEY_get_bn_param(own.pointer, b"priv", byref(number)) == _OK
            if read:
                read = lib.BN_bn2binpad(number, scalar, NUMBER_BYTES) == NUMBER_BYTES
                lib.BN_clear_free(number)
        if not read:
            raise OwnFault("SM2 private key could not be exported")
        return _taken(scalar, NUMBER_BYTES)

    def sign(self, key: PrivateKey, message: bytes, user_id: bytes = DEFAULT_USER_ID) -> Signature:
        """See :meth:`vgigw.crypto.sm2.Sm2Provider.sign`."""
        require_user_id(user_id)
        lib, own = self._lib, self._own(key)
        der, length = create_string_buffer(_SIGNATURE_BYTES), c_size_t(_SIGNATURE_BYTES)
        with self._quiet(), self._digesting(lib.EVP_DigestSignInit, own, user_id) as context:
            made = bool(context) and (
                lib.EVP_DigestSign(context, der, byref(length), message, len(message)) == _OK
            )
        if not made:
            raise OwnFault("SM2 signature could not be made")
        return decode_signature(der.raw[: length.value], SignatureForm.DER)

    def verify(
        self,
        public_key: PublicKey,
        message: bytes,
        signature: Signature,
        user_id: bytes = DEFAULT_USER_ID,
    ) -> None:
        """See :meth:`vgigw.crypto.sm2.Sm2Provider.verify`."""
        require_user_id(user_id)
        lib, der = self._lib, encode_signature(signature, SignatureForm.DER)
        key = self._public(public_key)
        with self._quiet(), self._digesting(lib.EVP_DigestVerifyInit, key, user_id) as context:
            genuine = bool(context) and (
                lib.EVP_DigestVerify(context, der, len(der), message, len(message)) == _OK
            )
        if not genuine:
            raise NotGenuine

    def encrypt(self, public_key: PublicKey, plaintext: bytes) -> Ciphertext:
        """See :meth:`vgigw.crypto.sm2.Sm2Provider.encrypt`."""
        require_plaintext(plaintext)
        while True:
            room = len(plaintext) + _MORE_THAN_PLAINTEXT
            der = self._transform("encrypt", self._public(public_key), plaintext, room)
            if der is None:
                raise OwnFault("SM2 ciphertext could not be made")
            ciphertext = decode_ciphertext(der, CiphertextForm.DER)
            # A mask of zeros alone hides nothing; GB/T 32918.4 step A5 begins again.
            if not hmac.compare_digest(ciphertext.masked, plaintext):
                return ciphertext

    def decrypt(self, key: PrivateKey, ciphertext: Ciphertext) -> bytes:
        """See :meth:`vgigw.crypto.sm2.Sm2Provider.decrypt`."""
        own, der = self._own(key), encode_ciphertext(ciphertext, CiphertextForm.DER)
        plaintext = self._transform("decrypt", own, der, len(der))
        # A mask of zeros alone is refused, GB/T 32918.4 step B4.
        if plaintext is None or hmac.compare_digest(plaintext, ciphertext.masked):
            raise NotDecrypted
        return plaintext

    def _transform(self, how: str, key: LibcryptoKey, taken: bytes, room: int) -> bytes | None:
        lib, given, length = self._lib, create_string_buffer(room), c_size_t(room)
        with self._quiet():
            context = lib.EVP_PKEY_CTX_new_from_pkey(None, key.pointer, None)
            try:
                done = lib[f"EVP_PKEY_{how}_init"](context) == _OK and (
                    lib[f"EVP_PKEY_{how}"](context, given, byref(length), taken, len(taken)) == _OK
                )
            finally:
                lib.EVP_PKEY_CTX_free(context)
        return _taken(given, length.value) if done else None

    @contextmanager
    def _digesting(
        self, begin: ctypes._NamedFuncPointer, key: LibcryptoKey, user_id: bytes
    ) -> Iterator[int | None]:
        """A context for one message of ``user_id``; ``None`` where libcrypto gives none."""
        lib, settings = self._lib, c_void_p()
        context = lib.EVP_MD_CTX_new()
        try:
            # Without the id libcrypto would take an empty one.
            begun = begin(context, byref(settings), self._digest, None, key.pointer) == _OK and (
                lib.EVP_PKEY_CTX_set1_id(settings, user_id, len(user_id)) == _OK
            )
            yield context if begun else None
        finally:
            lib.EVP_MD_CTX_free(context)

    def _load_public(self, public_key: PublicKey) -> LibcryptoKey:
        pointer = self._decode("d2i_PUBKEY", dump_public_key(public_key))
        if pointer is None:
            raise Misconfigured("SM2 public key was refused by libcrypto")
        return LibcryptoKey(self._lib, pointer, public_key)

    def _handle(self, pointer: int | None) -> LibcryptoKey:
        lib, der = self._lib, create_string_buffer(_PUBLIC_KEY_BYTES)
        if pointer is None:
            raise Misconfigured("SM2 private key was refused by libcrypto")
        with self._quiet():
            if lib.i2d_PUBKEY(pointer, None) == _PUBLIC_KEY_BYTES:
                lib.i2d_PUBKEY(pointer, byref(ctypes.cast(der, c_void_p)))
        try:
            return LibcryptoKey(lib, pointer, load_public_key(der.raw))
        except Misconfigured:
            lib.EVP_PKEY_free(pointer)
            raise

    def _decode(self, function: str, der: bytes) -> int | None:
        """The key that ``der`` holds; ``None`` where libcrypto does not take it as one of SM2."""
        lib, place = self._lib, ctypes.cast(ctypes.c_char_p(der), c_void_p)
        with self._quiet():
            pointer: int | None = lib[function](None, byref(place), c_long(len(der)))
            if pointer is not None and lib.EVP_PKEY_is_a(pointer, b"SM2") != _OK:
                lib.EVP_PKEY_free(pointer)
                pointer = None
        return pointer

    def _own(self, key: PrivateKey) -> LibcryptoKey:
        if not isinstance(key, LibcryptoKey):
            raise Misconfigured("SM2 key handle belongs to another provider")
        return key

    @contextmanager
    def _quiet(self) -> Iterator[None]:
        """Leave no error behind in the queue of this thread, which ``ssl`` reads as its own."""
        self._lib.ERR_set_mark()
        try:
            yield
        finally:
            self._lib.ERR_pop_to_mark()


def _taken(buffer: ctypes.Array[ctypes.c_char], length: int) -> bytes:
    """What stands in ``buffer``, which is wiped."""
    taken = buffer.raw[:length]
    ctypes.memset(buffer, 0, len(buffer))
    return taken
