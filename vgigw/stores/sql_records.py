"""Records of the ports as rows of the tables, and back."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from vgigw.errors import StoreDamaged
from vgigw.operations import Lane
from vgigw.ports import Answered, Document, Letter, LetterState, Row, Seen
from vgigw.rules.gap import Gap
from vgigw.rules.lease import Lease
from vgigw.rules.sequence import StreamState
from vgigw.stores.sql_tables import UNSEALED

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

ROW_COLUMNS = (
    "j.id, j.owner, j.stream, j.seq_from, j.seq_to, j.time_from, j.time_to, j.received_at, "
    "j.door, j.digest, j.sparse, j.seal, j.payload"
)
DOCUMENT_COLUMNS = "kind, owner, key, version, group_name, at, digest, assumed, seal, payload"
LETTER_COLUMNS = (
    "id, destination, lane, state, operation, message_id, group_name, created_at, next_at, "
    "valid_until, attempts, last_error, trace_id, seal, faults, payload"
)
LEASE_COLUMNS = "name, holder, epoch, beats, at, seal"
GUARD_COLUMNS = "guard, peer, operation, until, seal"
TOKEN_COLUMNS = "digest, peer, until, seal"  # noqa: S105 - names of columns
COUNTER_COLUMNS = "name, value, seal"
GAP_COLUMNS = "owner, stream, first, last, opened_at, asked_at, attempts, seal"

ALL = 2**62
"""The limit of a query that has none."""

_SEAL = 13
_LAST_MS = 253_402_300_799_000
"""The end of the year 9999."""

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


def seal(*columns: Any) -> int:
    """The checksum of columns, so that a flipped bit is found; payloads have one of their own."""
    return zlib.crc32("\x1f".join(map(str, columns)).encode(errors="surrogateescape"))


def check_seal(table: str, held: int, *columns: Any, row_id: int | None = None) -> None:
    """Raises ``StoreDamaged`` for columns that are not those that were stored."""
    if held not in (UNSEALED, seal(*columns)):
        raise StoreDamaged(table, row_id)


def row_of(columns: tuple[Any, ...]) -> Row:
    """A journal row from ``ROW_COLUMNS``. Raises ``StoreDamaged`` for a damaged one."""
    check_seal("journal", columns[11], *columns[1:11], row_id=columns[0])
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
        payload=columns[12],
    )


def document_of(columns: tuple[Any, ...]) -> Document:
    """A document from ``DOCUMENT_COLUMNS``. Raises ``StoreDamaged`` for a damaged one."""
    check_seal("document", columns[8], *columns[:8])
    return Document(
        kind=columns[0],
        owner=columns[1],
        key=columns[2],
        version=columns[3],
        group=columns[4],
        at=from_ms(columns[5]),
        digest=columns[6],
        assumed=_lists.decode(columns[7]),
        payload=columns[9],
    )


def assumed_text(assumed: tuple[str, ...]) -> str:
    """The column of a document's assumed paths."""
    return _encoder.encode(assumed).decode() if assumed else "[]"


def letter_of(columns: tuple[Any, ...]) -> Letter:
    """A letter from ``LETTER_COLUMNS``. Raises ``StoreDamaged`` for a damaged one."""
    check_seal("letter", columns[_SEAL], *letter_told(columns), row_id=columns[0])
    return letter_unchecked(columns)


def letter_unchecked(columns: tuple[Any, ...]) -> Letter:
    """The same, where it is to be erased, whatever stands there."""
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
        faults=columns[14],
        payload=columns[15],
    )


def laid_aside(columns: tuple[Any, ...]) -> tuple[Any, ...]:
    """``LETTER_COLUMNS`` of a damaged letter as a dead one, sealed as far as it can be read."""

    def text(place: int) -> str:
        return str(columns[place]).encode(errors="replace").decode()

    def number(place: int) -> int:
        value = columns[place]
        return value if isinstance(value, int) and 0 <= value < _LAST_MS else 0

    lane = columns[2] if columns[2] in tuple(Lane) else Lane.BULK
    told = (
        *(text(1), int(lane), LetterState.DEAD.value, text(4), text(5), text(6)),
        *(number(7), number(8), None, number(10), "damaged", text(12)),
    )
    return (columns[0], *told, seal(*told, number(14)), number(14), columns[15])


