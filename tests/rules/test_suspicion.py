"""When refusals are a matter for an alarm. PLT-7.9c, F57, F66, F81, F82."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from vgigw.rules.suspicion import QUIET, SUSPICIONS, Count, counted, forgotten, ripe, told

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
FORGED, CHANGED = SUSPICIONS[4001], SUSPICIONS[4202]


def after(*pauses_s: float) -> Count:
    """The count after one at ``NOW`` and one more after each pause."""
    count, now = counted(None, NOW), NOW
    for pause_s in pauses_s:
        now += timedelta(seconds=pause_s)
        count = counted(count, now)
    return count


@pytest.mark.parametrize("ret", [4101, 4102, 4104, 4202])
def test_one_is_enough_of_what_does_not_happen_by_itself(ret: int) -> None:
    assert ripe(SUSPICIONS[ret], after())


@pytest.mark.parametrize("ret", [4001, 4002])
def test_f82_wrong_signatures_and_tokens_are_told_when_they_are_many_in_a_minute(ret: int) -> None:
    assert not ripe(SUSPICIONS[ret], after(*[10] * 3))
    assert ripe(SUSPICIONS[ret], after(*[10] * 4))
    assert not ripe(SUSPICIONS[ret], after(*[61] * 40))
    assert ripe(SUSPICIONS[ret], after(*[60] * 4))


def test_what_was_told_is_told_again_for_each_more_until_it_is_quiet() -> None:
    count = told(after(*[1] * 4))
    assert not ripe(FORGED, count)
    again = counted(count, count.last_at + QUIET)
    assert (again.times, again.first_at, ripe(FORGED, again)) == (1, NOW, True)
    later = counted(count, count.last_at + QUIET + timedelta(seconds=1))
    assert later == Count(1, later.last_at, later.last_at)
    assert not ripe(FORGED, later)


def test_nothing_is_remembered_for_longer_than_it_is_of_use() -> None:
    count = after()
    assert not forgotten(count, NOW + QUIET)
    assert forgotten(count, NOW + QUIET + timedelta(seconds=1))
    # Nor of a time that has not come, where the clock was set back.
    assert forgotten(count, NOW - QUIET - timedelta(seconds=1))


def test_every_code_of_an_alarm_can_be_one() -> None:
    assert all(len(each.code) <= 16 for each in SUSPICIONS.values())
    assert len({each.code for each in SUSPICIONS.values()}) == len(SUSPICIONS)
    assert CHANGED.genuine
    assert not FORGED.genuine
