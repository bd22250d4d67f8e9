"""Declarations and clearings, alone and against each other. PLT-7.8."""

from __future__ import annotations

import itertools
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.cases.trading import HOUR, MIDNIGHT, TEN, TRADED, a_clearing, a_declaration
from tests.cases.worlds import NOW
from vgigw.errors import InvalidObject, OutsideCapability, TooLate
from vgigw.objects import ClearingResult, Declaration, DeclarationSegment
from vgigw.objects.market import ClearState, QuantityUnit, RegulationDirection
from vgigw.rules.market import (
    Rating,
    check_cleared,
    check_cleared_before,
    check_clearing,
    check_declaration,
    check_quantity,
)


def priced(*prices: str) -> tuple[DeclarationSegment, ...]:
    return tuple(
        DeclarationSegment(seg_no=place, quantity=TEN, price=Decimal(price))
        for place, price in enumerate(prices, start=1)
    )


def paths(declaration: Declaration) -> list[str]:
    with pytest.raises(InvalidObject) as refused:
        check_declaration(declaration)
    return [detail.path for detail in refused.value.details]


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=10))
def test_plt_7_8b_prices_rise_or_fall_and_do_not_turn(prices: list[int]) -> None:
    declaration = a_declaration(segments=priced(*map(str, prices)))
    steps = [after - before for before, after in itertools.pairwise(prices)]
    if all(step >= 0 for step in steps) or all(step <= 0 for step in steps):
        check_declaration(declaration)
    else:
        assert paths(declaration) == ["/Segments"]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"trade_end": MIDNIGHT + 10 * HOUR}, ["/TradeEnd"]),
        ({"trade_date": TRADED + timedelta(days=1)}, ["/TradeStart"]),
        ({"trade_end": MIDNIGHT + 24 * HOUR}, []),
        ({"trade_end": MIDNIGHT + 25 * HOUR}, ["/TradeStart"]),
        ({"segments": (priced("1")[0], priced("1")[0])}, ["/Segments/1/SegNo"]),
    ],
)
def test_plt_7_8b_delivery_is_on_its_day_and_segments_in_order(
    changes: dict[str, Any], found: list[str]
) -> None:
    declaration = a_declaration(**changes)
    if found:
        assert paths(declaration) == found
    else:
        check_declaration(declaration)


def test_plt_7_8b_submitted_before_the_gate() -> None:
    check_declaration(a_declaration(submit_time=NOW + HOUR))
    with pytest.raises(TooLate):
        check_declaration(a_declaration(submit_time=NOW + HOUR + timedelta(milliseconds=1)))


@given(st.integers(-30 * 24 * 60, 5 * 365 * 24 * 60))
def test_plt_7_8b_no_gate_is_open_when_the_trade_date_begins_in_beijing(minutes: int) -> None:
    gate = MIDNIGHT + timedelta(minutes=minutes)
    declaration = a_declaration(gate_time=gate, submit_time=gate - HOUR)
    if minutes <= 0:
        check_declaration(declaration)
        return
    with pytest.raises(TooLate) as refused:
        check_declaration(declaration)
    assert [detail.path for detail in refused.value.details] == ["/GateTime"]


def test_plt_7_8b_the_segments_together_are_within_the_rating() -> None:
    declaration = a_declaration()
    check_quantity(declaration, Rating(Decimal(30), Decimal(0)))
    check_quantity(declaration, Rating(Decimal(20), Decimal(10)))
    with pytest.raises(OutsideCapability):
        check_quantity(declaration, Rating(Decimal("29.999"), Decimal(0)))


def test_plt_7_8b_less_is_bounded_as_more_is() -> None:
    falling = tuple(replace(each, quantity=-each.quantity) for each in a_declaration().segments)
    with pytest.raises(OutsideCapability):
        check_quantity(a_declaration(segments=falling), Rating(Decimal(29), Decimal(0)))


def test_plt_7_8b_energies_are_bounded_by_the_time_of_delivery() -> None:
    half = a_declaration(quantity_unit=QuantityUnit.KWH, trade_end=MIDNIGHT + 10 * HOUR + HOUR / 2)
    check_quantity(half, Rating(Decimal(60), Decimal(0)))
    with pytest.raises(OutsideCapability):
        check_quantity(half, Rating(Decimal("59.999"), Decimal(0)))


def test_plt_7_8c_none_has_no_segments_and_anything_else_has() -> None:
    check_clearing(a_clearing())
    check_clearing(a_clearing(clear_state=ClearState.NONE, cleared_segments=()))
    for wrong in (
        a_clearing(clear_state=ClearState.NONE),
        a_clearing(cleared_segments=()),
        a_clearing(clear_state=ClearState.FULL, cleared_segments=()),
    ):
        with pytest.raises(InvalidObject):
            check_clearing(wrong)


