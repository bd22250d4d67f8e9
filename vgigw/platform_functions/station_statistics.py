"""Plain statistics of a station: energies of its kept sessions, by connector. 102, VGI-T6."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from vgigw.codec import json
from vgigw.codec.packing import unpack
from vgigw.errors import OverLimit, UnknownObject
from vgigw.objects import (
    ConnectorStatsInfo,
    EquipmentInfo,
    EquipmentStatsInfo,
    StationInfo,
    StationStatsInfo,
    StationStatsQuery,
)
from vgigw.objects.values import DECIMAL_LIMIT
from vgigw.ports import View
from vgigw.rules.session import check_retained
from vgigw.rules.tally import TALLY, ConnectorMonth, DayTally, total

_TENTH = Decimal("0.1")


def station_statistics(
    query: StationStatsQuery, owner: str, view: View, now: datetime
) -> StationStatsInfo:
    """Energies of the station of ``owner`` from StartTime to EndTime, whole days in Beijing time.

    Counted is what ``owner`` told in sessions and orders; for a connector and day of which it told
    nothing, what the aggregator told that its archive names. A session counts as a whole on the day
    that it ended on, or that its newest sample is of; by its order where there is one. Each figure
    is rounded for itself, half up, to 0.1 kWh. Discharged energy is told where some session of the
    figure told it. Connectors are those of the archive in force.

    Raises ``UnknownObject`` where the archive has no such station, ``NotRetained`` for a StartTime
    more than three years ago, ``OverLimit`` for sums that no figure has room for.
    """
    check_retained(query.start_time, now)
    held = view.document(StationInfo.__name__, owner, query.station_id)
    if held is None:
        raise UnknownObject("no such station")
    station = json.decode(StationInfo, unpack(held.payload))
    parties = [owner] if station.aggregator_id is None else [station.aggregator_id, owner]
    told: list[DayTally] = []
    equipment = []
    for each in station.equipment_infos:
        tallies = _connectors(each, parties, query, view)
        told += tallies.values()
        equipment.append(_equipment(each.equipment_id, tallies))
    whole = total(told)
    if max(_tenths(whole.charged), _tenths(whole.discharged)) > DECIMAL_LIMIT:
        raise OverLimit("more energy than can be told: ask for fewer days")
    return StationStatsInfo(
        station_id=query.station_id,
        start_time=query.start_time,
        end_time=query.end_time,
        station_electricity=_tenths(whole.charged),
        station_discharge_electricity=_discharged(whole),
        session_count=whole.ended,
        equipment_stats_infos=tuple(equipment),
    )


def _connectors(
    equipment: EquipmentInfo, parties: list[str], query: StationStatsQuery, view: View
) -> dict[str, DayTally]:
    found = {}
    for connector in equipment.connector_infos:
        days: dict[date, DayTally] = {}
        for party in parties:  # a later one takes the place of those before it
            days |= _days(view, party, connector.connector_id, query)
        found[connector.connector_id] = total(list(days.values()))
    return found


def _days(
    view: View, party: str, connector_id: str, query: StationStatsQuery
) -> dict[date, DayTally]:
    days: dict[date, DayTally] = {}
    for document in view.documents(TALLY, owner=party, group=connector_id):
        days |= msgspec.json.decode(unpack(document.payload), type=ConnectorMonth).days
    return {day: tally for day, tally in days.items() if query.start_time <= day <= query.end_time}


def _equipment(equipment_id: str, tallies: dict[str, DayTally]) -> EquipmentStatsInfo:
    whole = total(list(tallies.values()))
    return EquipmentStatsInfo(
        equipment_id=equipment_id,
        equipment_electricity=_tenths(whole.charged),
        equipment_discharge_electricity=_discharged(whole),
        connector_stats_infos=tuple(
            ConnectorStatsInfo(
                connector_id=connector_id,
                connector_electricity=_tenths(tally.charged),
                connector_discharge_electricity=_discharged(tally),
            )
            for connector_id, tally in tallies.items()
        ),
    )


def _discharged(tally: DayTally) -> Decimal | None:
    return _tenths(tally.discharged) if tally.telling else None


def _tenths(energy: Decimal) -> Decimal:
    return energy.quantize(_TENTH, ROUND_HALF_UP)
