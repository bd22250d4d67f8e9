"""Prices: a curve without a gap, to its audience, until it is over. VGI-D.12, PLT-8.6."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.cases.applied import HOUR, a_price
from tests.cases.trading import call, faults, refusal, sent
from tests.cases.worlds import AGGREGATOR, DISPATCH, EXCHANGE, NOW, OPERATOR, OTHER, World
from vgigw import operations as ops
from vgigw.errors import Conflict, CurveRefused, NotAllowed
from vgigw.objects import PriceSignal
from vgigw.objects.notices import EVERYBODY
from vgigw.rules.price import check_prices

PUBLISH = ops.PUBLISH_PRICE


@pytest.fixture
def world() -> World:
    return World()


def with_point(place: int, **changes: Any) -> PriceSignal:
    """The plain price of three hours with one point changed."""
    plain = a_price(hours=3)
    points = list(plain.price_points)
    points[place] = replace(points[place], **changes)
    return replace(plain, price_points=tuple(points))


def paths(price: PriceSignal) -> list[str]:
    with pytest.raises(CurveRefused) as refused:
        check_prices(price)
    return [detail.path for detail in refused.value.details]


def test_vgi_d_12_a_price_goes_to_its_audience_one_by_one_and_dies_when_it_is_over(
    world: World,
) -> None:
    receipt = call(world, EXCHANGE, PUBLISH, a_price(audience=(OPERATOR, AGGREGATOR)))
    assert receipt.object_id == "P1"
    assert sent(world, PUBLISH) == [
        (OPERATOR, a_price()),
        (AGGREGATOR, a_price(audience=(AGGREGATOR,))),
    ]
    letters = world.served.store.read(lambda view: view.letters())
    assert {each.valid_until for each in letters} == {NOW + 2 * HOUR}


def test_vgi_d_12_a_curve_with_a_gap_is_4405_and_is_not_passed_on(world: World) -> None:
    gap = with_point(1, start_time=NOW + 1.5 * HOUR)
    assert refusal(world, DISPATCH, PUBLISH, gap) == 4405
    with pytest.raises(CurveRefused):
        world.act(OPERATOR, PUBLISH, gap)
    assert sent(world, PUBLISH) == []


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        (with_point(1, start_time=NOW + 1.5 * HOUR), "/PricePoints/1/StartTime"),
        (with_point(1, start_time=NOW + 0.5 * HOUR), "/PricePoints/1/StartTime"),
        (with_point(2, end_time=NOW + 2 * HOUR), "/PricePoints/2/EndTime"),
        (with_point(2, end_time=NOW + HOUR), "/PricePoints/2/EndTime"),
        (with_point(2, start_time=NOW - HOUR), "/PricePoints/2/StartTime"),
    ],
    ids=["gap", "overlap", "no length", "backwards", "out of order"],
)
def test_vgi_d_12_what_is_wrong_is_named_by_its_path(wrong: PriceSignal, path: str) -> None:
    assert paths(wrong) == [path]


@given(hours=st.integers(1, 30), data=st.data())
def test_vgi_d_12_a_curve_stands_whole_and_not_with_any_point_moved(
    hours: int, data: st.DataObject
) -> None:
    price = a_price(hours=hours + 1)
    check_prices(price)
    place = data.draw(st.integers(1, hours))
    by = data.draw(st.integers(-59, 59).filter(bool))
    points = list(price.price_points)
    moved = points[place].start_time + by * HOUR / 60
    points[place] = replace(points[place], start_time=moved)
    assert paths(replace(price, price_points=tuple(points))) == [f"/PricePoints/{place}/StartTime"]


def test_plt_8_6_a_period_that_is_none_is_4004(world: World) -> None:
    assert faults(world, DISPATCH, PUBLISH, a_price(effective_to=NOW)) == ["/EffectiveTo"]


def test_plt_8_12_two_issuers_may_choose_one_identifier(world: World) -> None:
    call(world, DISPATCH, PUBLISH, a_price())
    assert call(world, EXCHANGE, PUBLISH, a_price(title="another")).object_id == "P1"
    names = [each.notice_id for _, each in sent(world, PUBLISH)]  # type: ignore[attr-defined]
    assert names[0] == "P1" != names[1]
    with pytest.raises(Conflict):
        world.act(OPERATOR, PUBLISH, a_price())


def test_vgi_d_12_other_prices_under_the_same_identifier_are_4202(world: World) -> None:
    call(world, DISPATCH, PUBLISH, a_price())
    assert refusal(world, DISPATCH, PUBLISH, a_price(hours=3)) == 4202


def test_vgi_d_12_our_own_price_goes_to_whom_it_speaks_to_only(world: World) -> None:
    world.act(OPERATOR, PUBLISH, a_price())
    with pytest.raises(NotAllowed):
        world.act(OTHER, PUBLISH, a_price("P2"))
    everybody = a_price("P3", audience=(EVERYBODY,))
    world.act(OTHER, PUBLISH, everybody)
    assert sent(world, PUBLISH) == [(OPERATOR, a_price()), (OTHER, everybody)]
