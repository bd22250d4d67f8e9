"""A store with a long journal, made quickly: rows, letters and documents as the gateway has them.

One batch goes through the codec; each row has it with a stream, numbers and times of its own,
packed, digested and sealed by the code that serves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Final, TypeVar

import msgspec

from vgigw.codec import json
from vgigw.codec.packing import pack
from vgigw.handlers.keeping import packed
from vgigw.operations import UPLOAD_TELEMETRY
from vgigw.ports import Document, Row, Store, Transaction, letter_for
from vgigw.rules.sequence import StreamState
from vgigw.testing.bench.messages import batch_of
from vgigw.testing.bench.scene import OPERATOR_ID
from vgigw.testing.crash import load
from vgigw.testing.crash.acts import Act

T = TypeVar("T")

DISPATCH_ID: Final = "200000002"
STREAMS: Final = 200
ROWS_A_LETTER: Final = 20
"""So many messages came for each command that still waits in the outbox."""
ROWS_A_DOCUMENT: Final = 10
_AT_ONCE: Final = 200
_STEP: Final = timedelta(seconds=5)
_SEED: Final = 1


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What a store was filled with."""

    records: int
    rows: int
    letters: int
    documents: int


def fill(store: Store, records: int, batch: int, tell: Callable[[int], object]) -> Made:
    """At least ``records``, in messages of ``batch``; ``tell`` hears after each commit how many."""
    count = -(-records // batch)
    letters, documents = count // ROWS_A_LETTER, count // ROWS_A_DOCUMENT
    for group in _groups(_rows(count, batch)):
        store.write(partial(_keep, group))
        tell(len(group) * batch)
    store.write(partial(_tell_heights, count, batch))
    commands = load.commands(_SEED, DISPATCH_ID, OPERATOR_ID, "C")
    for acts in _groups(islice(commands, letters)):
        store.write(partial(_enqueue, acts))
    for acts in _groups(islice(load.archives(_SEED, OPERATOR_ID), documents)):
        store.write(partial(_put, acts))
    return Made(records=count * batch, rows=count, letters=letters, documents=documents)


def _rows(count: int, batch: int) -> Iterator[Row]:
    """By turns of every stream, each turn some seconds after the one before."""
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1) - count // STREAMS * _STEP
    plain = batch_of(batch, 1, at)
    canonical = json.encode(plain)
    for number in range(count):
        turn, stream = divmod(number, STREAMS)
        first, last, now = turn * batch + 1, (turn + 1) * batch, at + turn * _STEP
        own = _with(
            canonical,
            (plain.batch_id, f"B{number}"),
            (f'"{plain.stream_id}"', f'"LONG-{stream}"'),
            (f":{plain.seq_from},", f":{first},"),
            (f":{plain.seq_to},", f":{last},"),
            (f"{at:%Y-%m-%dT%H:%M:%S}", f"{now:%Y-%m-%dT%H:%M:%S}"),
        )
        yield Row(
            owner=OPERATOR_ID,
            stream=f"LONG-{stream}",
            seq_from=first,
            seq_to=last,
            time_from=now,
            time_to=now + timedelta(seconds=1),
            received_at=now + timedelta(seconds=1),
            door="cec102",
            payload=pack(own),
            digest=json.digest(own),
        )


def _with(canonical: bytes, *changes: tuple[str, str]) -> bytes:
    for before, after in changes:
        canonical = canonical.replace(before.encode(), after.encode())
    return canonical


def _keep(rows: list[Row], tx: Transaction) -> None:
    for row in rows:
        tx.append(row)
        key, reply = f"{row.stream}/{row.seq_from}", f'{{"AckSeq":{row.seq_to}}}'.encode()
        name = UPLOAD_TELEMETRY.name
        tx.keep_answer(OPERATOR_ID, name, key, row.digest, reply, row.received_at)


def _tell_heights(count: int, batch: int, tx: Transaction) -> None:
    for stream in range(min(STREAMS, count)):
        last = (count - stream + STREAMS - 1) // STREAMS * batch
        state = StreamState(begin=1, contiguous=last, highest=last)
        tx.save_stream(OPERATOR_ID, f"LONG-{stream}", state)


def _enqueue(acts: list[Act], tx: Transaction) -> None:
    """Commands that wait for an operator who cannot be reached."""
    now = datetime.now(UTC)
    for act in acts:
        tx.enqueue(letter_for(OPERATOR_ID, act.operation, act.request, now))


def _put(acts: list[Act], tx: Transaction) -> None:
    """Archives, each under a name of its own."""
    now = datetime.now(UTC)
    for act in acts:
        payload, digest = packed(act.request)
        document = Document(
            kind=type(act.request).__name__,
            owner=OPERATOR_ID,
            key=act.digest,
            version=1,
            payload=payload,
            digest=digest,
            at=now,
        )
        tx.put(document)


def _groups(found: Iterator[T]) -> Iterator[list[T]]:
    while group := list(islice(found, _AT_ONCE)):
        yield group
