"""That what has a beginning and an end does not end first. JES-6.5.3, PLT-8.9b, PLT-7.6d.

What was asked for may be an empty range: it finds nothing. What happened lasts some time, but for
a report as a whole: one of a command that never ran begins and ends at one instant.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from vgigw.errors import Detail, InvalidObject
from vgigw.objects import (
    AlarmQuery,
    AssessmentResult,
    AuditQuery,
    EvaluationQuery,
    ExecutionReport,
    IncomeQuery,
    TelemetryQuery,
)
from vgigw.rules.curve import MAX_DETAILS, segment_faults


def check_range(query: TelemetryQuery) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` for a range of times or of sequence numbers that
    ends before it begins. PLT-7.6d."""
    faults = list(_reversed(query.time_from, query.time_to, "Time", "PLT-7.6d"))
    if query.seq_from is not None and query.seq_to is not None and query.seq_to < query.seq_from:
        faults.append(Detail("/SeqTo", "rule", "must not be less than SeqFrom; PLT-7.6d"))
    _refuse(faults)


def check_alarm_query(query: AlarmQuery) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` for a time that ends before it begins.
    PLT-7.9c."""
    _refuse(list(_reversed(query.time_from, query.time_to, "Time", "PLT-7.9c")))


def check_audit_query(query: AuditQuery) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` for a time that ends before it begins.
    JES-6.4.2b."""
    _refuse(list(_reversed(query.time_from, query.time_to, "Time", "JES-6.4.2b")))


def check_income_query(query: IncomeQuery) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` for a period that ends before it begins.
    JES-6.5.4c."""
    if query.period_start is not None and query.period_end is not None:
        _refuse(list(_period(query.period_start, query.period_end, "JES-6.5.4c")))


def check_evaluation_query(query: EvaluationQuery) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` for a period that ends before it begins.
    PLT-6.5."""
    _refuse(list(_period(query.period_start, query.period_end, "PLT-6.5")))


def check_execution(report: ExecutionReport) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` for a report that ends before it begins, and for a
    curve whose steps do, are out of order or overlap. JES-6.5.3."""
    faults = []
    if report.actual_end_time < report.actual_start_time:
        words = "must not lie before ActualStartTime; JES-6.5.3"
        faults.append(Detail("/ActualEndTime", "rule", words))
    faults += segment_faults(report.actual_points, "ActualPoints", "JES-6.5.3", gapless=False)
    _refuse(faults)


def check_assessment(result: AssessmentResult) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` for an outage that ends before it begins.
    PLT-8.9b."""
    _refuse(
        [
            Detail(f"/OutageAttribution/{place}/End", "rule", "must be later than Start; PLT-8.9b")
            for place, share in enumerate(result.outage_attribution)
            if share.end <= share.start
        ]
    )


def _reversed(
    start: datetime | None, end: datetime | None, name: str, clause: str
) -> Iterator[Detail]:
    if start is not None and end is not None and end < start:
        yield Detail(f"/{name}To", "rule", f"must not lie before {name}From; {clause}")


def _period(start: datetime, end: datetime, clause: str) -> Iterator[Detail]:
    if end < start:
        yield Detail("/PeriodEnd", "rule", f"must not lie before PeriodStart; {clause}")


def _refuse(faults: list[Detail]) -> None:
    if faults:
        raise InvalidObject(details=tuple(faults[:MAX_DETAILS]))
