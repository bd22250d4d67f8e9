"""What a batch of telemetry must hold beyond its members' own limits. PLT-7.7a, PLT-9.6c."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from operator import attrgetter
from typing import Final

from vgigw.errors import Detail, InvalidObject
from vgigw.objects import TelemetryBatch
from vgigw.objects.operating_enumerations import ReportMode

FULL_PERIOD_S: Final = 30
CLOCK_ALLOWANCE_S: Final = 5
MAX_DETAILS: Final = 100
"""More records of one batch than this are not listed."""

_ALLOWANCE: Final = timedelta(seconds=CLOCK_ALLOWANCE_S)
_data_time = attrgetter("data_time")


def check_batch(batch: TelemetryBatch) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject`, with every fault by its path.

    A record has one sequence number (PLT-9.6c; a recall of chosen objects may have fewer records
    than numbers, PLT-7.6d), ``ActualCount`` is the number of records and at most
    ``ExpectedCount`` (PLT-7.7a), nothing was measured later than 5 s after it was sent (PLT-9.5),
    and data in full comes at least every 30 s (PLT-7.5c).
    """
    details = (*_counts(batch), *_times(batch))
    if details:
        raise InvalidObject(details=details)


def _counts(batch: TelemetryBatch) -> Iterator[Detail]:
    present = len(batch.records)
    numbers = batch.seq_to - batch.seq_from + 1
    sparse = batch.report_mode is ReportMode.RECALL
    if numbers < present or (numbers > present and not sparse):
        yield Detail("/SeqTo", "rule", "sequence range does not fit the records; PLT-9.6c")
    if batch.actual_count != present:
        yield Detail("/ActualCount", "rule", "is not the number of records; PLT-7.7a")
    if batch.expected_count < batch.actual_count:
        yield Detail("/ExpectedCount", "rule", "is less than ActualCount; PLT-7.7a")
    period_s = batch.period_sec
    if period_s is not None and period_s > FULL_PERIOD_S and batch.report_mode is ReportMode.FULL:
        yield Detail("/PeriodSec", "rule", f"must be <= {FULL_PERIOD_S} s in full; PLT-7.5c")


def _times(batch: TelemetryBatch) -> Iterator[Detail]:
    sent = batch.send_time
    # One pass in C decides; only a batch that is refused is walked record by record. A difference
    # of times cannot overflow, a sum can.
    if max(map(_data_time, batch.records), default=sent) - sent <= _ALLOWANCE:
        return
    listed = 0
    for place, record in enumerate(batch.records):
        if record.data_time - sent > _ALLOWANCE:
            words = f"is more than {CLOCK_ALLOWANCE_S} s after SendTime; PLT-9.5"
            yield Detail(f"/Records/{place}/DataTime", "rule", words)
            listed += 1
            if listed == MAX_DETAILS:
                return
