"""The state of a stream: examples of the rule, and its limits. PLT-7.6b, PLT-7.9d, PLT-9.6c."""

from __future__ import annotations

import time

import pytest

from vgigw.errors import InvalidObject, OverLimit
from vgigw.objects.values import SEQUENCE_LIMIT
from vgigw.rules.sequence import (
    MAX_RANGES,
    Range,
    Receipt,
    StreamState,
    announce,
    declare,
    expecting,
    missing_in,
    receive,
)


def test_plt_9_6c_first_contact_begins_at_the_first_number() -> None:
    assert receive(None, 100, 120) == Receipt(
        StreamState(begin=100, contiguous=120, highest=120), fresh=(Range(100, 120),)
    )


def test_plt_9_6c_next_batch_moves_the_watermark() -> None:
    assert receive(StreamState(1, 10, 10), 11, 15) == Receipt(
        StreamState(1, 15, 15), fresh=(Range(11, 15),)
    )


def test_plt_9_6c_hole_is_missing_and_holds_the_watermark() -> None:
    assert receive(StreamState(1, 10, 10), 14, 15) == Receipt(
        StreamState(1, 10, 15, (Range(11, 13),)), fresh=(Range(14, 15),), opened=(Range(11, 13),)
    )


def test_plt_7_9d_backfill_closes_the_hole_and_only_new_numbers_are_fresh() -> None:
    state = StreamState(1, 10, 20, (Range(11, 12), Range(15, 16)))
    assert receive(state, 9, 15) == Receipt(
        StreamState(1, 15, 20, (Range(16, 16),)),
        fresh=(Range(11, 12), Range(15, 15)),
        closed=(Range(11, 12), Range(15, 15)),
    )


def test_plt_7_6b_repeat_has_nothing_fresh() -> None:
    state = StreamState(1, 10, 20, (Range(11, 12),))
    assert receive(state, 13, 20) == Receipt(state)


def test_plt_7_6b_batch_over_the_tail_is_one_fresh_range() -> None:
    state = StreamState(1, 10, 12, (Range(11, 12),))
    assert receive(state, 11, 14) == Receipt(
        StreamState(1, 14, 14), fresh=(Range(11, 14),), closed=(Range(11, 12),)
    )


def test_plt_7_9d_numbers_below_begin_move_it_down_and_keep_the_watermark() -> None:
    receipt = receive(StreamState(100, 120, 120), 90, 95)
    state = StreamState(90, 120, 120, (Range(96, 99),))
    assert receipt == Receipt(state, fresh=(Range(90, 95),), opened=(Range(96, 99),))
    assert (state.complete_to, state.missing_count) == (95, 4)
    closed = receive(state, 96, 99)
    assert closed.state == StreamState(90, 120, 120)
    assert closed.closed == closed.fresh == (Range(96, 99),)


def test_plt_7_6b_heartbeat_finds_a_lost_tail() -> None:
    state = StreamState(1, 10, 10)
    lost = Range(11, 14)
    assert announce(state, 14) == Receipt(StreamState(1, 10, 14, (lost,)), opened=(lost,))
    for known in (1, 9, 10):
        assert announce(state, known) == Receipt(state)


def test_plt_7_6b_a_second_heartbeat_opens_only_what_is_new() -> None:
    state = announce(StreamState(1, 10, 10), 14).state
    receipt = announce(state, 16)
    assert receipt.opened == (Range(15, 16),)
    assert receipt.state.missing == (Range(11, 16),)


def test_plt_7_6b_stream_that_lost_its_first_batches_is_found_where_begin_is_agreed() -> None:
    receipt = announce(expecting(1), 500)
    assert receipt.opened == (Range(1, 500),)
    assert receipt.state == StreamState(1, 0, 500, (Range(1, 500),))
    assert receive(expecting(1), 1, 3).state == StreamState(1, 3, 3)


