"""A recall job that is cancelled and resumed: what each does to its letters, and to no others.

PLT-7.9d.
"""

from __future__ import annotations

from msgspec.structs import replace

from tests.handlers.test_recall import filled, recall
from tests.trio import DISPATCH, PLATFORM, STREAM, Trio, station
from vgigw.handlers.recall_plan import RecallPlan, cancelled, plans_of, resumed
from vgigw.objects.operating_enumerations import JobState
from vgigw.operations import PUSH_ARCHIVE
from vgigw.ports import Letter, LetterState, Transaction, View


def begun() -> Trio:
    """A job of three letters: one with its peer, one given up, one waiting."""
    trio = filled()
    trio.net.cut.add(DISPATCH)
    recall(trio, stream_id=STREAM, seq_from=1, seq_to=9, rate_limit=3)
    trio.platform.do_chores(trio.wait(1))
    trio.platform.send(DISPATCH, PUSH_ARCHIVE, station(), trio.now)
    states = (LetterState.DELIVERED, LetterState.DEAD)

    def end(tx: Transaction) -> None:
        for letter, state in zip(of_job(tx), states, strict=False):
            tx.save_letter(replace(letter, state=state, last_error=f"as {state.value}"))

    trio.stores[PLATFORM].write(end)
    return trio


def others(trio: Trio) -> list[Letter]:
    """Letters that wait and are of no job."""
    return [e for e in trio.letters(PLATFORM) if e.operation == PUSH_ARCHIVE.name]


def of_job(view: View) -> list[Letter]:
    return [each for each in view.letters() if each.group and each.operation != PUSH_ARCHIVE.name]


def letters(trio: Trio) -> list[Letter]:
    return trio.stores[PLATFORM].read(of_job)


def plan_in(trio: Trio) -> RecallPlan:
    (plan,) = trio.stores[PLATFORM].read(plans_of)
    return plan


def cancel(trio: Trio) -> None:
    plan = plan_in(trio)
    trio.stores[PLATFORM].write(lambda tx: cancelled(plan, tx, trio.now))


def resume(trio: Trio) -> None:
    plan = plan_in(trio)
    trio.stores[PLATFORM].write(lambda tx: resumed(plan, tx, trio.now))


def test_plt_7_9d_a_cancelled_job_holds_back_what_waits_and_touches_nothing_else() -> None:
    trio = begun()
    before, beside = letters(trio), others(trio)
    assert [e.state.value for e in before] == ["delivered", "dead", "waiting"]
    cancel(trio)
    assert others(trio) == beside
    after = letters(trio)
    assert after[:2] == before[:2]
    held = after[2]
    assert (held.state, held.last_error) == (LetterState.WAITING, "cancelled")
    trio.net.cut.clear()
    trio.platform.tick(trio.wait(86_400))
    assert [e.id for e in letters(trio) if e.state is LetterState.WAITING] == [held.id]
    assert plan_in(trio).state is JobState.CANCELLED


def test_plt_7_9d_a_resumed_job_lets_go_what_waits_and_touches_nothing_else() -> None:
    trio = begun()
    before, beside = letters(trio), others(trio)
    cancel(trio)
    trio.wait(60)
    resume(trio)
    assert len(beside) == 1
    assert others(trio) == beside
    after = letters(trio)
    assert after[:2] == before[:2]
    assert (after[2].last_error, after[2].next_at) == ("", trio.now)
    assert plan_in(trio).state is JobState.RUNNING


def test_plt_7_9d_a_job_that_had_not_begun_is_queued_when_it_is_resumed() -> None:
    trio = filled()
    recall(trio, stream_id=STREAM, seq_from=1, seq_to=9)
    cancel(trio)
    resume(trio)
    assert plan_in(trio).state is JobState.QUEUED


def test_plt_7_9d_an_hour_on_hold_is_no_credit_for_the_rate_that_was_asked() -> None:
    trio = filled()
    recall(trio, stream_id=STREAM, seq_from=1, seq_to=9, rate_limit=1)
    cancel(trio)
    trio.wait(3600)
    resume(trio)
    trio.platform.do_chores(trio.now)
    assert plan_in(trio).sent == 0
    trio.platform.do_chores(trio.wait(1))
    assert plan_in(trio).sent == 3, "one letter of three records"
