"""The states of a command, as one table. PLT-8.8a; section 3.2(3) of the operation catalogue.

* A report implies the acknowledgement: it may overtake it.
* Once carried out to the end, a command takes no other end.
* EXPIRED takes no decision and no start any more, so that nobody executes after ``ValidUntil``;
  an end that is reported late is still true and is taken over.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Final

from vgigw.objects.operating_enumerations import AckResult, CommandState, ExecState
from vgigw.rules.transitions import Transitions

_TABLE: Final = """
           issued acc      partly   refused  opted    recvd executing done failed cancel    auto      expire
RECEIVED   ISSUED ACKED    ACKED    REFUSED  REFUSED  =     x         x    FAILED CANCELLED x         EXPIRED
ISSUED     =      ACKED    ACKED    REFUSED  REFUSED  =     EXECUTING DONE FAILED CANCELLED AUTO_EXIT EXPIRED
ACKED      =      =        =        x        x        =     EXECUTING DONE FAILED CANCELLED AUTO_EXIT EXPIRED
REFUSED    =      x        x        =        =        =     x         x    x      =         x         =
EXECUTING  =      =        =        x        x        =     =         DONE FAILED CANCELLED AUTO_EXIT =
DONE       =      =        =        x        x        =     =         =    x      x         x         =
FAILED     =      =        =        x        x        =     =         x    =      x         x         =
CANCELLED  =      =        =        =        =        =     =         x    x      =         x         =
AUTO_EXIT  =      =        =        x        x        =     =         x    x      x         =         =
EXPIRED    x      x        x        =        =        =     x         DONE FAILED CANCELLED AUTO_EXIT =
"""  # noqa: E501 - a table is read by its columns


class CommandEvent(StrEnum):
    """What happens to a command, in the order of the table's columns."""

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


_COMMAND: Final = Transitions("command", CommandState, CommandEvent, _TABLE)
