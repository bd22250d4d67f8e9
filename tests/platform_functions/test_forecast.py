"""The plain forecast: the curve of the day before, a day later, and no more than that. PLT-6.1."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from tests.gateway.test_conventions_through_doors import GENERATION, site
from tests.handlers.test_plans import MIDNIGHT, TODAY, TOMORROW, asked, plan, submit
from tests.handlers.test_relay import refused_code
from tests.trio import DISPATCH, NOW, OPERATOR, PLATFORM, Trio, station
from vgigw.objects import PlanCurve, PlanQuery
from vgigw.objects.plans import CurveKind, PlanKind
from vgigw.operations import PUSH_ARCHIVE, QUERY_PLAN
from vgigw.platform_functions import plain
from vgigw.ports import Functions, View

DAY = timedelta(days=1)
DAY_AFTER = TOMORROW + DAY


def trio_of(functions: Functions) -> Trio:
    made = Trio("rest", functions=functions)
    made.call(OPERATOR, PUSH_ARCHIVE, station())
    return made


@pytest.fixture
def trio() -> Trio:
    return trio_of(plain())


def refused(trio: Trio, **changes: Any) -> int:
    query = replace(PlanQuery(resource_id="ST1", plan_date=DAY_AFTER), **changes)
    return refused_code(trio, DISPATCH, QUERY_PLAN, query)[0]


def test_plt_6_1_a_day_without_a_plan_is_foreseen_as_the_day_before(trio: Trio) -> None:
    made = plan()
    submit(trio, made)

    found = asked(trio, plan_date=DAY_AFTER)

    assert (found.curve_kind, found.plan_date) == (CurveKind.FORECAST, DAY_AFTER)
    assert (found.start_time, found.end_time) == (MIDNIGHT + DAY, MIDNIGHT + 2 * DAY)
    assert [each.power for each in found.points] == [each.power for each in made.points]
    assert [each.start_time - DAY for each in found.points] == [
        each.start_time for each in made.points
    ]
    assert (found.resource_id, found.polarity_mode) == (made.resource_id, made.polarity_mode)


def test_plt_6_1_what_was_planned_goes_before_what_is_foreseen(trio: Trio) -> None:
    submit(trio, plan())
    assert asked(trio) == plan()


def test_plt_6_1_a_forecast_is_the_same_whenever_it_is_asked_for_and_is_no_plan(trio: Trio) -> None:
    submit(trio, plan())
    first = asked(trio, plan_date=DAY_AFTER)
    trio.wait(60)
    later = asked(trio, plan_date=DAY_AFTER)
    assert replace(later, submit_time=first.submit_time) == first
    assert first.plan_id != plan().plan_id
    assert trio.stores[PLATFORM].read(lambda view: view.count_documents("PlanCurve")) == 1


def test_plt_6_1_the_newest_of_two_plans_is_what_is_foreseen(trio: Trio) -> None:
    submit(trio, plan())
    trio.wait(1)
    submit(trio, plan(power="70", plan_id="A-later"))
    found = asked(trio, plan_date=DAY_AFTER)
    assert {each.power for each in found.points} == {Decimal(70)}


def test_plt_6_1_a_forecast_that_was_reported_serves_where_there_is_no_plan(trio: Trio) -> None:
    given = replace(plan(power="30"), plan_id="F1", curve_kind=CurveKind.FORECAST)
    first, *others = given.points
    spread = replace(first, quantile_low=Decimal(10), quantile_high=Decimal(40))
    submit(trio, replace(given, points=(spread, *others)))

    found = asked(trio, plan_date=DAY_AFTER)

    assert {each.power for each in found.points} == {Decimal(30)}
    assert all(each.quantile_low is each.quantile_high is None for each in found.points)


@pytest.mark.parametrize(
    "changes",
    [
        {"curve_kind": CurveKind.BASELINE},
        {"curve_kind": CurveKind.UPPER_BOUND},
        {"plan_kind": PlanKind.ROLLING},
        {"plan_date": TODAY},
        {"plan_date": DAY_AFTER + DAY},
        {"resource_id": "ST2"},
    ],
)
def test_plt_6_1_what_nobody_can_foresee_is_4201(trio: Trio, changes: dict[str, Any]) -> None:
    submit(trio, plan())
    assert refused(trio, **changes) == 4201


def test_plt_7_4b_a_forecast_stays_in_the_polarity_of_its_resource() -> None:
    trio = Trio("rest", functions=plain())
    trio.call(OPERATOR, PUSH_ARCHIVE, site(both_ways=True))
    submit(trio, plan(power="-50", polarity_mode=GENERATION))
    found = asked(trio, plan_date=DAY_AFTER)
    assert found.polarity_mode is GENERATION
    assert found.points[0].power == -50


def test_acc_g_5_a_forecast_of_the_embedding_system_takes_the_place_of_ours() -> None:
    def foreseen(query: PlanQuery, view: View, now: Any) -> PlanCurve | None:
        assert view.count_documents("PlanCurve") == 1
        assert now == NOW
        made = plan(power="9", curve_kind=CurveKind.FORECAST)
        return replace(made, plan_id="theirs", plan_date=query.plan_date)

    trio = trio_of(replace(plain(), forecast=foreseen))
    submit(trio, plan())
    assert asked(trio, plan_date=DAY_AFTER).plan_id == "theirs"


def test_acc_g_5_without_a_forecast_there_is_none() -> None:
    trio = trio_of(Functions())
    submit(trio, plan())
    assert refused(trio) == 4201
