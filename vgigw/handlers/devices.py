"""Archives of load devices, whose polarity the archives of stations bear out. ACC-6.3, PLT-7.4b."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from vgigw.errors import Detail, InvalidObject
from vgigw.handlers.attachments import LOAD_DEVICE, Attachment, attach
from vgigw.handlers.marks import authors, handles
from vgigw.handlers.places import Place, places_of
from vgigw.handlers.polarity import aligned_call
from vgigw.handlers.routes import Routes
from vgigw.handlers.shelf import Shelf
from vgigw.objects import ArchiveReceipt, LoadDevice, LoadDevicePage, LoadDeviceQuery
from vgigw.objects.devices import DeviceKind
from vgigw.objects.enumerations import ObjectKind
from vgigw.objects.operating_enumerations import Success
from vgigw.operations import PUSH_LOAD_DEVICE, QUERY_LOAD_DEVICES
from vgigw.ports import Call, Identity, Transaction, View
from vgigw.rules.archives import polarity_for, polarity_mismatch, range_discharges

LOAD_DEVICES = Shelf(LoadDevice, key="load_device_id")
"""The group of a device is the station at which it stands, so far as that is known."""

_OF_A_STATION = frozenset({DeviceKind.CHARGER, DeviceKind.SWAP_STATION})
"""Kinds that the archive of their station speaks of; a battery beside them it does not."""


class LoadDevices:
    """Handlers of load device archives."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._routes = Routes(identity)

    @handles(PUSH_LOAD_DEVICE)
    def take(self, call: Call, tx: Transaction) -> ArchiveReceipt:
        """The owner is the sender. Kept is the polarity that the archives bear out, whichever of
        the two its peer always speaks. PLT-7.4b."""
        owner = call.peer.operator_id
        place = _place(call.request, owner, tx)
        call = _aligned(call, place)
        device: LoadDevice = call.request
        before = LOAD_DEVICES.find(tx, owner, device.load_device_id)
        LOAD_DEVICES.take(call, tx, owner, group=_station_of(device, place))
        _index(device, before, owner, tx, call.now)
        return ArchiveReceipt(status=Success.OK, version=device.version)

    @authors(PUSH_LOAD_DEVICE)
    def keep_own(self, device: LoadDevice, _: str, tx: Transaction, now: datetime) -> None:
        owner = self._identity.operator_id
        before = LOAD_DEVICES.find(tx, owner, device.load_device_id)
        place = _place(device, owner, tx)
        LOAD_DEVICES.keep(device, owner, tx, now, group=_station_of(device, place))
        _index(device, before, owner, tx, now)

    @handles(QUERY_LOAD_DEVICES)
    def query(self, call: Call, tx: Transaction) -> LoadDevicePage:
        """The caller's own, one page of them."""
        query: LoadDeviceQuery = call.request
        owner = self._routes.visible(call.peer)
        page = LOAD_DEVICES.page(tx, query, owner, key=query.load_device_id)
        return LoadDevicePage(
            page_no=page.page_no,
            page_count=page.page_count,
            item_size=page.item_size,
            load_devices=page.items,
        )


def _place(device: LoadDevice, owner: str, view: View) -> Place | None:
    """What the owner's archives say of the device. Raises ``InvalidObject`` for a charger that
    stands at another station than the one named."""
    if device.equipment_id is not None:
        found = places_of(view, ObjectKind.EQUIPMENT, device.equipment_id, owner)
        here = [each for each in found if device.station_id in (None, each.station_id)]
        if found and not here:
            words = "the archives have the charger at another station; ACC-6.3"
            raise InvalidObject(details=(Detail("/StationID", "rule", words),))
        return here[0] if here else None
    if device.station_id is not None and device.device_kind in _OF_A_STATION:
        stations = places_of(view, ObjectKind.STATION, device.station_id, owner)
        return stations[0] if stations else None
    return None


def _station_of(device: LoadDevice, place: Place | None) -> str:
    return device.station_id or (place.station_id if place is not None else "")


def _aligned(call: Call, place: Place | None) -> Call:
    """``call`` in the polarity of what the device is. Raises ``PolarityMismatch``."""
    device: LoadDevice = call.request
    delivers = range_discharges(device)
    if place is not None and delivers and not place.discharges:
        raise polarity_mismatch("the archives have it as one that only charges; PLT-7.4b")
    held = polarity_for(delivers or (place is not None and place.discharges))
    if device.polarity_mode is not held and call.peer.convention.polarity is None:
        words = f"has the polarity {held.name} by its range and the archives; PLT-7.4b"
        raise polarity_mismatch(words)
    return aligned_call(call, held)


def _index(
    device: LoadDevice, before: LoadDevice | None, owner: str, tx: Transaction, now: datetime
) -> None:
    gone = () if before is None else _attachments(before, owner)
    attach(_attachments(device, owner), gone, tx, now)


def _attachments(device: LoadDevice, owner: str) -> Iterator[Attachment]:
    if device.grid_node_id is not None:
        yield Attachment(
            node_id=device.grid_node_id,
            what=LOAD_DEVICE,
            object_id=device.load_device_id,
            owner=owner,
        )
