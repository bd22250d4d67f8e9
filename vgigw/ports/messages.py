"""How a message is read, sealed and carried: doors, couriers, senders."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

import msgspec

from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.errors import VgigwError
from vgigw.objects import InformationObject
from vgigw.operations import Operation
from vgigw.ports.parties import Peer


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What a message says of itself, read for form only; nothing of it is trusted yet.

    ``guard`` is the digest of the whole sealed message, and of its identifier where it is
    ``unsigned``; ``sealed`` is the door's own.
    """

    sender: str
    operation: Operation
    sent_at: datetime
    token: str | None
    guard: bytes
    clear: bool
    trace_id: str | None
    sealed: Any
    unsigned: bool = False
    """Whether nothing signs it: then its transport vouches for it, or nobody does."""


class Opened(msgspec.Struct, frozen=True):
    """A decoded request, the paths of members that were assumed, not received, and the version that
    the caller expects to replace."""

    request: InformationObject
    assumed: tuple[str, ...] = ()
    expected_version: int | None = None


class Door(Protocol):
    """The inbound half of a framing. ``name`` is rest, soap or cec102."""

    name: str

    def named(self, request: WireRequest) -> Operation | None:
        """The operation that path and headers name, the body unread; a hint that nobody signed."""

    def read(self, request: WireRequest) -> Claim:
        """Form only. Raises ``Malformed`` and its kinds."""

    def verify(self, claim: Claim, peer: Peer) -> None:
        """Raises ``NotGenuine``, also for a claim that is unsigned; the bytes checked are the bytes
        decoded."""

    def open(self, claim: Claim, peer: Peer, now: datetime) -> Opened:
        """Raises ``NotDecrypted``, ``Malformed``, ``InvalidObject``."""

    def answer(
        self, claim: Claim, peer: Peer, reply: InformationObject, now: datetime
    ) -> WireAnswer:
        """The sealed success."""

    def refuse(
        self,
        request: WireRequest,
        claim: Claim | None,
        peer: Peer | None,
        error: VgigwError,
        now: datetime,
    ) -> WireAnswer:
        """The refusal, with the time to wait where it passes; sealed only where ``peer`` was found
        genuine, without ``claim`` where nothing of the message was read."""


class Courier(Protocol):
    """The outbound half of a framing."""

    name: str

    def seal(
        self,
        peer: Peer,
        base: str,
        operation: Operation,
        request: InformationObject,
        token: str | None,
        now: datetime,
    ) -> tuple[WireRequest, Any]:
        """The sealed request to ``base`` and what :meth:`open` needs to know of it."""

    def open(
        self, peer: Peer, operation: Operation, sent: Any, answer: WireAnswer
    ) -> InformationObject:
        """Raises ``PeerRefused`` for a code, ``PeerAnswerInvalid`` when not the peer's own."""


class Sender(Protocol):
    """Carries bytes; one exchange, no retry, no redirect."""

    def exchange(self, base: str, request: WireRequest) -> WireAnswer:
        """Raises ``PeerUnreachable`` when there is no complete answer."""
