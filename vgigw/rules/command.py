"""The states of a command, as one table. PLT-8.8a; section 3.2(3) of the operation catalogue.

* A report implies the acknowledgement: it may overtake it.
* Once carried out to the end, a command takes no other end.
* What is not valid is refused and not kept, so that validation is no state of its own.
* EXPIRED takes no decision and no start any more, so that nobody executes after ``ValidUntil``;
  an end that is reported late is still true and is taken over.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from vgigw.errors import Conflict, Detail, IllegalState, NoConsent, SocFloor, TooLate
from vgigw.objects import CommandAck, ConsentInfo, ControlCurve, VehicleInfo
from vgigw.objects.consents import ConsentScope, ConsentState
from vgigw.objects.enumerations import SupportedService
from vgigw.objects.operating_enumerations import (
    AckResult,
    CommandKind,
    CommandState,
    ExecState,
)
from vgigw.rules.capability import asks_to_discharge
from vgigw.rules.consent import state_at
from vgigw.rules.transitions import Transitions

_TABLE: Final = """
           decomposed issued acc      partly   refused  opted    recvd executing done failed cancel    auto      expire  withdraw
RECEIVED   DECOMPOSED ISSUED ACKED    ACKED    REFUSED  REFUSED  =     x         x    FAILED CANCELLED x         EXPIRED CANCELLED
DECOMPOSED =          ISSUED ACKED    ACKED    REFUSED  REFUSED  =     EXECUTING DONE FAILED CANCELLED AUTO_EXIT EXPIRED CANCELLED
ISSUED     x          =      ACKED    ACKED    REFUSED  REFUSED  =     EXECUTING DONE FAILED CANCELLED AUTO_EXIT EXPIRED CANCELLED
ACKED      x          =      =        =        x        x        =     EXECUTING DONE FAILED CANCELLED AUTO_EXIT EXPIRED CANCELLED
REFUSED    x          =      x        x        =        =        =     x         x    x      =         x         =       x
EXECUTING  x          =      =        =        x        x        =     =         DONE FAILED CANCELLED AUTO_EXIT =       CANCELLED
DONE       x          =      =        =        x        x        =     =         =    x      x         x         =       x
FAILED     x          =      =        =        x        x        =     =         x    =      x         x         =       x
CANCELLED  x          =      =        =        =        =        =     =         x    x      =         x         =       =
AUTO_EXIT  x          =      =        =        x        x        =     =         x    x      x         =         =       x
EXPIRED    x          x      x        x        =        =        =     x         DONE FAILED CANCELLED AUTO_EXIT =       x
"""  # noqa: E501 - a table is read by its columns


class CommandEvent(StrEnum):
    """What happens to a command, in the order of the table's columns."""

    DECOMPOSED = "decomposed"
    ISSUED = "issued"
    ACCEPTED = "accepted"
    PARTLY = "accepted in part"
    REFUSED = "refused"
    OPTED_OUT = "opted out of"
    REPORT_RECEIVED = "reported as received"
    REPORT_EXECUTING = "reported as executing"
    REPORT_DONE = "reported as done"
    REPORT_FAILED = "reported as failed"
    REPORT_CANCELLED = "reported as cancelled"
    REPORT_AUTO_EXIT = "reported as exited by itself"
    EXPIRE = "expired"
    WITHDRAWN = "withdrawn"


OVER: Final = frozenset(
    {CommandState.DONE, CommandState.FAILED, CommandState.CANCELLED, CommandState.AUTO_EXIT}
)
"""States that a command does not leave any more."""
TURNED_DOWN: Final = frozenset({CommandState.REFUSED, CommandState.EXPIRED})
"""Over for this version: a higher one may still be taken."""
ENDS: Final = frozenset(ExecState) - {ExecState.RECEIVED, ExecState.EXECUTING}
"""Reports of an end."""
SOC_FLOOR: Final = Decimal(20)
"""Discharge floor in % where a command names none. JES-6.1.5."""

_CLOCKS_DIFFER: Final = timedelta(seconds=1)
"""How far the clocks of two parties may be apart unnoticed; beyond it an alarm is raised."""

_ACKS: Final = MappingProxyType({result: CommandEvent[result.name] for result in AckResult})
_REPORTS: Final = MappingProxyType(
    {state: CommandEvent[f"REPORT_{state.name}"] for state in ExecState}
)


def ack_event(result: AckResult) -> CommandEvent:
    """The event that an acknowledgement is. PLT-8.8a."""
    return _ACKS[result]


def report_event(state: ExecState) -> CommandEvent:
    """The event that an execution report is. JES-6.5.1.3c."""
    return _REPORTS[state]


def advance(state: CommandState, event: CommandEvent) -> CommandState:
    """The state after ``event``; raises as :meth:`Transitions.advance`."""
    return _COMMAND.advance(state, event)


