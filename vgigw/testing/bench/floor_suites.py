"""What a floor signs, verifies, seals and opens with: the libraries of each suite, and no check.

Keys are at hand, of one peer; nothing is looked up, compared with dates or read from a ring.
"""

from __future__ import annotations

import base64
import hmac
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm, Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES128, SM4
from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.hmac import HMAC

from vgigw.crypto.link_keys import Purpose
from vgigw.crypto.ring_suites import ring_suites
from vgigw.errors import NotGenuine
from vgigw.operations import UPLOAD_TELEMETRY
from vgigw.testing.bench.rings import keys_of
from vgigw.testing.bench.scene import OPERATOR_ID, PLATFORM_ID, SECRETS

_BEIJING: Final = timedelta(hours=8)


class About(NamedTuple):
    """Who tells whom, when and in answer to what, as a signature with private keys covers it."""

    sender: str
    receiver: str
    sent_at: str
    nonce: str
    answers: str = ""

    def answered(self, sig: str) -> About:
        """The same of the answer."""
        return About(self.receiver, self.sender, self.sent_at, self.nonce, sig)


def about(time_stamp: str, nonce: str) -> About:
    """Of a request; ``time_stamp`` as T/CEC 102 writes it."""
    at = datetime.strptime(time_stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC) - _BEIJING
    return About(OPERATOR_ID, PLATFORM_ID, at.isoformat(timespec="microseconds"), nonce)


class FloorSuite(Protocol):
    """The same four functions for every suite."""

    measured_answer: bool
    """Whether the parts of a T/CEC 102 answer are signed each with its length."""

    def sign(self, told: About, message: bytes) -> str: ...

    def holds(self, told: About, message: bytes, sig: str) -> bool: ...

    def seal(self, told: About, plaintext: bytes) -> bytes: ...

    def open(self, told: About, ciphertext: bytes) -> bytes: ...

    def sign_http(self, base: bytes) -> bytes: ...

    def holds_http(self, base: bytes, signature: bytes) -> bool: ...

    def http_parameters(self, told: About) -> str: ...


def floor_suite() -> FloorSuite:
    """That of ``FLOOR_SUITE``, with the keys in ``FLOOR_KEYS``."""
    name = os.environ.get("FLOOR_SUITE", "tcec102")
    if name in ("tcec102", "gm-mac"):
        return _InCommon(national=name == "gm-mac")
    return _ByKeys(name, keys_of(Path(os.environ["FLOOR_KEYS"]), name, PLATFORM_ID))


class _InCommon:
    measured_answer = False

    def __init__(self, *, national: bool) -> None:
        self._national = national

    def sign(self, told: About, message: bytes) -> str:
        if not self._national:
            return hmac.digest(SECRETS.sig_secret, message, "md5").hex().upper()
        mac = HMAC(SECRETS.sig_secret, SM3())
        mac.update(message)
        return mac.finalize().hex().upper()

    def holds(self, told: About, message: bytes, sig: str) -> bool:
        return hmac.compare_digest(self.sign(told, message), sig)

    def seal(self, told: About, plaintext: bytes) -> bytes:
        pad = 16 - len(plaintext) % 16
        encryptor = self._cipher().encryptor()
        return encryptor.update(plaintext + bytes([pad]) * pad) + encryptor.finalize()

    def open(self, told: About, ciphertext: bytes) -> bytes:
        decryptor = self._cipher().decryptor()
        padded = decryptor.update(ciphertext) + decryptor.finalize()
        return padded[: -padded[-1]]

    def sign_http(self, base: bytes) -> bytes:
        return hmac.digest(SECRETS.sig_secret, base, "sha256")

    def holds_http(self, base: bytes, signature: bytes) -> bool:
        return hmac.compare_digest(self.sign_http(base), signature)

    def http_parameters(self, told: About) -> str:
        return f'keyid="{told.sender}";alg="hmac-sha256"'

    def _cipher(self) -> Cipher[Any]:
        secret = SECRETS.data_secret
        algorithm: BlockCipherAlgorithm = SM4(secret) if self._national else AES128(secret)
        return Cipher(algorithm, modes.CBC(SECRETS.data_secret_iv))


class _ByKeys:
    measured_answer = True

    def __init__(self, name: str, keys: Any) -> None:
        # Its six functions on octets do nothing but call the library.
        self._suite = ring_suites([name])[name]
        self._name = name
        self._signing, self._opening = _by_purpose(keys.own)
        self._verifying, self._sealing = _by_purpose(keys.peer)

    def sign(self, told: About, message: bytes) -> str:
        octets = self._framed("vgigw-signed-1", "sign-1", told) + message
        signature = self._suite.sign_octets(self._signing, octets)
        return "sign-1." + base64.urlsafe_b64encode(signature).rstrip(b"=").decode()

    def holds(self, told: About, message: bytes, sig: str) -> bool:
        written = sig.partition(".")[2]
        signature = base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))
        octets = self._framed("vgigw-signed-1", "sign-1", told) + message
        return self.holds_http(octets, signature)

    def sign_http(self, base: bytes) -> bytes:
        return self._suite.sign_octets(self._signing, base)

    def holds_http(self, base: bytes, signature: bytes) -> bool:
        try:
            self._suite.verify_octets(self._verifying, base, signature)
        except NotGenuine:
            return False
        return True

    def http_parameters(self, told: About) -> str:
        algorithm = self._suite.http_algorithm(self._signing)
        tag = f"vgigw-signed-1 {self._name} {UPLOAD_TELEMETRY.name} {told.sender} {told.receiver}"
        return f'keyid="{told.sender}/sign-1";alg="{algorithm}";nonce="{told.nonce}";tag="{tag}"'

    def seal(self, told: About, plaintext: bytes) -> bytes:
        data_key = self._suite.new_data_key()
        wrapped = self._suite.wrap(self._sealing, data_key)
        head = b"\x01\x09encrypt-1" + len(wrapped).to_bytes(2, "big") + wrapped
        associated = self._framed("vgigw-sealed-1", "encrypt-1", told) + head
        return head + self._suite.seal(data_key, plaintext, associated)

    def open(self, told: About, ciphertext: bytes) -> bytes:
        at = 2 + ciphertext[1]
        end = at + 2 + int.from_bytes(ciphertext[at : at + 2], "big")
        data_key = self._suite.unwrap(self._opening, ciphertext[at + 2 : end])
        associated = self._framed("vgigw-sealed-1", "encrypt-1", told) + ciphertext[:end]
        return self._suite.unseal(data_key, ciphertext[end:], associated)

    def _framed(self, purpose: str, key_id: str, told: About) -> bytes:
        parts = (purpose, self._name, key_id, UPLOAD_TELEMETRY.name, *told)
        octets = [part.encode() for part in parts]
        return b"".join(len(each).to_bytes(4, "big") + each for each in octets)


def _by_purpose(keys: Sequence[Any]) -> tuple[Any, Any]:
    found = {key.purpose: key.key for key in keys}
    return found[Purpose.SIGN], found[Purpose.ENCRYPT]
