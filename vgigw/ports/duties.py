"""What a gateway does with what it was sent: calls, handlers, followers, chores."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

import msgspec

from vgigw.errors import StoreDamaged, VgigwError
from vgigw.objects import InformationObject
from vgigw.operations import Operation
from vgigw.ports.parties import Peer
from vgigw.ports.records import Letter
from vgigw.ports.store import Store, Transaction, View
from vgigw.ports.surroundings import Strain


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One accepted request on its way to a handler.

    ``canonical`` is its canonical form, ``packed`` the same compressed, ``digest`` its SHA-256,
    ``source`` the address that it came from, ``certificate`` the fingerprint of the one that it
    came over, empty where there is none.
    """

    peer: Peer
    operation: Operation
    request: Any
    canonical: bytes
    packed: bytes
    digest: str
    door: str
    guard: str
    now: datetime
    trace_id: str
    source: str = ""
    certificate: str = ""
    unsigned: bool = False
    """Whether nothing signed it: its certificate alone says whose it is."""
    followed: bool = False
    """Whether the message is followed by its TraceID."""
    assumed: tuple[str, ...] = ()
    expected_version: int | None = None
    """The version that the caller believes to be held (If-Match); 0 = none."""


class Handler(Protocol):
    """Does what an operation means. Runs inside the transaction: quick, no I/O of its own.

    A reading operation gets a transaction that only its ``View`` half may be used of.
    """

    def __call__(self, call: Call, tx: Transaction, /) -> InformationObject: ...


class Follower(Protocol):
    """Told when an outbound message came to its end: delivered with ``reply``, or dead."""

    def __call__(
        self, letter: Letter, reply: InformationObject | None, tx: Transaction, now: datetime, /
    ) -> None: ...


class Author(Protocol):
    """Keeps what we send of our own, in the transaction that puts it into the outbox."""

    def __call__(
        self, request: Any, destination: str, tx: Transaction, now: datetime, /
    ) -> None: ...


class Witness(Protocol):
    """Told of every accepted call of class SEN, and of every one that is unsigned, in the
    transaction that carries it out; of a read after its handler, with the code of what it said."""

    def __call__(self, call: Call, tx: Transaction, /, result: int = 0) -> None: ...


class Gate(Protocol):
    """Asked once for each genuine call, in the transaction that carries it out, before its handler.

    Raises ``NotApproved`` or ``Suspended`` for a party that may not do business now. PLT-8.11a.
    One that looks at the certificate of each call, too, says so in ``Duties.sees_changes``.
    """

    def __call__(self, call: Call, tx: Transaction, /) -> None: ...


class Screen(Protocol):
    """Gives the call that the handler of a writing operation gets, in the same transaction.

    Raises ``NoConsent`` for what is told of a person who withdrew. JES-6.4.1c.
    """

    def __call__(self, call: Call, tx: Transaction, /) -> Call: ...


class Hold(Protocol):
    """Whether a letter must not be sent as it stands; asked right before each attempt. It waits on,
    and the others of its round go first. JES-6.4.1c."""

    def __call__(self, letter: Letter, view: View, /) -> bool: ...


class EndpointHold(Protocol):
    """Whether nothing may be sent to a peer, as the endpoint at which it is called now is not
    approved; asked right before each call and heartbeat, as ``Hold`` of each letter. PLT-8.11b."""

    def __call__(self, destination: str, view: View, /) -> bool: ...


class Tracer(Protocol):
    """Follows messages by their TraceID, in the transactions that they are part of. PLT-7.9a."""

    def stored(self, call: Call, tx: Transaction, /) -> None: ...
    def queued(self, letter: Letter, cause: str, tx: Transaction, now: datetime, /) -> None:
        """``cause`` is the party whose message the letter came of."""

    def ended(self, letter: Letter, tx: Transaction, now: datetime, /) -> None: ...


class StreamHeights(Protocol):
    """How high our own streams are, for the heartbeats. PLT-7.6b."""

    def told_since(self, view: View, since: datetime | None, /) -> dict[str, int]:
        """Stream to highest number, of those that rose since then (None = all)."""

    def on_their_way(self, view: View, destination: str, /) -> dict[str, int] | None:
        """Stream to lowest number that waits for its delivery; None where too much does."""


class Bulk(Protocol):
    """What the outbox asks and tells about large letters, that bring what waited. PLT-7.9d."""

    def divide(
        self, letter: Letter, view: View, /, *, within_rows: bool = False
    ) -> tuple[Letter, ...]:
        """Smaller letters that say the same together; none where it cannot be divided."""

    def sent(
        self, destination: str, records: int, took_s: float, /, *, delivered: bool, share: float
    ) -> None:
        """How long a letter with so many records took, of which ``share`` of the peer's time."""


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was refused. ``claimed`` is whom it names as its sender, None where it could
    not be read; ``genuine`` whether it was found to be of that sender."""

    error: VgigwError
    door: str
    claimed: str | None
    genuine: bool
    operation: str | None
    now: datetime


class Watch(Protocol):
    """Watches what the corridor refuses, and how the store stands. PLT-7.9c."""

    def refused(self, refusal: Refusal, /) -> None:
        """Told after the answer was made: quick, no I/O, and it keeps no more the more come."""

    def short(self, why: str, strain: Strain | None, /) -> None:
        """Told while bulk cannot be stored."""

    def damaged(self, fault: StoreDamaged, /) -> None:
        """Told of a record of the store that is not what was stored."""

    def tell(self, store: Store, now: datetime, /) -> None:
        """Writes down what there is to tell; called about once a second by each process."""


class Chore(Protocol):
    """Done at each tick, in a transaction of its own."""

    def __call__(self, tx: Transaction, now: datetime, /) -> None: ...


class Duties(msgspec.Struct, frozen=True, kw_only=True):
    """What a gateway does: handlers, authors and followers by operation name, and chores.

    ``advice``: what the host has to do, by the name of an operation whose handler only refuses.
    """

    handlers: Mapping[str, Handler]
    authors: Mapping[str, Author] = {}
    admit: Gate | None = None
    sees_changes: bool = False
    """Whether ``admit`` refuses or tells of a new certificate; else that is as good as none."""
    witness: Witness | None = None
    screen: Screen | None = None
    hold: Hold | None = None
    waits_behind: Hold | None = None
    """As ``hold``, of a letter that waits behind another one of its stream: it is put off, as there
    may be more of them than a round has places. F63."""
    holds_endpoint: EndpointHold | None = None
    tracer: Tracer | None = None
    followers: Mapping[str, Follower] = {}
    chores: tuple[Chore, ...] = ()
    heights: StreamHeights | None = None
    bulk: Bulk | None = None
    watch: Watch | None = None
    advice: Mapping[str, str] = {}
