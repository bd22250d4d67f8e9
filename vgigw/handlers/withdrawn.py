"""Vehicles of which nothing personal is taken any more: no consent bears them. Section 3.2(6).

Kept is a digest of party and pseudonym: by it a vehicle is known again, but nobody can read which
one it was. It goes with the next consent for the vehicle.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from vgigw.codec.packing import pack
from vgigw.errors import Detail, NoConsent
from vgigw.handlers.keeping import call_with
from vgigw.objects import (
    AggregateResource,
    AlarmEvent,
    AlarmObjectKind,
    ConsentInfo,
    InformationObject,
    TelemetryBatch,
)
from vgigw.objects.enumerations import ObjectKind
from vgigw.ports import Call, Document, Transaction, View
from vgigw.rules.anonymity import anonymous

_KIND: Final = "WithdrawnVehicle"


def stop_taking(owner: str, vehicle_id: str, tx: Transaction, now: datetime) -> None:
    """From now on nothing personal is taken of a vehicle that ``owner`` told of."""
    document = Document(
        kind=_KIND,
        owner=owner,
        key=_digest(owner, vehicle_id),
        version=1,
        payload=pack(b"{}"),
        digest="",
        at=now,
    )
    tx.put(document)


def take_again(owner: str, vehicle_id: str, tx: Transaction) -> None:
    """A new consent bears the vehicle."""
    tx.erase(_KIND, owner, _digest(owner, vehicle_id))


def without_withdrawn(call: Call, tx: Transaction) -> Call:
    """``call`` with telemetry of withdrawn vehicles under no name, since a record that is left out
    would be a gap. Raises ``NoConsent`` where anything else names one. PLT-9.6c, JES-6.4.1c."""
    owner, request = call.peer.operator_id, call.request
    if isinstance(request, TelemetryBatch):
        vehicles = (each for each in request.records if each.object_kind is ObjectKind.VEHICLE)
        for vehicle_id in dict.fromkeys(each.object_id for each in vehicles):
            if _is_withdrawn(owner, vehicle_id, tx):
                request = anonymous(request, vehicle_id, owner) or request
        return call_with(call, request)
    details = tuple(
        Detail(path, "rule", "no consent bears this vehicle any more; JES-6.4.1c")
        for path, vehicle_id in _named(request)
        if _is_withdrawn(owner, vehicle_id, tx)
    )
    if details:
        raise NoConsent(details=details)
    return call


def _named(request: InformationObject) -> Iterator[tuple[str, str]]:
    """Path and name of each vehicle that a request tells of; a consent may name a withdrawn one."""
    if isinstance(request, AlarmEvent):
        if request.object_kind is AlarmObjectKind.VEHICLE:
            yield "/ObjectID", request.object_id
    elif isinstance(request, AggregateResource):
        for place, member in enumerate(request.members):
            if member.member_kind is ObjectKind.VEHICLE:
                yield f"/Members/{place}/MemberID", member.member_id
    elif not isinstance(request, ConsentInfo):
        vehicle_id: str | None = getattr(request, "vehicle_id", None)
        if vehicle_id is not None:
            yield "/VehicleID", vehicle_id


def _is_withdrawn(owner: str, vehicle_id: str, view: View) -> bool:
    return view.document(_KIND, owner, _digest(owner, vehicle_id)) is not None


def _digest(owner: str, vehicle_id: str) -> str:
    return hashlib.sha256(f"{owner}/{vehicle_id}".encode()).hexdigest()
