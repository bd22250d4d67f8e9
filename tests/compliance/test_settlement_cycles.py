"""Settlement by the month and in real time; accounts are named and not shown. JES-6.5.4b."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.cases.trading import MIDNIGHT, a_settlement, call
from tests.cases.worlds import AGGREGATOR, OPERATOR, World
from vgigw.handlers.trading_day import day_state
from vgigw.objects import IncomeQuery
from vgigw.objects.settlement_enumerations import SettlementCycle
from vgigw.operations import PUBLISH_SETTLEMENT, QUERY_INCOME
from vgigw.rules.day import DayState, dates_of

DAY = timedelta(days=1)
PERIODS = {
    SettlementCycle.MONTHLY: 30 * DAY,
    SettlementCycle.DAILY: DAY,
    SettlementCycle.REAL_TIME: timedelta(minutes=15),
    SettlementCycle.PER_EVENT: timedelta(hours=2),
}
WHOLE_DAYS = {SettlementCycle.MONTHLY, SettlementCycle.DAILY}


@pytest.mark.parametrize("cycle", PERIODS)
def test_jes_6_5_4b_a_month_ends_its_days_and_an_event_does_not(cycle: SettlementCycle) -> None:
    world = World()
    end = MIDNIGHT + PERIODS[cycle]
    told = a_settlement(settlement_cycle=cycle, period_end=end)
    world.act(AGGREGATOR, PUBLISH_SETTLEMENT, told)
    days = dates_of(MIDNIGHT, end)
    states = world.served.store.read(
        lambda view: {day_state(view, AGGREGATOR, "any", day) for day in days}
    )
    assert states == {DayState.SETTLED if cycle in WHOLE_DAYS else DayState.REMUNERATED}


@pytest.mark.parametrize("cycle", PERIODS)
def test_jes_6_5_4b_an_income_tells_its_cycle_and_no_account(cycle: SettlementCycle) -> None:
    world = World()
    end = MIDNIGHT + PERIODS[cycle]
    told = a_settlement(settlement_cycle=cycle, period_end=end)
    world.act(AGGREGATOR, PUBLISH_SETTLEMENT, told)
    (income,) = call(world, OPERATOR, QUERY_INCOME, IncomeQuery()).incomes
    assert (income.settlement_cycle, income.period_end) == (cycle, end)
    members: dict[str, Any] = {name: getattr(income, name) for name in income.__struct_fields__}
    accounts = {share.account_ref for share in told.shares}
    assert not accounts & set(map(str, members.values()))
