"""Alarms: kept by who raises them, told to dispatch, over once for ever. PLT-6.8b, PLT-7.9c."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest

from tests.cases.applied import HOUR, a_clear, an_alarm
from tests.cases.trading import call, faults, refusal, sent
from tests.cases.worlds import (
    AGGREGATOR,
    DISPATCH,
    EXCHANGE,
    NOW,
    OPERATOR,
    OTHER,
    PLATFORM,
    SUPERVISOR,
    World,
)
from vgigw import operations as ops
from vgigw.errors import Conflict, IllegalState
from vgigw.handlers import alarms
from vgigw.handlers.alarm_raising import Matter, clear_alarm, raise_alarm
from vgigw.objects import (
    AlarmDomain,
    AlarmEvent,
    AlarmLevel,
    AlarmObjectKind,
    AlarmQuery,
    AlarmState,
)

PUSH, CLEAR, QUERY = ops.PUSH_ALARM, ops.CLEAR_ALARM, ops.QUERY_ALARMS
RAISED, CLEARED = AlarmState.RAISED, AlarmState.CLEARED
HOT = Matter(
    code="HOT",
    domain=AlarmDomain.PERFORMANCE,
    object_kind=AlarmObjectKind.PLATFORM,
    object_id="CPU",
)


@pytest.fixture
def world() -> World:
    return World()


def seen(world: World, party: str, **asked: Any) -> list[AlarmEvent]:
    found: list[AlarmEvent] = list(call(world, party, QUERY, AlarmQuery(**asked)).alarm_events)
    return found


def told(world: World) -> list[str]:
    """Identifiers of the alarms that dispatch was told."""
    return [each.alarm_id for _, each in sent(world, PUSH)]  # type: ignore[attr-defined]


def raising(world: World, matter: Matter = HOT) -> AlarmEvent:
    """The platform raises an alarm of its own."""
    return world.served.store.write(
        lambda tx: raise_alarm(world.served.identity, matter, tx, world.clock.now())
    )


def clearing(world: World, matter: Matter = HOT) -> bool:
    return world.served.store.write(
        lambda tx: clear_alarm(world.served.identity, matter, tx, world.clock.now())
    )


def test_plt_6_8b_an_alarm_of_the_south_goes_up_to_dispatch_at_once(world: World) -> None:
    assert call(world, OPERATOR, PUSH, an_alarm()).object_id == "A1"
    assert sent(world, PUSH) == [(DISPATCH, an_alarm())]
    assert [each.alarm_state for each in seen(world, DISPATCH)] == [RAISED]


def test_plt_7_9c_one_from_the_north_stays_with_who_raised_it(world: World) -> None:
    call(world, EXCHANGE, PUSH, an_alarm())
    assert sent(world, PUSH) == []
    assert [len(seen(world, each)) for each in (EXCHANGE, SUPERVISOR, DISPATCH, OPERATOR)] == [
        1,
        1,
        0,
        0,
    ]


@pytest.mark.parametrize(("party", "apart_s"), [(OPERATOR, 0), (DISPATCH, 300)])
def test_plt_7_9c_no_alarm_is_over_before_it_began_4004(
    world: World, party: str, apart_s: int
) -> None:
    """By one clock, or by two that are minutes apart."""
    call(world, OPERATOR, PUSH, an_alarm(occur_time=NOW))
    first = NOW - timedelta(seconds=apart_s)
    early = a_clear(clear_time=first - timedelta(milliseconds=1))
    assert faults(world, party, CLEAR, early) == ["/ClearTime"]
    call(world, party, CLEAR, a_clear(clear_time=first))


def test_plt_7_9c_an_alarm_that_is_over_is_not_raised_again_4203(world: World) -> None:
    call(world, OPERATOR, PUSH, an_alarm())
    call(world, OPERATOR, CLEAR, a_clear())
    assert refusal(world, OPERATOR, PUSH, an_alarm(alarm_state=RAISED)) == 4203
    assert refusal(world, OPERATOR, CLEAR, a_clear(clear_time=NOW + 2 * HOUR)) == 4203
    assert refusal(world, OPERATOR, PUSH, an_alarm(alarm_state=CLEARED)) == 4203
    assert seen(world, OPERATOR, open_only=True) == []
    ((party, clear),) = sent(world, CLEAR)
    assert (party, clear) == (DISPATCH, a_clear())


def test_plt_7_9c_an_end_may_come_without_its_beginning_and_as_a_push(world: World) -> None:
    call(world, OPERATOR, PUSH, an_alarm(alarm_state=CLEARED, clear_time=NOW))
    assert [each.alarm_state for each in seen(world, OPERATOR)] == [CLEARED]
    call(world, OPERATOR, PUSH, an_alarm("A2"))
    call(world, OPERATOR, PUSH, an_alarm("A2", alarm_state=CLEARED, clear_time=NOW))
    assert seen(world, DISPATCH, open_only=True) == []


def test_plt_8_12_an_alarm_of_another_party_does_not_exist(world: World) -> None:
    call(world, OPERATOR, PUSH, an_alarm())
    for stranger in (OTHER, AGGREGATOR, EXCHANGE, SUPERVISOR):
        assert refusal(world, stranger, CLEAR, a_clear()) == 4201
    assert seen(world, OTHER) == []
    assert [each.alarm_state for each in seen(world, OPERATOR)] == [RAISED]


def test_plt_8_12_the_same_identifier_of_two_parties_is_two_alarms(world: World) -> None:
    call(world, OPERATOR, PUSH, an_alarm())
    call(world, OTHER, PUSH, an_alarm(object_id="ST2"))
    first, second = told(world)
    assert first == "A1" != second
    assert {each.alarm_id for each in seen(world, DISPATCH)} == {first, second}
    assert [each.alarm_id for each in seen(world, OTHER)] == ["A1"]

    call(world, DISPATCH, CLEAR, a_clear(second))
    assert seen(world, OTHER, open_only=True) == []
    assert len(seen(world, OPERATOR, open_only=True)) == 1
    call(world, OPERATOR, CLEAR, a_clear())
    assert [clear.alarm_id for _, clear in sent(world, CLEAR)] == ["A1"]  # type: ignore[attr-defined]


def test_plt_8_12_nobody_takes_the_identifier_that_another_will_be_told_under(
    world: World,
) -> None:
    forged = hashlib.sha256(f"{OTHER}/A1".encode()).hexdigest()[:40]
    call(world, OPERATOR, PUSH, an_alarm("A1"))
    call(world, OPERATOR, PUSH, an_alarm(forged))
    call(world, OTHER, PUSH, an_alarm("A1"))
    assert len(set(told(world))) == 3


def test_plt_7_9c_dispatch_clears_what_it_was_told_and_what_it_raised(world: World) -> None:
    call(world, OPERATOR, PUSH, an_alarm())
    call(world, DISPATCH, PUSH, an_alarm())
    call(world, DISPATCH, CLEAR, a_clear())
    call(world, DISPATCH, CLEAR, a_clear(clear_time=NOW + 2 * HOUR))
    assert seen(world, SUPERVISOR, open_only=True) == []
    assert refusal(world, DISPATCH, CLEAR, a_clear(clear_time=NOW + 3 * HOUR)) == 4203
    assert refusal(world, DISPATCH, CLEAR, a_clear("A9")) == 4201


def test_plt_7_9c_an_alarm_of_our_own_is_one_a_matter_and_counts(world: World) -> None:
    first = raising(world)
    again = raising(world)
    assert (again.alarm_id, again.repeat_count) == (first.alarm_id, 1)
    assert told(world) == [first.alarm_id]
    assert clearing(world)
    assert not clearing(world)
    later = raising(world)
    assert later.alarm_id != first.alarm_id
    assert told(world) == [first.alarm_id, later.alarm_id]


def test_plt_7_9c_what_is_sent_by_hand_does_not_bear_another_partys_name(world: World) -> None:
    call(world, OPERATOR, PUSH, an_alarm())
    with pytest.raises(Conflict):
        world.act(DISPATCH, PUSH, an_alarm())
    world.act(DISPATCH, PUSH, an_alarm("A2"))
    world.act(DISPATCH, CLEAR, a_clear("A2"))
    with pytest.raises(IllegalState):
        world.act(DISPATCH, PUSH, an_alarm("A2"))


def test_plt_7_9c_dispatch_keeps_what_a_platform_tells() -> None:
    world = World(DISPATCH)
    call(world, PLATFORM, PUSH, an_alarm())
    call(world, PLATFORM, CLEAR, a_clear())
    assert refusal(world, PLATFORM, PUSH, an_alarm(alarm_state=RAISED)) == 4203
    assert refusal(world, PLATFORM, CLEAR, a_clear("A9")) == 4201


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["A3", "A2", "A1"]),
        ({"alarm_domain": AlarmDomain.GRID}, ["A2"]),
        ({"alarm_level": AlarmLevel.MAJOR}, ["A3", "A1"]),
        ({"object_id": "ST2"}, ["A3"]),
        ({"time_from": NOW + HOUR}, ["A3", "A2"]),
        ({"time_to": NOW + HOUR}, ["A1"]),
        ({"time_from": NOW, "time_to": NOW + 2 * HOUR}, ["A2", "A1"]),
        ({"page_no": 2, "page_size": 2}, ["A1"]),
        ({"page_no": 3, "page_size": 2}, []),
    ],
)
def test_plt_7_9c_alarms_are_found_by_what_is_asked_newest_first(
    world: World, asked: dict[str, Any], found: list[str]
) -> None:
    call(world, OPERATOR, PUSH, an_alarm())
    low = {"alarm_domain": AlarmDomain.GRID, "alarm_level": AlarmLevel.INFO}
    call(world, OPERATOR, PUSH, an_alarm("A2", occur_time=NOW + HOUR, **low))
    call(world, OPERATOR, PUSH, an_alarm("A3", occur_time=NOW + 2 * HOUR, object_id="ST2"))
    world.clock.move_to(NOW + 3 * HOUR)
    assert [each.alarm_id for each in seen(world, DISPATCH, **asked)] == found


def test_plt_7_9c_a_party_that_raises_without_end_blinds_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarms, "MOST_OPEN", 2)
    for name in ("A1", "A2"):
        call(world, OPERATOR, PUSH, an_alarm(name))
    assert refusal(world, OPERATOR, PUSH, an_alarm("A3")) == 4302
    call(world, OTHER, PUSH, an_alarm("A3"))
    call(world, OPERATOR, PUSH, an_alarm("A1", alarm_state=CLEARED, clear_time=NOW))
    call(world, OPERATOR, PUSH, an_alarm("A3"))
    assert len(seen(world, DISPATCH, open_only=True)) == 3
