"""Consent of a vehicle's user: its states as one table, and what it covers. JES-6.4.1c.

Section 3.2(6) of the operation catalogue. What was withdrawn never comes back; a consent that
lapsed can still be withdrawn, because what rested on it is still there to be erased.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from vgigw.errors import Detail, InvalidObject, NoConsent
from vgigw.objects import ConsentInfo, InformationObject, TripInfo, VehicleInfo
from vgigw.objects.consents import ConsentScope, ConsentState
from vgigw.objects.enumerations import SupportedService
from vgigw.rules.transitions import Transitions

_TABLE: Final = """
          grant  withdraw  lapse
ACTIVE    =      WITHDRAWN EXPIRED
WITHDRAWN x      x         =
EXPIRED   x      WITHDRAWN =
"""


class ConsentEvent(StrEnum):
    """What happens to a consent, in the order of the table's columns."""

    GRANT = "granted"
    WITHDRAW = "withdrawn"
    LAPSE = "lapsed"


_CONSENT: Final = Transitions("consent", ConsentState, ConsentEvent, _TABLE)
_DISCHARGING: Final = frozenset({SupportedService.V2G, SupportedService.V2B})
_AHEAD: Final = timedelta(minutes=5)
"""How far the clock of whoever asked the user may be ahead of ours; the window of a message."""


def advance(state: ConsentState, event: ConsentEvent) -> ConsentState:
    """The state after ``event``; raises as :meth:`Transitions.advance`."""
    return _CONSENT.advance(state, event)


def state_at(consent: ConsentInfo, now: datetime) -> ConsentState:
    """The state of a consent: one whose time is over has lapsed, whatever is kept of it."""
    if consent.valid_to is not None and consent.valid_to <= now:
        return advance(consent.consent_state, ConsentEvent.LAPSE)
    return consent.consent_state


def check_consent(consent: ConsentInfo, now: datetime) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` for what is no grant: another state than ACTIVE, a
    time of withdrawal, a scope given twice, an end before its beginning, or one that is still to
    come."""
    details = tuple(_faults(consent, now))
    if details:
        raise InvalidObject(details=details)


def check_covered(
    pushed: VehicleInfo | TripInfo, consent: ConsentInfo | None, now: datetime
) -> None:
    """Raise :class:`~vgigw.errors.NoConsent` unless ``consent`` is an active one for the vehicle of
    ``pushed`` and every scope that its members need. JES-6.4.1a."""
    if (
        consent is None
        or consent.vehicle_id != pushed.vehicle_id
        or state_at(consent, now) is not ConsentState.ACTIVE
    ):
        words = "is no active consent for this vehicle; JES-6.4.1c"
        raise NoConsent(details=(Detail("/ConsentID", "rule", words),))
    missing = tuple(
        Detail(path, "rule", f"the consent does not cover {scope.name}; JES-6.4.1a")
        for path, scope in needed(pushed)
        if scope not in consent.consent_scope
    )
    if missing:
        raise NoConsent(details=missing)


def needed(pushed: VehicleInfo | TripInfo) -> Iterator[tuple[str, ConsentScope]]:
    """Path and scope of each member that is personal beyond the pseudonym. JES-6.4.1a."""
    if isinstance(pushed, TripInfo):
        yield "/TripID", ConsentScope.TRIP
        return
    yield "/BatteryCapacity", ConsentScope.BATTERY
    if pushed.vin is not None:
        yield "/VIN", ConsentScope.IDENTITY
    if pushed.departure_time is not None:
        yield "/DepartureTime", ConsentScope.TRIP
    if pushed.preference is not None:
        yield "/Preference", ConsentScope.PREFERENCE
    if pushed.selected_service in _DISCHARGING:
        yield "/SelectedService", ConsentScope.DISCHARGE_CONTROL


def named_by_consent(request: InformationObject) -> str | None:
    """The consent that names ``request``, where its own key would tell of a person: logs, audit and
    outbox know it by that, since their entries cannot be taken out. JES-6.4.1b."""
    return request.consent_id if isinstance(request, VehicleInfo | TripInfo) else None


def _faults(consent: ConsentInfo, now: datetime) -> Iterator[Detail]:
    if consent.consent_state is not ConsentState.ACTIVE:
        yield Detail("/ConsentState", "rule", "a consent is granted as ACTIVE; JES-6.4.1c")
    if consent.withdrawn_at is not None:
        yield Detail("/WithdrawnAt", "rule", "a consent that is granted has none; JES-6.4.1c")
    if consent.granted_at > now + _AHEAD:
        yield Detail("/GrantedAt", "rule", "must not be later than now; JES-6.4.1c")
    for place, scope in enumerate(consent.consent_scope):
        if scope in consent.consent_scope[:place]:
            yield Detail(f"/ConsentScope/{place}", "rule", "stands there before; JES-6.4.1c")
    if consent.valid_to is not None and consent.valid_to <= consent.granted_at:
        yield Detail("/ValidTo", "rule", "must be later than GrantedAt; JES-6.4.1c")
