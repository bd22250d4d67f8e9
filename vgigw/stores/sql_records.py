"""Records of the ports as rows of the tables, and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from vgigw.operations import Lane
from vgigw.ports import Document, Letter, LetterState, Row
from vgigw.rules.gap import Gap
from vgigw.rules.sequence import StreamState

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

ROW_COLUMNS = (
    "j.id, j.owner, j.stream, j.seq_from, j.seq_to, j.time_from, j.time_to, j.received_at, "
    "j.door, j.digest, j.sparse, j.payload"
)
DOCUMENT_COLUMNS = "kind, owner, key, version, group_name, at, digest, assumed, payload"
LETTER_COLUMNS = (
    "id, destination, lane, state, operation, message_id, group_name, created_at, next_at, "
    "valid_until, attempts, last_error, trace_id, payload"
)
GAP_COLUMNS = "owner, stream, first, last, opened_at, asked_at, attempts"

ALL = 2**62
"""The limit of a query that has none."""

_lists = msgspec.json.Decoder(tuple[str, ...])
_states = msgspec.json.Decoder(StreamState)
_encoder = msgspec.json.Encoder()


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware time; finer digits are cut off."""
    since = moment - _EPOCH
    return since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000


def maybe_ms(moment: datetime | None) -> int | None:
    """The same, where there may be no time."""
    return None if moment is None else to_ms(moment)


def from_ms(ms: int) -> datetime:
    """The aware UTC time of ``ms`` milliseconds since 1970."""
    return _EPOCH + timedelta(milliseconds=ms)


def row_of(columns: tuple[Any, ...]) -> Row:
    """A journal row from ``ROW_COLUMNS``."""
    return Row(
        id=columns[0],
        owner=columns[1],
        stream=columns[2],
        seq_from=columns[3],
        seq_to=columns[4],
        time_from=from_ms(columns[5]),
        time_to=from_ms(columns[6]),
        received_at=from_ms(columns[7]),
        door=columns[8],
        digest=columns[9],
        sparse=bool(columns[10]),
        payload=columns[11],
    )


def document_of(columns: tuple[Any, ...]) -> Document:
    """A document from ``DOCUMENT_COLUMNS``."""
    return Document(
        kind=columns[0],
        owner=columns[1],
        key=columns[2],
        version=columns[3],
        group=columns[4],
        at=from_ms(columns[5]),
        digest=columns[6],
        assumed=_lists.decode(columns[7]),
        payload=columns[8],
    )


def assumed_text(assumed: tuple[str, ...]) -> str:
    """The column of a document's assumed paths."""
    return _encoder.encode(assumed).decode() if assumed else "[]"


def letter_of(columns: tuple[Any, ...]) -> Letter:
    """A letter from ``LETTER_COLUMNS``."""
    return Letter(
        id=columns[0],
        destination=columns[1],
        lane=Lane(columns[2]),
        state=LetterState(columns[3]),
        operation=columns[4],
        message_id=columns[5],
        group=columns[6],
        created_at=from_ms(columns[7]),
        next_at=from_ms(columns[8]),
        valid_until=None if columns[9] is None else from_ms(columns[9]),
        attempts=columns[10],
        last_error=columns[11],
        trace_id=columns[12],
        payload=columns[13],
    )


def gap_of(columns: tuple[Any, ...]) -> tuple[str, str, Gap]:
    """(owner, stream, gap) from ``GAP_COLUMNS``."""
    owner, stream, first, last, opened_at, asked_at, attempts = columns
    gap = Gap(
        first=first,
        last=last,
        opened_at=from_ms(opened_at),
        asked_at=None if asked_at is None else from_ms(asked_at),
        attempts=attempts,
    )
    return owner, stream, gap


def state_text(state: StreamState) -> str:
    """The column of a stream's state."""
    return _encoder.encode(state).decode()


def state_of(text: str) -> StreamState:
    """A stream's state from its column."""
    return _states.decode(text)
