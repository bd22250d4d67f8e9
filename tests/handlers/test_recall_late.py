"""What a recall lacked and upstream brings late: cut to what was asked, counted, never sent twice.

PLT-7.6d, PLT-7.9d.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.handlers.test_recall import job, recall
from tests.trio import DISPATCH, NOW, OPERATOR, OTHER, PLATFORM, STREAM, Trio, batch, record
from vgigw.handlers.recall_plan import RecallPlan, plans_of
from vgigw.handlers.recall_upstream import UPSTREAM_WAIT
from vgigw.objects.operating_enumerations import JobState
from vgigw.operations import UPLOAD_TELEMETRY, Lane
from vgigw.ports import LetterState


def lacking(*held: tuple[int, int]) -> Trio:
    """A platform that holds rows of these numbers, and whose upstream does not answer it."""
    trio = Trio()
    for first, last in held:
        trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(first, last))
    trio.net.cut.add(OPERATOR)
    return trio


def step(trio: Trio, wait_s: float = 1) -> None:
    trio.platform.tick(trio.wait(wait_s))
    trio.dispatch.tick(trio.now)


def plan_in(trio: Trio) -> RecallPlan:
    (plan,) = trio.stores[PLATFORM].read(plans_of)
    return plan


def test_plt_7_6d_a_late_row_is_cut_to_what_was_asked_for() -> None:
    """Asked for are 4 to 7; they come in rows of 3 to 5 and of 6 to 8."""
    trio = lacking((1, 2), (9, 10))
    receipt = recall(trio, stream_id=STREAM, seq_from=4, seq_to=7)
    assert (receipt.count, receipt.seq_first, receipt.seq_last) == (0, None, None)
    step(trio)
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(6, 8))
    step(trio)
    half = job(trio, receipt)
    assert (half.state, half.seq_first, half.seq_last) == (JobState.RUNNING, 6, 7)
    assert (half.progress.total, half.progress.sent, half.progress.missing) == (2, 2, 2)
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(3, 5))
    step(trio)
    step(trio)
    ended = job(trio, receipt)
    assert (ended.state, ended.seq_first, ended.seq_last) == (JobState.DONE, 4, 7)
    assert (ended.progress.total, ended.progress.sent, ended.progress.missing) == (4, 4, 0)
    assert trio.records(DISPATCH) == {seq: record(seq) for seq in range(4, 8)}


def test_plt_7_9d_of_three_gaps_one_that_comes_and_two_that_do_not_are_told_apart() -> None:
    trio = lacking((1, 2), (5, 6), (9, 10), (14, 14))
    receipt = recall(trio, stream_id=STREAM, seq_from=1, seq_to=14)
    step(trio)
    assert [(e.first, e.last) for e in plan_in(trio).awaited] == [(3, 4), (7, 8), (11, 13)]
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(7, 7))
    step(trio)
    awaited = plan_in(trio).awaited
    assert [(e.owner, e.stream, e.first, e.last) for e in awaited] == [
        (OPERATOR, STREAM, 3, 4),
        (OPERATOR, STREAM, 8, 8),
        (OPERATOR, STREAM, 11, 13),
    ]
    step(trio, UPSTREAM_WAIT.total_seconds())
    step(trio)
    ended = job(trio, receipt)
    assert (ended.state, ended.progress.missing) == (JobState.PARTIAL, 6)
    held = (1, 2, 5, 6, 7, 9, 10, 14)
    assert trio.records(DISPATCH) == {seq: record(seq) for seq in held}


@pytest.mark.parametrize("room", [1, 2, 5])
def test_plt_7_9d_of_what_comes_late_no_more_waits_than_of_anything_else(
    room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seven late rows of four gaps while the peer is away: its outbox gets no more than a share."""
    monkeypatch.setattr("vgigw.handlers.recall_plan._IN_FLIGHT", room)
    trio = lacking((1, 1), (19, 19), (29, 29), (39, 39), (49, 49))
    recall(trio, stream_id=STREAM, seq_from=1, seq_to=49)
    for _ in range(8):
        step(trio)
    before = plan_in(trio)
    assert (before.sent, len(before.awaited)) == (5, 4)
    late = (11, 21, 31, 41, 13, 23, 33)
    for seq in late:
        trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(seq, seq))
    trio.net.cut.add(DISPATCH)
    for _ in range(3):
        trio.platform.do_chores(trio.wait(1))
        assert plan_in(trio).sent - before.sent == room
    trio.net.cut.remove(DISPATCH)
    for _ in range(30):
        step(trio)
    assert plan_in(trio).sent - before.sent == len(late)
    assert set(trio.records(DISPATCH)) == {1, 19, 29, 39, 49, *late}


def test_plt_7_9d_nothing_is_given_up_while_there_is_no_room_for_what_came() -> None:
    """The rate leaves no room at the moment when the wait is over: what came goes out first."""
    trio = lacking((1, 2), (5, 6))
    receipt = recall(trio, stream_id=STREAM, seq_from=1, seq_to=6, rate_limit=1)
    for _ in range(6):
        step(trio)
    step(trio, UPSTREAM_WAIT.total_seconds() - 8)
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(3, 4))
    for _ in range(10):
        step(trio)
    assert job(trio, receipt).state is JobState.DONE
    assert sorted(trio.records(DISPATCH)) == [1, 2, 3, 4, 5, 6]


