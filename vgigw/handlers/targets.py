"""What can be told to do something, as the archive has it: whose, which way is positive, how much.

PLT-4.3, VGI-D.13, Q25. An aggregated resource, a station, a charger or connector, a vehicle.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from vgigw.errors import Detail, OutsideCapability, UnknownObject
from vgigw.handlers.keeping import object_of
from vgigw.handlers.places import Place, places_of
from vgigw.handlers.resources import polarity_of as polarity_then
from vgigw.objects import (
    AdjustCapability,
    AggregateResource,
    ConsentInfo,
    ControlCurve,
    PolarityMode,
    StationInfo,
    VehicleInfo,
)
from vgigw.objects.enumerations import ObjectKind, ResourceLevel
from vgigw.ports import View
from vgigw.rules.archives import station_discharges
from vgigw.rules.capability import (
    Reach,
    asks_to_discharge,
    check_reach,
    device_reach,
    polarity_of,
    station_reach,
    vehicle_reach,
)
from vgigw.rules.command import check_vehicle

CAPABILITY = AdjustCapability.__name__
"""Kind of the reports of ability: by owner and resource, the newest in force."""
_BELOW_STATION = frozenset({ResourceLevel.DEVICE, ResourceLevel.VEHICLE})


class Target(NamedTuple):
    """What a command can be for; ``owner`` is who carries it out."""

    resource_id: str
    owner: str
    level: ResourceLevel
    polarity: PolarityMode
    rated: Reach
    resource: AggregateResource | None = None
    vehicle: VehicleInfo | None = None


def target_of(view: View, resource_id: str, party: str, at: datetime) -> Target:
    """The target of that name that ``party`` carries commands out for.

    Raises ``UnknownObject``: somebody else's does not exist, either. PLT-4.3.
    """
    for found in targets_under(view, resource_id, party, at):
        return found
    raise no_resource()


def no_resource() -> UnknownObject:
    """The one answer for a resource that is foreign, out of reach or none. PLT-4.3."""
    detail = Detail("/ResourceID", "rule", "is no resource that can be reached; PLT-4.3")
    return UnknownObject("no such resource", details=(detail,))


def targets_under(
    view: View, resource_id: str, party: str | None, at: datetime
) -> Iterator[Target]:
    """Every target of that name, of ``party`` or of whomever it concerns, the larger ones first;
    with its polarity ``at`` an instant, since one that is told for later does not hold yet.
    PLT-7.4c."""
    for document in view.documents(AggregateResource.__name__, key=resource_id):
        resource = object_of(AggregateResource, document.payload)
        if party in (None, resource.aggregator_id):
            then = polarity_then(view, document.owner, resource_id, at)
            yield _aggregated(resource, then or resource.polarity_mode)
    for document in view.documents(StationInfo.__name__, key=resource_id):
        station = object_of(StationInfo, document.payload)
        owner = station.aggregator_id or station.operator_id
        if party in (None, owner, station.operator_id):
            yield _station(station, party or owner)
    for kind in (ObjectKind.EQUIPMENT, ObjectKind.CONNECTOR):
        for place in places_of(view, kind, resource_id, party):
            owner = party or place.aggregator_id or place.operator_id
            yield from _devices(view, place, resource_id, owner)
    for document in view.documents(VehicleInfo.__name__, key=resource_id):
        if party in (None, document.owner):
            yield _vehicle(object_of(VehicleInfo, document.payload), document.owner)


def present_ability(view: View, owner: str, resource_id: str) -> AdjustCapability | None:
    """The newest report on a resource by DataTime. PLT-8.4."""
    found = view.document(CAPABILITY, owner, resource_id)
    return None if found is None else object_of(AdjustCapability, found.payload)


def check_target(
    curve: ControlCurve, target: Target, view: View, now: datetime, *, from_north: bool
) -> None:
    """Whether ``target`` can and may do what ``curve`` asks; both in one polarity.

    Raises ``OutsideCapability`` beyond rated power or fresh ability, and where the north tells less
    than a station to discharge; ``NoConsent`` and ``SocFloor`` for a vehicle. PLT-6.3a, ACC-G.1,
    JES-6.2.3.3, JES-6.1.5.
    """
    if from_north and target.level in _BELOW_STATION and asks_to_discharge(curve):
        words = "the smallest unit that is told to discharge is a station; JES-6.2.3.3"
        raise OutsideCapability(details=(Detail("/ResourceID", "rule", words),))
    present = present_ability(view, target.owner, target.resource_id)
    check_reach(curve, target.rated, present, now)
    for vehicle in _vehicles_of(target, view):
        consent = view.document(ConsentInfo.__name__, target.owner, vehicle.consent_id)
        given = None if consent is None else object_of(ConsentInfo, consent.payload)
        check_vehicle(curve, vehicle, given, now)


def _vehicles_of(target: Target, view: View) -> Iterator[VehicleInfo]:
    """The vehicles that are told directly: the target itself, or what it is made of."""
    if target.vehicle is not None:
        yield target.vehicle
    if target.resource is None or target.level is not ResourceLevel.VEHICLE:
        return
    for member in target.resource.members:
        if member.member_kind is ObjectKind.VEHICLE:
            document = view.document(VehicleInfo.__name__, target.owner, member.member_id)
            if document is None:
                raise UnknownObject("a member is not known")
            yield object_of(VehicleInfo, document.payload)


def _aggregated(resource: AggregateResource, polarity: PolarityMode) -> Target:
    return Target(
        resource.resource_id,
        resource.aggregator_id,
        resource.resource_level,
        polarity,
        Reach(-resource.rated_discharge_power, resource.rated_charge_power),
        resource=resource,
    )


def _station(station: StationInfo, owner: str) -> Target:
    discharges = station_discharges(station)
    polarity = PolarityMode.GENERATION if discharges else PolarityMode.LOAD
    reach = station_reach(station)
    return Target(station.station_id, owner, ResourceLevel.STATION, polarity, reach)


def _devices(view: View, place: Place, device_id: str, owner: str) -> Iterator[Target]:
    """A charger, or the one that a connector belongs to."""
    document = view.document(StationInfo.__name__, place.operator_id, place.station_id)
    if document is None:
        return
    for each in object_of(StationInfo, document.payload).equipment_infos:
        if each.equipment_id == (place.equipment_id or device_id):
            reach = device_reach(each)
            yield Target(device_id, owner, ResourceLevel.DEVICE, polarity_of(reach), reach)


def _vehicle(vehicle: VehicleInfo, owner: str) -> Target:
    reach, level = vehicle_reach(vehicle), ResourceLevel.VEHICLE
    return Target(vehicle.vehicle_id, owner, level, polarity_of(reach), reach, vehicle=vehicle)
