"""Statistics of stations: an operator's own, and on a platform any operator's. 102; row 23."""

from __future__ import annotations

from vgigw.errors import Detail, InvalidObject, UnknownObject
from vgigw.handlers.keeping import object_of
from vgigw.handlers.marks import handles
from vgigw.handlers.routes import Routes
from vgigw.objects import StationInfo, StationStats, StationStatsQuery
from vgigw.operations import QUERY_STATION_STATS, Role
from vgigw.ports import Call, Functions, Identity, View


class Statistics:
    """Handler of statistics; ``functions.station_statistics`` counts."""

    def __init__(self, identity: Identity, functions: Functions) -> None:
        self._identity = identity
        self._routes = Routes(identity)
        self._functions = functions

    @handles(QUERY_STATION_STATS)
    def query(self, call: Call, tx: View) -> StationStats:
        query: StationStatsQuery = call.request
        owner = self._owner(call, tx)
        return StationStats(
            station_stats=self._functions.station_statistics(query, owner, tx, call.now)
        )

    def _owner(self, call: Call, view: View) -> str:
        """Whose station is asked for, of those that the caller may see. Raises ``UnknownObject``
        where there is none, ``InvalidObject`` where it could be one of several operators."""
        query: StationStatsQuery = call.request
        seen = self._routes.visible(call.peer)
        stations = [
            object_of(StationInfo, each.payload)
            for each in view.documents(StationInfo.__name__, key=query.station_id)
        ]
        owners = [
            each.operator_id
            for each in stations
            if query.owner_id in (None, each.operator_id) and self._may_show(each, seen)
        ]
        if not owners:
            raise UnknownObject("no such station")
        if len(owners) > 1:
            words = "several operators have a station of this identifier: say whose by OwnerID; 102"
            raise InvalidObject(details=(Detail("/OwnerID", "rule", words),))
        return owners[0]

    def _may_show(self, station: StationInfo, seen: str | None) -> bool:
        """An aggregator shows the stations that it aggregates, too."""
        if seen in (None, station.operator_id):
            return True
        return self._identity.role is Role.AGGREGATOR and station.aggregator_id == seen
