"""Jobs by time, or of no stream by name, that may bring some of a held stream. F63, F50."""

from __future__ import annotations

from functools import partial

import pytest

from tests.gateway.test_held_streams import asked
from tests.gateway.test_poison import (
    OTHER_STREAM,
    Refusing,
    came,
    forget_dead,
    held,
    holding,
    sent,
)
from tests.trio import OPERATOR, PLATFORM, STREAM, batch, letters_of, record
from vgigw.errors import InvalidObject
from vgigw.handlers.poison_numbers import hold
from vgigw.handlers.recall import MOST_AT_ONCE
from vgigw.handlers.recall_plan import plans_of
from vgigw.objects import RecallRequest
from vgigw.objects.operating_enumerations import RecallCause
from vgigw.operations import RECALL_DATA
from vgigw.rules.ranges import Range


def by_time(recall_id: str, stream: str | None) -> RecallRequest:
    return RecallRequest(
        recall_id=recall_id,
        requester_id=PLATFORM,
        stream_id=stream,
        time_from=record(1).data_time,
        time_to=record(10).data_time,
        cause=RecallCause.LINK_DOWN,
    )


@pytest.mark.parametrize("stream", [None, STREAM])
def test_f63_jobs_by_time_that_wait_for_a_held_stream_hold_up_no_gap(stream: str | None) -> None:
    trio = holding()
    Refusing(trio, InvalidObject)
    for part in ((1, 3), (4, 6), (7, 9)):
        sent(trio, part)
        trio.tick(1)
    assert held(trio) == ((4, 6),)
    for number in range(MOST_AT_ONCE):
        trio.call(PLATFORM, RECALL_DATA, by_time(f"T{number}", stream), to=OPERATOR)
    trio.tick(3, step_s=1)
    sent(trio, (1, 3), stream=OTHER_STREAM)
    trio.operator.keep(batch(4, 6, stream_id=OTHER_STREAM, batch_id="x"), trio.now)
    sent(trio, (7, 9), stream=OTHER_STREAM)
    trio.tick(40, step_s=10)
    assert came(trio, OTHER_STREAM) == list(range(1, 10))
    left = trio.stores[OPERATOR].read(lambda view: plans_of(view, open_only=True))
    assert len(left) == MOST_AT_ONCE, "they wait for what a person decides"
    forget_dead(trio)
    trio.tick(40, step_s=10)
    assert trio.stores[OPERATOR].read(lambda view: plans_of(view, open_only=True)) == []


def test_f63_jobs_that_may_bring_some_of_a_held_stream_have_no_more_places_than_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("vgigw.handlers.poison.unbrought", lambda *_: [])
    trio = holding()
    for seq in range(1, 10):
        trio.operator.keep(batch(seq, seq, stream_id=OTHER_STREAM, batch_id=f"{seq}"), trio.now)
    hold_some = partial(hold, destination=PLATFORM, owner=OPERATOR, stream=STREAM)
    trio.stores[OPERATOR].write(lambda tx: hold_some(tx, numbers=Range(4, 6), now=trio.now))
    for number in range(2 * MOST_AT_ONCE + 1):
        trio.call(PLATFORM, RECALL_DATA, by_time(f"T{number}", None), to=OPERATOR)
    trio.call(PLATFORM, RECALL_DATA, asked("G", PLATFORM, OTHER_STREAM, 1, 9), to=OPERATOR)
    begun = []
    for _ in range(3):
        trio.operator.do_chores(trio.now)
        plans = trio.stores[OPERATOR].read(plans_of)
        begun.append([plan.request.recall_id for plan in plans if plan.sent])
    assert "G" in begun[0]
    assert [len(each) for each in begun] == [5, 9, 10]


@pytest.mark.parametrize(("holds", "begun"), [(True, [4, 8, 9]), (False, [4, 4, 4])])
def test_f63_only_a_job_that_may_bring_some_of_a_held_stream_leaves_its_place_when_it_is_full(
    holds: bool, begun: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nine rows, a letter for each, while the peer is away: eight may wait of each job."""
    monkeypatch.setattr("vgigw.handlers.poison.unbrought", lambda *_: [])
    letters_of(1, monkeypatch)
    trio = holding()
    for seq in range(1, 10):
        trio.operator.keep(batch(seq, seq, stream_id=OTHER_STREAM, batch_id=f"{seq}"), trio.now)
    for number in range(2 * MOST_AT_ONCE + 1):
        trio.call(PLATFORM, RECALL_DATA, by_time(f"T{number}", None), to=OPERATOR)
    hold_some = partial(hold, destination=PLATFORM, owner=OPERATOR, stream=STREAM)
    if holds:
        trio.stores[OPERATOR].write(lambda tx: hold_some(tx, numbers=Range(4, 6), now=trio.now))
    found = []
    for _ in begun:
        trio.operator.do_chores(trio.now)
        plans = trio.stores[OPERATOR].read(plans_of)
        found.append(sum(plan.sent > 0 for plan in plans))
    assert found == begun
