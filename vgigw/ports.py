"""Everything that the gateway asks of its surroundings: clock, store, doors, couriers, handlers.

A port is a Protocol; its implementation is an object that is passed in. Each kind has a public
contract test in :mod:`vgigw.testing`.
"""

from __future__ import annotations

import enum
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar

import msgspec

from vgigw.codec import json
from vgigw.codec.packing import pack
from vgigw.crypto.suite import Secrets
from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.errors import VgigwError
from vgigw.objects import InformationObject
from vgigw.operations import Lane, Operation, Role
from vgigw.rules.gap import Gap
from vgigw.rules.sequence import StreamState

T = TypeVar("T")


class Clock(Protocol):
    """Where hosts take the time from; the gateway itself is told ``now``."""

    def now(self) -> datetime: ...


class Observer(Protocol):
    """Told what happened; must not raise. Facts never hold a secret or a personal datum."""

    def __call__(self, event: str, /, **facts: object) -> None: ...


class Protection(enum.StrEnum):
    """How bodies of class IMP and SEN are kept secret on the typed doors."""

    MESSAGE = "message"
    TRANSPORT = "transport"


class Peer(msgspec.Struct, frozen=True, kw_only=True):
    """A party that we talk to. ``paths`` are base URLs, primary first; empty = never called."""

    operator_id: str
    role: Role
    doors: frozenset[str]
    suite: str
    protection: Protection = Protection.MESSAGE
    inbound: Secrets
    outbound: Secrets | None = None
    paths: tuple[str, ...] = ()
    door: str = "cec102"
    soap_version: str = "1.1"
    allow_legacy_suite: bool = False


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who a gateway is and whom it knows: own identifier and role, peers by identifier, windows.

    ``window_s`` bounds the time stamp of a message to both sides, ``token_life_s`` is how long a
    token lives (own design numbers, see the register of numbers).
    """

    operator_id: str
    role: Role
    peers: Mapping[str, Peer]
    window_s: int = 300
    token_life_s: int = 7200
    suites: tuple[str, ...] = ()
    max_body_bytes: int = 8 * 1024 * 1024


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What a message says of itself, read for form only; nothing of it is trusted yet.

    ``guard`` is the digest of the whole sealed message; ``sealed`` is the door's own.
    """

    sender: str
    operation: Operation
    sent_at: datetime
    token: str | None
    guard: bytes
    clear: bool
    trace_id: str | None
    sealed: Any


class Opened(msgspec.Struct, frozen=True):
    """A decoded request and the paths of members that were assumed, not received."""

    request: InformationObject
    assumed: tuple[str, ...] = ()


class Door(Protocol):
    """The inbound half of a framing. ``name`` is rest, soap or cec102."""

    name: str

    def read(self, request: WireRequest) -> Claim:
        """Form only. Raises ``Malformed`` and its kinds."""

    def verify(self, claim: Claim, peer: Peer) -> None:
        """Raises ``NotGenuine``; the bytes checked are the bytes decoded."""

    def open(self, claim: Claim, peer: Peer, now: datetime) -> Opened:
        """Raises ``NotDecrypted``, ``Malformed``, ``InvalidObject``."""

    def answer(
        self, claim: Claim, peer: Peer, reply: InformationObject, now: datetime
    ) -> WireAnswer:
        """The sealed success."""

    def refuse(
        self, request: WireRequest, claim: Claim | None, peer: Peer | None, error: VgigwError
    ) -> WireAnswer:
        """The refusal; sealed only where ``peer`` was found genuine."""


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


class Seen(msgspec.Struct, frozen=True):
    """An envelope that was accepted before."""

    peer: str
    operation: str


class Answered(msgspec.Struct, frozen=True):
    """A business act that was answered before: digest of its request, canonical reply."""

    digest: str
    reply: bytes


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One message in the journal: ``payload`` is the packed canonical object.

    ``owner`` is the party whose data it is; times are those of the records, inclusive.
    """

    owner: str
    stream: str
    seq_from: int
    seq_to: int
    time_from: datetime
    time_to: datetime
    received_at: datetime
    door: str
    payload: bytes
    digest: str
    sparse: bool = False
    id: int = 0


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a document; the newest by ``version`` is current, older ones are history.

    ``group`` ties documents together (acknowledgements to their command).
    """

    kind: str
    owner: str
    key: str
    version: int
    group: str = ""
    payload: bytes
    digest: str
    at: datetime
    assumed: tuple[str, ...] = ()


class LetterState(enum.StrEnum):
    """Where an outbound message stands; DELIVERED ones are kept for a while, DEAD ones for good."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One outbound message; ``message_id`` and ``payload`` never change on a retry."""

    destination: str
    operation: str
    message_id: str
    lane: Lane
    payload: bytes
    created_at: datetime
    next_at: datetime
    valid_until: datetime | None = None
    group: str = ""
    attempts: int = 0
    state: LetterState = LetterState.WAITING
    last_error: str = ""
    id: int = 0


