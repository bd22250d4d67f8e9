"""Arithmetic on ranges equals arithmetic on sets."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from vgigw.rules.ranges import Range, Ranges, less, lowest_above, overlap, with_added, without

NUMBERS = st.sets(st.integers(1, 40))
ONE = st.tuples(st.integers(1, 40), st.integers(0, 15)).map(lambda p: Range(p[0], p[0] + p[1]))


def ranges_of(numbers: set[int]) -> Ranges:
    """The plain way: one run after another."""
    found: list[Range] = []
    for number in sorted(numbers):
        if found and found[-1].last == number - 1:
            found[-1] = Range(found[-1].first, number)
        else:
            found.append(Range(number, number))
    return tuple(found)


def numbers_of(ranges: Ranges) -> set[int]:
    return {number for r in ranges for number in range(r.first, r.last + 1)}


def sorted_and_apart(ranges: Ranges) -> bool:
    inner = all(r.first <= r.last for r in ranges)
    return inner and all(a.last + 1 < b.first for a, b in pairwise(ranges))


@given(NUMBERS, ONE)
def test_overlap_is_intersection(numbers: set[int], one: Range) -> None:
    assert overlap(ranges_of(numbers), one) == ranges_of(numbers & numbers_of((one,)))


@given(NUMBERS, ONE)
def test_without_is_difference(numbers: set[int], one: Range) -> None:
    assert without(ranges_of(numbers), one) == ranges_of(numbers - numbers_of((one,)))


@given(NUMBERS, NUMBERS)
def test_less_is_difference(numbers: set[int], removed: set[int]) -> None:
    assert less(ranges_of(numbers), ranges_of(removed)) == ranges_of(numbers - removed)


@given(NUMBERS, ONE)
def test_with_added_is_union(numbers: set[int], one: Range) -> None:
    union = with_added(ranges_of(numbers), one)
    assert union == ranges_of(numbers | numbers_of((one,)))
    assert sorted_and_apart(union)


@given(ONE)
def test_size_is_the_number_of_numbers(one: Range) -> None:
    assert one.size == len(numbers_of((one,)))


@given(NUMBERS, st.integers(0, 41))
def test_lowest_above_is_the_lowest_number_above(numbers: set[int], limit: int) -> None:
    above = min((number for number in numbers if number > limit), default=None)
    assert lowest_above(ranges_of(numbers), limit) == above
