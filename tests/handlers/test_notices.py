"""Notices: to whom they speak, who read them, one alarm for what was not read. PLT-8.6."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.cases.applied import DAY, HOUR, a_notice, a_reading
from tests.cases.trading import call, faults, refusal, sent
from tests.cases.worlds import (
    AGGREGATOR,
    DISPATCH,
    EXCHANGE,
    NOW,
    OEM,
    OPERATOR,
    OTHER,
    PLATFORM,
    SUPERVISOR,
    World,
    identity_of,
)
from tests.stores.fresh import store_at
from vgigw import operations as ops
from vgigw.errors import Conflict, InvalidObject, NotAllowed
from vgigw.gateway import Gateway
from vgigw.handlers import builtin
from vgigw.objects import AlarmClear, AlarmState, PolicyNotice, Reading
from vgigw.objects.notices import EVERYBODY
from vgigw.ports import Store
from vgigw.testing.loopback import FakeClock, LoopbackSender

PUBLISH, CONFIRM = ops.PUBLISH_NOTICE, ops.CONFIRM_NOTICE


@pytest.fixture
def world() -> World:
    return World()


def unread(world: World) -> list[Any]:
    """What dispatch was told of what was not read, and that it is over."""
    told = [each for _, each in sent(world, ops.PUSH_ALARM, ops.CLEAR_ALARM)]
    return [each for each in told if each.alarm_id.startswith("NOTICE_UNREAD")]  # type: ignore[attr-defined]


def pass_time(world: World, by: timedelta) -> None:
    world.clock.move_to(world.clock.now() + by)
    world.served.do_chores(world.clock.now())


def test_plt_8_6_a_notice_goes_to_its_audience_and_to_nobody_else(world: World) -> None:
    receipt = call(world, DISPATCH, PUBLISH, a_notice())
    assert (receipt.object_id, receipt.receive_time) == ("N1", NOW)
    assert sent(world, PUBLISH) == [(OPERATOR, a_notice())]


def test_plt_8_12_who_else_is_addressed_and_has_read_it_is_told_to_nobody(world: World) -> None:
    read = (Reading(party_id=OTHER, time=NOW),)
    call(world, DISPATCH, PUBLISH, a_notice(audience=(OPERATOR, AGGREGATOR, OPERATOR)))
    call(world, DISPATCH, PUBLISH, a_notice("N2", audience=(EVERYBODY, OTHER), receipts=read))
    told = sent(world, PUBLISH)
    assert told[:2] == [
        (OPERATOR, a_notice()),
        (AGGREGATOR, a_notice(audience=(AGGREGATOR,))),
    ]
    assert {party for party, _ in told[2:]} == {OPERATOR, OTHER, AGGREGATOR, OEM}
    assert {each for _, each in told[2:]} == {a_notice("N2", audience=(EVERYBODY,))}


def test_plt_8_6_a_period_that_is_none_is_4004(world: World) -> None:
    wrong = a_notice(effective_to=NOW)
    assert faults(world, DISPATCH, PUBLISH, wrong) == ["/EffectiveTo"]
    with pytest.raises(InvalidObject):
        world.act(OPERATOR, PUBLISH, wrong)


def test_plt_8_12_two_issuers_may_choose_one_identifier_and_both_are_read(world: World) -> None:
    call(world, DISPATCH, PUBLISH, a_notice())
    receipt = call(world, EXCHANGE, PUBLISH, a_notice(title="another"))
    assert receipt.object_id == "N1"
    (_, first), (_, second) = sent(world, PUBLISH)
    assert isinstance(first, PolicyNotice)
    assert isinstance(second, PolicyNotice)
    assert (first.notice_id, second.title) == ("N1", "another")
    assert second.notice_id != "N1"

    call(world, OPERATOR, CONFIRM, a_reading(second.notice_id))
    assert sent(world, CONFIRM) == [(EXCHANGE, a_reading("N1"))]
    call(world, OPERATOR, CONFIRM, a_reading("N1"))
    assert sent(world, CONFIRM)[1:] == [(DISPATCH, a_reading("N1"))]


def test_plt_8_6_what_is_published_under_our_own_name_is_not_published_anew(world: World) -> None:
    call(world, DISPATCH, PUBLISH, a_notice())
    with pytest.raises(Conflict):
        world.act(OPERATOR, PUBLISH, a_notice())
    world.act(OPERATOR, PUBLISH, a_notice("N2"))
    with pytest.raises(Conflict):
        world.act(OPERATOR, PUBLISH, a_notice("N2", title="another"))
    with pytest.raises(NotAllowed):
        world.act(OTHER, PUBLISH, a_notice("N3"))


def test_plt_8_6_only_an_addressee_confirms_and_for_itself_only(world: World) -> None:
    call(world, DISPATCH, PUBLISH, a_notice())
    assert refusal(world, OTHER, CONFIRM, a_reading(party=OTHER)) == 4201
    assert refusal(world, OTHER, CONFIRM, a_reading()) == 4301
    assert refusal(world, OPERATOR, CONFIRM, a_reading("N9")) == 4201
    assert call(world, OPERATOR, CONFIRM, a_reading()).object_id == "N1"
    assert refusal(world, OPERATOR, CONFIRM, a_reading(read_time=NOW + HOUR)) == 4202


def test_plt_8_6_dispatch_learns_of_every_reading_and_keeps_it() -> None:
    world = World(DISPATCH)
    world.act(PLATFORM, PUBLISH, a_notice(audience=(EVERYBODY,)))
    call(world, PLATFORM, CONFIRM, a_reading())
    call(world, PLATFORM, CONFIRM, a_reading(party=OTHER))
    assert refusal(world, PLATFORM, CONFIRM, a_reading("N9")) == 4201


def test_plt_8_6_two_platforms_may_choose_one_identifier() -> None:
    world = World(OPERATOR)
    call(world, PLATFORM, PUBLISH, a_notice())
    world.act(PLATFORM, CONFIRM, a_reading())
    world.act(AGGREGATOR, CONFIRM, a_reading(read_time=NOW + HOUR))
    with pytest.raises(Conflict):
        world.act(PLATFORM, CONFIRM, a_reading(read_time=NOW + HOUR))


def test_plt_8_6_what_was_not_read_in_time_is_one_alarm_that_ends_when_it_is(
    world: World,
) -> None:
    call(world, DISPATCH, PUBLISH, a_notice(audience=(OPERATOR, AGGREGATOR)))
    call(world, AGGREGATOR, CONFIRM, a_reading(party=AGGREGATOR))
    pass_time(world, DAY - timedelta(milliseconds=1))
    assert unread(world) == []
    pass_time(world, timedelta(milliseconds=1))
    (alarm,) = unread(world)
    assert (alarm.alarm_code, alarm.object_id) == ("NOTICE_UNREAD", "N1")
    assert alarm.alarm_state is AlarmState.RAISED
    assert OPERATOR in alarm.detail
    assert AGGREGATOR not in alarm.detail

    pass_time(world, 30 * DAY)
    assert unread(world) == [alarm]
    call(world, OPERATOR, CONFIRM, a_reading())
    (clear,) = unread(world)[1:]
    assert isinstance(clear, AlarmClear)
    assert clear.alarm_id == alarm.alarm_id
    pass_time(world, DAY)
    assert unread(world) == [alarm, clear]


def test_plt_8_6_what_everybody_read_in_time_is_no_alarm(world: World) -> None:
    call(world, DISPATCH, PUBLISH, a_notice())
    call(world, OPERATOR, CONFIRM, a_reading())
    pass_time(world, 30 * DAY)
    assert unread(world) == []


@pytest.mark.parametrize(
    ("changes", "due"),
    [
        ({"receipt_deadline": NOW + HOUR}, HOUR),
        ({"effective_from": NOW + 3 * HOUR}, 3 * HOUR),
        ({"effective_from": NOW + 3 * HOUR, "receipt_deadline": NOW + HOUR}, HOUR),
        ({"effective_from": NOW - DAY}, DAY),
    ],
)
def test_plt_8_6_when_a_notice_must_have_been_read(
    world: World, changes: dict[str, Any], due: timedelta
) -> None:
    call(world, DISPATCH, PUBLISH, a_notice(**changes))
    pass_time(world, due - timedelta(milliseconds=1))
    assert unread(world) == []
    pass_time(world, timedelta(milliseconds=1))
    assert len(unread(world)) == 1


def test_plt_8_6_what_needs_no_receipt_is_never_an_alarm(world: World) -> None:
    call(world, DISPATCH, PUBLISH, a_notice(receipt_required=False))
    pass_time(world, 30 * DAY)
    assert unread(world) == []


def test_plt_8_6_who_was_never_reached_has_not_read_it(world: World) -> None:
    call(world, DISPATCH, PUBLISH, a_notice(audience=(OPERATOR, "999999999")))
    call(world, OPERATOR, CONFIRM, a_reading())
    pass_time(world, DAY)
    (alarm,) = unread(world)
    assert "999999999" in alarm.detail


def test_plt_8_6_our_own_notice_is_watched_once_for_all_it_is_sent_to(world: World) -> None:
    everybody = a_notice(audience=(EVERYBODY,))
    for party in (OPERATOR, OTHER):
        world.act(party, PUBLISH, everybody)
    pass_time(world, DAY)
    (alarm,) = unread(world)
    assert all(each in alarm.detail for each in (OPERATOR, OTHER, AGGREGATOR, OEM))


@pytest.fixture
def restarted(tmp_path: Path) -> Callable[[], tuple[Gateway, Store]]:
    """A platform on the same file, opened anew at each call."""

    def start() -> tuple[Gateway, Store]:
        identity = identity_of(PLATFORM)
        store = store_at(tmp_path / "store.db")
        sender = LoopbackSender(FakeClock(NOW))
        duties = builtin(identity)
        gateway = Gateway(identity=identity, store=store, duties=duties, couriers={}, sender=sender)
        return gateway, store

    return start


def test_plt_8_6_a_restart_neither_forgets_an_alarm_nor_raises_it_twice(
    restarted: Callable[[], tuple[Gateway, Store]],
) -> None:
    gateway, store = restarted()
    gateway.send(OPERATOR, PUBLISH, a_notice(), NOW)
    store.close()
    for days in (1, 2, 3):
        gateway, store = restarted()
        gateway.do_chores(NOW + days * DAY)
        letters = store.read(lambda view: view.letters())
        # The notice itself was not delivered for a day: that is an alarm of its own.
        assert [each.operation for each in letters].count(ops.PUSH_ALARM.name) == 2
        store.close()


@pytest.mark.parametrize("stranger", [SUPERVISOR, OPERATOR])
def test_plt_8_6_whoever_issues_no_notices_is_4301(world: World, stranger: str) -> None:
    assert refusal(world, stranger, PUBLISH, replace(a_notice(), audience=(OTHER,))) == 4301