class View(Protocol):
    """A consistent look at the store."""

    def seen(self, guard: bytes) -> Seen | None: ...
    def answered(self, peer: str, operation: str, key: str) -> Answered | None: ...
    def token_peer(self, digest: bytes, now: datetime) -> str | None:
        """Whom a live token belongs to; ``digest`` is its SHA-256."""

    def rows(
        self,
        *,
        owner: str | None = None,
        stream: str | None = None,
        seq_from: int | None = None,
        seq_to: int | None = None,
        time_from: datetime | None = None,
        time_to: datetime | None = None,
        after_id: int = 0,
        up_to_id: int | None = None,
        limit: int | None = None,
    ) -> list[Row]:
        """Rows whose ranges overlap the given ones (sequence inclusive; time: from inclusive, to
        exclusive), by rising id."""

    def last_row_id(self) -> int: ...
    def document(self, kind: str, owner: str, key: str) -> Document | None:
        """The current version."""

    def documents(
        self,
        kind: str,
        *,
        owner: str | None = None,
        key: str | None = None,
        group: str | None = None,
        since: datetime | None = None,
        offset: int = 0,
        limit: int | None = None,
    ) -> list[Document]:
        """Current versions, by owner and key; ``since`` is exclusive of older ``at``."""

    def count_documents(
        self,
        kind: str,
        *,
        owner: str | None = None,
        key: str | None = None,
        group: str | None = None,
        since: datetime | None = None,
    ) -> int: ...
    def history(self, kind: str, owner: str, key: str) -> list[Document]:
        """All versions, oldest first."""

    def stream(self, owner: str, stream: str) -> StreamState | None: ...
    def streams(self) -> list[tuple[str, str, StreamState]]:
        """(owner, stream, state) of each stream known."""

    def gaps(
        self, owner: str | None = None, stream: str | None = None
    ) -> list[tuple[str, str, Gap]]:
        """Open gaps: (owner, stream, gap)."""

    def letters(
        self,
        *,
        destination: str | None = None,
        state: LetterState | None = None,
        group: str | None = None,
        due: datetime | None = None,
        limit: int | None = None,
    ) -> list[Letter]:
        """Letters by lane, then id; ``due`` = whose ``next_at`` is not later."""

    def count_letters(self, *, state: LetterState, group: str | None = None) -> int: ...
    def counter(self, name: str) -> int:
        """Present value of a named counter, 0 at first."""


class Transaction(View, Protocol):
    """Changes that become durable together, or not at all."""

    def remember(self, guard: bytes, peer: str, operation: str, until: datetime) -> None: ...
    def keep_answer(
        self, peer: str, operation: str, key: str, digest: str, reply: bytes, at: datetime
    ) -> None: ...
    def keep_token(self, digest: bytes, peer: str, until: datetime) -> None: ...
    def append(self, row: Row) -> int:
        """The id of the new row. (owner, stream, sequence) is never stored twice unless sparse."""

    def put(self, document: Document) -> None:
        """A (kind, owner, key, version) that exists is replaced."""

    def save_stream(self, owner: str, stream: str, state: StreamState) -> None: ...
    def open_gap(self, owner: str, stream: str, gap: Gap) -> None: ...
    def replace_gaps(self, owner: str, stream: str, gaps: tuple[Gap, ...]) -> None:
        """The open gaps of a stream are now these; closed ones are counted."""

    def enqueue(self, letter: Letter) -> int:
        """The id of the new letter."""

    def save_letter(self, letter: Letter) -> None:
        """Saves attempts, next_at, state, last_error of a letter that exists."""

    def next_number(self, name: str) -> int:
        """Raises a named counter by one; never handed out twice."""

    def purge(self, now: datetime, answers_before: datetime) -> int:
        """Forgets guards and tokens that ended, answers and delivered letters older than
        ``answers_before``; the number of rows forgotten."""


class Store(Protocol):
    """Durable state. Any number of threads may call."""

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Runs ``work`` and returns its result only after it is durable. A ``work`` that raises
        leaves nothing behind. Raises ``StoreFailed`` or ``Busy`` when it could not be made durable.
        """

    def read(self, query: Callable[[View], T]) -> T:
        """Runs ``query`` on one consistent snapshot."""

    def close(self) -> None: ...


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One accepted request on its way to a handler.

    ``canonical`` is its canonical form, ``packed`` the same compressed, ``digest`` its SHA-256.
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
    assumed: tuple[str, ...] = ()


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


class Chore(Protocol):
    """Done at each tick, in a transaction of its own."""

    def __call__(self, tx: Transaction, now: datetime, /) -> None: ...


class Duties(msgspec.Struct, frozen=True, kw_only=True):
    """What a gateway does: handlers and followers by operation name, and chores."""

    handlers: Mapping[str, Handler]
    followers: Mapping[str, Follower] = {}
    chores: tuple[Chore, ...] = ()


def letter_for(
    destination: str,
    operation: Operation,
    request: InformationObject,
    now: datetime,
    *,
    message_id: str | None = None,
    valid_until: datetime | None = None,
    group: str = "",
) -> Letter:
    """A letter ready for ``Transaction.enqueue``."""
    return Letter(
        destination=destination,
        operation=operation.name,
        message_id=message_id or secrets.token_hex(16),
        lane=operation.lane,
        payload=pack(json.encode(request)),
        created_at=now,
        next_at=now,
        valid_until=valid_until,
        group=group,
    )
