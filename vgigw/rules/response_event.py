"""What a demand response event must hold, how its states follow, until when it is answered.

JES-6.5.1.5, VGI-T1.OADR, VGI-T1.1867.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from vgigw.errors import Detail, InvalidObject, TooLate
from vgigw.objects import DREvent
from vgigw.objects.response_events import EventState, SignalType
from vgigw.rules.curve import refuse_for, segment_faults
from vgigw.rules.transitions import Transitions

_TABLE: Final = """
          none far near   active completed cancelled
NONE      =    FAR NEAR   ACTIVE x         CANCELLED
FAR       x    =   NEAR   ACTIVE x         CANCELLED
NEAR      x    x   =      ACTIVE x         CANCELLED
ACTIVE    x    x   x      =      COMPLETED CANCELLED
COMPLETED x    x   x      x      =         x
CANCELLED x    x   x      x      x         =
"""

_VALUES: Final = MappingProxyType(
    {
        SignalType.LEVEL: ("level", "Level"),
        SignalType.PRICE: ("price", "Price"),
        SignalType.LOAD: ("target_power", "TargetPower"),
    }
)


class EventStep(StrEnum):
    """What is told of an event, in the order of the table's columns."""

    NONE = "told as none"
    FAR = "told as far"
    NEAR = "told as near"
    ACTIVE = "told as active"
    COMPLETED = "told as completed"
    CANCELLED = "told as cancelled"


OVER: Final = frozenset({EventState.COMPLETED, EventState.CANCELLED})
"""States in which nobody is invited any more."""


def follow(held: EventState, told: EventState) -> EventState:
    """The state after ``told``; raises as :meth:`Transitions.advance`. Steps may be left out."""
    return _EVENT.advance(held, EventStep[told.name])


def check_event(event: DREvent) -> None:
    """The intervals are in order without overlap (``CurveRefused``), and each has the one value
    that SignalType names (``InvalidObject``). JES-6.5.1.5."""
    refuse_for(segment_faults(event.intervals, "Intervals", "JES-6.5.1.5", gapless=False))
    details = tuple(_value_faults(event))
    if details:
        raise InvalidObject(details=details)


def answer_deadline(event: DREvent) -> datetime:
    """Until when a party may answer: OptDeadline, or else the start of the first interval."""
    return event.opt_deadline or event.intervals[0].start_time


def check_invitation(event: DREvent, now: datetime) -> None:
    """Raise :class:`~vgigw.errors.TooLate` where OptDeadline passed before anybody was asked."""
    asks = event.event_state not in (*OVER, EventState.ACTIVE)
    if asks and event.opt_deadline is not None and event.opt_deadline <= now:
        words = "is not later than now; JES-6.5.1.5 (answer before)"
        raise TooLate(details=(Detail("/OptDeadline", "rule", words),))


def _value_faults(event: DREvent) -> Iterator[Detail]:
    named, _ = _VALUES[event.signal_type]
    for place, interval in enumerate(event.intervals):
        for attribute, wire in _VALUES.values():
            path = f"/Intervals/{place}/{wire}"
            given = getattr(interval, attribute) is not None
            if given and attribute != named:
                yield Detail(path, "rule", "is not what SignalType names; JES-6.5.1.5")
            elif not given and attribute == named:
                yield Detail(path, "required", "SignalType names it; JES-6.5.1.5")


_EVENT: Final = Transitions("event", EventState, EventStep, _TABLE)
