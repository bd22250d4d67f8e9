"""A damaged row among those of a time: who was cut off gets the others, and hears of it. F22."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.gateway.test_damaged_store import alarms, damage
from tests.trio import DISPATCH, MEASURED, OPERATOR, PLATFORM, Trio, batch
from vgigw.errors import PeerRefused
from vgigw.objects import BackfillJob, BackfillQuery, RecallReceipt, RecallRequest
from vgigw.objects.operating_enumerations import JobState, RecallCause
from vgigw.operations import QUERY_BACKFILL, RECALL_DATA, UPLOAD_TELEMETRY

pytestmark = pytest.mark.own_store("bits of its rows")

DAMAGES = {
    "columns": "received_at = received_at + 4",
    "time": "time_to = time_to + 1",
    "payload": "payload = x'00ff'",
}


def three_rows() -> Trio:
    trio = Trio()
    for first in (1, 4, 7):
        trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(first, first + 2))
    return trio


def damage_one(trio: Trio, damaged: str, first: int = 4) -> None:
    damage(trio.stores[PLATFORM], f"UPDATE journal SET {DAMAGES[damaged]} WHERE seq_from = {first}")


def recall(trio: Trio, cause: RecallCause = RecallCause.LINK_DOWN) -> RecallReceipt:
    """What was measured in seconds 2 to 8."""
    request = RecallRequest(
        recall_id="R",
        requester_id=DISPATCH,
        time_from=MEASURED + timedelta(seconds=2),
        time_to=MEASURED + timedelta(seconds=9),
        cause=cause,
    )
    receipt: RecallReceipt = trio.call(DISPATCH, RECALL_DATA, request)
    return receipt


def job(trio: Trio, receipt: RecallReceipt) -> BackfillJob:
    found: BackfillJob = trio.call(DISPATCH, QUERY_BACKFILL, BackfillQuery(job_id=receipt.job_id))
    return found


@pytest.mark.parametrize(
    ("first", "around"), [(1, [4, 5, 6, 7, 8]), (4, [2, 3, 7, 8]), (7, [2, 3, 4, 5, 6])]
)
@pytest.mark.parametrize("damaged", list(DAMAGES))
def test_f22_after_a_link_was_down_all_comes_but_what_is_damaged(
    damaged: str, first: int, around: list[int]
) -> None:
    trio = three_rows()
    damage_one(trio, damaged, first)
    receipt = recall(trio)
    trio.tick(10, step_s=1)
    assert sorted(trio.records(DISPATCH)) == around
    ended = job(trio, receipt)
    assert ended.state is JobState.PARTIAL
    assert ended.progress.missing >= 1
    assert alarms(trio).count("STORE_DAMAGED") == 1


@pytest.mark.parametrize("damaged", list(DAMAGES))
def test_f22_what_is_damaged_once_the_job_is_accepted_is_told_as_well(damaged: str) -> None:
    trio = three_rows()
    receipt = recall(trio)
    damage_one(trio, damaged)
    trio.tick(10, step_s=1)
    assert sorted(trio.records(DISPATCH)) == [2, 3, 7, 8]
    ended = job(trio, receipt)
    assert (ended.state, ended.progress.missing) == (JobState.PARTIAL, 1)
    assert alarms(trio).count("STORE_DAMAGED") == 1


@pytest.mark.parametrize("damaged", ["columns", "time"])
def test_f22_who_looks_again_is_never_given_less(damaged: str) -> None:
    trio = three_rows()
    damage_one(trio, damaged)
    with pytest.raises(PeerRefused, match="500"):
        recall(trio, RecallCause.PEER_RECALL)


def test_a_time_with_nothing_damaged_is_done() -> None:
    trio = three_rows()
    receipt = recall(trio)
    trio.tick(10, step_s=1)
    assert job(trio, receipt).state is JobState.DONE
    assert not alarms(trio)
