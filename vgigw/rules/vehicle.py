"""What a vehicle must hold across its members. VGI-D.1 to VGI-D.9, JES-5.1.2, JES-6.1.5."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Final

from vgigw.errors import Detail, InvalidObject
from vgigw.objects import VehicleInfo
from vgigw.objects.enumerations import SupportedService
from vgigw.objects.vehicles import PreferenceInfo

_ORDERED: Final = (
    ("MinChargeCurrent", "min_charge_current", "max_charge_current", "VGI-D.7"),
    ("MinDischargeCurrent", "min_discharge_current", "max_discharge_current", "VGI-D.7"),
    ("MinChargePower", "min_charge_power", "max_charge_power", "VGI-D.7"),
    ("MinDischargePower", "min_discharge_power", "max_discharge_power", "VGI-D.7"),
    ("MinEnergy", "min_energy", "max_energy", "VGI-D.6"),
)
"""Wire name and attribute of a lower limit, attribute of the upper one, clause."""

_DISCHARGING: Final = frozenset({SupportedService.V2G, SupportedService.V2B})


def check_vehicle(vehicle: VehicleInfo, now: datetime) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` for limits out of order, a departure that is over,
    a service that the vehicle cannot give, and preferences that do not fit together."""
    details = tuple(_faults(vehicle, now))
    if details:
        raise InvalidObject(details=details)


def _faults(vehicle: VehicleInfo, now: datetime) -> Iterator[Detail]:
    for wire, least, most, clause in _ORDERED:
        lower, upper = getattr(vehicle, least), getattr(vehicle, most)
        if lower is not None and upper is not None and lower > upper:
            yield Detail(f"/{wire}", "rule", f"must not exceed its upper limit; {clause}")
    if vehicle.soc_floor > vehicle.soc_ceil:
        yield Detail("/SOCFloor", "rule", "must not exceed SOCCeil; JES-6.1.5")
    if vehicle.departure_time is not None and vehicle.departure_time <= now:
        yield Detail("/DepartureTime", "rule", "must be later than now; VGI-D.5")
    if vehicle.selected_service in _DISCHARGING and not vehicle.rated_discharge_power:
        words = "is needed by whoever chose to discharge; JES-5.1.2a"
        yield Detail("/RatedDischargePower", "required", words)
    if vehicle.preference is not None:
        yield from _preference_faults(vehicle.preference)


def _preference_faults(preference: PreferenceInfo) -> Iterator[Detail]:
    distance, price = preference.distance_weight, preference.price_weight
    if distance is not None and price is not None and distance + price > 1:
        words = "must not sum to more than 1 with DistanceWeight; JES-5.1.2c"
        yield Detail("/Preference/PriceWeight", "rule", words)
    points = preference.charge_willingness_curve
    for place, (before, point) in enumerate(pairwise(points), start=1):
        if point.soc <= before.soc:
            path = f"/Preference/ChargeWillingnessCurve/{place}/SOC"
            yield Detail(path, "rule", "must rise from point to point; JES-5.1.2c")
