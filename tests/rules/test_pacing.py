"""What waited has half of a peer's time, and less while live is late. PLT-7.9d, I12, I15."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vgigw.rules.pacing import (
    BOUND_S,
    JUDGED_EVERY,
    LEAST_SHARE,
    LIVE_KEPT,
    LONGEST_REST,
    MOST_AHEAD,
    MOST_SHARE,
    STEP,
    Pace,
    delivered_live,
    judged,
    percentile,
    spent,
)

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
EVERY_S = JUDGED_EVERY.total_seconds()


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_plt_7_9d_the_share_halves_while_live_is_late_and_grows_back_step_by_step() -> None:
    pace, shares = Pace(), []
    for step in range(3):
        pace = delivered_live(pace, BOUND_S + 0.1, after(step * EVERY_S))
        shares.append(pace.share)
    assert shares == [1 / 4, 1 / 8, 1 / 16]
    for step in range(3, 8):
        pace = delivered_live(pace, BOUND_S, after(step * EVERY_S))
    assert pace.share == 1 / 16 + 5 * STEP
    for step in range(8, 60):
        pace = judged(pace, after(step * EVERY_S))
    assert pace.share == MOST_SHARE == 0.5


def test_the_share_changes_at_most_once_in_five_seconds() -> None:
    pace = delivered_live(Pace(), 3.0, NOW)
    for step in range(10):
        pace = delivered_live(pace, 3.0, after(step * 0.49))
    assert pace.share == 1 / 4
    assert delivered_live(pace, 3.0, after(EVERY_S)).share == 1 / 8


def test_what_was_late_before_the_share_fell_makes_it_fall_no_further() -> None:
    pace = delivered_live(Pace(), 9.0, NOW)
    assert (pace.share, pace.late_s, pace.p99_s) == (1 / 4, (), None)
    assert judged(pace, after(EVERY_S)).share == 1 / 4 + STEP


def test_one_late_message_of_a_hundred_is_none_too_many() -> None:
    pace = Pace(late_s=(9.0, *[0.1] * 99))
    assert judged(pace, NOW).share == MOST_SHARE
    assert judged(pace._replace(late_s=(9.0, 9.0, *[0.1] * 98)), NOW).share == MOST_SHARE / 2
    for _ in range(LIVE_KEPT):
        pace = pace._replace(late_s=(*pace.late_s, 0.2)[-LIVE_KEPT:])
    kept = delivered_live(Pace(late_s=(9.0, *[0.1] * 99), judged_at=NOW), 0.1, NOW)
    assert kept.late_s == (0.1,) * 100


def test_i15_the_share_never_falls_to_nothing() -> None:
    pace = Pace()
    for step in range(100):
        pace = delivered_live(pace, 60.0, after(step * EVERY_S))
    assert pace.share == LEAST_SHARE == 1 / 64


def test_a_clock_that_was_set_back_judges_at_once_and_holds_nobody_up() -> None:
    pace = judged(Pace(share=0.25), NOW)
    assert judged(pace, after(-3600)).share == 0.25 + 2 * STEP
    resting = spent(Pace(), 10.0, NOW)
    assert not resting.may_go(NOW)
    assert resting.may_go(after(-3600))
    assert spent(resting, 1.0, after(-3600)).free_at == after(-3600 - 1 - 0.5 + 2)
    assert delivered_live(Pace(), -5.0, NOW).late_s == (0.0,)


@given(
    tooks=st.lists(st.floats(0.001, 8.0), min_size=1, max_size=60),
    share=st.sampled_from([0.5, 0.25, 1 / 16]),
)
def test_plt_7_9d_what_waited_takes_no_more_than_its_share_of_the_time(
    tooks: list[float], share: float
) -> None:
    pace, now, busy = Pace(share=share), NOW, 0.0
    for took in tooks:
        rested = NOW if pace.free_at is None else pace.free_at
        now = max(now, rested)
        assert pace.may_go(now)
        now += timedelta(seconds=took)
        busy += took
        pace = spent(pace, took, now)
    assert pace.free_at is not None
    if max(tooks) / share < LONGEST_REST.total_seconds():
        passed = (max(now, pace.free_at) - NOW + MOST_AHEAD).total_seconds()
        assert busy <= share * passed + 1e-3
        # And no less, as far as it has something to do all the time.
        assert busy >= share * (passed - 2 * MOST_AHEAD.total_seconds()) - 1e-3


def test_i15_no_rest_is_longer_than_a_minute() -> None:
    pace = spent(Pace(share=LEAST_SHARE), 100.0, NOW)
    assert pace.free_at == NOW + LONGEST_REST
    assert not pace.may_go(after(59.9))
    assert pace.may_go(after(60))


def test_what_is_saved_up_while_idle_is_half_a_second() -> None:
    first = spent(Pace(), 0.1, NOW)
    assert first.free_at == after(-0.1 - 0.5 + 0.2)
    late = spent(first, 0.1, after(3600))
    assert late.free_at == after(3600 - 0.1 - 0.5 + 0.2)
    assert spent(Pace(), -1.0, NOW).free_at == after(-0.5)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ((), None),
        ((3.0,), 3.0),
        ((2.0, 1.0), 2.0),
        (tuple(map(float, range(100))), 98.0),
        (tuple(map(float, range(101))), 99.0),
        (tuple(map(float, range(200))), 197.0),
    ],
)
def test_a_percentile_is_a_value_that_was_seen(
    values: tuple[float, ...], found: float | None
) -> None:
    assert percentile(values, 0.99) == found
