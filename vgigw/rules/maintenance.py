"""Maintenance: applied for three days ahead, decided, begun and ended by its times. PLT-8.10."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Final

from msgspec.structs import replace

from vgigw.errors import Detail, InvalidObject, TooLate
from vgigw.objects import (
    ApplicationDecision,
    ApplicationState,
    Decision,
    MaintenanceApplication,
)
from vgigw.rules.decision import approval_of, check_not_yet
from vgigw.rules.transitions import Transitions

DAYS_AHEAD: Final = 3
BEIJING: Final = timezone(timedelta(hours=8))
LONGEST_ON_ITS_WAY: Final = timedelta(days=1)
"""Own design number: an ApplyTime that is older counts as this old, so that nobody applies in the
past."""

_TABLE: Final = """
           approve   refuse   withdraw   start    finish
SUBMITTED  APPROVED  REFUSED  WITHDRAWN  x        x
APPROVED   x         x        WITHDRAWN  RUNNING  x
REFUSED    x         x        x          x        x
WITHDRAWN  x         x        x          x        x
RUNNING    x         x        x          =        FINISHED
FINISHED   x         x        x          x        =
"""


class MaintenanceEvent(StrEnum):
    """What happens to an application, in the order of the table's columns."""

    APPROVE = "approved"
    REFUSE = "refused"
    WITHDRAW = "withdrawn"
    START = "begun"
    FINISH = "finished"


MAINTENANCE: Final = Transitions("application", ApplicationState, MaintenanceEvent, _TABLE)


def check_times(application: MaintenanceApplication, now: datetime) -> None:
    """Raise ``InvalidObject`` for work without length, ``TooLate`` for one that begins less than
    three calendar days after it was applied for, by Beijing dates. PLT-8.10."""
    if application.work_end <= application.work_start:
        words = "must be later than WorkStart; PLT-8.10"
        raise InvalidObject(details=(Detail("/WorkEnd", "rule", words),))
    applied = max(application.apply_time, now - LONGEST_ON_ITS_WAY)
    earliest = _day(applied) + timedelta(days=DAYS_AHEAD)
    if _day(application.work_start) < earliest:
        words = f"must be {DAYS_AHEAD} days after the application, {earliest} or later; PLT-8.10"
        raise TooLate(details=(Detail("/WorkStart", "rule", words),))


def decided(
    application: MaintenanceApplication, decision: ApplicationDecision
) -> MaintenanceApplication:
    """The application after one decision, which is enough. Raises ``IllegalState``."""
    approved = decision.decision is Decision.APPROVED
    event = MaintenanceEvent.APPROVE if approved else MaintenanceEvent.REFUSE
    state = MAINTENANCE.advance(application.state, event)
    check_not_yet(application, decision)
    approvals = (*application.approvals, approval_of(decision))
    return replace(application, state=state, approvals=approvals)


def by_the_clock(application: MaintenanceApplication, now: datetime) -> MaintenanceApplication:
    """The application as its own times have it ``now``; itself where nothing is due."""
    state = application.state
    if state is ApplicationState.APPROVED and application.work_start <= now:
        state = MAINTENANCE.advance(state, MaintenanceEvent.START)
    if state is ApplicationState.RUNNING and application.work_end <= now:
        state = MAINTENANCE.advance(state, MaintenanceEvent.FINISH)
    return application if state is application.state else replace(application, state=state)


def _day(at: datetime) -> date:
    return at.astimezone(BEIJING).date()
