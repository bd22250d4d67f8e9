"""What a platform lacks and cannot ask anybody for: lost after an hour, not before. PLT-7.6d."""

from __future__ import annotations

import pytest

from tests.gateway.test_damaged_store import alarms, damage
from tests.handlers.test_recall import job, recall, with_a_hole
from tests.trio import DISPATCH, OPERATOR, PLATFORM, STREAM, Trio, batch
from vgigw.handlers.recall_upstream import LOST_AFTER
from vgigw.handlers.unavailable import gone_of
from vgigw.objects import RecallReceipt
from vgigw.objects.operating_enumerations import JobState, RecallCause, UnavailableReason
from vgigw.operations import UPLOAD_TELEMETRY

HOUR_S = LOST_AFTER.total_seconds()
DAY_S = 86_400.0


def with_nobody_to_ask() -> Trio:
    """The platform lacks 3 to 5 of an operator that it cannot call."""
    return with_a_hole(**{OPERATOR: {"paths": ()}})


def told(receipt: RecallReceipt) -> list[tuple[int, int, UnavailableReason]]:
    return [(each.seq_from, each.seq_to, each.reason) for each in receipt.unavailable_ranges]


def test_plt_7_6d_what_was_only_overtaken_comes_to_who_recalled_before_it_came() -> None:
    trio = with_nobody_to_ask()
    recall(trio, stream_id=STREAM, seq_from=1, seq_to=8, cause=RecallCause.LINK_DOWN)
    trio.tick(6, step_s=1)
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(3, 5))
    trio.tick(40, step_s=30)
    assert trio.stores[DISPATCH].read(lambda view: gone_of(view, OPERATOR, STREAM)) == ()
    assert sorted(trio.records(DISPATCH)) == list(range(1, 9))


def test_plt_7_6d_of_what_may_still_come_a_job_says_how_much_it_lacks() -> None:
    trio = with_nobody_to_ask()
    receipt = recall(trio, stream_id=STREAM, seq_from=4, seq_to=8)
    assert (receipt.count, told(receipt)) == (3, [])
    trio.tick(4, step_s=1)
    ended = job(trio, receipt)
    assert (ended.state, ended.progress.missing) == (JobState.PARTIAL, 2)


@pytest.mark.parametrize(("more_s", "lost"), [(0.0, False), (0.001, True)])
def test_plt_7_6d_what_is_missing_for_more_than_an_hour_is_lost(more_s: float, lost: bool) -> None:
    trio = with_nobody_to_ask()
    trio.wait(HOUR_S + more_s)
    receipt = recall(trio, stream_id=STREAM, seq_from=4, seq_to=8)
    assert told(receipt) == ([(4, 5, UnavailableReason.DECLARED)] if lost else [])


@pytest.mark.parametrize("ahead_s", [60.0, 30 * DAY_S])
def test_f55_the_hour_begins_anew_where_the_clock_was_set_back(ahead_s: float) -> None:
    trio = Trio(platform_sees={OPERATOR: {"paths": ()}})
    trio.wait(ahead_s)
    for first, last in ((1, 2), (6, 8)):
        trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(first, last, send_time=trio.now))
    trio.wait(-ahead_s)
    assert told(recall(trio, "R1", stream_id=STREAM, seq_from=1, seq_to=8)) == []
    trio.wait(HOUR_S)
    assert told(recall(trio, "R2", stream_id=STREAM, seq_from=1, seq_to=8)) == []
    trio.wait(1)
    lost = [(3, 5, UnavailableReason.DECLARED)]
    assert told(recall(trio, "R3", stream_id=STREAM, seq_from=1, seq_to=8)) == lost


def test_plt_7_6d_a_gap_of_another_stream_says_nothing() -> None:
    trio = with_nobody_to_ask()
    other = recall(trio, stream_id="another", seq_from=1, seq_to=8)
    assert told(other) == [(1, 8, UnavailableReason.NEVER_EXISTED)]


@pytest.mark.own_store("bits of its rows")
def test_f22_where_the_gaps_cannot_be_read_no_number_is_said_not_to_be_had() -> None:
    trio = with_nobody_to_ask()
    trio.wait(HOUR_S + 1)
    damage(trio.stores[PLATFORM], "UPDATE gap SET seal = seal + 1")
    receipt = recall(trio, stream_id=STREAM, seq_from=1, seq_to=9)
    assert (receipt.count, told(receipt)) == (5, [])
    assert alarms(trio) == ["STORE_DAMAGED"]
    trio.platform.do_chores(trio.now)
    trio.platform.do_chores(trio.now)
    assert job(trio, receipt).progress.sent == 5


@pytest.mark.own_store("bits of its rows")
def test_f22_a_damaged_gap_keeps_open_no_other_numbers() -> None:
    trio = Trio(platform_sees={OPERATOR: {"paths": ()}})
    for first, last in ((1, 2), (6, 8), (20, 22)):
        trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(first, last))
    damage(trio.stores[PLATFORM], "UPDATE gap SET seal = seal + 1 WHERE first = 3")
    receipt = recall(trio, stream_id=STREAM, seq_from=23, seq_to=30, cause=RecallCause.GAP)
    assert told(receipt) == [(23, 30, UnavailableReason.NEVER_EXISTED)]
