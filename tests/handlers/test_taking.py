"""What a peer took lately: by it a record at fault is told from a peer at fault. F63."""

from __future__ import annotations

from datetime import timedelta

from tests.trio import NOW, OPERATOR, OTHER, PLATFORM, STREAM
from vgigw.handlers.taking import MOST_IN_VAIN, TAKEN_WITHIN, Taking

OF_OURS = PLATFORM, OPERATOR, STREAM
SECOND = timedelta(seconds=1)


def test_f63_only_what_was_taken_of_the_stream_since_it_was_refused_counts() -> None:
    taking = Taking()
    assert not taking.took_since(OF_OURS, NOW, NOW, NOW), "nothing is known after a start"
    taking.took((PLATFORM, OTHER, STREAM), NOW)
    assert not taking.took_since(OF_OURS, NOW, NOW, NOW), "another's stream of that name"
    taking.took(OF_OURS, NOW)
    late = NOW + TAKEN_WITHIN
    assert taking.took_since(OF_OURS, NOW, late, late)
    assert not taking.took_since(OF_OURS, NOW + SECOND, late, late), "before it was refused first"
    assert not taking.took_since(OF_OURS, NOW, late, late + SECOND), "long ago"
    assert taking.took_since(OF_OURS, NOW, NOW, late + SECOND), "while this letter was tried"


def test_f55_a_moment_later_than_now_is_of_a_clock_that_was_set_back_and_says_nothing() -> None:
    taking = Taking()
    taking.took(OF_OURS, NOW)
    ahead = NOW + 2 * TAKEN_WITHIN
    assert taking.took_since(OF_OURS, ahead, NOW, NOW), "it was refused at some time before"
    assert not taking.took_since(OF_OURS, ahead, NOW + SECOND, NOW + SECOND), (
        "not since it is asked"
    )
    assert taking.took_since(OF_OURS, ahead, ahead, NOW + SECOND), "both; it was taken lately"
    late = NOW + TAKEN_WITHIN + SECOND
    assert not taking.took_since(OF_OURS, ahead + SECOND, ahead, late), "both; it was long ago"
    taking.took(OF_OURS, ahead + SECOND)
    assert not taking.took_since(OF_OURS, NOW, NOW, NOW), "nor when it was taken"
    taking.took(OF_OURS, NOW)
    assert taking.took_since(OF_OURS, NOW, NOW, NOW)


def test_f63_division_ends_while_nothing_is_taken() -> None:
    taking = Taking()
    for _ in range(MOST_IN_VAIN):
        assert taking.may_divide(OF_OURS, "job:1")
    assert not taking.may_divide(OF_OURS, "job:1")
    assert taking.may_divide(OF_OURS, "job:2"), "who asks again is tried again"
    for _ in range(MOST_IN_VAIN):
        taking.may_divide(OF_OURS, "job:2")
    assert not taking.may_divide(OF_OURS, "job:2")
    taking.took(OF_OURS, NOW)
    assert taking.may_divide(OF_OURS, "job:2")
