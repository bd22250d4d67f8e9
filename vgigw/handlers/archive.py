"""Station archives and device states: newest version by key, history kept. ACC-7.1, ACC-7.3.

Between a platform and its operators, and between two operators directly. ACC-1.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from vgigw.errors import NotAllowed, OverLimit, UnknownObject
from vgigw.handlers.attachments import STATION, Attachment, attach
from vgigw.handlers.damaged import tell_damaged
from vgigw.handlers.keeping import document_of, packed
from vgigw.handlers.marks import authors, handles
from vgigw.handlers.places import index_places, places_of
from vgigw.handlers.routes import NORTH, Routes
from vgigw.handlers.shelf import Shelf
from vgigw.handlers.told_again import is_versioned, tells, versioned
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
from vgigw.objects.enumerations import ObjectKind
from vgigw.objects.operating_enumerations import Success
from vgigw.operations import (
    PUSH_ARCHIVE,
    PUSH_DEVICE_STATE,
    QUERY_STATION_STATUS,
    QUERY_STATIONS_INFO,
    Role,
)
from vgigw.ports import Call, Document, Identity, Transaction, View
from vgigw.rules.device_state import check_fault_code

_CLASSIC = "cec102"
"""The door of a protocol that has no code of a fault."""
STATIONS = Shelf(StationInfo, key="station_id")
STATES = Shelf(ConnectorStatusInfo, key="connector_id", version=None, group="event_id")
"""Read only: the version of a state is the time of its change."""

EVENTS_TAKEN = "state-event"
"""Counter of the events that peers pushed, so that one that is handled twice shows."""
_EVENTS_PER_MS = 1_000_000
_MOST_AT_ONCE = 1000
"""Events of one connector that tell the same millisecond."""
_EVENT_ID, _CHANGE_TIME = "/EventID", "/ChangeTime"


class Archive:
    """Handlers of station archives and connector states."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._routes = Routes(identity)

    @handles(PUSH_ARCHIVE)
    def keep_station(self, call: Call, tx: Transaction) -> ArchiveReceipt:
        """Its operator may push, and the aggregator that its operator has named; versions only
        rise. PLT-6.9.

        What comes without a version is the next one if it tells something else, or else the one
        that is held. 2.0(17).
        """
        station: StationInfo = call.request
        held = STATIONS.find(tx, station.operator_id, station.station_id)
        if call.peer.operator_id != station.operator_id:
            named = held.aggregator_id if held else None
            if not call.peer.operator_id == named == station.aggregator_id:
                raise NotAllowed("the station belongs to another operator")
        document = tx.document(STATIONS.kind, station.operator_id, station.station_id)
        if document is not None and not is_versioned(call) and tells(call, document):
            return ArchiveReceipt(status=Success.OK, version=document.version)
        call = versioned(call, document)
        station = call.request
        STATIONS.take(call, tx, station.operator_id)
        _index(station, held, tx, call.now)
        return ArchiveReceipt(status=Success.OK, version=station.version)

    @authors(PUSH_ARCHIVE)
    def keep_own_station(
        self, station: StationInfo, _: str, tx: Transaction, now: datetime
    ) -> None:
        """What we push of our own, so that a query finds it here, too."""
        held = STATIONS.find(tx, station.operator_id, station.station_id)
        STATIONS.keep(station, station.operator_id, tx, now)
        _index(station, held, tx, now)

    @handles(QUERY_STATIONS_INFO)
    def list_stations(self, call: Call, tx: Transaction) -> StationPage:
        """One page of the newest versions, of those changed since the last query if told. Stations
        are public: a platform shows everybody's, an operator its own."""
        query: StationQuery = call.request
        page = STATIONS.page(tx, query, self._shown)
        return StationPage(
            page_no=page.page_no,
            page_count=page.page_count,
            item_size=page.item_size,
            station_infos=page.items,
        )

    @handles(PUSH_DEVICE_STATE)
    def keep_state(self, call: Call, tx: Transaction) -> StatusReceipt:
        """Every event is kept; the one that happened last is the present state. ACC-7.3.

        A platform tells dispatch, with the operator beside it, as that is no part of the name. What
        a platform passes on may stem from a peer that has no word for the fault.
        """
        event: ConnectorStatusInfo = call.request
        if call.door != _CLASSIC and call.peer.role is not Role.PLATFORM:
            check_fault_code(event)
        owner = self._owner_of(call, tx)
        if _kept(event, call.digest, owner, tx) or _told_before(call, owner, tx):
            return StatusReceipt(status=Success.OK)
        version = _version_of(event, owner, tx)
        if not tx.count(EVENTS_TAKEN):
            tell_damaged(self._identity, "counter", None, tx, call.now)
        tx.put(document_of(call, STATES.kind, owner, event.connector_id, version, event.event_id))
        told = msgspec.structs.replace(event, operator_id=owner)
        self._routes.pass_on(call, tx, request=told)
        return StatusReceipt(status=Success.OK)

    @authors(PUSH_DEVICE_STATE)
    def keep_own_state(
        self, event: ConnectorStatusInfo, _: str, tx: Transaction, now: datetime
    ) -> None:
        """One event, however many peers are told of it."""
        owner = event.operator_id or self._identity.operator_id
        payload, digest = packed(event)
        if _kept(event, digest, owner, tx):
            return
        document = Document(
            kind=STATES.kind,
            owner=owner,
            key=event.connector_id,
            version=_version_of(event, owner, tx),
            group=event.event_id,
            payload=payload,
            digest=digest,
            at=now,
        )
        tx.put(document)

    @handles(QUERY_STATION_STATUS)
    def list_states(self, call: Call, tx: Transaction) -> StationStatusList:
        """Last known states of the stations asked for; unknown stations are left out."""
        query: StationStatusQuery = call.request
        found = tuple(
            StationStatusInfo(
                station_id=station_id, connector_status_infos=tuple(_states_of(station, tx))
            )
            for station_id in dict.fromkeys(query.station_ids)
            for owner, station in STATIONS.everywhere(tx, station_id)
            if self._shown in (None, owner)
        )
        return StationStatusList(total=len(found), station_status_infos=found)

    @property
    def _shown(self) -> str | None:
        """Whose stations are shown: an operator keeps those of other operators, too, and they are
        not its own to show."""
        return self._identity.operator_id if self._identity.role is Role.OPERATOR else None

    def _owner_of(self, call: Call, view: View) -> str:
        """Whose connector an event is of. Raises ``UnknownObject`` where no archive of the sender
        has it, or those of several operators that it aggregates."""
        event: ConnectorStatusInfo = call.request
        if self._identity.role in NORTH:
            return self._routes.owner(call, event.operator_id)
        sender = call.peer.operator_id
        found = [
            each.operator_id
            for each in places_of(view, ObjectKind.CONNECTOR, event.connector_id, sender)
            if event.operator_id in (None, each.operator_id)
        ]
        if not found or (len(found) > 1 and found[0] != sender):
            raise UnknownObject("no such connector, or several: say whose")
        return found[0]


