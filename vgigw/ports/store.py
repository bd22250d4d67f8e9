"""The Store port: durable state, changed in transactions, looked at in snapshots."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar

from vgigw.operations import Lane
from vgigw.ports.records import Answered, Document, Letter, LetterState, Row, Seen
from vgigw.rules.gap import Gap
from vgigw.rules.lease import Lease
from vgigw.rules.ranges import Range
from vgigw.rules.sequence import StreamState

T = TypeVar("T")


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
        payloads: bool = True,
        damaged: Callable[[int], object] | None = None,
    ) -> list[Row]:
        """Rows whose ranges overlap the given ones (sequence inclusive; time: from inclusive, to
        exclusive), by rising id. Without ``payloads`` they come quickly, each payload empty.
        ``damaged`` hears of the id of each that is damaged, which is then left out; a damaged
        payload is found by who opens it."""

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
        keys: tuple[str, str] | None = None,
        by_key: bool = False,
        offset: int = 0,
        limit: int | None = None,
        damaged: Callable[[str], object] | None = None,
    ) -> list[Document]:
        """Current versions, by owner and key, or ``by_key`` and then owner; ``since`` is exclusive
        of older ``at``, ``keys`` are those from the first, up to the second exclusively."""

    def count_documents(
        self,
        kind: str,
        *,
        owner: str | None = None,
        key: str | None = None,
        group: str | None = None,
        since: datetime | None = None,
        keys: tuple[str, str] | None = None,
    ) -> int: ...
    def history(
        self, kind: str, owner: str, key: str, versions: range | None = None
    ) -> list[Document]:
        """All versions, or those in ``versions``, oldest first."""

    def stream(self, owner: str, stream: str) -> StreamState | None: ...
    def streams(self) -> list[tuple[str, str, StreamState]]:
        """(owner, stream, state) of each stream known."""

    def count_streams(self, owner: str) -> int:
        """How many streams of one owner are known."""

    def gaps(
        self,
        owner: str | None = None,
        stream: str | None = None,
        *,
        within: Range | None = None,
        after: tuple[str, int] | None = None,
        limit: int | None = None,
    ) -> list[tuple[str, str, Gap]]:
        """Open gaps: (owner, stream, gap), by these and their first number. ``within``: those of
        one stream that share a number with it; ``after``: those behind a (stream, first)."""

    def letters(
        self,
        *,
        destination: str | None = None,
        state: LetterState | None = None,
        group: str | None = None,
        due: datetime | None = None,
        lane: Lane | None = None,
        created_before: datetime | None = None,
        after_id: int | None = None,
        up_to_id: int | None = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> list[Letter]:
        """Letters by lane, then id; ``due`` = whose ``next_at`` is not later; ``created_before`` =
        made earlier; none has a higher id than ``up_to_id``. Those behind ``after_id`` come by id
        alone, ``newest_first`` by lane and then by falling id."""

    def letter(self, letter_id: int) -> Letter | None:
        """One letter as it stands now."""

    def count_letters(self, *, state: LetterState, group: str | None = None) -> int: ...
    def counter(self, name: str) -> int:
        """Present value of a named counter, 0 at first."""

    def lease(self, name: str) -> Lease | None:
        """Who has a work to itself, as of now."""


class Transaction(View, Protocol):
    """Changes that become durable together, or not at all."""

    def apart(self, work: Callable[[Transaction], T]) -> T:
        """Runs ``work`` as a part that leaves nothing behind where it raises; the rest goes on."""

    def remember(self, guard: bytes, peer: str, operation: str, until: datetime) -> None: ...
    def keep_answer(
        self, peer: str, operation: str, key: str, digest: str, reply: bytes, at: datetime
    ) -> None: ...
    def keep_token(self, digest: bytes, peer: str, until: datetime) -> None: ...
    def append(self, row: Row) -> int:
        """The id of the new row. (owner, stream, sequence) is never stored twice unless sparse."""

    def save_row(self, row: Row) -> None:
        """Saves payload and digest of a row that exists. JES-6.4.1c."""

    def put(self, document: Document) -> None:
        """A (kind, owner, key, version) that exists is replaced."""

    def erase(self, kind: str, owner: str, key: str) -> int:
        """Forget a document with its history for good; how many versions there were. JES-6.4.1c."""

    def erase_answer(self, peer: str, operation: str, key: str) -> int:
        """Forget what was answered to a business act, so that a repeat is judged anew; how many
        there were. JES-6.4.1c."""

    def erase_letter(self, letter_id: int) -> bool:
        """Forget content and message id of a letter; one that waits is dead. Whether there was
        one. JES-6.4.1c."""

    def scrub(self) -> None:
        """What this transaction erases or replaces stands in no file once it is durable, or as soon
        as nobody looks at the state before. JES-6.4.1c."""

    def save_stream(self, owner: str, stream: str, state: StreamState) -> None: ...
    def open_gap(self, owner: str, stream: str, gap: Gap) -> None: ...
    def replace_gaps(
        self, owner: str, stream: str, gaps: tuple[Gap, ...], within: Range | None = None
    ) -> None:
        """The open gaps of a stream are now these, or those of it that share a number with
        ``within``."""

    def enqueue(self, letter: Letter) -> int:
        """The id of the new letter."""

    def save_letter(self, letter: Letter) -> None:
        """Saves attempts, next_at, state, last_error, faults of a letter that exists."""

    def lay_aside(self, letter_id: int) -> bool:
        """A letter that is damaged is dead from now on, and kept; whether it was damaged."""

    def drop_letter(self, letter_id: int) -> bool:
        """Forget a letter that is dead; whether there was one."""

    def next_number(self, name: str) -> int:
        """Raises a named counter by one; never handed out twice."""

    def count(self, name: str) -> bool:
        """Raises a statistic by one; a damaged one begins anew, and is told by this: false."""

    def save_lease(self, name: str, lease: Lease) -> None:
        """Raises ``Conflict`` where it would let an epoch fall, or pass from hand to hand."""

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