def letter_told(columns: tuple[Any, ...]) -> tuple[Any, ...]:
    """Those of ``LETTER_COLUMNS`` that are sealed: all but id, seal and payload."""
    return (*columns[1:_SEAL], columns[_SEAL + 1])


def letter_columns(letter: Letter, payload: bytes) -> tuple[Any, ...]:
    """``LETTER_COLUMNS`` of a letter, sealed."""
    told = (
        *(letter.destination, int(letter.lane), letter.state.value, letter.operation),
        *(letter.message_id, letter.group, to_ms(letter.created_at), to_ms(letter.next_at)),
        *(maybe_ms(letter.valid_until), letter.attempts, letter.last_error, letter.trace_id),
    )
    return (letter.id, *told, seal(*told, letter.faults), letter.faults, payload)


def gap_of(columns: tuple[Any, ...]) -> tuple[str, str, Gap]:
    """(owner, stream, gap) from ``GAP_COLUMNS``. Raises ``StoreDamaged`` for a damaged one."""
    owner, stream, first, last, opened_at, asked_at, attempts, held = columns
    check_seal("gap", held, *columns[:-1])
    gap = Gap(
        first=first,
        last=last,
        opened_at=from_ms(opened_at),
        asked_at=None if asked_at is None else from_ms(asked_at),
        attempts=attempts,
    )
    return owner, stream, gap


def lease_of(columns: tuple[Any, ...]) -> Lease:
    """A lease from ``LEASE_COLUMNS``. Raises ``StoreDamaged`` for a damaged one."""
    _, holder, epoch, beats, at, held = columns
    check_seal("lease", held, *columns[:-1])
    return Lease(holder=holder, epoch=epoch, beats=beats, at=from_ms(at))


def lease_columns(name: str, lease: Lease) -> tuple[Any, ...]:
    """``LEASE_COLUMNS`` of a lease, sealed."""
    told = (name, lease.holder, lease.epoch, lease.beats, to_ms(lease.at))
    return (*told, seal(*told))


def state_text(state: StreamState) -> str:
    """The column of a stream's state."""
    return _encoder.encode(state).decode()


def stream_of(columns: tuple[Any, ...]) -> tuple[str, str, StreamState]:
    """(owner, stream, state) from these and their seal. Raises ``StoreDamaged`` for others."""
    owner, stream, text, held = columns
    check_seal("stream", held, owner, stream, text)
    return owner, stream, _states.decode(text)


def answered_of(key: str, columns: tuple[Any, ...]) -> Answered:
    """An answer from digest, reply and seal. Raises ``StoreDamaged`` for a damaged one."""
    digest, reply, held = columns
    check_seal("answer", held, key, digest, reply)
    return Answered(digest, reply)


def guard_columns(guard: bytes, peer: str, operation: str, until: datetime) -> tuple[Any, ...]:
    """``GUARD_COLUMNS`` of an envelope that was accepted, sealed."""
    told = (peer, operation, to_ms(until))
    return (guard, *told, seal(guard.hex(), *told))


def seen_of(columns: tuple[Any, ...]) -> Seen:
    """What ``GUARD_COLUMNS`` tell. Raises ``StoreDamaged`` for damaged ones."""
    guard, peer, operation, until, held = columns
    check_seal("guard", held, bytes(guard).hex(), peer, operation, until)
    return Seen(peer, operation)


def token_columns(digest: bytes, peer: str, until: datetime) -> tuple[Any, ...]:
    """``TOKEN_COLUMNS`` of a token, sealed."""
    told = (peer, to_ms(until))
    return (digest, *told, seal(digest.hex(), *told))


def token_of(columns: tuple[Any, ...]) -> tuple[str, int]:
    """Peer and end of ``TOKEN_COLUMNS``. Raises ``StoreDamaged`` for damaged ones."""
    digest, peer, until, held = columns
    check_seal("token", held, bytes(digest).hex(), peer, until)
    return peer, until


def counter_columns(name: str, value: int) -> tuple[Any, ...]:
    """``COUNTER_COLUMNS``, sealed."""
    return (name, value, seal(name, value))


def counter_of(columns: tuple[Any, ...]) -> int:
    """The value of ``COUNTER_COLUMNS``. Raises ``StoreDamaged`` for damaged ones."""
    name, value, held = columns
    check_seal("counter", held, name, value)
    return int(value)
