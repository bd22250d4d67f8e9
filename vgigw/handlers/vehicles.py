"""Vehicles and trips: kept on an active consent only, each party's its own. VGI-D.2, JES-5.1.3.

A party that sends its own keeps them, too, so that a withdrawal finds what has to be erased.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from vgigw.handlers.marks import authors, handles
from vgigw.handlers.receiving import receipt
from vgigw.handlers.shelf import Shelf
from vgigw.objects import ArchiveReceipt, ConsentInfo, Receipt, TripInfo, VehicleInfo
from vgigw.objects.operating_enumerations import Success
from vgigw.operations import PUSH_TRIP, PUSH_VEHICLE
from vgigw.ports import Call, Identity, Transaction
from vgigw.rules.checks import check
from vgigw.rules.consent import check_covered

CONSENTS: Final = Shelf(ConsentInfo, key="consent_id", version=None, group="vehicle_id")
"""Each belongs to the party that asked the user."""
VEHICLES: Final = Shelf(VehicleInfo, key="vehicle_id", group="consent_id")
TRIPS: Final = Shelf(TripInfo, key="trip_id", version=None, group="consent_id")


class Vehicles:
    """Handlers of vehicles and trips."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    @handles(PUSH_VEHICLE)
    def take_vehicle(self, call: Call, tx: Transaction) -> ArchiveReceipt:
        """Raises ``NoConsent`` unless the sender told of an active consent of the vehicle's user to
        all that is said of it. JES-6.4.1a."""
        vehicle: VehicleInfo = call.request
        self._take(VEHICLES, call, tx)
        return ArchiveReceipt(status=Success.OK, version=vehicle.version)

    @handles(PUSH_TRIP)
    def take_trip(self, call: Call, tx: Transaction) -> Receipt:
        """As a vehicle; a trip is told once."""
        trip: TripInfo = call.request
        self._take(TRIPS, call, tx)
        return receipt(call, trip.trip_id)

    @authors(PUSH_VEHICLE)
    def keep_own_vehicle(
        self, vehicle: VehicleInfo, _: str, tx: Transaction, now: datetime
    ) -> None:
        check(vehicle, now)
        self._keep_own(VEHICLES, vehicle, tx, now)

    @authors(PUSH_TRIP)
    def keep_own_trip(self, trip: TripInfo, _: str, tx: Transaction, now: datetime) -> None:
        self._keep_own(TRIPS, trip, tx, now)

    def _take(self, shelf: Shelf[Any], call: Call, tx: Transaction) -> None:
        owner = call.peer.operator_id
        consent = CONSENTS.find(tx, owner, call.request.consent_id)
        check_covered(call.request, consent, call.now)
        shelf.take(call, tx, owner)

    def _keep_own(
        self, shelf: Shelf[Any], pushed: VehicleInfo | TripInfo, tx: Transaction, now: datetime
    ) -> None:
        """What is sent without a consent that is ours is the receiver's to judge."""
        own = self._identity.operator_id
        consent = CONSENTS.find(tx, own, pushed.consent_id)
        if consent is not None:
            check_covered(pushed, consent, now)
        shelf.keep(pushed, own, tx, now)
