"""Back-off of repeats. PLT-7.6b, T/CEC 102."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vgigw.rules.retry import next_attempt

NOW = datetime(2026, 11, 20, 16, tzinfo=UTC)
JITTER = st.floats(0, 1, exclude_max=True)


def wait_s(attempts: int, jitter: float, retry_after_s: float | None = None) -> float:
    return (next_attempt(attempts, NOW, jitter, retry_after_s) - NOW).total_seconds()


def test_wait_doubles_from_half_a_second_to_a_minute() -> None:
    waits = [wait_s(attempts, 0.0) for attempts in range(1, 11)]
    assert waits == [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60]


@given(st.integers(8, 10**12), JITTER)
def test_cec102_late_repeats_are_about_a_minute_apart_and_never_end(
    attempts: int, jitter: float
) -> None:
    assert 45 <= wait_s(attempts, jitter) <= 60


@given(st.integers(1, 60), JITTER, JITTER)
def test_jitter_takes_up_to_a_quarter_off(attempts: int, one: float, other: float) -> None:
    full = wait_s(attempts, 0.0)
    assert full * 0.75 - 1e-5 <= wait_s(attempts, one) <= full
    if one < other:
        assert wait_s(attempts, one) >= wait_s(attempts, other)


@given(st.integers(1, 60), JITTER, st.floats(0, 3600))
def test_retry_after_is_never_undercut(attempts: int, jitter: float, asked_s: float) -> None:
    wait = wait_s(attempts, jitter, asked_s)
    assert wait >= asked_s - 1e-5
    assert wait >= wait_s(attempts, jitter) - 1e-5
    assert wait <= max(asked_s, 60) + 15 + 1e-5


def test_senders_that_were_told_the_same_do_not_come_back_together() -> None:
    assert wait_s(3, 0.0, 30) == 30
    assert wait_s(3, 0.8, 30) > 30.2


@pytest.mark.parametrize("asked_s", [math.nan, -1.0, -math.inf, 0.0])
def test_retry_after_that_is_no_wait_is_left_aside(asked_s: float) -> None:
    assert wait_s(2, 0.0, asked_s) == 1


@pytest.mark.parametrize("asked_s", [1e9, math.inf, 1e300])
def test_attack_by_endless_retry_after_holds_us_an_hour(asked_s: float) -> None:
    assert wait_s(2, 0.0, asked_s) == 3600


@pytest.mark.parametrize("attempts", [0, -5])
def test_no_attempt_yet_waits_the_first_wait(attempts: int) -> None:
    assert wait_s(attempts, 0.0) == 0.5
