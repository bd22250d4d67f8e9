"""What waited too long goes in large letters: to the byte as it was live, once, over every kill.

PLT-7.9d, CARD-7; faults F14, F48, F49.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import pytest
from msgspec.structs import replace

from tests.stores.fresh import fresh_store
from tests.trio import (
    BASES,
    NOW,
    OPERATOR,
    PLATFORM,
    STREAM,
    Trio,
    batch,
    kept,
    letters_of,
    record,
)
from vgigw.codec import json
from vgigw.errors import StoreFailed
from vgigw.handlers.backlog import WAITED_FOR, Backlog, backlogs_of
from vgigw.handlers.backlog_feeding import IN_FLIGHT
from vgigw.objects import AlarmEvent, RecallReceipt, RecallRequest, TelemetryBatch
from vgigw.objects.operating_enumerations import RecallCause, ReportMode
from vgigw.operations import BACKFILL_DATA, RECALL_DATA, UPLOAD_TELEMETRY
from vgigw.ports import Duties, Letter, LetterState, Store, Transaction, own_row
from vgigw.rules.ranges import Range

T = TypeVar("T")


def send(trio: Trio, batches: int, size: int = 3, begin: int = 1) -> int:
    """So many batches of ``size`` records; the last number."""
    for first in range(begin, begin + batches * size, size):
        trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(first, first + size - 1), trio.now)
    return begin + batches * size - 1


def folded(trio: Trio, batches: int = 10, size: int = 3) -> int:
    """They waited for two minutes in which nothing got through."""
    trio.net.cut.add(PLATFORM)
    last = send(trio, batches, size)
    trio.operator.tick(trio.now)
    trio.wait(120)
    trio.operator.do_chores(trio.now)
    return last


def backlog(trio: Trio) -> Backlog | None:
    found = trio.stores[OPERATOR].read(backlogs_of)
    return found[0][1] if found else None


def waiting(trio: Trio) -> list[Letter]:
    return [each for each in trio.letters(OPERATOR) if each.state is LetterState.WAITING]


def arrived(trio: Trio) -> list[TelemetryBatch]:
    """What the platform stored, batch by batch."""
    rows = trio.stores[PLATFORM].read(lambda view: view.rows())
    return [kept(TelemetryBatch, row.payload) for row in rows]


def until_all(trio: Trio, last: int, steps: int = 60) -> None:
    trio.net.cut.clear()
    for _ in range(steps):
        if sorted(trio.records()) == list(range(1, last + 1)) and backlog(trio) is None:
            return
        trio.tick(1, step_s=1)
    raise AssertionError(f"{len(trio.records())} of {last} came")


@pytest.mark.parametrize("door", list(BASES))
def test_plt_7_9d_a_long_outage_goes_in_one_letter_and_every_record_is_what_it_was(
    door: str,
) -> None:
    trio = Trio(door)
    last = folded(trio, batches=40)
    assert [each.operation for each in waiting(trio)] == [BACKFILL_DATA.name]
    until_all(trio, last)
    (came,) = arrived(trio)
    assert (came.report_mode, came.seq_from, came.seq_to) == (ReportMode.BACKFILL, 1, last)
    assert (came.actual_count, came.period_sec) == (last, None)
    live = [record(seq) for seq in range(1, last + 1)]
    assert [json.encode(each) for each in came.records] == [json.encode(each) for each in live]


def test_plt_7_9d_what_waits_a_minute_is_folded_and_nothing_before() -> None:
    trio = Trio()
    trio.net.cut.add(PLATFORM)
    send(trio, 2)
    trio.wait(WAITED_FOR.total_seconds() - 1)
    send(trio, 1, begin=7)
    trio.operator.do_chores(trio.now)
    assert len(waiting(trio)) == 3
    assert backlog(trio) is None
    trio.operator.do_chores(trio.wait(2))
    (first, second) = waiting(trio)
    assert kept(TelemetryBatch, first.payload).seq_from == 7
    assert kept(TelemetryBatch, second.payload).records == batch(1, 6).records
    found = backlog(trio)
    assert found is not None
    assert (found.total, found.sent, found.waiting, found.since) == (6, 0, (), NOW)


def test_f55_what_was_made_ahead_is_folded_when_what_came_after_it_is() -> None:
    """The clock was an hour ahead, and was set back."""
    trio = Trio()
    trio.net.cut.add(PLATFORM)
    trio.operator.do_chores(trio.wait(3600))
    send(trio, 2)
    trio.operator.do_chores(trio.wait(-3600))
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(1, 3, stream_id="LATER"), trio.now)
    trio.operator.do_chores(trio.wait(WAITED_FOR.total_seconds()))
    assert len(waiting(trio)) == 3
    send(trio, 1, begin=7)
    trio.operator.do_chores(trio.wait(1))
    live, *large = waiting(trio)
    assert kept(TelemetryBatch, live.payload).seq_from == 7
    assert [kept(TelemetryBatch, each.payload).seq_to for each in large] == [3, 6]
    found = trio.stores[OPERATOR].read(lambda view: [each for _, each in backlogs_of(view)])
    assert [(each.stream, each.total, each.since) for each in found] == [
        ("LATER", 3, NOW),
        (STREAM, 6, trio.now),
    ]


def test_plt_7_9d_what_somebody_looks_for_stays_a_letter_of_its_own() -> None:
    """A trace, a group, an end of its time, a fault; and what the journal says otherwise."""
    trio = Trio()
    trio.net.cut.add(PLATFORM)
    send(trio, 5)
    letters = waiting(trio)

    def change(tx: Transaction) -> None:
        for each, changes in zip(
            letters,
            ({"trace_id": "T"}, {"group": "g"}, {"valid_until": NOW + timedelta(days=1)}),
            strict=False,
        ):
            tx.save_letter(replace(each, state=LetterState.DEAD))
            tx.drop_letter(each.id)
            tx.enqueue(replace(each, **changes))  # type: ignore[arg-type]
        tx.save_letter(replace(letters[3], faults=1))
        (row,) = tx.rows(owner=OPERATOR, seq_from=13, seq_to=13)
        other = own_row(batch(13, 15, period_sec=5), OPERATOR, NOW)
        tx.save_row(replace(row, payload=other.payload, digest=other.digest))

    trio.stores[OPERATOR].write(change)
    trio.wait(120)
    for _ in range(3):
        trio.operator.do_chores(trio.now)
    assert backlog(trio) is None
    assert {each.operation for each in waiting(trio)} == {UPLOAD_TELEMETRY.name}
    assert len(waiting(trio)) == 5


def test_plt_7_9d_more_than_one_look_can_take_is_folded_by_and_by(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Letters that stay are in front of those that do not."""
    monkeypatch.setattr("vgigw.handlers.backlog._MOST_LETTERS", 3)
    trio = Trio()
    trio.net.cut.add(PLATFORM)
    send(trio, 12)
    held = waiting(trio)[:5]

    def at_fault(tx: Transaction) -> None:
        for each in held:
            tx.save_letter(replace(each, faults=1))

    trio.stores[OPERATOR].write(at_fault)
    trio.wait(120)
    for _ in range(6):
        trio.operator.do_chores(trio.now)
    live = [each for each in waiting(trio) if each.operation == UPLOAD_TELEMETRY.name]
    assert [each.id for each in live] == [each.id for each in held]
    found = backlog(trio)
    assert found is not None
    assert found.total == 7 * 3


