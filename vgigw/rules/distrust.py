"""Distrust of a party's data, step by step, each by a person's act. PLT-8.7b; section 3.2(7).

Detection only suspects; who disconnects has given notice before. What a disconnected party says to
its defence does not connect it: two persons do, or remove it.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Final

from vgigw.errors import Detail, InvalidObject
from vgigw.objects import AccessState, Sanction, SanctionKind
from vgigw.rules.persons import person_of
from vgigw.rules.transitions import Transitions

_TABLE: Final = """
              suspect  notice   penalty  disconnect    explain    appeal    release  remove   readmit
TRUSTED       SUSPECT  NOTICED  =        x             =          =         =        x        =
SUSPECT       =        NOTICED  =        x             =          =         TRUSTED  x        TRUSTED
NOTICED       =        =        =        DISCONNECTED  =          =         TRUSTED  x        TRUSTED
DISCONNECTED  =        =        =        x             EXPLAINED  APPEALED  TRUSTED  REMOVED  =
EXPLAINED     =        =        =        x             =          APPEALED  TRUSTED  REMOVED  =
APPEALED      =        =        =        x             =          =         TRUSTED  REMOVED  =
REMOVED       =        x        x        x             =          =         x        x        TRUSTED
"""  # noqa: E501 - a table is read by its columns


class Distrust(StrEnum):
    """How far a party's data are distrusted."""

    TRUSTED = "trusted"
    SUSPECT = "suspect"
    NOTICED = "noticed"
    DISCONNECTED = "disconnected"
    EXPLAINED = "explained"
    APPEALED = "appealed"
    REMOVED = "removed"


class DistrustEvent(StrEnum):
    """What happens, in the order of the table's columns."""

    SUSPECT = "suspected"
    NOTICE = "given notice"
    PENALTY = "penalised"
    DISCONNECT = "disconnected"
    EXPLAIN = "explained"
    APPEAL = "appealed for"
    RELEASE = "released"
    REMOVE = "removed"
    READMIT = "admitted anew"


DISTRUST: Final = Transitions("party", Distrust, DistrustEvent, _TABLE)

CUT_OFF: Final = frozenset({Distrust.DISCONNECTED, Distrust.EXPLAINED, Distrust.APPEALED})
"""States in which the data link is cut. PLT-8.7b."""

_EVENTS: Final = MappingProxyType(
    {
        SanctionKind.NONE: DistrustEvent.RELEASE,
        SanctionKind.NOTICE: DistrustEvent.NOTICE,
        SanctionKind.PENALTY: DistrustEvent.PENALTY,
        SanctionKind.DISCONNECT: DistrustEvent.DISCONNECT,
        SanctionKind.REMOVE: DistrustEvent.REMOVE,
    }
)
PERSONS_NEEDED: Final = 2
_CONFIRMED: Final = frozenset({SanctionKind.NONE, SanctionKind.DISCONNECT, SanctionKind.REMOVE})
"""What cuts or restores a link is never one person's act. Q29."""

_SAID: Final = MappingProxyType(
    {
        SanctionKind.NONE: (AccessState.APPROVED, AccessState.ACTIVE),
        SanctionKind.PENALTY: (AccessState.PENALISED,),
        SanctionKind.DISCONNECT: (AccessState.SUSPENDED,),
        SanctionKind.REMOVE: (AccessState.REMOVED,),
    }
)


def sanction_event(kind: SanctionKind) -> DistrustEvent:
    """The event that a sanction is."""
    return _EVENTS[kind]


def check_sanction(sanction: Sanction) -> None:
    """Raise ``InvalidObject`` where the access state said is not what the kind does. PLT-8.7b."""
    fitting = _SAID.get(sanction.sanction_kind)
    if fitting is not None and sanction.access_state not in fitting:
        names = " or ".join(state.name for state in fitting)
        words = f"must be {names} after {sanction.sanction_kind.name}; PLT-8.7b"
        raise InvalidObject(details=(Detail("/AccessState", "rule", words),))


def check_confirmed(sanction: Sanction) -> None:
    """Raise ``InvalidObject`` where a link would be cut or restored by fewer than two persons.

    A rule of whoever imposes: the party that it concerns cannot know who its persons are. PLT-8.7b.
    """
    persons = {person_of(each.by) for each in sanction.confirmations} - {""}
    if sanction.sanction_kind in _CONFIRMED and len(persons) < PERSONS_NEEDED:
        words = f"{sanction.sanction_kind.name} needs {PERSONS_NEEDED} different persons; PLT-8.7b"
        raise InvalidObject(details=(Detail("/Confirmations", "rule", words),))