def test_plt_7_9d_declared_range_closes_without_data() -> None:
    state = StreamState(1, 10, 20, (Range(11, 12), Range(15, 16)))
    receipt = declare(state, Range(1, 15))
    assert receipt == Receipt(
        StreamState(1, 15, 20, (Range(16, 16),)), closed=(Range(11, 12), Range(15, 15))
    )


def test_plt_7_9d_declaration_of_numbers_to_come_changes_nothing() -> None:
    state = StreamState(1, 10, 10)
    assert declare(state, Range(11, SEQUENCE_LIMIT)) == Receipt(state)
    assert receive(state, 11, 12).fresh == (Range(11, 12),)


def test_missing_in_is_limited_to_the_range_asked_for() -> None:
    state = StreamState(1, 10, 30, (Range(11, 19), Range(25, 28)))
    assert missing_in(state, Range(15, 26)) == (Range(15, 19), Range(25, 26))


def test_a_jump_to_the_last_number_costs_nothing() -> None:
    began = time.perf_counter()
    receipt = receive(StreamState(1, 10, 10), SEQUENCE_LIMIT, SEQUENCE_LIMIT)
    assert receipt.opened == (Range(11, SEQUENCE_LIMIT - 1),)
    assert receive(receipt.state, 11, 20).fresh == (Range(11, 20),)
    assert time.perf_counter() - began < 0.1


@pytest.mark.parametrize(
    ("first", "last"), [(0, 5), (-1, 1), (5, 4), (1, SEQUENCE_LIMIT + 1), (2**63, 2**63)]
)
def test_range_that_is_none_is_refused(first: int, last: int) -> None:
    for state in (None, StreamState(1, 10, 10)):
        with pytest.raises(InvalidObject, match=r"\Asequence range is not valid\Z"):
            receive(state, first, last)
    with pytest.raises(InvalidObject):
        declare(StreamState(1, 10, 10), Range(first, last))


@pytest.mark.parametrize("number", [0, -1, SEQUENCE_LIMIT + 1])
def test_number_outside_the_limits_is_refused(number: int) -> None:
    with pytest.raises(InvalidObject):
        announce(StreamState(1, 10, 10), number)
    with pytest.raises(InvalidObject):
        expecting(number)


def test_attack_by_endless_holes_is_refused_and_memory_stays_bounded() -> None:
    holes = tuple(Range(2 * i, 2 * i) for i in range(1, MAX_RANGES + 1))
    full = StreamState(1, 1, 2 * MAX_RANGES + 1, holes)
    with pytest.raises(OverLimit, match=rf"\Astream has more than {MAX_RANGES} holes\Z"):
        receive(full, full.highest + 2, full.highest + 2)
    with pytest.raises(OverLimit):
        announce(full, full.highest + 1)
    # What has no hole before it, and what closes a hole, still comes in.
    assert receive(full, full.highest + 1, full.highest + 1).fresh
    assert len(receive(full, 2, 2).state.missing) == MAX_RANGES - 1


def test_plt_7_9d_batch_over_begin_has_only_the_lower_part_fresh() -> None:
    assert receive(StreamState(5, 10, 10), 3, 7) == Receipt(
        StreamState(3, 10, 10), fresh=(Range(3, 4),)
    )


def test_plt_7_6b_batch_over_highest_has_only_the_upper_part_fresh() -> None:
    assert receive(StreamState(5, 10, 10), 8, 12) == Receipt(
        StreamState(5, 12, 12), fresh=(Range(11, 12),)
    )


def test_plt_9_6c_next_batch_does_not_hide_an_older_hole() -> None:
    hole = Range(5, 6)
    assert receive(StreamState(1, 4, 10, (hole,)), 11, 12) == Receipt(
        StreamState(1, 4, 12, (hole,)), fresh=(Range(11, 12),)
    )


def test_i3_watermark_stands_where_an_older_hole_grows_over_it() -> None:
    state = receive(expecting(5), 2, 3).state
    assert state == StreamState(2, 4, 4, (Range(4, 4),))
    assert announce(state, 6).state == StreamState(2, 4, 6, (Range(4, 6),))
