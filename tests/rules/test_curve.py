"""Refusals of a control curve, each by its clause. PLT-8.5a, PLT-8.8a."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vgigw.errors import CurveRefused, TooLate
from vgigw.objects import ControlCurve, ControlPoint
from vgigw.objects.enumerations import PolarityMode, Scene
from vgigw.objects.operating_enumerations import (
    CommandKind,
    ControlQuantity,
    Priority,
    TriggerType,
)
from vgigw.rules.curve import MAX_DETAILS, check_curve, check_deadlines

NOW = datetime(2026, 11, 20, 16, tzinfo=UTC)
Spans = list[tuple[float, float]]


def curve(interval_min: int, spans: Spans, **changes: Any) -> ControlCurve:
    """A curve of segments given by their start and end in minutes from NOW."""
    points = tuple(
        ControlPoint(
            start_time=NOW + timedelta(minutes=start),
            end_time=NOW + timedelta(minutes=end),
            target_power=Decimal("-12.500"),
        )
        for start, end in spans
    )
    members: dict[str, Any] = {
        "command_id": "C1",
        "resource_id": "R1",
        "aggregator_id": "123456789",
        "scene": Scene.PEAK,
        "service_item": "peak",
        "command_kind": CommandKind.CONTROL,
        "trigger_type": TriggerType.DISPATCH,
        "priority": Priority.NORMAL,
        "control_quantity": ControlQuantity.POWER_SET_POINT,
        "polarity_mode": PolarityMode.LOAD,
        "interval_min": interval_min,
        "points": points,
        "ack_deadline": NOW + timedelta(seconds=30),
        "valid_until": NOW + timedelta(hours=1),
        "version": 1,
        "issued_by": "100000001",
        "issue_time": NOW,
        "origin_signature": "-",
    }
    return ControlCurve(**{**members, **changes})


def faults(interval_min: int, spans: Spans) -> list[tuple[str, str]]:
    with pytest.raises(CurveRefused) as refusal:
        check_curve(curve(interval_min, spans))
    assert all(d.code == "rule" and "PLT-8.5a" in d.message for d in refusal.value.details)
    return [(d.path, d.message.split(";")[0]) for d in refusal.value.details]


@given(
    interval_min=st.sampled_from([1, 5, 15]),
    steps=st.lists(st.integers(1, 8), min_size=1, max_size=20),
    begin=st.integers(-100, 100),
)
def test_plt_8_5a_any_gapless_curve_on_its_interval_passes(
    interval_min: int, steps: list[int], begin: int
) -> None:
    ends = [begin + interval_min * sum(steps[: i + 1]) for i in range(len(steps))]
    check_curve(curve(interval_min, list(zip([begin, *ends], ends, strict=False))))


@pytest.mark.parametrize("interval_min", [2, 3, 10, 14])
def test_plt_8_5a_other_interval_is_refused(interval_min: int) -> None:
    assert faults(interval_min, [(0, 30)]) == [("/IntervalMin", "must be 1, 5 or 15")]


@pytest.mark.parametrize("length_min", [1, 7, 15, 61])
def test_plt_8_5a_immediate_command_lasts_any_whole_minutes(length_min: int) -> None:
    check_curve(curve(15, [(0.25, 0.25 + length_min)]))


@pytest.mark.parametrize("length_min", [0.5, 1.25, 15.01])
def test_plt_8_5a_immediate_command_of_part_minutes_is_refused(length_min: float) -> None:
    words = "segment must last a multiple of 1 min"
    assert faults(15, [(0, length_min)]) == [("/Points/0/EndTime", words)]


def test_plt_8_5a_segment_off_the_interval_is_refused() -> None:
    words = "segment must last a multiple of 15 min"
    assert faults(15, [(0, 15), (15, 35), (35, 50)]) == [("/Points/1/EndTime", words)]


def test_plt_8_5a_gap_is_refused() -> None:
    words = "leaves a gap after the segment before it"
    assert faults(5, [(0, 5), (5, 10), (10, 15), (20, 25)]) == [("/Points/3/StartTime", words)]


def test_plt_8_5a_overlap_is_refused() -> None:
    words = "overlaps the segment before it"
    assert faults(5, [(0, 10), (5, 15)]) == [("/Points/1/StartTime", words)]


def test_plt_8_5a_disorder_is_refused() -> None:
    assert faults(5, [(5, 10), (0, 5)]) == [
        ("/Points/1/StartTime", "segments must be in order of time")
    ]


@pytest.mark.parametrize("end", [0, -5])
def test_plt_8_5a_segment_without_length_is_refused(end: float) -> None:
    assert faults(5, [(0, end)]) == [("/Points/0/EndTime", "must be later than StartTime")]


def test_plt_8_5a_every_fault_is_listed() -> None:
    paths = [path for path, _ in faults(5, [(0, 4), (5, 5), (4, 9)])]
    assert paths == [
        "/Points/0/EndTime",
        "/Points/1/EndTime",
        "/Points/1/StartTime",
        "/Points/2/StartTime",
    ]


def test_attack_by_many_faults_gets_a_short_answer() -> None:
    assert len(faults(5, [(0, 1)] * 1440)) == MAX_DETAILS


def test_plt_8_8a_command_in_time_passes() -> None:
    check_deadlines(curve(5, [(0, 5)]), NOW)


@pytest.mark.parametrize(
    ("member", "path"), [("valid_until", "/ValidUntil"), ("ack_deadline", "/AckDeadline")]
)
@pytest.mark.parametrize("late_s", [0, 0.001, 3600])
def test_plt_8_8a_command_past_a_deadline_is_too_late(
    member: str, path: str, late_s: float
) -> None:
    late = curve(5, [(0, 5)], **{member: NOW - timedelta(seconds=late_s)})
    with pytest.raises(TooLate) as refusal:
        check_deadlines(late, NOW)
    assert [detail.path for detail in refusal.value.details] == [path]
    assert "PLT-8.8a" in refusal.value.details[0].message


def test_plt_8_8a_each_of_the_limits_is_named() -> None:
    with pytest.raises(TooLate) as refusal:
        check_deadlines(curve(5, [(0, 5)]), NOW + timedelta(days=1))
    named = [detail.path for detail in refusal.value.details]
    assert named == ["/ValidUntil", "/AckDeadline", "/Points/0/EndTime"]


@given(
    steps=st.lists(st.integers(1, 60), min_size=1, max_size=20),
    begin=st.integers(-600, 60),
)
def test_plt_8_8a_a_curve_of_which_nothing_is_left_is_too_late(
    steps: list[int], begin: int
) -> None:
    ends = [begin + sum(steps[: i + 1]) for i in range(len(steps))]
    asked = curve(1, list(zip([begin, *ends], ends, strict=False)))
    if ends[-1] > 0:
        check_deadlines(asked, NOW)
        return
    with pytest.raises(TooLate) as refusal:
        check_deadlines(asked, NOW)
    path = f"/Points/{len(steps) - 1}/EndTime"
    assert [detail.path for detail in refusal.value.details] == [path]