def test_i11_a_few_large_letters_wait_at_a_time_however_long_the_outage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    letters_of(6, monkeypatch)
    trio = Trio()
    folded(trio, batches=100)
    for _ in range(20):
        trio.operator.do_chores(trio.wait(1))
    assert len(waiting(trio)) == IN_FLIGHT
    found = backlog(trio)
    assert found is not None
    assert found.waiting == (Range(6 * IN_FLIGHT + 1, 300),)


@pytest.mark.parametrize("mode", [ReportMode.CHANGE, ReportMode.FULL])
def test_plt_7_9d_events_go_oldest_first_and_states_newest_first(
    monkeypatch: pytest.MonkeyPatch, mode: ReportMode
) -> None:
    letters_of(6, monkeypatch)
    trio = Trio()
    trio.net.cut.add(PLATFORM)
    for first in range(1, 50, 3):
        made = batch(first, first + 2, report_mode=mode)
        trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, made, trio.now)
    trio.operator.do_chores(trio.wait(120))
    until_all(trio, 51)
    came = [each.seq_from for each in arrived(trio)]
    assert came == sorted(came, reverse=mode is ReportMode.FULL)
    assert len(came) == 9


class Killed(Store):
    """A store whose process is killed right before its ``kill_at``-th commit from now on."""

    def __init__(self) -> None:
        self._inner = fresh_store()
        self.kill_at = 0
        self.dead = False

    def write(self, work: Callable[[Transaction], T]) -> T:
        def or_die(tx: Transaction) -> T:
            result = work(tx)
            self.kill_at -= 1
            if self.dead or self.kill_at == 0:
                self.dead = True
                raise StoreFailed
            return result

        return self._inner.write(or_die)

    def read(self, query: Callable[..., T]) -> T:
        return self._inner.read(query)

    def close(self) -> None:
        self._inner.close()


