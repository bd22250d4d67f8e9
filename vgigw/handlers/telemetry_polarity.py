"""Telemetry in the polarity of the archives: refused in another one, or turned. PLT-7.4.

A batch says one polarity for all its records. That of a peer that always speaks one is kept in
several parts where the archives have several for what it speaks of, each with the one that holds
for its records.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Final

import msgspec
from msgspec.structs import replace

from vgigw.handlers.archived_polarity import archived_polarity, had_polarity
from vgigw.handlers.keeping import call_with
from vgigw.handlers.places import KINDS, index_state
from vgigw.objects import OperatingRecord, PolarityMode, TelemetryBatch
from vgigw.objects.enumerations import ObjectKind
from vgigw.ports import Call, View
from vgigw.rules.archives import polarity_mismatch
from vgigw.rules.polarity import aligned, spoken_in

_Held = dict[tuple[ObjectKind, str, datetime | None], PolarityMode | None]
_Thing = tuple[ObjectKind, str]

_MOST_REMEMBERED: Final = 200_000
"""Things whose look into the archives is remembered, of all parties."""


class _Looked(msgspec.Struct):
    """What was looked up while the archives were in ``state``: things that may be told in a
    polarity, as they have it or no archive has them."""

    state: str
    may: dict[PolarityMode, set[_Thing]]


class Alignment:
    """Compares batches with the archives; a station, charger or connector is looked up once until
    an archive of its party changes."""

    def __init__(self) -> None:
        self._looked: dict[str, _Looked] = {}
        self._count = 0

    def parts(self, call: Call, owner: str, view: View) -> Iterator[Call]:
        """``call`` with its batch in the polarity of the archives of ``owner``, in order and
        without gap; as it came for what no archive has.

        A part of a batch that has a number for each record has the numbers of its own records.
        Raises ``PolarityMismatch`` for a record of something that has another polarity than the
        batch says, where the peer's profile names none. PLT-7.4a, PLT-7.4b, PLT-7.4c.
        """
        spoken = call.peer.convention.polarity
        if spoken is not None:
            yield from _turned(call, owner, spoken, view)
            return
        self._check(call.request, owner, view)
        yield call

    def _check(self, batch: TelemetryBatch, owner: str, view: View) -> None:
        may = self._may(owner, view)[batch.polarity_mode]
        named = {(each.object_kind, each.object_id) for each in batch.records}
        if named <= may:
            return
        held: _Held = {}
        new = named - may
        for place, record in enumerate(batch.records):
            thing = (record.object_kind, record.object_id)
            if thing in new and not _agrees(record, batch.polarity_mode, owner, view, held):
                words = f"the archives have another one for record {place}; PLT-7.4"
                raise polarity_mismatch(words)
        # Of what was accepted for its own time only, the next record is looked at again.
        for (kind, name, _), polarity in held.items():
            if kind in KINDS and polarity in (None, batch.polarity_mode):
                may.add((kind, name))
                self._count += 1

    def _may(self, owner: str, view: View) -> dict[PolarityMode, set[_Thing]]:
        state = index_state(view, owner)
        if self._count > _MOST_REMEMBERED:
            self._looked, self._count = {}, 0
        looked = self._looked.get(owner)
        if looked is None or looked.state != state:
            looked = _Looked(state, {each: set() for each in PolarityMode})
            self._looked[owner] = looked
            self._count += 1
        return looked.may


def records_as(batch: TelemetryBatch, polarity: PolarityMode) -> tuple[OperatingRecord, ...]:
    """The records of ``batch``, said in ``polarity``."""
    return spoken_in(batch, polarity).records


def _turned(call: Call, owner: str, spoken: PolarityMode, view: View) -> Iterator[Call]:
    batch: TelemetryBatch = call.request
    held: _Held = {}
    numbered = batch.seq_to - batch.seq_from + 1 == len(batch.records)
    place = 0
    for polarity, found in groupby(
        batch.records, key=lambda each: _polarity_of(each, owner, view, held) or spoken
    ):
        records = tuple(found)
        part = batch
        if len(records) < len(batch.records):
            count = len(records)
            part = replace(batch, records=records, expected_count=count, actual_count=count)
        if part is not batch and numbered:
            first = batch.seq_from + place
            part = replace(part, seq_from=first, seq_to=first + len(records) - 1)
        place += len(records)
        yield call_with(call, aligned(part, polarity, spoken))


def _agrees(
    record: OperatingRecord, stated: PolarityMode, owner: str, view: View, held: _Held
) -> bool:
    """Whether ``record`` may be told in ``stated``: the archives do not have it, have it so, or had
    it so at the record's time, as data of the past stays in the polarity of then."""
    polarity = _polarity_of(record, owner, view, held)
    return polarity in (None, stated) or had_polarity(
        view, record.object_kind, record.object_id, owner, record.data_time, stated
    )


def _polarity_of(
    record: OperatingRecord, owner: str, view: View, held: _Held
) -> PolarityMode | None:
    """The polarity of what ``record`` speaks of, that of a resource at the record's time; ``held``
    are those that were looked up before. None where no archive has it."""
    kind, name = record.object_kind, record.object_id
    at = record.data_time if kind is ObjectKind.RESOURCE else None
    if (kind, name, at) not in held:
        held[kind, name, at] = archived_polarity(view, kind, name, owner, record.data_time)
    return held[kind, name, at]