def test_plt_7_9d_what_came_is_not_given_up_when_the_wait_ends_before_all_had_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One letter at a time: the wait is over with the first of two, and the second goes, too."""
    monkeypatch.setattr("vgigw.handlers.recall_plan._IN_FLIGHT", 1)
    trio = lacking((1, 1), (3, 3), (5, 5))
    receipt = recall(trio, stream_id=STREAM, seq_from=2, seq_to=4)
    for _ in range(4):
        step(trio)
    for seq in (2, 4):
        trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(seq, seq))
    for wait_s in (UPSTREAM_WAIT.total_seconds(), 1, 1, 1):
        step(trio, wait_s)
    ended = job(trio, receipt)
    assert (ended.state, ended.progress.sent) == (JobState.DONE, 3)


@pytest.mark.parametrize(("early_s", "left"), [(0.001, 2), (0.0, 0)])
def test_plt_7_9d_the_wait_ends_at_its_moment_with_room_for_one_letter(
    early_s: float, left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vgigw.handlers.recall_plan._IN_FLIGHT", 1)
    trio = lacking((1, 1), (3, 3), (5, 5))
    recall(trio, stream_id=STREAM, seq_from=1, seq_to=5)
    begun = trio.now
    for _ in range(4):
        step(trio)
    over = UPSTREAM_WAIT.total_seconds() - (trio.now - begun).total_seconds()
    trio.platform.do_chores(trio.wait(over - early_s))
    after = plan_in(trio)
    assert (len(after.awaited), after.given_up) == (left, 2 - left)


@pytest.mark.parametrize(("owner", "stream"), [(OTHER, STREAM), (OPERATOR, "another")])
def test_plt_7_6d_numbers_of_another_stream_are_not_what_is_awaited(
    owner: str, stream: str
) -> None:
    trio = lacking((1, 2), (5, 6))
    recall(trio, stream_id=STREAM, seq_from=1, seq_to=6)
    step(trio)
    foreign = replace(batch(3, 4), source_id=owner, stream_id=stream)
    trio.call(owner, UPLOAD_TELEMETRY, foreign)
    step(trio)
    plan = plan_in(trio)
    awaited = [(each.owner, each.first, each.last) for each in plan.awaited]
    assert (plan.sent, awaited) == (4, [(OPERATOR, 3, 4)])


def test_plt_7_6d_a_recall_by_time_awaits_the_gaps_of_each_of_its_streams() -> None:
    """Streams of one name are two where they have two owners."""
    trio = Trio()
    gaps = {(OPERATOR, "A", 3, 4), (OPERATOR, "B", 3, 5), (OTHER, "A", 3, 6)}
    for owner, stream, first, last in gaps:
        for held in (batch(1, 2), batch(last + 1, last + 2)):
            part = replace(held, source_id=owner, stream_id=stream)
            trio.call(owner, UPLOAD_TELEMETRY, part)
        assert first == 3
    trio.net.cut |= {OPERATOR, OTHER}
    receipt = recall(trio, time_from=NOW - timedelta(hours=1), time_to=NOW + timedelta(minutes=1))
    found = [(each.owner, each.stream, each.first, each.last) for each in plan_in(trio).awaited]
    assert sorted(found) == sorted(gaps)
    step(trio)
    late = replace(batch(3, 5), stream_id="B")
    trio.call(OPERATOR, UPLOAD_TELEMETRY, late)
    step(trio)
    after = job(trio, receipt)
    assert (after.progress.sent, after.seq_first, after.seq_last) == (15, None, None)


def test_plt_7_6d_of_a_late_row_nothing_goes_out_that_had_gone_out_before() -> None:
    """Held are 1 and 2, and 5 and 6, and they were sent; then 2 to 5 come in one row."""
    trio = lacking((1, 2), (5, 6))
    receipt = recall(trio, stream_id=STREAM, seq_from=1, seq_to=6)
    step(trio)
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(2, 5))
    step(trio)
    step(trio)
    ended = job(trio, receipt)
    assert (ended.state, ended.progress.sent, ended.progress.total) == (JobState.DONE, 6, 6)
    assert sorted(trio.records(DISPATCH)) == [1, 2, 3, 4, 5, 6]


def test_plt_7_9d_what_comes_late_keeps_to_the_rate_that_was_asked_for() -> None:
    trio = lacking(*((seq, seq) for seq in range(1, 42, 2)))
    recall(trio, stream_id=STREAM, seq_from=1, seq_to=31, rate_limit=1)
    for _ in range(20):
        step(trio)
    before = plan_in(trio)
    assert (before.sent, len(before.awaited)) == (16, 15)
    trio.wait(3)
    for seq in range(2, 32, 2):
        trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(seq, seq))
    sent = []
    for _ in range(4):
        trio.platform.do_chores(trio.wait(1))
        sent.append(plan_in(trio).sent - before.sent)
        before = plan_in(trio)
    assert sent[1:] == [1, 1, 1]


def test_plt_7_9d_a_late_row_goes_behind_all_that_is_live() -> None:
    trio = lacking((1, 2), (5, 6))
    recall(trio, stream_id=STREAM, seq_from=3, seq_to=4)
    step(trio)
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(3, 4))
    trio.net.cut.add(DISPATCH)
    step(trio)
    (letter,) = [
        each
        for each in trio.letters(PLATFORM)
        if each.destination == DISPATCH and each.state is LetterState.WAITING
    ]
    assert letter.lane is Lane.BULK
