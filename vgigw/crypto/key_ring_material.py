"""What of a key ring only its master opens: private keys and sets of secrets, made and sealed.

ACC-5.8.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import msgspec

from vgigw.crypto import secret_set_form
from vgigw.crypto.certificate_writer import Signer
from vgigw.crypto.key_algorithms import Algorithm, KeyForms, public_key
from vgigw.crypto.key_ring_file import KeyRecord, marked
from vgigw.crypto.master_key import Master
from vgigw.crypto.secret_sets import SecretSet
from vgigw.crypto.secrets import BLOCK_BYTES, Secrets
from vgigw.crypto.sm2 import Sm2SoftwareProvider
from vgigw.errors import Misconfigured


class RingMaterial:
    """Opens records with ``master``, and seals them. Raises ``Misconfigured``."""

    def __init__(self, master: Master, provider: Callable[[], Sm2SoftwareProvider]) -> None:
        self._master = master
        self._forms = KeyForms(provider)
        # Handles of keys are dear to make and met in each message.
        self.private: Callable[[KeyRecord], Any] = lru_cache(maxsize=64)(self._private)
        self.secret_set: Callable[[KeyRecord], SecretSet | None] = lru_cache(maxsize=256)(
            self._secret_set
        )
        self._public = lru_cache(maxsize=1024)(public_key)

    def made(self, algorithm: Algorithm) -> bytes:
        """A new private key (PKCS#8) or set of secrets, plain."""
        return self._forms.generate(algorithm)

    def sealed(self, record: KeyRecord, private: bytes) -> KeyRecord:
        """The record of ``private``, whose ``public`` it gets, with it as it rests."""
        public = self._forms.public_of(record.algorithm, private)
        return _sealed(msgspec.structs.replace(record, public=public), private, self._master)

    def resealed(self, record: KeyRecord, master: Master) -> KeyRecord:
        """The same as it rests under ``master``."""
        if record.sealed is not None:
            return _sealed(record, self.unsealed(record), master)
        verifier = self._verifier(record)
        return record if verifier is None else _with_verifier(record, verifier, master)

    def unsealed(self, record: KeyRecord) -> bytes:
        """The private key or the set of secrets, plain."""
        if record.sealed is None:
            raise Misconfigured(f"key {record.key_id} has no private part here")
        return self._master.unseal(record.sealed, record.about(), record.cipher)

    def public(self, record: KeyRecord) -> Any:
        """The handle of a public key."""
        return self._public(record.algorithm, record.public)

    def signer(self, record: KeyRecord) -> Signer:
        """A private key that signs certificates and requests."""
        algorithm = record.algorithm
        if algorithm is Algorithm.SECRETS:
            raise Misconfigured(f"{record.key_id} is a set of secrets, which certifies nothing")
        key = self.private(record)
        return Signer(
            algorithm, record.public, lambda octets: self._forms.certify(algorithm, key, octets)
        )

    def _private(self, record: KeyRecord) -> Any:
        # It was checked when it was sealed, and the master vouches that it is the same.
        return self._forms.private(record.algorithm, self.unsealed(record), checked=True)

    def _secret_set(self, record: KeyRecord) -> SecretSet | None:
        """The set; of one that was revoked what verifies, or None where nothing is left."""
        if record.sealed is not None:
            return _named(secret_set_form.read(self.unsealed(record)), record.key_id)
        verifier = self._verifier(record)
        if verifier is None:
            return None
        gone = bytes(BLOCK_BYTES)
        return _named(Secrets(gone, gone, gone, verifier), record.key_id)

    def refuse_alike(self, held: Iterable[KeyRecord], record: KeyRecord) -> None:
        """Raise for a set that signs as one of ``held`` of its direction does, or did: what is
        signed with the two could not be told apart, and one that is revoked speaks for both."""
        own = self.secret_set(record)
        for one in held:
            same_link = (one.party, one.peer) == (record.party, record.peer)
            if own is None or not same_link or one.algorithm is not Algorithm.SECRETS:
                continue
            other = self.secret_set(one)
            if other is not None and hmac.compare_digest(other.sig_secret, own.sig_secret):
                raise Misconfigured(
                    f"its sig_secret stands there already, in set {one.key_id}; "
                    "each set has one of its own"
                )

    def _verifier(self, record: KeyRecord) -> bytes | None:
        if record.verifier is msgspec.UNSET:
            return None
        return self._master.unseal(record.verifier, record.about_verifier(), record.cipher)


def _sealed(record: KeyRecord, private: bytes, master: Master) -> KeyRecord:
    octets, mark = master.seal(private, record.about()), marked(master.cipher)
    new = msgspec.structs.replace(record, sealed=octets, sealed_with=mark)
    if record.algorithm is not Algorithm.SECRETS:
        return new
    return _with_verifier(new, secret_set_form.read(private).sig_secret, master)


def _with_verifier(record: KeyRecord, verifier: bytes, master: Master) -> KeyRecord:
    octets = master.seal(verifier, record.about_verifier())
    return msgspec.structs.replace(record, verifier=octets, sealed_with=marked(master.cipher))


def _named(four: Secrets, key_id: str) -> SecretSet:
    return SecretSet(
        four.operator_secret, four.data_secret, four.data_secret_iv, four.sig_secret, key_id
    )
