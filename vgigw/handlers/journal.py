"""Rows of the telemetry journal: made from a batch, and read back as records."""

from __future__ import annotations

from collections.abc import Callable, Iterator

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
"""Rows that one question may open: some two million records."""
_MOST_ROWS = 100_000
_SOUTH = frozenset({Role.OPERATOR, Role.AGGREGATOR})


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
    rows = rows_in(*(wanted, owner, view, 0, up_to_id, most + 1), payloads=opened, damaged=damaged)
    if len(rows) > most:
        raise OverLimit("the range is too wide, ask for less at a time")
    return rows


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
    for row in rows:
        batch = object_of(TelemetryBatch, row.payload)
        if peer.convention.polarity is not None:
            # A page has no header that could say in which polarity its records are.
            batch = spoken_in(batch, peer.convention.polarity)
        yield from picked(wanted, row, batch)
