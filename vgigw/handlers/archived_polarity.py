"""Which polarity the archives have for a thing, now and at an earlier instant. PLT-7.4."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from vgigw.handlers.keeping import object_of
from vgigw.handlers.places import KINDS, place_in, places_of
from vgigw.handlers.resources import polarity_of as polarity_then
from vgigw.objects import InformationObject, PolarityMode, StationInfo, VehicleInfo
from vgigw.objects.enumerations import ObjectKind
from vgigw.ports import View
from vgigw.rules.archives import PolarityPeriod, polarity_at, polarity_for
from vgigw.rules.capability import polarity_of, vehicle_reach

Archived = TypeVar("Archived", bound=InformationObject)


def archived_polarity(
    view: View, kind: ObjectKind, name: str, owner: str, at: datetime
) -> PolarityMode | None:
    """The polarity of what ``owner`` calls ``name``: of a resource ``at`` an instant, of all else
    as the newest archive says. None where no archive has it."""
    if kind is ObjectKind.RESOURCE:
        return polarity_then(view, owner, name, at)
    if kind is ObjectKind.VEHICLE:
        document = view.document(VehicleInfo.__name__, owner, name)
        vehicle = None if document is None else object_of(VehicleInfo, document.payload)
        return None if vehicle is None else polarity_of(vehicle_reach(vehicle))
    for place in places_of(view, kind, name, owner) if kind in KINDS else ():
        return polarity_for(place.discharges)
    return None


def had_polarity(
    view: View, kind: ObjectKind, name: str, owner: str, at: datetime, polarity: PolarityMode
) -> bool:
    """Whether the archive that was in force ``at`` an instant had ``polarity`` for it. False for a
    resource, whose archive tells instants itself. PLT-7.4c."""
    if kind is ObjectKind.VEHICLE:
        told = _told(view, VehicleInfo, owner, name, lambda each: polarity_of(vehicle_reach(each)))
        return polarity_at(told, at) is polarity
    for place in places_of(view, kind, name, owner)[:1] if kind in KINDS else ():

        def then(station: StationInfo) -> PolarityMode | None:
            found = place_in(station, kind, name)
            return None if found is None else polarity_for(found.discharges)

        told = _told(view, StationInfo, place.operator_id, place.station_id, then)
        return polarity_at(told, at) is polarity
    return False


def _told(
    view: View,
    cls: type[Archived],
    owner: str,
    key: str,
    say: Callable[[Archived], PolarityMode | None],
) -> list[PolarityPeriod]:
    """What each version said, since it was stored here: a sender's own time could be any."""
    found = []
    for each in view.history(cls.__name__, owner, key):
        polarity = say(object_of(cls, each.payload))
        if polarity is not None:
            found.append(PolarityPeriod(polarity, each.at))
    return found
