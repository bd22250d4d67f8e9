"""What the suites with private keys share: the frame round a signature and round a ciphertext.

A signature is ``key-id.signature``, the second part in base64url without padding. It covers the
exchange, the suite, the key id and the message. A ciphertext is a version (1 byte), the key id and
the wrapped data key, each after its length (1 and 2 bytes), and the sealed plaintext, bound to all
that and to the exchange. The data key is new for each message. ACC-5.4, ACC-5.5, PLT-10.3b.
"""

from __future__ import annotations

import base64
import binascii
from abc import ABC, abstractmethod
from typing import ClassVar, Final, Generic, NamedTuple

from vgigw.crypto.exchange import SEALED, SIGNED
from vgigw.crypto.link_keys import KEY_ID, LinkKeys, OwnT, PeerT
from vgigw.errors import KeyUnknown, KeyUnusable, Misconfigured, NotDecrypted, NotGenuine

LONGEST_SIGNATURE: Final = 1024
"""Characters; as long as the member of an envelope that carries it."""

_VERSION = b"\x01"


class SigningSuite(ABC, Generic[OwnT, PeerT]):
    """A suite by six functions on keys of one kind; holds no state of a link.

    A third party with a hardware module writes those six. They raise
    :class:`~vgigw.errors.Misconfigured` for a key that is not of the suite.
    """

    __slots__ = ()
    name: ClassVar[str]

    @abstractmethod
    def sign_octets(self, key: OwnT, octets: bytes) -> bytes:
        """Signature of ``octets``, hashed by the suite's own digest."""

    @abstractmethod
    def verify_octets(self, key: PeerT, octets: bytes, signature: bytes) -> None:
        """Raise :class:`~vgigw.errors.NotGenuine` unless ``signature`` is one of ``octets``."""

    @abstractmethod
    def new_data_key(self) -> bytes:
        """A key for one message."""

    @abstractmethod
    def wrap(self, key: PeerT, data_key: bytes) -> bytes:
        """``data_key`` for the holder of the private key alone."""

    @abstractmethod
    def unwrap(self, key: OwnT, wrapped: bytes) -> bytes:
        """The data key; raises :class:`~vgigw.errors.NotDecrypted` for what is none."""

    @abstractmethod
    def seal(self, data_key: bytes, plaintext: bytes, associated: bytes) -> bytes:
        """``plaintext`` so that each change of it and of ``associated`` shows."""

    @abstractmethod
    def unseal(self, data_key: bytes, sealed: bytes, associated: bytes) -> bytes:
        """The plaintext; raises :class:`~vgigw.errors.NotDecrypted`, the same for every cause."""

    def http_algorithm(self, key: OwnT | PeerT) -> str:
        """Name in ``alg`` of an HTTP signature with ``key``, private or public."""
        return f"vgigw-{self.name}"

    def sign_http(self, key: OwnT, base: bytes) -> bytes:
        """Signature of a signature base of RFC 9421 by :meth:`http_algorithm`.

        A base begins with a quotation mark and a frame with zeros, so that neither signature is
        ever one of the other.
        """
        return self.sign_octets(key, base)

    def verify_http(self, key: PeerT, base: bytes, signature: bytes) -> None:
        """Raise :class:`~vgigw.errors.NotGenuine` unless ``signature`` is one of ``base``."""
        self.verify_octets(key, base, signature)

    def sign_xml(self, key: OwnT, octets: bytes) -> bytes:
        """Signature of canonical XML by RSA with SHA-256, PKCS #1 v1.5: what WS-Security has.

        A suite without RSA has none: :class:`~vgigw.errors.Misconfigured`.
        """
        raise Misconfigured(f"suite {self.name} does not sign by RSA-SHA256; use intl")

    def verify_xml(self, key: PeerT, octets: bytes, signature: bytes) -> None:
        """Raise :class:`~vgigw.errors.NotGenuine` unless ``signature`` is one of ``octets``."""
        raise Misconfigured(f"suite {self.name} does not verify RSA-SHA256; use intl")

    def sign(self, keys: LinkKeys[OwnT, PeerT], message: bytes) -> str:
        """See :meth:`vgigw.crypto.suite.SuiteFor.sign`."""
        own = _of_link(keys).to_sign()
        framed = keys.told().octets(SIGNED, self.name, own.key_id)
        signature = self.sign_octets(own.key, framed + message)
        return f"{own.key_id}.{_written(signature)}"

    def verify(self, keys: LinkKeys[OwnT, PeerT], message: bytes, signature: str) -> None:
        """See :meth:`vgigw.crypto.suite.SuiteFor.verify`.

        Raises two of that kind: :class:`~vgigw.errors.KeyUnknown` for a key that is not known, and
        :class:`~vgigw.errors.KeyUnusable` for a right signature with a key that was revoked, or is
        not valid at the time of the exchange.
        """
        exchange = _of_link(keys).told()
        key_id, octets = _read_signature(signature)
        theirs = keys.to_verify(key_id)
        if theirs is None:
            raise KeyUnknown
        framed = exchange.octets(SIGNED, self.name, key_id)
        self.verify_octets(theirs.key, framed + message, octets)
        if not theirs.verifies_at(exchange.sent_at):
            raise KeyUnusable

    def encrypt(self, keys: LinkKeys[OwnT, PeerT], plaintext: bytes) -> bytes:
        """See :meth:`vgigw.crypto.suite.SuiteFor.encrypt`."""
        theirs = _of_link(keys).to_encrypt()
        data_key = self.new_data_key()
        wrapped = self.wrap(theirs.key, data_key)
        key_id = theirs.key_id.encode("ascii")
        head = b"".join(
            (_VERSION, bytes([len(key_id)]), key_id, len(wrapped).to_bytes(2, "big"), wrapped)
        )
        framed = keys.told().octets(SEALED, self.name, theirs.key_id)
        return head + self.seal(data_key, plaintext, framed + head)

    def decrypt(self, keys: LinkKeys[OwnT, PeerT], ciphertext: bytes) -> bytes:
        """See :meth:`vgigw.crypto.suite.SuiteFor.decrypt`."""
        exchange = _of_link(keys).told()
        parts = _read_ciphertext(ciphertext)
        own = keys.to_decrypt(parts.key_id)
        # One that is yet to begin opens already: a peer may have been quick to take it.
        if own is None or exchange.sent_at > own.not_after:
            raise NotDecrypted
        framed = exchange.octets(SEALED, self.name, parts.key_id)
        data_key = self.unwrap(own.key, parts.wrapped)
        return self.unseal(data_key, parts.sealed, framed + parts.head)


