"""A long history of alarms refuses no query and makes a page no dearer. PLT-7.9c."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from tests.cases.applied import an_alarm
from tests.trio import DISPATCH, NOW, OPERATOR, OTHER, PLATFORM, Trio
from vgigw import operations as ops
from vgigw.handlers import alarm_times
from vgigw.handlers.alarm_raising import store_alarm
from vgigw.objects import AlarmClear, AlarmLevel, AlarmPage, AlarmQuery, AlarmState
from vgigw.ports import Document
from vgigw.rules.alarm import cleared
from vgigw.stores import sql_records

_EVERY = timedelta(minutes=7)


def happened(number: int) -> datetime:
    return NOW - _EVERY * (number + 1)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kinds of the documents that were read, each time one was."""
    kinds: list[str] = []
    plain = sql_records.document_of

    def counting(columns: tuple[Any, ...]) -> Document:
        kinds.append(columns[0])
        return plain(columns)

    monkeypatch.setattr(sql_records, "document_of", counting)
    return kinds


def alarms(trio: Trio, owner: str, number: int, **changed: Any) -> None:
    """As many alarms of ``owner``, the first the newest; every tenth is not over."""

    def work(tx: Any) -> None:
        for each in range(number):
            raised = {"alarm_state": AlarmState.RAISED, "occur_time": happened(each)}
            alarm = an_alarm(f"H{each}", **raised, **changed)
            if each % 10:
                clear = AlarmClear(alarm_id=alarm.alarm_id, clear_time=alarm.occur_time + _EVERY)
                alarm = cleared(alarm, clear)
            store_alarm(alarm, owner, tx, NOW)

    trio.stores[PLATFORM].write(work)


def page(trio: Trio, party: str, **asked: Any) -> AlarmPage:
    found: AlarmPage = trio.call(party, ops.QUERY_ALARMS, AlarmQuery(**asked))
    return found


def names(found: AlarmPage) -> list[str]:
    return [each.alarm_id for each in found.alarm_events]


@pytest.mark.parametrize("party", [OPERATOR, DISPATCH])
def test_plt_7_9c_a_page_of_a_long_history_reads_no_more_than_one_of_a_short(
    read: list[str], party: str
) -> None:
    looked_at = []
    for number in (40, 400):
        trio = Trio()
        alarms(trio, OPERATOR, number)
        read.clear()
        found = page(trio, party, page_no=2, page_size=10)
        assert (found.item_size, found.page_count) == (number, number // 10)
        assert [each.occur_time for each in found.alarm_events] == [
            happened(each) for each in range(10, 20)
        ]
        looked_at.append(len(read))
    assert looked_at[0] == looked_at[1] <= 100


def test_plt_7_9c_times_and_what_is_open_are_found_without_reading_the_rest(
    read: list[str],
) -> None:
    trio = Trio()
    alarms(trio, OPERATOR, 300)
    read.clear()
    found = page(trio, OPERATOR, time_from=happened(209), time_to=happened(199))
    assert names(found) == [f"H{each}" for each in range(200, 210)]
    assert found.item_size == 10
    opened = page(trio, OPERATOR, open_only=True, page_size=50)
    assert names(opened) == [f"H{each}" for each in range(0, 300, 10)]
    assert {each.alarm_state for each in opened.alarm_events} == {AlarmState.RAISED}
    assert len(read) <= 10 + 30


def test_plt_7_9c_the_alarms_of_several_parties_are_one_row_by_time() -> None:
    trio = Trio()
    alarms(trio, OPERATOR, 12)
    alarms(trio, OTHER, 12)
    found = [each for no in (1, 2, 3) for each in page(trio, DISPATCH, page_no=no).alarm_events]
    times = [each.occur_time for each in found]
    assert times == sorted([happened(each) for each in range(12)] * 2, reverse=True)
    assert page(trio, DISPATCH, page_no=4).alarm_events == ()


def test_plt_7_9c_what_no_index_finds_is_looked_for_among_the_newest_and_never_refused(
    monkeypatch: pytest.MonkeyPatch, read: list[str]
) -> None:
    monkeypatch.setattr(alarm_times, "MOST_LOOKED_THROUGH", 30)
    monkeypatch.setattr(alarm_times, "_AT_A_TIME", 10)
    trio = Trio()
    alarms(trio, OPERATOR, 100, alarm_level=AlarmLevel.CRITICAL)
    read.clear()
    found = page(trio, OPERATOR, alarm_level=AlarmLevel.CRITICAL, page_size=10, page_no=3)
    assert names(found) == [f"H{each}" for each in range(20, 30)]
    assert (found.item_size, found.page_count) == (30, 3)
    assert len(read) <= 40
    before = page(trio, OPERATOR, alarm_level=AlarmLevel.CRITICAL, time_to=happened(29))
    assert names(before)[0] == "H30"


def test_plt_7_9c_an_alarm_whose_time_is_mended_stands_at_one_place() -> None:
    trio = Trio()
    for number in (3, 9):
        event = an_alarm("A", occur_time=happened(number))
        keep = partial(store_alarm, event, OPERATOR, now=NOW)
        trio.stores[PLATFORM].write(lambda tx, keep=keep: keep(tx=tx))  # type: ignore[misc]
    found = page(trio, OPERATOR)
    assert (found.item_size, names(found)) == (1, ["A"])
    assert found.alarm_events[0].occur_time == happened(9)
