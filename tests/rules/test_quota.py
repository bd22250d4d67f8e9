"""The token bucket: what it lets through, and how long it says to wait. F60."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from vgigw.rules.quota import BURST_S, Bucket, Quota, full, take

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
QUOTAS = st.builds(
    lambda rate, burst_s: Quota(rate, rate * burst_s), st.floats(0.1, 1e7), st.floats(0.01, 100)
)
AMOUNTS = st.floats(0.001, 1e7)
PAUSES_S = st.floats(0, 100)
USES = st.lists(st.tuples(PAUSES_S, AMOUNTS), max_size=60)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def used(quota: Quota, uses: list[tuple[float, float]]) -> tuple[Bucket, list[tuple[float, float]]]:
    """The bucket at the end, and (seconds from the start, amount) of what was let through."""
    bucket, now, through = full(quota, NOW), NOW, []
    for pause_s, amount in uses:
        now += seconds(pause_s)
        bucket, wait_s = take(quota, bucket, amount, now)
        if wait_s == 0:
            through.append(((now - NOW).total_seconds(), amount))
    return bucket, through


@given(QUOTAS, USES)
def test_f60_no_stretch_of_time_lets_more_through_than_burst_and_rate(
    quota: Quota, uses: list[tuple[float, float]]
) -> None:
    """What is larger than the burst counts once on top, as the last of its stretch."""
    _, through = used(quota, uses)
    for first in range(len(through)):
        for last in range(first, len(through)):
            passed_s = through[last][0] - through[first][0]
            amount = sum(each for _, each in through[first:last])
            # 1e-5: rounding, and the microsecond that is not insisted upon at each use.
            slack = 1e-5 * (1 + quota.rate + quota.burst + amount)
            assert amount + min(through[last][1], quota.burst) <= (
                quota.burst + passed_s * quota.rate + slack
            )


@given(QUOTAS, USES, AMOUNTS)
def test_f60_who_waits_as_long_as_told_is_let_through_and_a_moment_earlier_not(
    quota: Quota, uses: list[tuple[float, float]], amount: float
) -> None:
    bucket, _ = used(quota, uses)
    bucket, wait_s = take(quota, bucket, amount, bucket.at)
    if wait_s == 0:
        return
    assert take(quota, bucket, amount, bucket.at + seconds(wait_s))[1] == 0
    if wait_s > 0.001:
        assert take(quota, bucket, amount, bucket.at + seconds(wait_s * 0.99))[1] > 0


@given(QUOTAS, USES, AMOUNTS)
def test_what_is_refused_takes_nothing(
    quota: Quota, uses: list[tuple[float, float]], amount: float
) -> None:
    bucket, _ = used(quota, uses)
    after, wait_s = take(quota, bucket, amount, bucket.at)
    assert after.held == (bucket.held if wait_s else bucket.held - amount)
    assert wait_s >= 0


@given(QUOTAS)
def test_a_full_bucket_lets_anything_through_once_so_that_nothing_waits_for_ever(
    quota: Quota,
) -> None:
    amount = quota.burst * 3
    bucket, wait_s = take(quota, full(quota, NOW), amount, NOW)
    assert (wait_s, bucket.held < 0) == (0, True)
    # The next unit has to wait until the debt is paid off.
    bucket, wait_s = take(quota, bucket, min(1.0, quota.burst), NOW)
    assert wait_s >= 2 * quota.burst / quota.rate * 0.999


@given(QUOTAS, USES, st.floats(0.001, 1e6))
def test_a_clock_that_is_set_back_neither_fills_nor_stops_the_bucket(
    quota: Quota, uses: list[tuple[float, float]], back_s: float
) -> None:
    bucket, _ = used(quota, uses)
    earlier = bucket.at - seconds(back_s)
    amount = quota.burst * 2
    after, wait_s = take(quota, bucket, amount, earlier)
    assert after == Bucket(bucket.held if wait_s else bucket.held - amount, earlier)
    later = earlier + seconds((quota.burst - after.held) / quota.rate + 1)
    assert take(quota, after, quota.burst, later)[1] == 0


def test_the_usual_burst_is_ten_seconds_worth() -> None:
    assert Quota.of(50) == Quota(50, 50 * BURST_S) == Quota(50, 500)