def test_plt_8_1_cleared_segments_end_after_they_start_and_do_not_overlap() -> None:
    (segment,) = a_clearing().cleared_segments
    for segments, path in (
        ((replace(segment, end_time=segment.start_time),), "/ClearedSegments/0/EndTime"),
        ((segment, segment), "/ClearedSegments/1/StartTime"),
    ):
        with pytest.raises(InvalidObject) as refused:
            check_clearing(a_clearing(cleared_segments=segments))
        assert [detail.path for detail in refused.value.details] == [path]


def against(clearing: ClearingResult, **declared: Any) -> list[str]:
    try:
        check_cleared(clearing, a_declaration(**declared))
    except InvalidObject as refused:
        return [detail.path for detail in refused.details]
    return []


def quantity(kw: str) -> ClearingResult:
    (segment,) = a_clearing().cleared_segments
    return a_clearing(cleared_segments=(replace(segment, quantity=Decimal(kw)),))


def test_plt_7_8c_no_more_is_cleared_than_was_declared() -> None:
    assert against(quantity("30")) == []
    assert against(quantity("30.001")) == ["/ClearedSegments/0/Quantity"]
    assert against(quantity("-1")) == ["/ClearedSegments/0/Quantity"]
    assert against(quantity("0")) == []


def test_plt_7_8c_energies_are_cleared_once() -> None:
    (segment,) = quantity("16").cleared_segments
    later = replace(
        segment,
        start_time=segment.end_time,
        end_time=segment.end_time + HOUR / 2,
    )
    unit = QuantityUnit.KWH
    twice = a_clearing(cleared_segments=(segment, later), quantity_unit=unit)
    assert against(twice, quantity_unit=unit) == ["/ClearedSegments"]
    assert against(a_clearing(cleared_segments=(segment, later))) == []


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"resource_id": "another"}, "/ResourceID"),
        ({"market_id": "M2"}, "/MarketID"),
        ({"trade_date": TRADED + timedelta(days=1)}, "/TradeDate"),
        ({"direction": RegulationDirection.DOWN}, "/Direction"),
        ({"quantity_unit": QuantityUnit.KWH}, "/QuantityUnit"),
    ],
)
def test_plt_7_8c_a_clearing_is_of_its_declaration(changes: dict[str, Any], path: str) -> None:
    assert against(a_clearing(**changes)) == [path]


def test_plt_7_8c_either_direction_is_cleared_of_both() -> None:
    both = RegulationDirection.BOTH
    assert against(a_clearing(direction=RegulationDirection.DOWN), direction=both) == []


def test_plt_7_8b_what_is_cleared_lies_in_the_time_of_delivery() -> None:
    (segment,) = a_clearing().cleared_segments
    early = replace(segment, start_time=segment.start_time - HOUR)
    assert against(a_clearing(cleared_segments=(early,))) == ["/ClearedSegments/0"]


halves = st.tuples(st.integers(0, 3), st.integers(1, 4), st.integers(0, 40))


@given(st.lists(halves, min_size=2, max_size=5), st.sampled_from(QuantityUnit))
def test_plt_7_8c_results_of_one_declaration_are_together_no_more_than_it(
    parts: list[tuple[int, int, int]], unit: QuantityUnit
) -> None:
    """Each part is a result of its own: from a quarter, for some quarters, of an amount."""
    (plain,) = a_clearing().cleared_segments
    results = [
        a_clearing(
            f"C{place}",
            cleared_segments=(
                replace(
                    plain,
                    start_time=plain.start_time + begin * HOUR / 4,
                    end_time=plain.start_time + (begin + length) * HOUR / 4,
                    quantity=Decimal(amount),
                ),
            ),
        )
        for place, (begin, length, amount) in enumerate(parts)
    ]
    declaration = a_declaration(quantity_unit=unit)
    *before, last = results
    begin, length, _ = parts[-1]
    if unit is QuantityUnit.KWH:
        most = sum(each for _, _, each in parts)
    else:
        most = max(
            sum(each for first, count, each in parts if first <= quarter < first + count)
            for quarter in range(begin, begin + length)
        )
    if most <= 30:
        check_cleared_before(last, results, declaration)
        return
    with pytest.raises(InvalidObject) as refused:
        check_cleared_before(last, before, declaration)
    path = "/ClearedSegments" if unit is QuantityUnit.KWH else "/ClearedSegments/0/Quantity"
    assert [detail.path for detail in refused.value.details] == [path]
