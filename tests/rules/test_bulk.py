"""Batches that waited go together in large letters; nothing is left out or told twice. PLT-7.9d."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.trio import batch, record
from vgigw.objects.enumerations import PolarityMode, UnitProfile
from vgigw.objects.telemetry import MAX_RECORDS
from vgigw.rules import bulk
from vgigw.rules.bulk import (
    FIRST_RECORDS,
    LEAST_RECORDS,
    QUICK_S,
    SLOW_S,
    Bundle,
    Piece,
    bundled,
    joins,
    next_size,
)


def piece(first: int, last: int, size: int = 100, **header: Any) -> Piece:
    records = tuple(record(seq) for seq in range(first, last + 1))
    return Piece(first, replace(batch(1, 1), **header), first, records, size)


@given(
    lengths=st.lists(st.integers(1, 40), min_size=1, max_size=40),
    breaks=st.sets(st.integers(0, 39)),
    most=st.integers(1, 100),
)
def test_plt_7_9d_letters_hold_every_record_once_in_order_and_are_as_large_as_may_be(
    lengths: list[int], breaks: set[int], most: int
) -> None:
    pieces, first = [], 1
    for place, length in enumerate(lengths):
        first += place in breaks
        pieces.append(piece(first, first + length - 1))
        first += length

    found = bundled(pieces, most)

    assert [each for bundle in found for each in bundle.pieces] == pieces
    for bundle in found:
        numbers = [n for each in bundle.pieces for n in range(each.first, each.last + 1)]
        assert numbers == list(range(numbers[0], numbers[-1] + 1))
        assert len(numbers) <= most or len(bundle.pieces) == 1
    for one, other in pairwise(found):
        together = sum(len(each.records) for each in (*one.pieces, other.pieces[0]))
        assert together > most or other.pieces[0].first != one.pieces[-1].last + 1


@pytest.mark.parametrize(
    ("other", "may"),
    [
        (piece(4, 6), True),
        (piece(5, 6), False),
        (piece(3, 6), False),
        (piece(4, 6, source_id="987654321"), False),
        (piece(4, 6, stream_id="S2"), False),
        (piece(4, 6, polarity_mode=PolarityMode.GENERATION), False),
        (piece(4, 6, unit_profile=UnitProfile.MW), False),
        (piece(4, 6, batch_id="other", period_sec=5), True),
    ],
)
def test_only_what_says_the_same_of_its_records_goes_together(other: Piece, may: bool) -> None:
    assert joins(piece(1, 3), other) is may


def test_records_without_numbers_stay_alone() -> None:
    sparse = piece(1, 3)._replace(first=0)
    assert not joins(sparse, piece(3, 4))
    assert not joins(sparse, sparse)


def test_a_letter_has_at_most_five_thousand_records_and_two_mebibytes() -> None:
    assert (MAX_RECORDS, bulk.MOST_BYTES) == (5000, 2 * 1024 * 1024)
    whole = Bundle(piece(1, 4999))
    assert whole.take(piece(5000, 5000), 9999)
    assert not whole.take(piece(5001, 5001), 9999)
    heavy = Bundle(piece(1, 1, bulk.MOST_BYTES - 100))
    assert heavy.take(piece(2, 2, 100), 9999)
    assert not heavy.take(piece(3, 3, 1), 9999)


@pytest.mark.parametrize(
    ("records", "sent", "took_s", "delivered", "after"),
    [
        (500, 500, 0.1, True, 1000),
        (500, 500, QUICK_S, True, 1000),
        (500, 500, QUICK_S + 0.01, True, 500),
        (500, 500, SLOW_S, True, 500),
        (500, 500, SLOW_S + 0.01, True, 250),
        (500, 500, 0.1, False, 250),
        (4000, 4000, 0.1, True, MAX_RECORDS),
        (MAX_RECORDS, MAX_RECORDS, 0.1, True, MAX_RECORDS),
        (1000, 20, 0.1, True, 1000),  # a small letter proves nothing for large ones
        (1000, 500, 0.1, True, 2000),
        (1000, 20, 0.1, False, LEAST_RECORDS),
        (200, 1000, 2.0, True, 100),
        (30, 30, 9.0, False, LEAST_RECORDS),
    ],
)
def test_a_letter_grows_while_it_goes_quickly_and_shrinks_where_it_does_not(
    records: int, sent: int, took_s: float, delivered: bool, after: int
) -> None:
    assert next_size(records, sent, took_s, delivered=delivered) == after


@given(steps=st.lists(st.tuples(st.integers(1, 5000), st.floats(0, 9), st.booleans()), max_size=50))
def test_i15_the_size_stays_within_its_bounds(steps: list[tuple[int, float, bool]]) -> None:
    size = FIRST_RECORDS
    for sent, took_s, delivered in steps:
        size = next_size(size, sent, took_s, delivered=delivered)
        assert LEAST_RECORDS <= size <= MAX_RECORDS
