"""How far the trading day of a resource has come, as one table. Section 3.2(2) of the catalogue.

A step that a day does without is jumped over; nothing ever leads back.

* Plan and declaration are fixed once the market has cleared: a plan that changes afterwards is a
  rolling one.
* Commands of one day come one after the other, each with its answer, report and assessment, so that
  any of these may recur; clearing and carrying out end with the settlement.
* Assessments and statements may be corrected at any time: their own versions say which is in force.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final

from vgigw.rules.transitions import Transitions

_BEIJING_OFFSET: Final = timedelta(hours=8)
_MOMENT: Final = timedelta(microseconds=1)
_DAY: Final = timedelta(days=1)

_TABLE: Final = """
              inform   plan    declare  clear   decompose  control    acknowledge  replan    report   assess   remunerate measure  settle  reconcile  invoice
OPEN          INFORMED PLANNED DECLARED CLEARED DECOMPOSED CONTROLLED ACKNOWLEDGED REPLANNED REPORTED ASSESSED REMUNERATED MEASURED SETTLED RECONCILED INVOICED
INFORMED      =        PLANNED DECLARED CLEARED DECOMPOSED CONTROLLED ACKNOWLEDGED REPLANNED REPORTED ASSESSED REMUNERATED MEASURED SETTLED RECONCILED INVOICED
PLANNED       =        =       DECLARED CLEARED DECOMPOSED CONTROLLED ACKNOWLEDGED REPLANNED REPORTED ASSESSED REMUNERATED MEASURED SETTLED RECONCILED INVOICED
DECLARED      =        =       =        CLEARED DECOMPOSED CONTROLLED ACKNOWLEDGED REPLANNED REPORTED ASSESSED REMUNERATED MEASURED SETTLED RECONCILED INVOICED
CLEARED       =        x       x        =       DECOMPOSED CONTROLLED ACKNOWLEDGED REPLANNED REPORTED ASSESSED REMUNERATED MEASURED SETTLED RECONCILED INVOICED
DECOMPOSED    =        x       x        =       =          CONTROLLED ACKNOWLEDGED REPLANNED REPORTED ASSESSED REMUNERATED MEASURED SETTLED RECONCILED INVOICED
CONTROLLED    =        x       x        =       =          =          ACKNOWLEDGED REPLANNED REPORTED ASSESSED REMUNERATED MEASURED SETTLED RECONCILED INVOICED
ACKNOWLEDGED  =        x       x        =       =          =          =            REPLANNED REPORTED ASSESSED REMUNERATED MEASURED SETTLED RECONCILED INVOICED
REPLANNED     =        x       x        =       =          =          =            =         REPORTED ASSESSED REMUNERATED MEASURED SETTLED RECONCILED INVOICED
REPORTED      =        x       x        =       =          =          =            =         =        ASSESSED REMUNERATED MEASURED SETTLED RECONCILED INVOICED
ASSESSED      =        x       x        =       =          =          =            =         =        =        REMUNERATED MEASURED SETTLED RECONCILED INVOICED
REMUNERATED   =        x       x        =       =          =          =            =         =        =        =           MEASURED SETTLED RECONCILED INVOICED
MEASURED      =        x       x        =       =          =          =            =         =        =        =           =        SETTLED RECONCILED INVOICED
SETTLED       =        x       x        x       x          x          x            x         x        =        =           =        =       RECONCILED INVOICED
RECONCILED    =        x       x        x       x          x          x            x         x        =        =           =        =       =          INVOICED
INVOICED      =        x       x        x       x          x          x            x         x        =        =           =        =       =          =
"""  # noqa: E501 - a table is read by its columns


class DayState(StrEnum):
    """The furthest step that a trading day has come to, in the order of the steps."""

    OPEN = "open"
    INFORMED = "informed"
    PLANNED = "planned"
    DECLARED = "declared"
    CLEARED = "cleared"
    DECOMPOSED = "decomposed"
    CONTROLLED = "controlled"
    ACKNOWLEDGED = "acknowledged"
    REPLANNED = "replanned"
    REPORTED = "reported"
    ASSESSED = "assessed"
    REMUNERATED = "remunerated"
    MEASURED = "measured"
    SETTLED = "settled"
    RECONCILED = "reconciled"
    INVOICED = "invoiced"


class DayEvent(StrEnum):
    """What happens to a trading day, in the order of the table's columns."""

    INFORM = "informed"
    """A notice or a price. PLT-8.6."""
    PLAN = "planned"
    """Capability and day-ahead plan. PLT-8.3."""
    DECLARE = "declared"
    CLEAR = "cleared"
    DECOMPOSE = "decomposed"
    CONTROL = "controlled"
    """A command of the plan or of the market; one in an emergency is no step of the day."""
    ACKNOWLEDGE = "acknowledged"
    REPLAN = "planned anew"
    """A rolling plan. PLT-8.3."""
    REPORT = "reported on"
    ASSESS = "assessed"
    REMUNERATE = "remunerated"
    """Settled in real time or by the event: the income of a part of the day. JES-6.5.4b."""
    MEASURE = "measured"
    """Its energy was determined. PLT-6.6."""
    SETTLE = "settled"
    """Settled as a whole: the day or its month. PLT-6.7."""
    RECONCILE = "reconciled"
    INVOICE = "invoiced"


def advance(state: DayState, event: DayEvent) -> DayState:
    """The state after ``event``; raises as :meth:`Transitions.advance`."""
    return _DAY_TABLE.advance(state, event)


def further(state: DayState, other: DayState) -> DayState:
    """Whichever of the two comes later in the day."""
    return max(state, other, key=_ORDER.__getitem__)


def trade_date(instant: datetime) -> date:
    """The day of an aware instant in Beijing time. PLT-7.8b."""
    return (instant.astimezone(UTC) + _BEIJING_OFFSET).date()


def dates_of(start: datetime, end: datetime) -> Iterator[date]:
    """Every trade date that [start, end) touches; none where it is empty."""
    if start >= end:
        return
    day, last = trade_date(start), trade_date(end - _MOMENT)
    while day <= last:
        yield day
        day += _DAY


_ORDER: Final = {state: place for place, state in enumerate(DayState)}
_DAY_TABLE: Final = Transitions("trading day", DayState, DayEvent, _TABLE)
