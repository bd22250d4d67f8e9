"""Jobs that ended are forgotten with the answers of their time, a slice at each tick. PLT-7.9d."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from tests.gateway.test_damaged_store import damage
from tests.gateway.test_poison import Refusing, sent
from tests.handlers.test_recall import filled, job, recall
from tests.trio import NOW, OPERATOR, PLATFORM, STREAM, Trio
from vgigw.errors import InvalidObject, PeerRefused
from vgigw.handlers import recall_forgetting
from vgigw.handlers.link import ANSWERS_KEPT
from vgigw.handlers.recall_forgetting import EndedRecalls
from vgigw.handlers.recall_fruitless import FRUITLESS
from vgigw.handlers.recall_plan import PLAN, RecallPlan, plans_of, save_plan
from vgigw.objects.operating_enumerations import JobState
from vgigw.ports import Transaction

LATER = NOW + ANSWERS_KEPT + timedelta(seconds=1)
_DAY_S = 86_400


def with_jobs(*states: JobState) -> tuple[Trio, RecallPlan]:
    """A job in each of these states, of now; and the plan that they were made of."""
    trio = filled()
    recall(trio, stream_id=STREAM, seq_from=1, seq_to=9)
    (plan,) = plans(trio)

    def put(tx: Transaction) -> None:
        tx.erase(PLAN, plan.requester, plan.job_id)
        for number, state in enumerate(states):
            save_plan(replace(plan, job_id=f"J{number:03}", state=state), tx, NOW)

    trio.stores[PLATFORM].write(put)
    return trio, plan


def plans(trio: Trio) -> list[RecallPlan]:
    return trio.stores[PLATFORM].read(plans_of)


def count(trio: Trio) -> int:
    return trio.stores[PLATFORM].read(lambda view: view.count_documents(PLAN))


def forget(trio: Trio, ended: EndedRecalls, at: datetime) -> int:
    """One tick; how many jobs are left."""
    trio.stores[PLATFORM].write(lambda tx: ended.forget(tx, at))
    return count(trio)


def test_plt_7_9d_a_job_that_ended_is_known_for_seven_days_and_then_no_more() -> None:
    trio = filled()
    receipt = recall(trio, stream_id=STREAM, seq_from=1, seq_to=9)
    trio.tick(5, step_s=1)
    assert job(trio, receipt).state is JobState.DONE
    for _ in range(2):
        trio.wait(ANSWERS_KEPT.total_seconds() / 2 - 60)
        trio.platform.do_chores(trio.now)
    assert job(trio, receipt).state is JobState.DONE
    trio.platform.do_chores(trio.wait(120))
    with pytest.raises(PeerRefused) as refused:
        job(trio, receipt)
    assert refused.value.code == 4201


def test_plt_7_9d_what_runs_or_was_cancelled_is_not_forgotten() -> None:
    trio, _ = with_jobs(*JobState)
    assert forget(trio, EndedRecalls(), LATER - timedelta(seconds=1)) == len(JobState)
    forget(trio, EndedRecalls(), LATER)
    left = {JobState.QUEUED, JobState.RUNNING, JobState.CANCELLED}
    assert {plan.state for plan in plans(trio)} == left


def test_plt_7_9d_a_tick_looks_at_a_slice_and_a_round_comes_to_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recall_forgetting, "_AT_A_TIME", 4)
    trio, _ = with_jobs(*[JobState.DONE, JobState.CANCELLED] * 5)
    ended = EndedRecalls()
    counts = [forget(trio, ended, LATER) for _ in range(5)]
    assert counts[:2] == [8, 6]
    assert counts[-1] == 5


def test_plt_7_9d_a_round_begins_once_a_minute_whatever_the_clock_does() -> None:
    trio, plan = with_jobs()
    ended = EndedRecalls()
    forget(trio, ended, LATER)
    done = replace(plan, state=JobState.DONE)
    trio.stores[PLATFORM].write(lambda tx: save_plan(done, tx, NOW - timedelta(days=30)))
    assert forget(trio, ended, LATER + timedelta(seconds=59)) == 1
    assert forget(trio, ended, LATER - timedelta(seconds=60)) == 0


def test_plt_7_9d_a_gap_that_stays_open_keeps_no_more_jobs_than_seven_days_make() -> None:
    trio = Trio()
    refusing = Refusing(trio, InvalidObject)
    sent(trio, (1, 3), (4, 6), (7, 9))
    trio.tick(1)
    refusing.everything = True
    counts = []
    for _ in range(10):
        trio.tick(24, step_s=3600)
        counts.append(trio.stores[OPERATOR].read(lambda view: view.count_documents(PLAN)))
    assert counts[5] > counts[4] > counts[3], "each question has a job of its own"
    assert max(counts) <= 24 * 7 + 5


@pytest.mark.own_store("bits of its rows")
def test_f22_a_damaged_job_is_left_and_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recall_forgetting, "_AT_A_TIME", 2)
    trio, _ = with_jobs(*[JobState.DONE] * 6)
    damage(trio.stores[PLATFORM], "UPDATE document SET seal = seal + 1 WHERE key = 'J001'")
    damaged = "UPDATE document SET group_name = 'ended', seal = seal + 1 WHERE key = 'J002'"
    damage(trio.stores[PLATFORM], damaged)
    ended = EndedRecalls()
    for _ in range(9):
        forget(trio, ended, LATER)
    assert count(trio) == 2


def test_f22_a_job_whose_content_cannot_be_read_is_left() -> None:
    trio, plan = with_jobs(JobState.DONE, JobState.DONE)

    def spoil(tx: Transaction) -> None:
        found = tx.document(PLAN, plan.requester, "J000")
        assert found is not None
        tx.put(replace(found, payload=b"damaged"))

    trio.stores[PLATFORM].write(spoil)
    assert forget(trio, EndedRecalls(), LATER) == 1


def test_f22_that_a_gap_was_served_in_vain_is_forgotten_too() -> None:
    trio, _ = with_jobs(JobState.DONE)

    def note(tx: Transaction) -> None:
        (found,) = tx.documents(PLAN)
        tx.put(replace(found, kind=FRUITLESS, key="S1:4-6", group=""))

    trio.stores[PLATFORM].write(note)
    assert forget(trio, EndedRecalls(), LATER) == 0
    assert trio.stores[PLATFORM].read(lambda view: view.count_documents(FRUITLESS)) == 0