class _Parts(NamedTuple):
    head: bytes
    key_id: str
    wrapped: bytes
    sealed: bytes


def _of_link(keys: LinkKeys[OwnT, PeerT]) -> LinkKeys[OwnT, PeerT]:
    if not isinstance(keys, LinkKeys):
        raise Misconfigured("a suite that signs needs the private and public keys of the link")
    return keys


def _written(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def _read_signature(text: str) -> tuple[str, bytes]:
    key_id, _, written = text.partition(".")
    if len(text) > LONGEST_SIGNATURE or not written or not KEY_ID.match(key_id):
        raise NotGenuine
    try:
        octets = base64.b64decode(
            written + "=" * (-len(written) % 4), altchars=b"-_", validate=True
        )
    except (binascii.Error, ValueError) as cause:
        raise NotGenuine from cause
    # The last character may hold bits that say nothing: one signature has one text.
    if _written(octets) != written:
        raise NotGenuine
    return key_id, octets


def _read_ciphertext(ciphertext: bytes) -> _Parts:
    """Cut by the lengths inside; what comes out short is refused by whoever opens it."""
    if ciphertext[:1] != _VERSION:
        raise NotDecrypted
    at = 2 + int.from_bytes(ciphertext[1:2], "big")
    end = at + 2 + int.from_bytes(ciphertext[at : at + 2], "big")
    key_id = ciphertext[2:at].decode("latin-1")
    if not KEY_ID.match(key_id):
        raise NotDecrypted
    return _Parts(ciphertext[:end], key_id, ciphertext[at + 2 : end], ciphertext[end:])