def test_f14_a_kill_before_any_commit_loses_nothing_and_brings_nothing_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Before each commit of folding, feeding, sending and counting in turn, until none is left."""
    letters_of(6, monkeypatch)
    monkeypatch.setattr("vgigw.handlers.backlog._MOST_LETTERS", 4)
    kills = 0
    for kill_at in range(1, 500):
        store = Killed()
        trio = Trio("rest", stores={OPERATOR: store}, wrap={OPERATOR: with_backlog_only})
        trio.net.cut.add(PLATFORM)
        last = send(trio, 10)
        trio.wait(120)
        store.kill_at = kill_at
        trio.net.cut.clear()
        for _ in range(6):
            try:
                trio.operator.tick(trio.wait(1))
            except StoreFailed:
                break
        was_killed, store.dead, store.kill_at = store.dead, False, 0
        trio.restart(OPERATOR)
        trio.wait(120)
        until_all(trio, last)
        states = {each.state for each in trio.letters(OPERATOR)}
        assert states == {LetterState.DELIVERED}
        if not was_killed:
            break
        kills += 1
    assert 10 < kills < 400


def with_backlog_only(duties: Duties) -> Duties:
    few = [each for each in duties.chores if each.__self__.__class__.__name__ in _OF_BACKLOG]  # type: ignore[attr-defined]
    assert len(few) == 2
    return replace(duties, chores=tuple(few))


_OF_BACKLOG = {"Folding", "Backlogs"}


def test_a_journal_that_lost_rows_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    letters_of(6, monkeypatch)
    trio = Trio()
    last = folded(trio, batches=10)

    def damage(tx: Transaction) -> None:
        for row in tx.rows(owner=OPERATOR, seq_from=25, seq_to=30):
            tx._change("DELETE FROM journal WHERE id = ?", (row.id,))  # type: ignore[attr-defined]

    trio.stores[OPERATOR].write(damage)
    trio.net.cut.clear()
    trio.tick(20, step_s=1)
    assert backlog(trio) is None
    assert sorted(trio.records()) == list(range(1, 25))
    assert last == 30


def test_a_damaged_row_holds_up_its_own_stream_alone_and_is_an_alarm() -> None:
    trio = Trio()
    trio.net.cut.add(PLATFORM)
    for stream in ("S0", "S1"):
        told = batch(1, 3, stream_id=stream, batch_id=f"of {stream}")
        trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, told, trio.now)
    trio.wait(120)
    # Folded, and damaged before it is fed.
    store = trio.stores[OPERATOR]
    chores = {each.__qualname__: each for each in trio.operator._duties.chores}  # type: ignore[attr-defined]
    fold, feed = chores["Folding.fold"], chores["Backlogs.feed"]
    store.write(lambda tx: fold(tx, trio.now))
    (row,) = store.read(lambda view: view.rows(owner=OPERATOR, stream="S0"))
    store.write(lambda tx: tx.save_row(replace(row, payload=b"no longer what it was")))
    store.write(lambda tx: feed(tx, trio.now))
    trio.net.cut.clear()
    trio.tick(20, step_s=2.0)
    assert {each.stream_id for each in arrived(trio)} == {"S1"}
    assert [each.stream for _, each in store.read(backlogs_of)] == ["S0"]
    held = store.read(lambda view: view.documents("AlarmEvent", owner=OPERATOR))
    assert [kept(AlarmEvent, each.payload).alarm_code for each in held] == ["BACKLOG_DAMAGED"]


def test_plt_7_9d_of_a_large_letter_only_what_is_at_fault_is_given_up() -> None:
    """The platform holds other content under one number of a hundred."""
    trio = Trio()
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(50, 50, records=(record(50, active_power=-1.0),)))
    folded(trio, batches=34)
    trio.net.cut.clear()
    trio.tick(30, step_s=1)
    assert sorted(trio.records()) == list(range(1, 103)), "its neighbours come when asked for"
    assert trio.records()[50].active_power == -1.0
    (dead,) = [each for each in trio.letters(OPERATOR) if each.state is LetterState.DEAD]
    assert (dead.operation, dead.last_error) == (UPLOAD_TELEMETRY.name, "refused 4202")
    assert kept(TelemetryBatch, dead.payload) == batch(49, 51)


def test_plt_7_9d_a_peer_that_knows_no_backfill_gets_all_as_it_was_live() -> None:
    def without_backfill(duties: Duties) -> Duties:
        left = {n: each for n, each in duties.handlers.items() if n != BACKFILL_DATA.name}

        def fails(*_: object) -> None:
            raise StoreFailed

        return replace(duties, handlers={**left, BACKFILL_DATA.name: fails})

    trio = Trio(wrap={PLATFORM: without_backfill})
    last = folded(trio, batches=4)
    trio.net.cut.clear()
    trio.tick(60, step_s=2)
    assert sorted(trio.records()) == list(range(1, last + 1))
    assert {each.report_mode for each in arrived(trio)} == {ReportMode.CHANGE}
    assert waiting(trio) == []


def recall(trio: Trio, recall_id: str, first: int, last: int, cause: RecallCause) -> RecallReceipt:
    request = RecallRequest(
        recall_id=recall_id,
        requester_id=PLATFORM,
        stream_id=STREAM,
        seq_from=first,
        seq_to=last,
        cause=cause,
    )
    receipt: RecallReceipt = trio.call(PLATFORM, RECALL_DATA, request, to=OPERATOR)
    return receipt


def test_plt_7_9d_what_is_on_its_way_does_not_come_again_for_a_gap(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A third in the outbox as it was live, a third in a large letter, a third in the backlog; and
    some that were only kept."""
    letters_of(6, monkeypatch)
    monkeypatch.setattr("vgigw.handlers.backlog_feeding.IN_FLIGHT", 1)
    trio = Trio()
    folded(trio, batches=4)
    send(trio, 2, begin=13)
    trio.operator.keep(batch(19, 21), trio.now)
    gap = recall(trio, "G1", 1, 21, RecallCause.GAP)
    assert (gap.count, gap.seq_first, gap.seq_last, gap.unavailable_ranges) == (3, 19, 21, ())
    again = recall(trio, "G2", 1, 21, RecallCause.LINK_DOWN)
    assert again.count == 0, "a job brings the rest"
    to_see = recall(trio, "P1", 2, 20, RecallCause.PEER_RECALL)
    assert (to_see.count, to_see.seq_first, to_see.seq_last) == (19, 2, 20)
    trio.net.cut.clear()
    trio.tick(12, step_s=1)
    assert sorted(trio.records()) == list(range(1, 22))


