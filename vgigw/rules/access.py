"""Access of a party, from its application to its full telemetry. PLT-8.11; section 3.2(1).

* CONFIGURED is a party that nobody applied for, or whose hold two persons ended: whoever runs the
  gateway approved it by its configuration.
* A change of the network holds the link until a new application was approved; the three HELD
  stages are the new application on its way.
* The four steps after APPROVED are seen in what the party sends; a step that comes early or again
  changes nothing.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec.structs import replace

from vgigw.errors import IllegalState
from vgigw.objects import (
    AccessApplication,
    AccessKind,
    ApplicationDecision,
    ApplicationState,
    ApprovalRole,
    Decision,
)
from vgigw.rules.decision import approval_of, check_not_yet
from vgigw.rules.transitions import Transitions

APPROVALS_NEEDED: Final = 2
SECURITY_SIDES: Final = frozenset({ApprovalRole.INFORMATION, ApprovalRole.NETWORK_SECURITY})
"""One of these must be among those who approve."""

_TABLE: Final = """
                  apply         first              second    refuse   keys   token      archive   full    change        remove        release
CONFIGURED        APPLIED       x                  x         x        =      =          =         =       HELD          REMOVED       x
APPLIED           x             ONE_APPROVAL       x         REFUSED  =      =          =         =       HELD          REMOVED       x
ONE_APPROVAL      x             =                  APPROVED  REFUSED  =      =          =         =       HELD          REMOVED       x
APPROVED          x             x                  x         x        KEYED  =          =         =       HELD          REMOVED       x
KEYED             x             x                  x         x        =      CONNECTED  =         =       HELD          REMOVED       x
CONNECTED         x             x                  x         x        =      =          ARCHIVED  =       HELD          REMOVED       x
ARCHIVED          x             x                  x         x        =      =          =         ACTIVE  HELD          REMOVED       x
ACTIVE            x             x                  x         x        =      =          =         =       HELD          REMOVED       x
REFUSED           HELD_APPLIED  x                  x         x        =      =          =         =       HELD          REMOVED       x
HELD              HELD_APPLIED  x                  x         x        =      =          =         =       =             REMOVED       CONFIGURED
HELD_APPLIED      x             HELD_ONE_APPROVAL  x         REFUSED  =      =          =         =       HELD          REMOVED       x
HELD_ONE_APPROVAL x             =                  APPROVED  REFUSED  =      =          =         =       HELD          REMOVED       x
REMOVED           HELD_APPLIED  x                  x         x        =      =          =         =       =             =             x
"""  # noqa: E501 - a table is read by its columns


class AccessStage(StrEnum):
    """How far a party's access has come."""

    CONFIGURED = "configured"
    APPLIED = "applied"
    ONE_APPROVAL = "one approval"
    APPROVED = "approved"
    KEYED = "keyed"
    CONNECTED = "connected"
    ARCHIVED = "archived"
    ACTIVE = "active"
    REFUSED = "refused"
    HELD = "held"
    HELD_APPLIED = "held, applied"
    HELD_ONE_APPROVAL = "held, one approval"
    REMOVED = "removed"


class AccessEvent(StrEnum):
    """What happens to a party's access, in the order of the table's columns."""

    APPLY = "applied for"
    FIRST_APPROVAL = "approved, not by all"
    SECOND_APPROVAL = "approved by all"
    REFUSE = "refused"
    KEYS = "given keys"
    TOKEN = "given a token"  # noqa: S105 - the name of an event
    ARCHIVE = "described by archives"
    FULL_TELEMETRY = "measured in full"
    NETWORK_CHANGE = "of another network"
    REMOVE = "removed"
    RELEASE = "released"


ACCESS: Final = Transitions("access", AccessStage, AccessEvent, _TABLE)

UNDER_WAY: Final = frozenset(
    {AccessStage.APPROVED, AccessStage.KEYED, AccessStage.CONNECTED, AccessStage.ARCHIVED}
)
"""Stages that a message of the party may bring forward."""

SHUT: Final = frozenset(
    {
        AccessStage.REFUSED,
        AccessStage.HELD,
        AccessStage.HELD_APPLIED,
        AccessStage.HELD_ONE_APPROVAL,
        AccessStage.REMOVED,
    }
)
"""Stages in which nothing but the way back is open. PLT-8.11b."""


def applied(stage: AccessStage, kind: AccessKind) -> AccessStage:
    """The stage after an application; one for a change of the network holds the link first."""
    if kind is AccessKind.NETWORK_CHANGE:
        stage = ACCESS.advance(stage, AccessEvent.NETWORK_CHANGE)
    return ACCESS.advance(stage, AccessEvent.APPLY)


def decided(application: AccessApplication, decision: ApplicationDecision) -> AccessApplication:
    """The application after a decision: approved by two roles and two persons, of which one is of
    the side that answers for information or network security, refused by any one. PLT-8.11a.

    Raises ``IllegalState`` where it was decided already, by all or by this role or person.
    """
    if application.state is not ApplicationState.SUBMITTED:
        raise IllegalState(f"application is {application.state.name}")
    check_not_yet(application, decision)
    approvals = (*application.approvals, approval_of(decision))
    state = ApplicationState.APPROVED
    if decision.decision is Decision.REFUSED:
        state = ApplicationState.REFUSED
    elif len(approvals) < APPROVALS_NEEDED or not any(
        each.role in SECURITY_SIDES for each in approvals
    ):
        state = ApplicationState.SUBMITTED
    return replace(application, state=state, approvals=approvals)


def event_of(application: AccessApplication) -> AccessEvent:
    """What the last decision on ``application`` means for its applicant."""
    if application.state is ApplicationState.REFUSED:
        return AccessEvent.REFUSE
    if application.state is ApplicationState.APPROVED:
        return AccessEvent.SECOND_APPROVAL
    return AccessEvent.FIRST_APPROVAL
