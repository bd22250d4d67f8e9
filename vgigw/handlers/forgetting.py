"""What the withdrawal of a consent does: commands end, and what rests on it is erased. JES-6.4.1c.

Vehicles, trips, answers and letters go in the commit of the withdrawal. Where else the vehicle is
named, it is made anonymous: at once where that is little, by the next ticks where it is much.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from vgigw.handlers.anonymising import begin
from vgigw.handlers.anonymous_records import Left
from vgigw.handlers.cancel import withdraw_for
from vgigw.handlers.keeping import object_of
from vgigw.handlers.memberships import forget_member, resources_with
from vgigw.handlers.resources import RESOURCES
from vgigw.handlers.shelf import Shelf
from vgigw.handlers.targets import targets_under
from vgigw.handlers.vehicles import CONSENTS, TRIPS, VEHICLES
from vgigw.handlers.withdrawn import stop_taking
from vgigw.objects import ConsentInfo
from vgigw.objects.consents import ConsentState
from vgigw.objects.enumerations import ObjectKind, ResourceLevel
from vgigw.operations import (
    GRANT_CONSENT,
    PUSH_TRIP,
    PUSH_VEHICLE,
    WITHDRAW_CONSENT,
    Operation,
)
from vgigw.ports import Identity, Transaction, View, letter_groups
from vgigw.rules.consent import state_at

_WHY: Final = "consent withdrawn"


def forget(
    identity: Identity, consent: ConsentInfo, owner: str, tx: Transaction, now: datetime
) -> tuple[str, ...]:
    """Erase what ``owner`` told on ``consent``, and the consent itself; gives the commands that it
    ended. A vehicle that other consents bear keeps what was told on those."""
    consent_id, vehicle_id = consent.consent_id, consent.vehicle_id
    named = next(targets_under(tx, vehicle_id, owner, now), None)
    itself = () if named is None or named.vehicle is None else (vehicle_id,)
    resources = (*itself, *_resources_of(vehicle_id, owner, tx))
    stopped = [
        command_id
        for resource_id in resources
        for command_id in withdraw_for(identity, owner, resource_id, _WHY, tx, now)
    ]
    _erase(VEHICLES, PUSH_VEHICLE, owner, vehicle_id, consent_id, tx)
    for trip in tx.documents(TRIPS.kind, owner=owner, group=consent_id):
        _erase(TRIPS, PUSH_TRIP, owner, trip.key, consent_id, tx)
    tx.erase(CONSENTS.kind, owner, consent_id)
    tx.erase_answer(owner, GRANT_CONSENT.name, GRANT_CONSENT.key_of(consent))
    for letter in tx.letters(group=letter_groups.of_consent(owner, consent_id)):
        if letter.operation != WITHDRAW_CONSENT.name and letter.message_id:
            tx.erase_letter(letter.id)
    if not _stays(vehicle_id, owner, tx, now):
        forget_member(tx, owner, ObjectKind.VEHICLE, vehicle_id)
        stop_taking(owner, vehicle_id, tx, now)
        # What else bears the name, a station of the archives say, is no vehicle's.
        as_resource = named is None or named.vehicle is not None
        left = Left(vehicle_id=vehicle_id, owner=owner, as_resource=as_resource)
        begin(consent_id, left, tx, now)
    tx.scrub()
    return tuple(dict.fromkeys(stopped))


def _resources_of(vehicle_id: str, owner: str, view: View) -> Iterator[str]:
    """Resources by which the vehicle is told directly what to do: a command for one of them has the
    consent of all its vehicles no longer. JES-6.2.3.1."""
    for resource_id in resources_with(view, owner, ObjectKind.VEHICLE, vehicle_id):
        resource = RESOURCES.find(view, owner, resource_id)
        if resource is not None and resource.resource_level is ResourceLevel.VEHICLE:
            yield resource_id


def _stays(vehicle_id: str, owner: str, view: View, now: datetime) -> bool:
    """Whether the vehicle may still be known by another consent of its user."""
    others = CONSENTS.all(view, owner=owner, group=vehicle_id)
    return any(state_at(each, now) is ConsentState.ACTIVE for each in others)


def _erase(
    shelf: Shelf[Any], operation: Operation, owner: str, key: str, consent_id: str, tx: Transaction
) -> None:
    """Forget the versions that rest on the consent, and what was answered to them."""
    versions = tx.history(shelf.kind, owner, key)
    tx.erase(shelf.kind, owner, key)
    for document in versions:
        told = object_of(shelf.cls, document.payload)
        if told.consent_id == consent_id:
            tx.erase_answer(owner, operation.name, operation.key_of(told))
        else:
            tx.put(document)
