"""A lease has one holder at a time, whatever wall clocks say and whoever stands still. F08-F10."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from vgigw.rules.lease import (
    HOLD_S,
    SILENT_S,
    Holding,
    Lease,
    Verdict,
    Waiting,
    acts,
    given_back,
    holds,
    looked,
    renewed,
    taken,
)

T0 = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
ROW = Lease(holder="a", epoch=3, beats=7, at=T0)


def test_what_nobody_holds_is_taken_at_once() -> None:
    given = Lease(holder="", epoch=3, at=T0)
    for row in (None, given):
        assert looked(Waiting(), row, 0.0, gone=False)[1] is Verdict.TAKE
    assert looked(Waiting(), ROW, 0.0, gone=True)[1] is Verdict.TAKE


def test_f08_a_silent_holder_is_waited_for_by_the_clock_of_whoever_waits() -> None:
    waiting, verdict = looked(Waiting(), ROW, 100.0, gone=False)
    assert verdict is Verdict.WAIT
    assert looked(waiting, ROW, 100.0 + SILENT_S - 0.001, gone=False)[1] is Verdict.WAIT
    assert looked(waiting, ROW, 100.0 + SILENT_S, gone=False)[1] is Verdict.TAKE


def test_a_holder_that_renews_is_never_taken_from() -> None:
    waiting = Waiting()
    for beat in range(20):
        row = Lease(holder="a", epoch=3, beats=beat, at=T0)
        waiting, verdict = looked(waiting, row, beat * (SILENT_S - 0.1), gone=False)
        assert verdict is Verdict.WAIT


def test_i5_the_epoch_rises_with_each_taking_and_only_if_nothing_changed_meanwhile() -> None:
    first = taken(None, None, "a", T0)
    assert first == Lease(holder="a", epoch=1, at=T0)
    second = taken(first, first, "b", T0)
    assert second is not None
    assert second.epoch == 2
    beaten = renewed(first, "a", 1, T0)
    assert beaten is not None
    assert beaten.beats == 1
    assert taken(beaten, first, "b", T0) is None
    assert taken(second, first, "c", T0) is None


def test_what_was_taken_cannot_be_renewed_or_given_back() -> None:
    for holder, epoch in (("a", 2), ("a", 4), ("b", 3)):
        assert not holds(ROW, holder, epoch)
        assert renewed(ROW, holder, epoch, T0) is None
        assert given_back(ROW, holder, epoch, T0) is None
    assert not holds(None, "a", 0)
    assert given_back(ROW, "a", 3, T0) == Lease(holder="", epoch=3, beats=7, at=T0)


def test_a_holder_that_could_not_renew_rests_before_anybody_may_take_it() -> None:
    holding = Holding(epoch=3, renewed_s=10.0)
    assert acts(holding, 10.0 + HOLD_S - 0.001)
    assert not acts(holding, 10.0 + HOLD_S)
    assert HOLD_S < SILENT_S


NAMES = st.sampled_from(["a", "b", "c"])


class Process:
    """One who wants the lease; its monotonic clock began at another moment than the others'."""

    def __init__(self, offset_s: float) -> None:
        self.offset_s = offset_s
        self.waiting = Waiting()
        self.holding: Holding | None = None
        self.stands_still = False


class Lessees(RuleBasedStateMachine):
    """Three processes, one row, true time, and wall clocks that anybody may turn (F55)."""

    def __init__(self) -> None:
        super().__init__()
        self.true_s = 0.0
        self.row: Lease | None = None
        self.epochs: list[int] = []
        self.processes = {"a": Process(0.0), "b": Process(5_000.0), "c": Process(-70.0)}

    @rule(step_s=st.sampled_from([0.1, 0.9, 1.0, HOLD_S, SILENT_S, 60.0]))
    def time_passes(self, step_s: float) -> None:
        self.true_s += step_s

    @rule(name=NAMES, still=st.booleans())
    def stand_still_or_go_on(self, name: str, still: bool) -> None:
        self.processes[name].stands_still = still

    @rule(name=NAMES, wall_s=st.floats(-1e9, 1e9))
    def keep(self, name: str, wall_s: float) -> None:
        """What a process does now and then: renew, or look and perhaps take."""
        process, at = self.processes[name], T0 + timedelta(seconds=wall_s)
        if process.stands_still:
            return
        now_s = self.true_s + process.offset_s
        if process.holding is not None:
            row = renewed(self.row, name, process.holding.epoch, at)
            epoch, self.row = process.holding.epoch, row or self.row
            process.holding = Holding(epoch=epoch, renewed_s=now_s) if row else None
            return
        before = self.row
        process.waiting, verdict = looked(process.waiting, before, now_s, gone=False)
        row = taken(self.row, before, name, at) if verdict is Verdict.TAKE else None
        if row is not None:
            self.row = row
            self.epochs.append(row.epoch)
            process.holding = Holding(epoch=row.epoch, renewed_s=now_s)

    @rule(name=NAMES)
    def give_back(self, name: str) -> None:
        process = self.processes[name]
        if process.holding is not None and not process.stands_still:
            self.row = given_back(self.row, name, process.holding.epoch, T0) or self.row
            process.holding, process.waiting = None, Waiting()

    @invariant()
    def i5_one_works_at_a_time_and_one_passes_the_fence(self) -> None:
        holding = {
            name: each.holding for name, each in self.processes.items() if each.holding is not None
        }
        working = [
            name
            for name, each in holding.items()
            if acts(each, self.true_s + self.processes[name].offset_s)
        ]
        passing = [name for name, each in holding.items() if holds(self.row, name, each.epoch)]
        assert len(working) <= 1
        assert len(passing) <= 1
        assert set(working) <= set(passing)

    @invariant()
    def i5_epochs_rise(self) -> None:
        assert self.epochs == sorted(set(self.epochs))


Lessees.TestCase.settings = settings(max_examples=100, stateful_step_count=30)
TestLessees = Lessees.TestCase
