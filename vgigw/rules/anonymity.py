"""What is left of an object once nobody may know whose vehicle it was. JES-6.4.1c, Q24.

The fact stays, the person goes: a session keeps its energy, a command its curve.
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

from msgspec.structs import replace

from vgigw.objects import (
    AggregateResource,
    AlarmEvent,
    AlarmObjectKind,
    EdgeSync,
    InformationObject,
    OutageRecord,
    ReconcileRequest,
    SettlementStatement,
    TelemetryBatch,
)
from vgigw.objects.enumerations import ObjectKind
from vgigw.objects.settlement_enumerations import ShareLevel

ERASED: Final = "erased"
"""What stands where a vehicle was named; the same for all, so that nothing ties them together."""

_OF_VEHICLE: Final = ("vin", "plate_no")
"""What else names a vehicle beside its pseudonym, in the objects that have it."""

_BY_RESOURCE: Final = (EdgeSync, ReconcileRequest, OutageRecord)
"""What names a vehicle as a resource only."""

T = TypeVar("T", bound=InformationObject)


def anonymous(obj: T, vehicle_id: str, owner: str, *, as_resource: bool = True) -> T | None:
    """``obj`` without the vehicle of that name, which ``owner`` told of; the same one where it does
    not name it, None where nothing is left of it. ``as_resource``: the vehicle is meant, too, where
    a resource of that name is, which no station, device or aggregated resource has."""
    if not as_resource and isinstance(obj, _BY_RESOURCE):
        return obj
    if isinstance(obj, TelemetryBatch):
        return _batch(obj, vehicle_id)  # type: ignore[return-value]
    if isinstance(obj, AggregateResource):
        return _resource(obj, vehicle_id)  # type: ignore[return-value]
    if isinstance(obj, SettlementStatement):
        return _statement(obj, vehicle_id, owner)  # type: ignore[return-value]
    if isinstance(obj, EdgeSync):
        return _edge(obj, vehicle_id)  # type: ignore[return-value]
    if isinstance(obj, ReconcileRequest):
        return _reconciled(obj, vehicle_id)  # type: ignore[return-value]
    if isinstance(obj, OutageRecord):
        ids = tuple(ERASED if each == vehicle_id else each for each in obj.resource_ids)
        return obj if ids == obj.resource_ids else replace(obj, resource_ids=ids)
    if isinstance(obj, AlarmEvent):
        hit = obj.object_kind is AlarmObjectKind.VEHICLE and obj.object_id == vehicle_id
        return replace(obj, object_id=ERASED) if hit else obj
    changed: dict[str, Any] = {}
    fields = type(obj).__struct_fields__
    if "vehicle_id" in fields and obj.vehicle_id == vehicle_id:  # type: ignore[attr-defined]
        changed["vehicle_id"] = ERASED
        changed |= {each: None for each in _OF_VEHICLE if getattr(obj, each, None) is not None}
    if (
        as_resource
        and "resource_id" in fields
        and obj.resource_id == vehicle_id  # type: ignore[attr-defined]
        and getattr(obj, "aggregator_id", owner) == owner
    ):
        changed["resource_id"] = ERASED
    if as_resource and "object_ids" in fields and vehicle_id in obj.object_ids:  # type: ignore[attr-defined]
        ids = obj.object_ids  # type: ignore[attr-defined]
        changed["object_ids"] = tuple(ERASED if each == vehicle_id else each for each in ids)
    return replace(obj, **changed) if changed else obj


def _reconciled(request: ReconcileRequest, vehicle_id: str) -> ReconcileRequest:
    """Its energy and money stay to be compared. JES-6.5.4c."""
    items = tuple(
        replace(each, resource_id=ERASED) if each.resource_id == vehicle_id else each
        for each in request.items
    )
    return request if items == request.items else replace(request, items=items)


def _batch(batch: TelemetryBatch, vehicle_id: str) -> TelemetryBatch:
    """Every record keeps its number: what is taken away would look like a gap. PLT-9.6c."""
    records = tuple(
        replace(each, object_id=ERASED)
        if each.object_kind is ObjectKind.VEHICLE and each.object_id == vehicle_id
        else each
        for each in batch.records
    )
    return batch if records == batch.records else replace(batch, records=records)


def _statement(statement: SettlementStatement, vehicle_id: str, owner: str) -> SettlementStatement:
    """Who gets how much stays to the cent, but for who the user is. JES-6.5.4a."""
    if owner not in {statement.aggregator_id, *(each.party_id for each in statement.shares)}:
        return statement
    shares = tuple(
        replace(each, party_id=ERASED, account_ref=None)
        if (each.level, each.party_id) == (ShareLevel.USER, vehicle_id)
        else each
        for each in statement.shares
    )
    return statement if shares == statement.shares else replace(statement, shares=shares)


def _edge(edge: EdgeSync, vehicle_id: str) -> EdgeSync:
    entries = tuple(
        replace(each, resource_id=ERASED) if each.resource_id == vehicle_id else each
        for each in edge.log_entries
    )
    return edge if entries == edge.log_entries else replace(edge, log_entries=entries)


def _resource(resource: AggregateResource, vehicle_id: str) -> AggregateResource | None:
    members = tuple(
        each
        for each in resource.members
        if (each.member_kind, each.member_id) != (ObjectKind.VEHICLE, vehicle_id)
    )
    if not members:
        return None
    return resource if members == resource.members else replace(resource, members=members)
