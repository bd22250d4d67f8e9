"""What can be declared and evaluated: an aggregated resource, or a station by itself. PLT-7.8."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from vgigw.handlers.keeping import object_of
from vgigw.handlers.targets import no_resource
from vgigw.objects import AggregateResource, DirectionCapability, PolarityMode, StationInfo
from vgigw.ports import View
from vgigw.rules.market import Rating


class TradedResource(NamedTuple):
    """Whose it is, which way is positive, and what it can do."""

    owner: str
    polarity: PolarityMode
    rating: Rating


def resource_of(view: View, owner: str, resource_id: str) -> TradedResource:
    """The resource of ``owner``. Raises ``UnknownObject``: a foreign one does not exist, either."""
    for found in resources_under(view, resource_id):
        if found.owner == owner:
            return found
    raise no_resource()


def resources_under(view: View, resource_id: str) -> list[TradedResource]:
    """Every party's resource of that identifier, the aggregated ones first."""
    aggregated = view.documents(AggregateResource.__name__, key=resource_id)
    stations = view.documents(StationInfo.__name__, key=resource_id)
    return [
        *(_aggregated(object_of(AggregateResource, each.payload)) for each in aggregated),
        *(_station(object_of(StationInfo, each.payload)) for each in stations),
    ]


def _aggregated(resource: AggregateResource) -> TradedResource:
    rating = Rating(resource.rated_charge_power, resource.rated_discharge_power)
    return TradedResource(resource.aggregator_id, resource.polarity_mode, rating)


def _station(station: StationInfo) -> TradedResource:
    """A station that can also discharge has generation polarity. PLT-7.4b."""
    both = DirectionCapability.BIDIRECTIONAL
    giving = [each for each in station.equipment_infos if each.direction_capability is both]
    discharge = station.max_discharge_power
    if discharge is None:
        discharge = sum((each.max_discharge_power or Decimal(0) for each in giving), Decimal(0))
    polarity = PolarityMode.GENERATION if giving else PolarityMode.LOAD
    owner = station.aggregator_id or station.operator_id
    return TradedResource(owner, polarity, Rating(station.max_charge_power, discharge))