def after_report(state: CommandState, reported: ExecState, *, first: bool) -> CommandState:
    """The state after an execution report; raises as :meth:`Transitions.advance`.

    The ``first`` end that is reported of a withdrawn command is what was done of it by then: it is
    taken over, and the command stays withdrawn. After it nothing more is reported. PLT-8.5b,
    JES-6.5.3.
    """
    if not first:
        raise IllegalState("its end was reported before")
    if state is CommandState.CANCELLED and reported in ENDS:
        return state
    return advance(state, report_event(reported))


def deliver_until(curve: ControlCurve) -> datetime:
    """When a command is worth nothing to whoever has not got it by then: nobody may decide on it
    after its deadline, nor execute it after its end. PLT-8.8a, CARD-7."""
    return min(curve.ack_deadline, curve.valid_until)


def check_answer(curve: ControlCurve, ack: CommandAck) -> None:
    """Raise :class:`~vgigw.errors.IllegalState` where a party opts out of what it may not decline,
    and :class:`~vgigw.errors.TooLate` where it decided late. VGI-5.5, PLT-8.8a."""
    if ack.ack_result is AckResult.OPTED_OUT and curve.command_kind is not CommandKind.NOTICE:
        words = "only a NOTICE may be declined; VGI-5.5"
        raise IllegalState(details=(Detail("/AckResult", "rule", words),))
    if ack.ack_time > curve.ack_deadline:
        words = "is later than AckDeadline; PLT-8.8a"
        raise TooLate(details=(Detail("/AckTime", "rule", words),))


def is_new_decision(
    held: CommandAck | None, ack: CommandAck, since: datetime | None, *, runs: bool
) -> bool:
    """Whether ``ack`` is the first decision on the version in force; ``held`` is the one before.

    A party decides once: what comes again says nothing new. Raises
    :class:`~vgigw.errors.Conflict` for another decision while the command ``runs``, and
    :class:`~vgigw.errors.IllegalState` for one that was made before this version took the place
    of an older one, at ``since``. PLT-8.8a, PLT-8.5b.
    """
    if since is not None and ack.ack_time < since - _CLOCKS_DIFFER:
        raise IllegalState("the version that it decides on was replaced")
    if held is None:
        return True
    if runs and _decision(held) != _decision(ack):
        raise Conflict("another decision was made before")
    return False


def check_soc_floor(curve: ControlCurve) -> None:
    """Raise :class:`~vgigw.errors.SocFloor` for a discharge floor below 20 % without a reason of
    somebody who allowed it. JES-6.1.5, Q26."""
    floor, override = curve.soc_floor, curve.soc_override
    explained = override is not None and override.reason.strip() and override.approved_by.strip()
    if floor is not None and floor < SOC_FLOOR and not explained:
        words = f"below {SOC_FLOOR} % it needs SOCOverride with a reason; JES-6.1.5"
        raise SocFloor(details=(Detail("/SOCFloor", "rule", words),))


def check_vehicle(
    curve: ControlCurve, vehicle: VehicleInfo, consent: ConsentInfo | None, now: datetime
) -> None:
    """Raise :class:`~vgigw.errors.NoConsent` where the user did not consent to what ``curve`` asks
    of the vehicle, or did not choose V2G; :class:`~vgigw.errors.SocFloor` where it shall discharge
    at its floor already: 20 %, the command's, or the user's if that is higher.

    JES-6.2.2.3, JES-6.2.3.1, VGI-D.1, JES-6.1.5.
    """
    discharges = asks_to_discharge(curve)
    scope = ConsentScope.DISCHARGE_CONTROL if discharges else ConsentScope.CHARGE_CONTROL
    if (
        consent is None
        or consent.vehicle_id != vehicle.vehicle_id
        or state_at(consent, now) is not ConsentState.ACTIVE
        or scope not in consent.consent_scope
    ):
        raise NoConsent()
    if not discharges:
        return
    if vehicle.selected_service is not SupportedService.V2G:
        words = "the user did not choose V2G; VGI-D.1"
        raise NoConsent(details=(Detail("/ResourceID", "rule", words),))
    named = SOC_FLOOR if curve.soc_floor is None else curve.soc_floor
    raised = vehicle.soc_floor if vehicle.soc_floor > SOC_FLOOR else named
    floor = max(named, raised)
    if vehicle.initial_soc is not None and vehicle.initial_soc <= floor:
        raise SocFloor(details=(Detail("/ResourceID", "rule", "is at its floor; JES-6.1.5"),))


def _decision(ack: CommandAck) -> tuple[object, ...]:
    return ack.ack_result, ack.accepted_power, ack.refuse_reason


_COMMAND: Final = Transitions("command", CommandState, CommandEvent, _TABLE)
