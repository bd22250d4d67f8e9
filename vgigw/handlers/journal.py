"""Rows of the telemetry journal: made from a batch, and read back as records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import msgspec

from vgigw.errors import OverLimit, StoreDamaged
from vgigw.handlers.hidden_numbers import hidden_of
from vgigw.handlers.keeping import object_of, packed
from vgigw.objects import OperatingRecord, TelemetryBatch
from vgigw.objects.telemetry import DataRange
from vgigw.operations import Role
from vgigw.ports import Call, Identity, Peer, Row, View, row_for
from vgigw.rules.polarity import spoken_in
from vgigw.rules.ranges import Range

_MOST_OPENED = 2_000
"""Rows that one question may open."""
_MOST_RECORDS = 200_000
"""Own design number: records that one question may open, as nobody else writes meanwhile."""
_MOST_ROWS = 100_000
_TOO_WIDE = "the range is too wide: ask for it in parts, of less time or fewer numbers each"
_SOUTH = frozenset({Role.OPERATOR, Role.AGGREGATOR})


class Opening:
    """Opens rows for one question, up to as many, and as many records, as one may open."""

    def __init__(self) -> None:
        self._rows = self._records = 0

    def of(self, row: Row) -> TelemetryBatch:
        """The batch of a row. Raises ``OverLimit`` where it was one too many."""
        batch = object_of(TelemetryBatch, row.payload)
        self._rows += 1
        self._records += len(batch.records)
        if self._rows > _MOST_OPENED or self._records > _MOST_RECORDS:
            raise OverLimit(_TOO_WIDE)
        return batch


def owner_of(peer: Peer, batch: TelemetryBatch) -> str:
    """Whose data it is: the sender's own, or its source's where a platform passes it on."""
    return batch.source_id if peer.role is Role.PLATFORM else peer.operator_id


def row_of(
    batch: TelemetryBatch,
    owner: str,
    call: Call,
    *,
    part: Range | None = None,
    only: tuple[OperatingRecord, ...] = (),
) -> Row:
    """The row of a batch that was received: whole, a ``part`` of its sequence numbers, or sparse
    with ``only`` some records."""
    payload, digest = call.packed, call.digest
    if only:
        batch = msgspec.structs.replace(batch, records=only, actual_count=len(only))
        payload, digest = packed(batch)
    elif part is not None:
        records = batch.records[part.first - batch.seq_from : part.last - batch.seq_from + 1]
        batch = msgspec.structs.replace(
            batch,
            seq_from=part.first,
            seq_to=part.last,
            records=records,
            expected_count=len(records),
            actual_count=len(records),
        )
        payload, digest = packed(batch)
    return row_for(
        batch,
        owner,
        payload=payload,
        digest=digest,
        received_at=call.now,
        door=call.door,
        sparse=bool(only),
    )


def visible_owner(peer: Peer, identity: Identity) -> str | None:
    """Whose rows ``peer`` may see: its own on a platform, ours on an operator, or all (None)."""
    if identity.role is not Role.PLATFORM:
        return identity.operator_id
    return peer.operator_id if peer.role in _SOUTH else None


def rows_in(
    wanted: DataRange,
    owner: str | None,
    view: View,
    after_id: int = 0,
    up_to_id: int | None = None,
    limit: int | None = None,
    *,
    payloads: bool = True,
    damaged: Callable[[int], object] | None = None,
) -> list[Row]:
    """Journal rows that may hold what is wanted, oldest first."""
    return view.rows(
        owner=owner,
        stream=wanted.stream_id,
        seq_from=wanted.seq_from,
        seq_to=wanted.seq_to,
        time_from=wanted.time_from,
        time_to=wanted.time_to,
        after_id=after_id,
        up_to_id=up_to_id,
        limit=limit,
        payloads=payloads,
        damaged=damaged,
    )


def all_rows_in(
    wanted: DataRange,
    owner: str | None,
    view: View,
    up_to_id: int | None = None,
    *,
    opened: bool,
    damaged: Callable[[int], object] | None = None,
) -> list[Row]:
    """Every row that may hold what is wanted, with payloads where they have to be ``opened``.

    Raises ``OverLimit`` for too wide a question: nobody else is served while it is looked for.
    """
    most = _MOST_OPENED if opened else _MOST_ROWS
    found = partial(rows_in, wanted, owner, view, 0, up_to_id, most + 1)
    # Who opens them is told then of what is damaged, and once.
    told = _ignored if opened and damaged is not None else damaged
    rows = found(payloads=False, damaged=told)
    # How many records a sparse one has is known when it is opened.
    records = sum(row.seq_to - row.seq_from + 1 for row in rows if not row.sparse)
    if len(rows) > most or (opened and records > _MOST_RECORDS):
        raise OverLimit(_TOO_WIDE)
    return found(damaged=damaged) if opened else rows


def _ignored(row_id: int) -> None:
    """Of a row that is looked at again."""


def picked(wanted: DataRange, row: Row, batch: TelemetryBatch) -> list[tuple[int, OperatingRecord]]:
    """The records of one row that are wanted, with their sequence numbers (0 where sparse)."""
    objects = frozenset(wanted.object_ids)
    found = []
    for place, record in enumerate(batch.records):
        seq = 0 if row.sparse else row.seq_from + place
        if (
            (not objects or record.object_id in objects)
            and (wanted.seq_from is None or seq == 0 or seq >= wanted.seq_from)
            and (wanted.seq_to is None or seq == 0 or seq <= wanted.seq_to)
            and (wanted.time_from is None or record.data_time >= wanted.time_from)
            and (wanted.time_to is None or record.data_time < wanted.time_to)
        ):
            found.append((seq, record))
    return found


def records_in(
    wanted: DataRange, peer: Peer, identity: Identity, view: View
) -> Iterator[tuple[int, OperatingRecord]]:
    """Every wanted record that ``peer`` may see. Raises ``OverLimit`` for too wide a question, and
    ``StoreDamaged`` where some were taken in and are not found. F22."""
    owner = visible_owner(peer, identity)
    rows = all_rows_in(wanted, owner, view, opened=True)
    if hidden_of(wanted, owner, rows, view, identity):
        raise StoreDamaged("journal")
    opening = Opening()
    for row in rows:
        batch = opening.of(row)
        if peer.convention.polarity is not None:
            # A page has no header that could say in which polarity its records are.
            batch = spoken_in(batch, peer.convention.polarity)
        yield from picked(wanted, row, batch)
