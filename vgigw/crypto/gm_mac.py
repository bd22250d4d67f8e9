"""Suite ``gm-mac``: SM4-CBC and HMAC-SM3, the T/CEC 102 envelope with national algorithms.

No public text fixes this form; it keeps the concatenations of T/CEC 102 and changes the two
algorithms. PLT-10.3b.
"""

from __future__ import annotations

from typing import ClassVar, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.hmac import HMAC

from vgigw.crypto.cbc import decrypt_cbc, encrypt_cbc
from vgigw.crypto.mac import require_same
from vgigw.crypto.secrets import Secrets
from vgigw.errors import Misconfigured


class GmMac:
    """SM4-CBC-PKCS7 and HMAC-SM3 (64 upper-case hex digits). Holds no state."""

    __slots__ = ()
    name: ClassVar[str] = "gm-mac"

    def sign(self, secrets: Secrets, message: bytes) -> str:
        """See :meth:`vgigw.crypto.suite.Suite.sign`."""
        try:
            mac = HMAC(secrets.sig_secret, SM3())
        except UnsupportedAlgorithm as cause:
            raise Misconfigured("SM3 is not in this build of the crypto library") from cause
        mac.update(message)
        return mac.finalize().hex().upper()

    def verify(self, secrets: Secrets, message: bytes, signature: str) -> None:
        """See :meth:`vgigw.crypto.suite.Suite.verify`."""
        require_same(self.sign(secrets, message), signature)

    def encrypt(self, secrets: Secrets, plaintext: bytes) -> bytes:
        """See :meth:`vgigw.crypto.suite.Suite.encrypt`."""
        return encrypt_cbc(SM4(secrets.data_secret), secrets.data_secret_iv, plaintext)

    def decrypt(self, secrets: Secrets, ciphertext: bytes) -> bytes:
        """See :meth:`vgigw.crypto.suite.Suite.decrypt`."""
        return decrypt_cbc(SM4(secrets.data_secret), secrets.data_secret_iv, ciphertext)


GM_MAC: Final = GmMac()
