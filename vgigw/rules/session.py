"""What the status of a charging session, and a question for statistics, must hold. 102.

A StartChargeSeq is the nine characters of whoever began the session and eighteen more, 27 in all at
most. Who began it need not be known here: an operator reports to a supervising platform sessions
that another operator's users began, and some peers report numbers of their own form. So only its
length, which is its type's, is checked.

No state of a session rules out another: what the newest sample says is in force, as the catalogue
of operations knows no refusal for a state that comes unexpected.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from vgigw.errors import Detail, InvalidObject, NotRetained
from vgigw.objects import (
    ChargeDetail,
    ChargeStatus,
    SessionState,
    StartChargeResult,
    StationStatsQuery,
)
from vgigw.rules.day import trade_date

AHEAD: Final = timedelta(seconds=300)
"""How far the clock of a sample may be ahead of ours: as far as that of an envelope."""

RETAINED_DAYS: Final = 1096
"""Three years. PLT-9.3b."""


def check_status(status: ChargeStatus, now: datetime) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` for a sample of the future, which no later one
    could take the place of, for one from before its session, and for details that do not fit."""
    details = tuple(_faults(status, now))
    if details:
        raise InvalidObject(details=details)


def check_start_result(result: StartChargeResult, now: datetime) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` for a start in the future, unless the session is
    still starting."""
    foreseen = result.start_charge_seq_stat is SessionState.STARTING
    if result.start_time > now + AHEAD and not foreseen:
        detail = Detail("/StartTime", "rule", "must not lie in the future; 102")
        raise InvalidObject(details=(detail,))


def check_stats_query(query: StationStatsQuery) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` where the last day lies before the first."""
    if query.end_time < query.start_time:
        detail = Detail("/EndTime", "rule", "must not lie before StartTime; 102")
        raise InvalidObject(details=(detail,))


def check_retained(first_day: date, now: datetime) -> None:
    """Raise :class:`~vgigw.errors.NotRetained` for a first day, in Beijing time, of more than three
    years ago. PLT-9.3b."""
    oldest = trade_date(now) - timedelta(days=RETAINED_DAYS)
    if first_day < oldest:
        words = f"must not lie before {oldest.isoformat()}; PLT-9.3b"
        raise NotRetained(details=(Detail("/StartTime", "rule", words),))


def detail_faults(
    sum_period: int | None, charge_details: Sequence[ChargeDetail]
) -> Iterator[Detail]:
    """What is wrong with the tariff periods of a session or an order."""
    if sum_period not in (None, len(charge_details)):
        yield Detail("/SumPeriod", "rule", "must be the number of ChargeDetails; 102")
    for number, detail in enumerate(charge_details):
        if detail.detail_end_time < detail.detail_start_time:
            path = f"/ChargeDetails/{number}/DetailEndTime"
            yield Detail(path, "rule", "must not lie before DetailStartTime; 102")


def _faults(status: ChargeStatus, now: datetime) -> Iterator[Detail]:
    # While it is starting, a peer may tell the time for which the start is foreseen.
    begun = status.start_charge_seq_stat is not SessionState.STARTING
    if begun and status.end_time < status.start_time:
        yield Detail("/EndTime", "rule", "must not lie before StartTime; 102")
    if status.end_time > now + AHEAD:
        yield Detail("/EndTime", "rule", "must not lie in the future; 102")
    yield from detail_faults(status.sum_period, status.charge_details)
