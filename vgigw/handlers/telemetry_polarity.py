"""Telemetry of a peer that always speaks one polarity, in those of the archives. PLT-7.4b.

A batch says one polarity for all its records. Where the archives have several for what it speaks
of, it is kept in several parts, each with the one that holds for its records.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from msgspec.structs import replace

from vgigw.handlers.keeping import call_with, object_of
from vgigw.handlers.places import KINDS, places_of
from vgigw.handlers.resources import polarity_of as polarity_then
from vgigw.objects import OperatingRecord, PolarityMode, TelemetryBatch, VehicleInfo
from vgigw.objects.enumerations import ObjectKind
from vgigw.ports import Call, View
from vgigw.rules.capability import polarity_of, vehicle_reach
from vgigw.rules.polarity import aligned, spoken_in

_Held = dict[tuple[ObjectKind, str, datetime | None], PolarityMode | None]


def aligned_parts(call: Call, owner: str, view: View) -> Iterator[Call]:
    """``call`` with its batch in the polarity of the archives of ``owner``, in order and without
    gap; as it came where the peer's profile names no polarity, and for what no archive has.

    A part of a batch that has a number for each record has the numbers of its own records.
    """
    batch: TelemetryBatch = call.request
    spoken = call.peer.convention.polarity
    if spoken is None:
        yield call
        return
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


def records_as(batch: TelemetryBatch, polarity: PolarityMode) -> tuple[OperatingRecord, ...]:
    """The records of ``batch``, said in ``polarity``."""
    return spoken_in(batch, polarity).records


def _polarity_of(
    record: OperatingRecord,
    owner: str,
    view: View,
    held: _Held,
) -> PolarityMode | None:
    """The polarity of what ``record`` speaks of, that of a resource at the record's time; ``held``
    are those that were looked up before. None where no archive has it."""
    kind, name = record.object_kind, record.object_id
    at = record.data_time if kind is ObjectKind.RESOURCE else None
    if (kind, name, at) not in held:
        held[kind, name, at] = _archived(kind, name, owner, record.data_time, view)
    return held[kind, name, at]


def _archived(
    kind: ObjectKind, name: str, owner: str, at: datetime, view: View
) -> PolarityMode | None:
    if kind is ObjectKind.RESOURCE:
        return polarity_then(view, owner, name, at)
    if kind is ObjectKind.VEHICLE:
        document = view.document(VehicleInfo.__name__, owner, name)
        vehicle = None if document is None else object_of(VehicleInfo, document.payload)
        return None if vehicle is None else polarity_of(vehicle_reach(vehicle))
    for place in places_of(view, kind, name, owner) if kind in KINDS else ():
        return PolarityMode.GENERATION if place.discharges else PolarityMode.LOAD
    return None
