"""Suite ``tcec102``: AES-128-CBC with a fixed vector, and HMAC-MD5. The habit of T/CEC 102.

Its weaknesses are the protocol's: equal plaintexts give equal ciphertexts, and MD5 is old. It is
for peers that are configured for it and nobody else. ACC-5.4, ACC-5.5.
"""

from __future__ import annotations

import hmac
from typing import ClassVar, Final

from cryptography.hazmat.primitives.ciphers.algorithms import AES128

from vgigw.crypto.cbc import decrypt_cbc, encrypt_cbc
from vgigw.crypto.mac import require_same
from vgigw.crypto.secrets import Secrets


class Tcec102:
    """AES-128-CBC-PKCS7 and HMAC-MD5 (32 upper-case hex digits). Holds no state."""

    __slots__ = ()
    name: ClassVar[str] = "tcec102"

    def sign(self, secrets: Secrets, message: bytes) -> str:
        """See :meth:`vgigw.crypto.suite.Suite.sign`."""
        return hmac.digest(secrets.sig_secret, message, "md5").hex().upper()

    def verify(self, secrets: Secrets, message: bytes, signature: str) -> None:
        """See :meth:`vgigw.crypto.suite.Suite.verify`."""
        require_same(self.sign(secrets, message), signature)

    def encrypt(self, secrets: Secrets, plaintext: bytes) -> bytes:
        """See :meth:`vgigw.crypto.suite.Suite.encrypt`."""
        return encrypt_cbc(AES128(secrets.data_secret), secrets.data_secret_iv, plaintext)

    def decrypt(self, secrets: Secrets, ciphertext: bytes) -> bytes:
        """See :meth:`vgigw.crypto.suite.Suite.decrypt`."""
        return decrypt_cbc(AES128(secrets.data_secret), secrets.data_secret_iv, ciphertext)


TCEC102: Final = Tcec102()