def test_plt_7_9d_what_was_on_its_way_and_was_given_up_comes_when_it_is_asked_for_again() -> None:
    trio = Trio()
    trio.net.cut.add(PLATFORM)
    send(trio, 2)
    assert recall(trio, "G1", 1, 6, RecallCause.GAP).count == 0
    for each in waiting(trio):
        trio.stores[OPERATOR].write(
            lambda tx, each=each: tx.save_letter(replace(each, state=LetterState.DEAD))  # type: ignore[misc]
        )
    for _ in range(2):
        trio.operator.do_chores(trio.now)
    assert recall(trio, "G2", 1, 6, RecallCause.GAP).count == 6
    trio.net.cut.clear()
    trio.tick(3, step_s=1)
    assert sorted(trio.records()) == list(range(1, 7))


def test_plt_7_6b_what_waits_in_the_backlog_is_not_told_as_sent() -> None:
    trio = Trio()
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(1, 3), trio.now)
    trio.operator.tick(trio.now)
    trio.net.cut.add(PLATFORM)
    send(trio, 5, begin=4)
    trio.wait(120)
    for _ in range(2):
        trio.operator.do_chores(trio.now)
    trio.net.cut.clear()
    trio.operator.beat(PLATFORM, trio.now)
    trio.operator.beat(PLATFORM, trio.wait(2))
    assert trio.stores[PLATFORM].read(lambda view: view.gaps()) == []
    trio.tick(10, step_s=1)
    trio.operator.beat(PLATFORM, trio.now)
    assert sorted(trio.records()) == list(range(1, 19))
