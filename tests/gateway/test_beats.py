"""Heartbeats that a gateway sends by itself: the link, and the lost tail of an idle stream.

PLT-7.6b, PLT-9.4; fault F54.
"""

from __future__ import annotations

from typing import Any, cast

import pytest
from msgspec.structs import replace

from tests.trio import BASES, DISPATCH, NOW, OPERATOR, PLATFORM, STREAM, Trio, batch, record
from vgigw.objects import InformationObject
from vgigw.objects.operating_enumerations import LinkState
from vgigw.operations import HEARTBEAT, UPLOAD_TELEMETRY
from vgigw.ports import Duties, LetterState

BEAT_S = 2


def heights(trio: Trio) -> list[tuple[str, int]]:
    """What the operator would tell with its next beat."""
    told: list[tuple[str, int]] = []
    call = trio.operator._exchanges.call

    def heard(*arguments: Any) -> InformationObject:
        told.extend((each.stream_id, each.seq_highest) for each in arguments[2].streams)
        return call(*arguments)

    trio.operator._exchanges.call = heard  # type: ignore[method-assign,assignment]
    trio.operator.beat(PLATFORM, trio.now)
    trio.operator._exchanges.call = call  # type: ignore[method-assign]
    return told


def gaps(trio: Trio, party: str = PLATFORM) -> list[tuple[str, int, int]]:
    found = trio.stores[party].read(lambda view: view.gaps())
    return [(owner, gap.first, gap.last) for owner, _, gap in found]


def lose_tail(trio: Trio, first: int, last: int) -> None:
    """Journalled, and put on no wire."""
    trio.operator.keep(batch(first, last), trio.now)
    trio.operator.do_chores(trio.now)


@pytest.mark.parametrize("door", BASES)
@pytest.mark.parametrize("lost", range(1, 8))
def test_f54_a_lost_tail_of_an_idle_stream_is_there_within_30_s(door: str, lost: int) -> None:
    trio = Trio(door)
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(1, 3), trio.now)
    trio.tick()
    trio.operator.beat(PLATFORM, trio.now)
    lose_tail(trio, 4, 3 + lost)
    if lost % 2:
        trio.restart(OPERATOR)
        trio.restart(PLATFORM)
    begun = trio.now
    while sorted(trio.records()) != list(range(1, 4 + lost)):
        assert (trio.now - begun).total_seconds() < 30
        trio.tick(1, step_s=BEAT_S)
        trio.operator.beat(PLATFORM, trio.now)
    assert gaps(trio) == []


def test_plt_7_6b_a_stream_of_which_nothing_ever_came_is_found_too() -> None:
    trio = Trio()
    lose_tail(trio, 1, 5)
    trio.operator.beat(PLATFORM, trio.now)
    assert gaps(trio) == [(OPERATOR, 1, 5)]
    trio.tick(5, step_s=2)
    assert trio.records() == {seq: record(seq) for seq in range(1, 6)}


def test_plt_7_6b_what_waits_in_the_outbox_is_not_told_as_sent() -> None:
    trio = Trio()
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(1, 3), trio.now)
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(4, 6), trio.now)
    trio.operator.do_chores(trio.now)
    assert heights(trio) == []
    trio.operator.tick(trio.now)
    assert heights(trio) == [(STREAM, 6)]
    assert gaps(trio) == []


def test_plt_7_6b_a_height_that_was_taken_is_told_again_only_after_ten_minutes() -> None:
    trio = Trio()
    lose_tail(trio, 1, 3)
    assert heights(trio) == [(STREAM, 3)]
    trio.wait(BEAT_S)
    assert heights(trio) == []
    lose_tail(trio, 4, 4)
    assert heights(trio) == [(STREAM, 4)]
    trio.wait(601)
    assert heights(trio) == [(STREAM, 4)]


def test_plt_7_6b_a_height_that_was_not_taken_is_told_with_the_next_beat() -> None:
    trio = Trio()
    trio.operator.beat(PLATFORM, trio.now)
    lose_tail(trio, 1, 3)
    trio.net.cut.add(PLATFORM)
    assert trio.operator.beat(PLATFORM, trio.now) is None
    trio.net.cut.clear()
    trio.wait(BEAT_S)
    assert trio.operator.beat(PLATFORM, trio.now) is None, "it is left alone for a moment"
    trio.wait(BEAT_S)
    assert heights(trio) == [(STREAM, 3)]


