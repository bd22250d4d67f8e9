"""Where each station, charger and connector stands: an index of the archives, made with them.

Identifiers are unique in their operator only, so that whoever asks says for whom. 2.0(12), PLT-6.9.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from types import MappingProxyType
from typing import Final

import msgspec

from vgigw.codec import json
from vgigw.codec.packing import pack, unpack
from vgigw.objects import EquipmentInfo, StationInfo
from vgigw.objects.enumerations import DirectionCapability, ObjectKind
from vgigw.ports import Document, Transaction, View
from vgigw.rules.archives import station_discharges

KINDS: Final = MappingProxyType(
    {
        ObjectKind.STATION: "StationPlace",
        ObjectKind.EQUIPMENT: "EquipmentPlace",
        ObjectKind.CONNECTOR: "ConnectorPlace",
    }
)
"""Document kinds. The group of a station is its aggregator, that of a device its station."""

_STATE: Final = "PlacesState"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """What the archives say of one thing: where it stands, who aggregates it, whether it can
    discharge. ``equipment_id`` is that of a connector's charger; "" where there is none."""

    operator_id: str
    station_id: str
    equipment_id: str = ""
    aggregator_id: str = ""
    name: str = ""
    discharges: bool = False

    @property
    def parties(self) -> tuple[str, ...]:
        """Who operates and who aggregates it."""
        return tuple(each for each in (self.operator_id, self.aggregator_id) if each)

    def belongs_to(self, party: str) -> bool:
        """Whether ``party`` operates or aggregates it."""
        return party in self.parties


def place_of(view: View, kind: ObjectKind, owner: str, object_id: str) -> Place | None:
    """Where a thing of one operator stands; None where no archive has it."""
    held = view.document(KINDS[kind], owner, object_id)
    return None if held is None else read_place(held)


def places_of(
    view: View, kind: ObjectKind, object_id: str, party: str | None = None
) -> list[Place]:
    """Where things of that name stand, of those that ``party`` operates or aggregates; its own
    first. None asks for everybody's."""
    found = [read_place(each) for each in view.documents(KINDS[kind], key=object_id)]
    mine = [each for each in found if party is None or each.belongs_to(party)]
    return sorted(mine, key=lambda each: each.operator_id != party)


def devices_at(view: View, kind: ObjectKind, operator_id: str, station_id: str) -> list[str]:
    """Identifiers of the chargers or connectors of a station."""
    found = view.documents(KINDS[kind], owner=operator_id, group=station_id)
    return [each.key for each in found]


def read_place(document: Document) -> Place:
    """The place that a document of one of ``KINDS`` holds."""
    return msgspec.json.decode(unpack(document.payload), type=Place)


def place_in(station: StationInfo, kind: ObjectKind, object_id: str) -> Place | None:
    """Where a thing stands as this version of an archive says; None where it has no such."""
    return dict(_named(station)).get((kind, object_id))


def index_places(
    station: StationInfo, before: StationInfo | None, tx: Transaction, now: datetime
) -> None:
    """Make the index say what ``station`` says; a device that left it for another one stays there.

    ``before`` is the archive that it replaces.
    """
    wanted = dict(_named(station))
    changes: list[str] = []
    for (kind, key), place in wanted.items():
        document = _document(kind, key, place, now)
        held = tx.document(document.kind, document.owner, key)
        if held is None or (held.digest, held.group) != (document.digest, document.group):
            tx.put(document)
            changes.append(f"{document.kind}/{key}/{document.digest}")
    for kind, key in dict(_named(before)) if before is not None else ():
        held = tx.document(KINDS[kind], station.operator_id, key)
        if (kind, key) not in wanted and held is not None and held.group == station.station_id:
            tx.erase(KINDS[kind], station.operator_id, key)
            changes.append(f"{KINDS[kind]}/{key}/{station.operator_id}")
    if changes:
        _note_changes(changes, _parties(station) | (_parties(before) if before else set()), tx, now)


def index_state(view: View, party: str) -> str:
    """Says which state the index is in for ``party``: as long as it is the same, so is all that
    :func:`places_of` gives for it."""
    held = view.document(_STATE, party, "")
    return "" if held is None else held.digest


def _note_changes(changes: list[str], parties: set[str], tx: Transaction, now: datetime) -> None:
    """Each state is made of the one before and what changed: a counter that a failed commit takes
    back would name two of them alike."""
    for party in parties:
        after = "\n".join((index_state(tx, party), *changes))
        digest = json.digest(after.encode())
        tx.put(
            Document(
                kind=_STATE, owner=party, key="", version=1, payload=b"", digest=digest, at=now
            )
        )


def _parties(station: StationInfo) -> set[str]:
    return {station.operator_id, station.aggregator_id or ""} - {""}


def _named(station: StationInfo) -> Iterator[tuple[tuple[ObjectKind, str], Place]]:
    whole = Place(
        operator_id=station.operator_id,
        station_id=station.station_id,
        aggregator_id=station.aggregator_id or "",
        name=station.station_name,
        discharges=station_discharges(station),
    )
    yield (ObjectKind.STATION, station.station_id), whole
    for equipment in station.equipment_infos:
        device = _device(whole, equipment)
        yield (ObjectKind.EQUIPMENT, equipment.equipment_id), device
        for connector in equipment.connector_infos:
            yield (
                (ObjectKind.CONNECTOR, connector.connector_id),
                msgspec.structs.replace(
                    device,
                    equipment_id=equipment.equipment_id,
                    name=connector.connector_name or "",
                ),
            )


def _device(station: Place, equipment: EquipmentInfo) -> Place:
    return msgspec.structs.replace(
        station,
        name=equipment.equipment_name or "",
        discharges=equipment.direction_capability is DirectionCapability.BIDIRECTIONAL,
    )


def _document(kind: ObjectKind, key: str, place: Place, now: datetime) -> Document:
    canonical = msgspec.json.encode(place)
    station = kind is ObjectKind.STATION
    return Document(
        kind=KINDS[kind],
        owner=place.operator_id,
        key=key,
        version=1,
        group=place.aggregator_id if station else place.station_id,
        payload=pack(canonical),
        digest=json.digest(canonical),
        at=now,
    )
