"""What a recall job says of itself: what was asked for, as it was asked. PLT-7.9d."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.handlers.test_recall import filled, job, many, recall
from tests.trio import DISPATCH, NOW, PLATFORM, STREAM, batch, kept, record
from vgigw.handlers.recall_plan import job_of, plans_of
from vgigw.objects import TelemetryBatch
from vgigw.objects.operating_enumerations import JobState, RecallCause
from vgigw.operations import UPLOAD_TELEMETRY
from vgigw.ports.letter_groups import of_job

ASKED: list[dict[str, Any]] = [
    {"stream_id": STREAM, "seq_from": 2, "seq_to": 8, "rate_limit": 5},
    {
        "time_from": NOW - timedelta(hours=1),
        "time_to": NOW + timedelta(minutes=1),
        "object_ids": ("C1", "C2"),
    },
]


@pytest.mark.parametrize("asked", ASKED)
def test_plt_7_9d_a_job_repeats_what_was_asked_for(asked: dict[str, Any]) -> None:
    trio = filled()
    receipt = recall(trio, "R7", cause=RecallCause.GAP, **asked)
    found = job(trio, receipt)
    assert (found.job_id, found.recall_id) == (receipt.job_id, "R7")
    assert (found.requester_id, found.cause) == (DISPATCH, RecallCause.GAP)
    nothing = {"object_ids": (), "point_types": ()}
    names = {"point_types", *(name for each in ASKED for name in each)}
    assert {name: getattr(found, name) for name in names} == {
        name: asked.get(name, nothing.get(name)) for name in names
    }
    assert found.state is JobState.QUEUED


def test_plt_7_9d_a_job_repeats_which_members_were_asked_for() -> None:
    """None are taken today; a job that was kept may have some."""
    trio = filled()
    recall(trio, stream_id=STREAM, seq_from=1, seq_to=9)
    store = trio.stores[PLATFORM]
    (plan,) = store.read(plans_of)
    some = replace(plan, request=replace(plan.request, point_types=("ActivePower", "Quality")))
    told = store.read(lambda view: job_of(some, view))
    assert told.point_types == ("ActivePower", "Quality")


@pytest.mark.parametrize(("last", "count"), [(5, 4), (6, 5), (7, 6)])
def test_plt_7_6d_a_record_at_the_end_of_the_time_is_not_counted(last: int, count: int) -> None:
    """The last record of a row stands at the end of the time, before it, or behind it."""
    trio = filled()
    end = record(last).data_time
    receipt = recall(trio, stream_id=STREAM, time_from=record(1).data_time, time_to=end)
    assert (receipt.count, receipt.seq_last) == (count, count)


def test_plt_7_9d_with_a_rate_each_message_goes_by_itself_as_it_was_live() -> None:
    trio = many(6)
    trio.net.cut.add(DISPATCH)
    receipt = recall(trio, stream_id=STREAM, seq_from=1, seq_to=6, rate_limit=10)
    trio.platform.do_chores(trio.wait(1))
    letters = [each for each in trio.letters(PLATFORM) if each.group == of_job(receipt.job_id)]
    found = [kept(TelemetryBatch, each.payload) for each in letters]
    assert [(each.seq_from, each.seq_to) for each in found] == [(n, n) for n in range(1, 7)]


def test_plt_7_9d_a_job_is_not_partial_for_what_was_refused_of_another() -> None:
    trio = filled()
    other = tuple(record(seq, active_power=-1.0) for seq in (4, 5, 6))
    trio.platform.call(DISPATCH, UPLOAD_TELEMETRY, batch(4, 6, records=other), trio.now)
    refused = recall(trio, "R1", stream_id=STREAM, seq_from=4, seq_to=6)
    trio.tick(5)
    taken = recall(trio, "R2", stream_id=STREAM, seq_from=7, seq_to=9)
    trio.tick(5)
    assert job(trio, refused).state is JobState.PARTIAL
    assert job(trio, taken).state is JobState.DONE
