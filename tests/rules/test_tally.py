"""Days of a connector: sums that sessions go into and out of, without a trace. 102, VGI-T6."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tests.cases.charged import a_status, an_order, energy
from tests.cases.worlds import NOW
from vgigw.objects import SessionState
from vgigw.rules.tally import (
    ConnectorMonth,
    DayTally,
    Share,
    counted,
    share_of,
    tally_key,
    total,
)

kilowatt_hours = st.integers(0, 10**7).map(lambda found: Decimal(found).scaleb(-2))
shares = st.builds(
    Share,
    connector_id=st.just("C1"),
    day=st.dates(date(2026, 11, 1), date(2026, 11, 30)),
    charged=kilowatt_hours,
    discharged=st.none() | kilowatt_hours,
    ended=st.booleans(),
)


def month_of(found: list[Share]) -> ConnectorMonth:
    month = ConnectorMonth()
    for each in found:
        month = counted(month, each, 1)
    return month


@given(st.lists(shares))
def test_vgi_t6_a_day_is_the_sum_of_its_sessions(found: list[Share]) -> None:
    days = month_of(found).days
    assert list(days) == sorted({each.day for each in found})
    for day, tally in days.items():
        of_day = [each for each in found if each.day == day]
        told = [each.discharged for each in of_day if each.discharged is not None]
        assert tally == DayTally(
            charged=sum((each.charged for each in of_day), energy("0")),
            discharged=sum(told, energy("0")),
            counted=len(of_day),
            telling=len(told),
            ended=sum(each.ended for each in of_day),
        )


@given(st.lists(shares), st.data())
def test_a_session_that_is_taken_out_leaves_nothing_behind(
    found: list[Share], data: st.DataObject
) -> None:
    out = data.draw(st.lists(st.sampled_from(found), unique_by=id) if found else st.just([]))
    month = month_of(found)
    for each in out:
        month = counted(month, each, -1)
    left = list(found)
    for each in out:
        left.remove(each)
    assert month == month_of(left)


@given(st.lists(shares), st.randoms(use_true_random=False))
def test_the_order_in_which_sessions_come_makes_no_difference_to_the_last_byte(
    found: list[Share], random: object
) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert msgspec.json.encode(month_of(shuffled)) == msgspec.json.encode(month_of(found))


@given(st.lists(shares))
def test_a_month_is_read_as_it_was_written(found: list[Share]) -> None:
    month = month_of(found)
    assert msgspec.json.decode(msgspec.json.encode(month), type=ConnectorMonth) == month


@given(st.lists(shares))
def test_vgi_t6_a_total_is_the_sum_of_all_days(found: list[Share]) -> None:
    whole = total(list(month_of(found).days.values()))
    assert whole.charged == sum((each.charged for each in found), Decimal(0))
    assert (whole.counted, whole.ended) == (len(found), sum(each.ended for each in found))


def test_vgi_t6_an_order_counts_in_place_of_its_session_s_status() -> None:
    order = an_order(total_power=energy("13"), total_discharge_power=energy("4"))
    share = share_of(order, a_status(end_time=NOW - timedelta(days=1)))
    assert share is not None
    assert (share.charged, share.discharged, share.ended) == (energy("13"), energy("4"), True)
    assert share.day == date(2026, 11, 21)
    assert share_of(None, None) is None


def test_vgi_t6_a_session_has_ended_by_its_order_or_its_state() -> None:
    for state in SessionState:
        share = share_of(None, a_status(start_charge_seq_stat=state))
        assert share is not None
        assert share.ended == (state is SessionState.ENDED)


def test_vgi_t6_a_day_is_one_in_beijing() -> None:
    before = share_of(an_order(end_time=NOW.replace(hour=15, minute=59)), None)
    after = share_of(an_order(end_time=NOW.replace(hour=16)), None)
    assert before is not None
    assert after is not None
    assert (before.day, after.day) == (date(2026, 11, 21), date(2026, 11, 22))


def test_a_month_has_one_key_for_each_connector() -> None:
    assert tally_key("C1", date(2026, 11, 1)) == tally_key("C1", date(2026, 11, 30))
    assert tally_key("C1", date(2026, 11, 30)) != tally_key("C1", date(2026, 12, 1))
    assert tally_key("C1", date(2026, 11, 1)) != tally_key("C2", date(2026, 11, 1))
