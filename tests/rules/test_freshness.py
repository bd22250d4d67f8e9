"""Time window, time stamp and Seq. ACC-5.3, T/CEC 102."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vgigw.errors import Busy, Malformed, NotFresh
from vgigw.rules.freshness import (
    LONGEST_LIFE_S,
    MAX_AHEAD_S,
    SEQS_A_SECOND,
    WINDOW_S,
    SecondSequence,
    check_fresh,
    check_life,
    check_same_time,
    next_seq,
    parse_time_stamp,
    write_time_stamp,
)

NOW = datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC)
TIMES = st.integers(10**5, 315_537_800_000).map(
    lambda second: datetime(1, 1, 1, 0, 0, 0, 250_000, UTC) + timedelta(seconds=second)
)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


@pytest.mark.parametrize("off_s", [0, 300, -300, 299.999])
def test_acc_5_3_time_inside_the_window_passes(off_s: float) -> None:
    check_fresh(NOW + seconds(off_s), NOW)


@pytest.mark.parametrize(
    ("off_s", "words"), [(301, "301 s ahead"), (-300.6, "301 s behind"), (-86400, "86400 s behind")]
)
def test_acc_5_3_stale_time_is_refused_and_told_how_far_off(off_s: float, words: str) -> None:
    with pytest.raises(NotFresh, match=words):
        check_fresh(NOW + seconds(off_s), NOW)


@given(sent=TIMES, now=TIMES, window_s=st.integers(1, 10**6))
def test_acc_5_3_window_is_the_same_on_both_sides(
    sent: datetime, now: datetime, window_s: int
) -> None:
    if abs(sent - now) <= seconds(window_s):
        check_fresh(sent, now, window_s)
    else:
        with pytest.raises(NotFresh):
            check_fresh(sent, now, window_s)


def test_time_stamp_is_beijing_time() -> None:
    assert parse_time_stamp("20261120235959") == NOW
    assert write_time_stamp(NOW) == "20261120235959"
    elsewhere = NOW.astimezone(timezone(timedelta(hours=-5)))
    assert write_time_stamp(elsewhere) == "20261120235959"


@given(TIMES)
def test_time_stamp_survives_the_wire_to_the_second(now: datetime) -> None:
    assert parse_time_stamp(write_time_stamp(now)) == now.replace(microsecond=0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026112023595",
        "202611202359599",
        "20261320235959",
        "20260230000000",
        "20261120240000",
        "20261120235960",
        "00000101000000",
        "00010101000000",
        "2026112023595 ",
        " 2026112023595",
        "+2026112023595",
        "2026_120235959",
        "\uff12" * 14,
        "2026112023595²",
        "2026-11-20T23:",
        "1763654399000",
        "2026112023595\ud800",
    ],
)
def test_text_that_is_no_time_stamp_is_malformed(text: str) -> None:
    with pytest.raises(Malformed, match=r"\ATimeStamp is not (yyyyMMddHHmmss|a time)\Z"):
        parse_time_stamp(text)


def test_seq_starts_at_one_in_each_second() -> None:
    first = next_seq(None, NOW + seconds(0.7))
    assert (first.time_stamp, first.seq) == ("20261120235959", "0001")
    assert next_seq(first, NOW + seconds(0.9)).seq == "0002"
    assert next_seq(first, NOW + seconds(1)) == SecondSequence(NOW + seconds(1), 1)


def test_seq_used_up_begins_the_next_second_early() -> None:
    last = SecondSequence(NOW, SEQS_A_SECOND - 1)
    last = next_seq(last, NOW)
    assert last.seq == "9999"
    assert next_seq(last, NOW) == SecondSequence(NOW + seconds(1), 1)


def test_seq_used_up_for_a_minute_is_busy() -> None:
    full = SecondSequence(NOW + seconds(MAX_AHEAD_S), SEQS_A_SECOND)
    with pytest.raises(Busy, match=r"\Asequence numbers of this second are used up, try again\Z"):
        next_seq(full, NOW)
    assert next_seq(full, NOW + seconds(1)) == SecondSequence(NOW + seconds(MAX_AHEAD_S + 1), 1)


def test_clock_set_back_far_is_believed() -> None:
    ahead = SecondSequence(NOW + seconds(MAX_AHEAD_S + 1), 5)
    assert next_seq(ahead, NOW) == SecondSequence(NOW, 1)


@settings(max_examples=50)
@given(
    steps=st.lists(st.floats(-10, 3), max_size=40),
    begin=st.sampled_from([1, SEQS_A_SECOND - 3, SEQS_A_SECOND]),
)
def test_seq_never_repeats_while_the_clock_is_set_back_a_little(
    steps: list[float], begin: int
) -> None:
    now, highest = NOW, NOW
    last = SecondSequence(NOW, begin)
    seen = {(last.time_stamp, last.seq)}
    for step in steps:
        now = max(now + seconds(step), highest - seconds(30))
        highest = max(highest, now)
        last = next_seq(last, now)
        assert (last.time_stamp, last.seq) not in seen
        assert 1 <= int(last.seq) <= SEQS_A_SECOND
        assert len(last.seq) == 4
        seen.add((last.time_stamp, last.seq))


@pytest.mark.parametrize("life_s", [0.5, 1, LONGEST_LIFE_S])
def test_acc_5_3_a_life_of_any_length_up_to_the_longest_passes(life_s: float) -> None:
    check_life(NOW, NOW + timedelta(seconds=life_s), NOW)


@pytest.mark.parametrize("life_s", [0, -1, LONGEST_LIFE_S + 1])
def test_acc_5_3_no_life_and_one_that_is_too_long_are_refused(life_s: float) -> None:
    with pytest.raises(NotFresh, match=f"Expires is {life_s} s after Created"):
        check_life(NOW, NOW + timedelta(seconds=life_s), NOW)


@pytest.mark.parametrize("side", [-1, 1])
def test_acc_5_3_two_times_of_a_message_may_be_a_window_apart_and_no_more(side: int) -> None:
    check_same_time(NOW + side * timedelta(seconds=WINDOW_S), NOW)
    with pytest.raises(NotFresh, match="Beijing"):
        check_same_time(NOW + side * timedelta(seconds=WINDOW_S + 1), NOW)
