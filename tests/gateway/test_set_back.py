"""The wall clock is set back: nothing waits for an hour that has come before. F55, I15."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any, cast

import pytest
from msgspec.structs import replace

from tests.handlers.test_recall import filled, job, recall
from tests.trio import BASES, DISPATCH, NOW, OPERATOR, PLATFORM, STREAM, Trio, batch
from vgigw.errors import HandlerFailed, StoreFailed
from vgigw.gateway.breakers import Breakers
from vgigw.gateway.set_back import SetBack
from vgigw.handlers.recall import MOST_OPEN
from vgigw.handlers.recall_plan import plans_of
from vgigw.objects.operating_enumerations import JobState, ReportMode
from vgigw.operations import UPLOAD_TELEMETRY
from vgigw.ports import Letter, LetterState, Transaction
from vgigw.rules.catch_up import NEW_FOR, Traffic
from vgigw.rules.retry import HELD_BACK

HOUR_S = 3600.0


def away_since_an_hour_ahead(door: str) -> Trio:
    """The clock was an hour ahead while the platform could not be reached."""
    trio = Trio(door)
    trio.wait(HOUR_S)
    trio.operator.do_chores(trio.now)
    trio.net.cut.add(PLATFORM)
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(1, 2), trio.now)
    for _ in range(5):
        trio.operator.tick(trio.wait(1))
    trio.net.cut.clear()
    assert waiting(trio)
    return trio


def _saved(letter: Letter, tx: Transaction) -> None:
    tx.save_letter(letter)


def waiting(trio: Trio) -> list[Letter]:
    return [each for each in trio.letters(OPERATOR) if each.state is LetterState.WAITING]


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("door", BASES)
def test_f55_a_letter_goes_out_at_once_when_the_clock_is_set_right(
    door: str, restarted: bool
) -> None:
    trio = away_since_an_hour_ahead(door)
    trio.wait(-HOUR_S)
    if restarted:
        trio.restart(OPERATOR)
    trio.operator.tick(trio.now)
    trio.operator.tick(trio.wait(1))
    assert waiting(trio) == []
    assert sorted(trio.records(PLATFORM)) == [1, 2]


def test_f55_what_was_put_by_for_long_before_the_clock_went_back_is_due_too() -> None:
    """An old letter whose peer asked for half an hour; the clock goes back by ten minutes."""
    trio = Trio()
    trio.operator.do_chores(trio.now)
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(1, 1), trio.now)
    (letter,) = waiting(trio)
    trio.operator.do_chores(trio.wait(30))
    later = replace(letter, next_at=trio.now + timedelta(minutes=30))
    trio.stores[OPERATOR].write(lambda tx: tx.save_letter(later))
    trio.operator.tick(trio.now)
    assert waiting(trio) == [later], "while the clock goes on, what the peer asked for holds"
    trio.operator.tick(trio.wait(-600))
    assert waiting(trio) == []


@pytest.mark.parametrize("back_s", [0.0, 0.5, -5.0])
def test_f55_threads_that_read_the_clock_one_after_the_other_make_nothing_due(
    back_s: float,
) -> None:
    trio = Trio()
    trio.operator.do_chores(trio.now)
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(1, 1), trio.now)
    (letter,) = waiting(trio)
    later = replace(letter, next_at=trio.now + timedelta(seconds=60))
    trio.stores[OPERATOR].write(lambda tx: tx.save_letter(later))
    trio.operator.do_chores(trio.wait(-back_s))
    assert waiting(trio) == [later]


def test_f55_what_somebody_holds_back_is_not_let_go_by_any_clock() -> None:
    trio = Trio()
    trio.operator.do_chores(trio.now)
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(1, 1), trio.now)
    (letter,) = waiting(trio)
    held = replace(letter, next_at=HELD_BACK)
    trio.stores[OPERATOR].write(lambda tx: tx.save_letter(held))
    trio.operator.do_chores(trio.wait(-HOUR_S))
    trio.restart(OPERATOR)
    trio.operator.do_chores(trio.now)
    assert waiting(trio) == [held]


def test_f55_a_look_that_failed_is_made_again_and_pages_are_all_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("vgigw.gateway.set_back._PAGE", 2)
    trio = Trio()
    for seq in range(1, 6):
        trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(seq, seq), trio.now)
    store = trio.stores[OPERATOR]
    for letter in waiting(trio):
        later = replace(letter, next_at=trio.now + timedelta(seconds=30))
        store.write(partial(_saved, later))
    look = SetBack(store)
    assert look.look(trio.now) == 0
    now = trio.wait(-60)

    def busy(_: object) -> None:
        raise StoreFailed()

    with monkeypatch.context() as patched:
        patched.setattr(store, "write", busy)
        with pytest.raises(StoreFailed):
            look.look(now)
    assert look.look(now) == 5
    assert look.look(now) == 0


def test_f55_a_peer_that_was_left_alone_is_tried_when_the_clock_went_back() -> None:
    breakers = Breakers()
    breakers.failed(PLATFORM, Traffic.NEW, NOW, unreachable=True)
    assert breakers.holds(PLATFORM, Traffic.NEW, NOW)
    assert not breakers.holds(PLATFORM, Traffic.NEW, NOW - timedelta(minutes=10))


def test_f55_a_job_with_a_rate_goes_on_when_the_clock_went_back() -> None:
    trio = filled()
    trio.wait(HOUR_S)
    receipt = recall(trio, stream_id=STREAM, seq_from=1, seq_to=9, rate_limit=1)
    trio.platform.do_chores(trio.wait(1))
    trio.wait(-HOUR_S)
    for _ in range(8):
        trio.platform.tick(trio.wait(1))
        trio.dispatch.tick(trio.now)
    assert job(trio, receipt).state is JobState.DONE
    assert sorted(trio.records(DISPATCH)) == list(range(1, 10))


def away_from_upstream(ahead_s: float) -> Trio:
    """The platform lacks 4 to 6, and cannot ask for them; its clock is ahead."""
    trio = Trio()
    trio.wait(ahead_s)
    for first in (1, 7):
        trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(first, first + 2, send_time=trio.now))
    trio.net.cut.add(OPERATOR)
    return trio


def test_f55_jobs_that_wait_for_upstream_end_when_the_clock_went_back() -> None:
    trio = away_from_upstream(24 * HOUR_S)
    asked = partial(recall, trio, stream_id=STREAM, seq_from=1, seq_to=9)
    receipts = [asked(f"R{number}") for number in range(MOST_OPEN)]
    trio.platform.do_chores(trio.wait(1))
    trio.wait(-24 * HOUR_S)
    trio.tick(40, step_s=10)
    ended = job(trio, receipts[-1])
    assert (ended.state, ended.progress.missing) == (JobState.PARTIAL, 3)
    assert recall(trio, "new", stream_id=STREAM, seq_from=1, seq_to=3).count == 3


@pytest.mark.parametrize(("behind_s", "over"), [(2.0, False), (60.0, False), (61.0, True)])
def test_f55_a_clock_that_is_a_little_behind_ends_no_wait(behind_s: float, over: bool) -> None:
    """As that of another process on the same store."""
    trio = away_from_upstream(0)
    recall(trio, stream_id=STREAM, seq_from=4, seq_to=9)
    trio.wait(-behind_s)
    for _ in range(2):
        trio.platform.do_chores(trio.now)
    (plan,) = trio.stores[PLATFORM].read(plans_of)
    assert (len(plan.awaited), plan.given_up) == ((0, 3) if over else (1, 0))


@pytest.mark.parametrize("mode", [ReportMode.CHANGE, ReportMode.FULL])
def test_f55_a_live_letter_that_was_made_ahead_goes_with_what_waited(mode: ReportMode) -> None:
    """Though a later one of its lane waits, and is never taken."""
    trio = Trio()
    ahead, bad = (
        batch(1, 2, stream_id=name, batch_id=name, report_mode=mode, period_sec=30)
        for name in ("AHEAD", "BAD")
    )
    trio.operator.do_chores(trio.wait(HOUR_S))
    trio.net.cut.add(PLATFORM)
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, ahead, trio.now)
    trio.operator.do_chores(trio.wait(-HOUR_S))
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, bad, trio.now)
    trio.net.cut.clear()
    handlers = cast(dict[str, Any], trio.platform._inbound._handlers)
    inner = handlers[UPLOAD_TELEMETRY.name]

    def refuse(call: Any, tx: Transaction) -> object:
        if call.request.stream_id == "BAD":
            raise HandlerFailed
        return inner(call, tx)

    handlers[UPLOAD_TELEMETRY.name] = refuse
    trio.wait(NEW_FOR.total_seconds() + 1)
    for _ in range(2):
        trio.operator.deliver(PLATFORM, trio.wait(5))
    assert [each.state for each in trio.letters(OPERATOR)] == [
        LetterState.DELIVERED,
        LetterState.WAITING,
    ]