def _index(
    station: StationInfo, before: StationInfo | None, tx: Transaction, now: datetime
) -> None:
    index_places(station, before, tx, now)
    attach(_attachments(station), () if before is None else _attachments(before), tx, now)


def _attachments(station: StationInfo) -> Iterator[Attachment]:
    if station.grid_node_id is not None:
        yield Attachment(
            node_id=station.grid_node_id,
            what=STATION,
            object_id=station.station_id,
            owner=station.operator_id,
            aggregator_id=station.aggregator_id or "",
        )


def _version_of(event: ConnectorStatusInfo, owner: str, view: View) -> int:
    """The time of the change, and which event of its connector at that time: none may take the
    place of another. Raises ``OverLimit`` where these are too many: all of one time are looked
    through for each that comes."""
    first = _first_version(event)
    held = view.document(STATES.kind, owner, event.connector_id)
    if held is None or held.version < first:
        return first
    then = _at_its_time(event, owner, view)
    if len(then) >= _MOST_AT_ONCE:
        raise OverLimit("too many events of one connector at one time")
    return then[-1].version + 1 if then else first


def _kept(event: ConnectorStatusInfo, digest: str, owner: str, view: View) -> bool:
    """Whether this very event is kept already."""
    held = view.document(STATES.kind, owner, event.connector_id)
    if held is None or held.version < _first_version(event):
        return False
    if held.digest == digest:
        return True
    return any(each.digest == digest for each in _at_its_time(event, owner, view))


def _told_before(call: Call, owner: str, view: View) -> bool:
    """Whether an event without an identifier of its own tells again what is kept: of the same time
    of change, or, where it tells no time, what the newest one of its connector told. 2.0(17)."""
    event: ConnectorStatusInfo = call.request
    if _EVENT_ID not in call.assumed:
        return False
    newest = view.document(STATES.kind, owner, event.connector_id)
    if newest is None or _CHANGE_TIME in call.assumed:
        return newest is not None and tells(call, newest)
    first = _first_version(event)
    if newest.version < first:
        return False
    return any(tells(call, each) for each in _at_its_time(event, owner, view))


def _at_its_time(event: ConnectorStatusInfo, owner: str, view: View) -> list[Document]:
    """The events of its connector that happened at the very time of ``event``."""
    first = _first_version(event)
    versions = range(first, first + _EVENTS_PER_MS)
    return view.history(STATES.kind, owner, event.connector_id, versions)


def _first_version(event: ConnectorStatusInfo) -> int:
    return int(event.change_time.timestamp() * 1000) * _EVENTS_PER_MS


def _states_of(station: StationInfo, view: View) -> Iterator[ConnectorStatusInfo]:
    for equipment in station.equipment_infos:
        for connector in equipment.connector_infos:
            state = STATES.find(view, station.operator_id, connector.connector_id)
            if state is not None:
                yield state
