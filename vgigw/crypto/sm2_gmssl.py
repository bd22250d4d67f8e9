"""SM2 by ``gmssl`` where libcrypto has none: of it only the multiplication of points is used.

Digest, nonce, checks and encryption are ours, because those of ``gmssl`` 3.2 take nonces from a
predictable generator, check no point, ignore C3 and know one user id. It is slow (some 30
signatures a second) and pure Python is not constant in time; secret factors are split at random
for each multiplication, so that what its timing tells is not the secret.
"""

from __future__ import annotations

import hmac
import secrets
from typing import Any, Final

from vgigw.crypto.sm2 import (
    DEFAULT_USER_ID,
    KeyHandle,
    PrivateKey,
    message_digest,
    require_plaintext,
    require_same_key,
    require_scalar,
    sm3,
)
from vgigw.crypto.sm2_curve import (
    NUMBER_BYTES,
    Ciphertext,
    G,
    N,
    Point,
    PublicKey,
    Signature,
    add,
    is_on_curve,
    number,
    octets,
)
from vgigw.errors import Misconfigured, NotDecrypted, NotGenuine, OwnFault

_HEX: Final = 2 * NUMBER_BYTES


class GmsslKey(KeyHandle):
    """A key in memory of this process."""

    __slots__ = ("_scalar",)

    def __init__(self, scalar: int, public_key: PublicKey) -> None:
        super().__init__(public_key)
        self._scalar = scalar


class GmsslProvider:
    """SM2 of ``gmssl``; raises :class:`~vgigw.errors.Misconfigured` where it is not installed."""

    name: Final = "gmssl"

    def __init__(self) -> None:
        try:
            from gmssl.sm2 import CryptSM2  # noqa: PLC0415 - an extra
        except ImportError as cause:
            raise Misconfigured("gmssl is not installed; it comes with vgigw[gm]") from cause
        # Its constructor mangles public keys, so it gets none; the multiplication needs none.
        self._curve: Any = CryptSM2("", "")

    def generate(self) -> GmsslKey:
        """See :meth:`vgigw.crypto.sm2.Sm2SoftwareProvider.generate`."""
        return self.import_key(octets(1 + secrets.randbelow(N - 2)))

    def import_key(self, scalar: bytes, public_key: PublicKey | None = None) -> GmsslKey:
        """See :meth:`vgigw.crypto.sm2.Sm2SoftwareProvider.import_key`."""
        require_scalar(scalar)
        reckoned = PublicKey(*self._multiply_secret(number(scalar), G))
        require_same_key(reckoned, public_key)
        return GmsslKey(number(scalar), reckoned)

    def export_key(self, key: PrivateKey) -> bytes:
        """See :meth:`vgigw.crypto.sm2.Sm2SoftwareProvider.export_key`."""
        return octets(self._own(key))

    def sign(self, key: PrivateKey, message: bytes, user_id: bytes = DEFAULT_USER_ID) -> Signature:
        """See :meth:`vgigw.crypto.sm2.Sm2Provider.sign`. GB/T 32918.2 clause 6.1."""
        scalar = self._own(key)
        digest = number(message_digest(key.public_key, message, user_id))
        while True:
            nonce = _factor()
            x, _ = self._multiply_secret(nonce, G)
            r = (digest + x) % N
            blind = _factor()
            inverse = blind * pow(blind * (1 + scalar), -1, N)
            s = inverse * (nonce - r * scalar) % N
            if r and s and r + nonce != N:
                return Signature(r, s)

    def verify(
        self,
        public_key: PublicKey,
        message: bytes,
        signature: Signature,
        user_id: bytes = DEFAULT_USER_ID,
    ) -> None:
        """See :meth:`vgigw.crypto.sm2.Sm2Provider.verify`. GB/T 32918.2 clause 7.1."""
        signer = (public_key.x, public_key.y)
        digest = number(message_digest(public_key, message, user_id))
        left = self._multiply(signature.s, G)
        right = self._multiply((signature.r + signature.s) % N, signer)
        point = add(left, right)
        if point is None or (digest + point[0]) % N != signature.r:
            raise NotGenuine

    def encrypt(self, public_key: PublicKey, plaintext: bytes) -> Ciphertext:
        """See :meth:`vgigw.crypto.sm2.Sm2Provider.encrypt`. GB/T 32918.4 clause 6.1."""
        require_plaintext(plaintext)
        while True:
            nonce = _factor()
            x, y = self._multiply_secret(nonce, G)
            shared = self._multiply_secret(nonce, (public_key.x, public_key.y))
            masked = _masked(plaintext, shared)
            # A mask of zeros alone hides nothing: begin again.
            if not hmac.compare_digest(masked, plaintext):
                return Ciphertext(x, y, _shared_digest(shared, plaintext), masked)

    def decrypt(self, key: PrivateKey, ciphertext: Ciphertext) -> bytes:
        """See :meth:`vgigw.crypto.sm2.Sm2Provider.decrypt`. GB/T 32918.4 clause 7.1."""
        shared = self._multiply_secret(self._own(key), (ciphertext.x, ciphertext.y))
        plaintext = _masked(ciphertext.masked, shared)
        intact = hmac.compare_digest(_shared_digest(shared, plaintext), ciphertext.digest)
        if not intact or hmac.compare_digest(plaintext, ciphertext.masked):
            raise NotDecrypted
        return plaintext

    def _own(self, key: PrivateKey) -> int:
        if not isinstance(key, GmsslKey):
            raise Misconfigured("SM2 key handle belongs to another provider")
        return key._scalar  # noqa: SLF001 - handle and provider are one

    def _multiply_secret(self, factor: int, point: Point) -> Point:
        """``factor`` times ``point``, by two factors that are random each time."""
        part = _factor()
        while part == factor:
            part = _factor()
        whole = add(self._multiply(part, point), self._multiply((factor - part) % N, point))
        if whole is None:
            raise OwnFault("SM2 by gmssl failed")
        return whole

    def _multiply(self, factor: int, point: Point) -> Point:
        """``factor``, from 1 to N - 1, times ``point``."""
        x, y = point
        product = self._product(factor, f"{x:064x}{y:064x}")
        # A result off the curve, of a fault or another release, could tell the factor.
        if product is None or not is_on_curve(*product):
            raise OwnFault("SM2 by gmssl failed")
        return product

    def _product(self, factor: int, point: str) -> Point | None:
        # What gmssl raises may quote what it was given: it goes no further, not even as a cause.
        try:
            product = self._curve._kg(factor, point)  # noqa: SLF001 - it offers nothing else
            return int(product[:_HEX], 16), int(product[_HEX:], 16)
        except Exception:  # noqa: BLE001 - it promises no error in particular
            return None


def _factor() -> int:
    return 1 + secrets.randbelow(N - 1)


def _masked(data: bytes, shared: Point) -> bytes:
    """``data`` under the mask that follows from ``shared``. GB/T 32918.4 clause 5.4.3."""
    seed = octets(shared[0]) + octets(shared[1])
    blocks = range(1, len(data) // NUMBER_BYTES + 2)
    mask = b"".join(sm3(seed, block.to_bytes(4, "big")) for block in blocks)
    return bytes(left ^ right for left, right in zip(data, mask, strict=False))


def _shared_digest(shared: Point, plaintext: bytes) -> bytes:
    return sm3(octets(shared[0]), plaintext, octets(shared[1]))
