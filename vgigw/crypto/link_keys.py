"""The keys of one link for a suite with private keys: ours, the peer's, and when each is usable.

A suite with a secret in common has :class:`~vgigw.crypto.secrets.Secrets` in this place. ACC-5.8.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from typing import Any, Final, Generic, TypeVar

from vgigw.crypto.exchange import Exchange
from vgigw.errors import Misconfigured

KEY_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,32}\Z")
LONGEST_WINDOW: Final = timedelta(hours=1)
"""That the configuration allows between the time stamp of a message and its arrival."""
_MADE_WITHIN: Final = timedelta(seconds=10)
"""Own design number: between the time stamp of a request of ours and its signature."""

OwnT = TypeVar("OwnT")
PeerT = TypeVar("PeerT")
HandleT = TypeVar("HandleT")


class Purpose(Enum):
    """What a key is for, and for nothing else."""

    SIGN = "sign"
    ENCRYPT = "encrypt"
    ISSUE = "issue"
    """Signs certificates: the key of an authority, which no suite is given."""
    EXCHANGE = "exchange"
    """Signs, encrypts and asks for tokens, in one direction: a set of secrets in common."""


class KeyState(StrEnum):
    """Where a key stands in its life, whatever its dates say."""

    PENDING = "pending"
    """Known, and not yet used for anything."""
    ACTIVE = "active"
    """Signs, verifies, encrypts and decrypts."""
    RETIRING = "retiring"
    """Verifies and decrypts what is still under way, and finishes what was begun while it was the
    newest; nothing else is made with it."""
    REVOKED = "revoked"
    """Never used again, not even for what was made before."""


@dataclass(frozen=True, slots=True, repr=False)
class LinkKey(Generic[HandleT]):
    """One key, private or public: ``key`` is what the suite takes, from the first date to the last.

    ``key_id``: 1 to 32 letters, digits, ``-`` and ``_``; it travels with each message.
    ``certificates``: X.509 in DER of this key and of its issuers, its own first; empty where the
    key is known by itself. Raises :class:`~vgigw.errors.Misconfigured`.
    """

    key_id: str
    purpose: Purpose
    key: HandleT
    not_before: datetime
    not_after: datetime
    state: KeyState = KeyState.ACTIVE
    certificates: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if not KEY_ID.match(self.key_id):
            raise Misconfigured("a key id has 1 to 32 letters, digits, - or _")
        if self.not_before.tzinfo is None or self.not_after.tzinfo is None:
            raise Misconfigured(f"key {self.key_id}: its dates have a zone")
        if self.not_before >= self.not_after:
            raise Misconfigured(f"key {self.key_id}: it ends before it begins")

    def __repr__(self) -> str:
        return f"LinkKey({self.key_id!r}, {self.purpose.value}, {self.state})"

    def is_valid_at(self, instant: datetime) -> bool:
        """Whether ``instant`` is between its dates, both of them included."""
        return self.not_before <= instant <= self.not_after

    def verifies_at(self, instant: datetime) -> bool:
        """Whether what was signed with it then is genuine."""
        return self.state in IN_USE and self.is_valid_at(instant)


@dataclass(frozen=True, slots=True, repr=False)
class LinkKeys(Generic[OwnT, PeerT]):
    """Our private keys and the peer's public ones, and the exchange that they are used for.

    ``own`` and ``peer`` are asked anew for each message, so that a collection that changes, such
    as one of a key ring, is followed without delay. ``operator_secret`` is what is shown for a
    token: the one part of the four secrets that a private key does not take the place of. ACC-5.7.
    """

    own: Collection[LinkKey[OwnT]]
    peer: Collection[LinkKey[PeerT]]
    exchange: Exchange | None = None
    operator_secret: bytes = b""

    def __repr__(self) -> str:
        return "LinkKeys(...)"

    def about(self, exchange: Exchange) -> LinkKeys[OwnT, PeerT]:
        """The same keys for the message that ``exchange`` tells of."""
        return replace(self, exchange=exchange)

    def told(self) -> Exchange:
        """The exchange; raises :class:`~vgigw.errors.Misconfigured` where nobody told it."""
        if self.exchange is None:
            raise Misconfigured("a suite that signs must know what the message is about")
        return self.exchange

    def to_sign(self) -> LinkKey[OwnT]:
        """Our newest active key to sign, or the one that it succeeded while the message was under
        way; raises :class:`~vgigw.errors.Misconfigured`."""
        return _newest(self.own, Purpose.SIGN, self.told())

    def to_encrypt(self) -> LinkKey[PeerT]:
        """The peer's newest active key to encrypt, or the one that it succeeded while the message
        was under way; raises :class:`~vgigw.errors.Misconfigured`."""
        return _newest(self.peer, Purpose.ENCRYPT, self.told())

    def to_verify(self, key_id: str) -> LinkKey[PeerT] | None:
        """The peer's key of that name, of whatever state and dates: who holds one that is of no
        use any more is told so, and nobody else."""
        return _named(self.peer, Purpose.SIGN, key_id)

    def to_decrypt(self, key_id: str) -> LinkKey[OwnT] | None:
        """Our key of that name, active or retiring, of whatever dates."""
        found = _named(self.own, Purpose.ENCRYPT, key_id)
        return found if found is not None and found.state in IN_USE else None


IN_USE: Final = frozenset({KeyState.ACTIVE, KeyState.RETIRING})
"""States of keys that verify and decrypt."""


def _newest(
    keys: Collection[LinkKey[HandleT]], purpose: Purpose, exchange: Exchange
) -> LinkKey[HandleT]:
    instant = exchange.sent_at
    held = [key for key in keys if key.purpose is purpose]
    active = [key for key in held if key.state is KeyState.ACTIVE and key.is_valid_at(instant)]
    chosen = max(active, key=_age, default=None) or _just_succeeded(held, exchange)
    if chosen is None:
        raise Misconfigured(f"no active key to {purpose.value} with")
    return chosen


def _just_succeeded(
    held: Collection[LinkKey[HandleT]], exchange: Exchange
) -> LinkKey[HandleT] | None:
    """The key that was the newest when the exchange began, and was succeeded since. F83

    Of whatever state the newest is, and what came after it up to the one that is active, so that
    one that is lost never comes back in the place of a successor that was revoked.
    """
    begun = [key for key in held if key.not_before <= exchange.sent_at]
    newest = max(begun, key=_age, default=None)
    if newest is None or not newest.verifies_at(exchange.sent_at):
        return None
    last = exchange.sent_at + (LONGEST_WINDOW if exchange.answers else _MADE_WITHIN)
    later = sorted((key for key in held if exchange.sent_at < key.not_before <= last), key=_age)
    successor = next((key for key in later if key.state is not KeyState.RETIRING), None)
    return newest if successor is not None and successor.state is KeyState.ACTIVE else None


def _age(key: LinkKey[Any]) -> tuple[datetime, str]:
    return key.not_before, key.key_id


def _named(
    keys: Collection[LinkKey[HandleT]], purpose: Purpose, key_id: str
) -> LinkKey[HandleT] | None:
    found = [key for key in keys if key.key_id == key_id and key.purpose is purpose]
    # Two of one name could not be told apart, and one that was revoked speaks for the name.
    return found[0] if len(found) == 1 else None


AnyLinkKeys = LinkKeys[Any, Any]
