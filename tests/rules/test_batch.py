"""Refusals of a batch of telemetry, each by its clause. PLT-7.5c, PLT-7.7a, PLT-9.5, PLT-9.6c."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vgigw.errors import InvalidObject
from vgigw.objects import OperatingRecord, TelemetryBatch
from vgigw.objects.enumerations import ObjectKind, PolarityMode, UnitProfile
from vgigw.objects.operating_enumerations import ReportMode, ReportTrigger
from vgigw.rules.batch import MAX_DETAILS, check_batch

NOW = datetime(2026, 11, 20, 16, tzinfo=UTC)


def records(*late_s: float) -> tuple[OperatingRecord, ...]:
    """One record for each number of seconds after NOW."""
    return tuple(
        OperatingRecord(
            object_kind=ObjectKind.CONNECTOR,
            object_id=f"connector-{place}",
            data_time=NOW + timedelta(seconds=seconds),
            quality=0,
        )
        for place, seconds in enumerate(late_s)
    )


def batch(late_s: tuple[float, ...] = (0.0, -1.0), **changes: Any) -> TelemetryBatch:
    count = len(late_s)
    members: dict[str, Any] = {
        "batch_id": "B1",
        "source_id": "S1",
        "stream_id": "T1",
        "seq_from": 101,
        "seq_to": 100 + count,
        "report_mode": ReportMode.CHANGE,
        "trigger": ReportTrigger.PERIODIC,
        "expected_count": count,
        "actual_count": count,
        "polarity_mode": PolarityMode.LOAD,
        "unit_profile": UnitProfile.KW,
        "send_time": NOW,
        "records": records(*late_s),
    }
    return TelemetryBatch(**{**members, **changes})


def refused(refused_batch: TelemetryBatch, path: str, clause: str) -> None:
    with pytest.raises(InvalidObject) as refusal:
        check_batch(refused_batch)
    (detail,) = refusal.value.details
    assert (detail.path, detail.code) == (path, "rule")
    assert clause in detail.message


@given(
    late_s=st.lists(st.floats(-1e6, 5), min_size=1, max_size=20),
    absent=st.integers(0, 5),
    mode=st.sampled_from(ReportMode),
    period_sec=st.none() | st.integers(1, 30),
)
def test_plt_7_7a_whole_batch_passes(
    late_s: list[float], absent: int, mode: ReportMode, period_sec: int | None
) -> None:
    count = len(late_s)
    check_batch(
        batch(tuple(late_s), report_mode=mode, period_sec=period_sec, expected_count=count + absent)
    )


@pytest.mark.parametrize("seq_to", [101, 103, 90, 2**63 - 1])
@pytest.mark.parametrize("mode", [ReportMode.CHANGE, ReportMode.FULL, ReportMode.BACKFILL])
def test_plt_9_6c_one_number_a_record(mode: ReportMode, seq_to: int) -> None:
    refused(batch(seq_to=seq_to, report_mode=mode), "/SeqTo", "PLT-9.6c")


def test_plt_7_6d_recall_of_chosen_objects_has_fewer_records_than_numbers() -> None:
    check_batch(batch(seq_to=2**63 - 1, report_mode=ReportMode.RECALL))
    refused(batch(seq_to=101, report_mode=ReportMode.RECALL), "/SeqTo", "PLT-9.6c")


@pytest.mark.parametrize("actual", [0, 1, 3])
def test_plt_7_7a_actual_count_is_the_number_of_records(actual: int) -> None:
    refused(batch(actual_count=actual, expected_count=9), "/ActualCount", "PLT-7.7a")


def test_plt_7_7a_expected_count_is_not_less_than_actual_count() -> None:
    refused(batch(expected_count=1), "/ExpectedCount", "PLT-7.7a")


def test_plt_9_5_record_measured_after_it_was_sent_is_refused_by_its_path() -> None:
    check_batch(batch((0.0, 5.0)))
    refused(batch((0.0, 5.001)), "/Records/1/DataTime", "PLT-9.5")


def test_plt_9_5_last_time_there_is_does_not_overflow() -> None:
    check_batch(batch(send_time=datetime.max.replace(tzinfo=UTC)))
    first = datetime.min.replace(tzinfo=UTC)
    with pytest.raises(InvalidObject):
        check_batch(batch(send_time=first))


@pytest.mark.parametrize("period_sec", [31, 60])
def test_plt_7_5c_full_data_comes_at_least_every_30_s(period_sec: int) -> None:
    full = batch(report_mode=ReportMode.FULL, period_sec=period_sec)
    refused(full, "/PeriodSec", "PLT-7.5c")
    check_batch(batch(report_mode=ReportMode.CHANGE, period_sec=period_sec))


def test_every_fault_is_listed() -> None:
    with pytest.raises(InvalidObject) as refusal:
        check_batch(batch((9.0,), seq_to=500, actual_count=5, expected_count=3))
    paths = [detail.path for detail in refusal.value.details]
    assert paths == ["/SeqTo", "/ActualCount", "/ExpectedCount", "/Records/0/DataTime"]


def test_attack_by_many_faults_gets_a_short_answer() -> None:
    with pytest.raises(InvalidObject) as refusal:
        check_batch(batch((60.0,) * (MAX_DETAILS + 50)))
    assert len(refusal.value.details) == MAX_DETAILS


def test_check_of_a_large_batch_costs_less_than_a_fifth_of_a_microsecond_a_record() -> None:
    large = batch((0.0,) * 5000)
    best_s = min(timed(large) for _ in range(20))
    assert best_s / 5000 < 0.2e-6


def timed(large: TelemetryBatch) -> float:
    began = time.process_time()
    check_batch(large)
    return time.process_time() - began
