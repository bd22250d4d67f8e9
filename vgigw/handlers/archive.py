"""Archives and device states: newest version by key, history kept. ACC-7.1, ACC-7.3, ACC-7.8."""

from __future__ import annotations

from vgigw.errors import NotAllowed, VersionConflict
from vgigw.handlers.keeping import document_of, object_of
from vgigw.handlers.marks import handles
from vgigw.objects import (
    ArchiveReceipt,
    ConnectorStatusInfo,
    StationInfo,
    StationPage,
    StationQuery,
    StationStatusInfo,
    StationStatusList,
    StationStatusQuery,
    StatusReceipt,
)
from vgigw.objects.operating_enumerations import Success
from vgigw.operations import (
    PUSH_ARCHIVE,
    PUSH_DEVICE_STATE,
    QUERY_STATION_STATUS,
    QUERY_STATIONS_INFO,
)
from vgigw.ports import Call, Identity, Transaction, View

STATION = StationInfo.__name__
STATE = ConnectorStatusInfo.__name__
_TICKS_PER_MS = 1000
_PAGE_SIZE = 10


class Archive:
    """Handlers of station archives and connector states."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    @handles(PUSH_ARCHIVE)
    def keep_station(self, call: Call, tx: Transaction) -> ArchiveReceipt:
        """Its operator may push, and the aggregator that its operator has named; versions only
        rise. PLT-6.9."""
        station: StationInfo = call.request
        held = tx.document(STATION, station.operator_id, station.station_id)
        if call.peer.operator_id != station.operator_id:
            named = object_of(StationInfo, held.payload).aggregator_id if held else None
            if not call.peer.operator_id == named == station.aggregator_id:
                raise NotAllowed("the station belongs to another operator")
        if held is not None and held.version >= station.version and held.digest != call.digest:
            raise VersionConflict(f"version {held.version} is held")
        tx.put(document_of(call, STATION, station.operator_id, station.station_id, station.version))
        return ArchiveReceipt(status=Success.OK, version=station.version)

    @handles(QUERY_STATIONS_INFO)
    def list_stations(self, call: Call, tx: Transaction) -> StationPage:
        """One page of the newest versions, of those changed since the last query if told."""
        query: StationQuery = call.request
        page_no, page_size = query.page_no or 1, query.page_size or _PAGE_SIZE
        found = tx.count_documents(STATION, since=query.last_query_time)
        page = tx.documents(
            STATION,
            since=query.last_query_time,
            offset=(page_no - 1) * page_size,
            limit=page_size,
        )
        return StationPage(
            page_no=page_no,
            page_count=-(-found // page_size),
            item_size=found,
            station_infos=tuple(object_of(StationInfo, document.payload) for document in page),
        )

    @handles(PUSH_DEVICE_STATE)
    def keep_state(self, call: Call, tx: Transaction) -> StatusReceipt:
        """Every event is kept; the one that happened last is the present state. ACC-7.3."""
        event: ConnectorStatusInfo = call.request
        happened_ms = int(event.change_time.timestamp() * 1000)
        # Two events of one millisecond must not be one version.
        version = happened_ms * _TICKS_PER_MS + tx.next_number("state-event") % _TICKS_PER_MS
        owner = call.peer.operator_id
        tx.put(document_of(call, STATE, owner, event.connector_id, version, event.event_id))
        return StatusReceipt(status=Success.OK)

    @handles(QUERY_STATION_STATUS)
    def list_states(self, call: Call, tx: Transaction) -> StationStatusList:
        """Last known states of the stations asked for; unknown stations are left out."""
        query: StationStatusQuery = call.request
        found = []
        for station_id in dict.fromkeys(query.station_ids):
            for document in tx.documents(STATION, key=station_id):
                station = object_of(StationInfo, document.payload)
                states = _states_of(station, tx)
                found.append(
                    StationStatusInfo(station_id=station_id, connector_status_infos=states)
                )
        return StationStatusList(total=len(found), station_status_infos=tuple(found))


def _states_of(station: StationInfo, view: View) -> tuple[ConnectorStatusInfo, ...]:
    states = []
    for equipment in station.equipment_infos:
        for connector in equipment.connector_infos:
            for owner in dict.fromkeys((station.operator_id, station.aggregator_id or "")):
                document = view.document(STATE, owner, connector.connector_id)
                if document is not None:
                    states.append(object_of(ConnectorStatusInfo, document.payload))
    return tuple(states)