@pytest.mark.parametrize("refused", [False, True])
def test_f55_a_clock_that_was_set_back_keeps_no_beat_waiting(refused: bool) -> None:
    trio = Trio()
    lose_tail(trio, 1, 3)
    handlers = cast(dict[str, object], trio.platform._inbound._handlers)
    inner = handlers[HEARTBEAT.name]
    if refused:
        del handlers[HEARTBEAT.name]
    else:
        trio.net.cut.add(PLATFORM)
    assert trio.operator.beat(PLATFORM, trio.now) is None
    trio.net.cut.clear()
    handlers[HEARTBEAT.name] = inner
    trio.wait(-3600)
    assert heights(trio) == [(STREAM, 3)]


def test_f55_what_rises_after_the_clock_was_set_back_is_told_with_the_next_beat() -> None:
    trio = Trio()
    lose_tail(trio, 1, 3)
    assert heights(trio) == [(STREAM, 3)]
    trio.wait(120)
    assert heights(trio) == []
    trio.wait(-60)
    lose_tail(trio, 4, 4)
    assert heights(trio) == [(STREAM, 4)]
    trio.wait(BEAT_S)
    assert heights(trio) == []


def test_plt_9_4_a_peer_that_knows_no_beats_is_asked_once_a_minute() -> None:
    def without_beats(duties: Duties) -> Duties:
        left = {name: each for name, each in duties.handlers.items() if name != HEARTBEAT.name}
        return replace(duties, handlers=left)

    trio = Trio(wrap={PLATFORM: without_beats})
    for _ in range(61):
        assert trio.operator.beat(PLATFORM, trio.wait(1)) is None
    refused = [facts for _, event, facts in trio.events if event == "message.refused"]
    assert [facts["kind"] for facts in refused] == ["NotAllowed"] * 2


def test_plt_9_4_who_beats_to_whom_and_what_is_answered() -> None:
    trio = Trio()
    assert trio.operator.beaten == (PLATFORM,)
    assert trio.dispatch.beaten == (PLATFORM,)
    assert trio.platform.beaten == (DISPATCH,)
    first, second = (trio.dispatch.beat(PLATFORM, trio.wait(BEAT_S)) for _ in range(2))
    assert first is not None
    assert second is not None
    assert (first.seq, second.seq, second.state) == (1, 2, LinkState.UP)
    trio.restart(DISPATCH)
    third = trio.dispatch.beat(PLATFORM, trio.wait(BEAT_S))
    assert third is not None
    assert third.seq == 3


def test_plt_7_6b_a_tail_lost_on_the_way_to_dispatch_is_recalled_from_the_platform() -> None:
    """The stream is the operator's, and dispatch knows the platform only."""
    trio = Trio()
    trio.platform.send(DISPATCH, UPLOAD_TELEMETRY, batch(1, 3), trio.now)
    trio.tick()
    trio.platform.keep(batch(4, 6), trio.now)
    trio.platform.do_chores(trio.now)
    trio.platform.beat(DISPATCH, trio.now)
    assert gaps(trio, DISPATCH) == [(OPERATOR, 4, 6)]
    trio.tick(4, step_s=2)
    assert trio.records(DISPATCH) == {seq: record(seq) for seq in range(1, 7)}
    assert gaps(trio, DISPATCH) == []


def test_plt_7_9d_a_hole_at_dispatch_is_recalled_from_whoever_passed_the_stream_on() -> None:
    trio = Trio()
    trio.platform.keep(batch(3, 4), trio.now)
    for made in (batch(1, 2), batch(5, 6)):
        trio.platform.send(DISPATCH, UPLOAD_TELEMETRY, made, trio.now)
    trio.tick(4, step_s=2)
    assert trio.records(DISPATCH) == {seq: record(seq) for seq in range(1, 7)}
    states = {letter.state for letter in trio.letters(DISPATCH)}
    assert states == {LetterState.DELIVERED}
    assert trio.now > NOW
