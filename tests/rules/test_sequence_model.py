"""Any run of events leaves a stream as a plain set of numbers would be. PLT-7.6b, PLT-7.9d."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.rules.test_ranges import numbers_of, ranges_of, sorted_and_apart
from vgigw.rules.sequence import (
    Range,
    Receipt,
    StreamState,
    announce,
    declare,
    expecting,
    missing_in,
    receive,
)

START = st.integers(1, 60)
LENGTH = st.integers(0, 12)


class Stream(RuleBasedStateMachine):
    """The model: numbers that are settled, numbers received, and the span that is known."""

    state: StreamState
    settled: set[int]
    received: set[int]
    begin: int
    highest: int
    watermark: int

    @initialize(first=START, length=LENGTH, agreed=st.booleans())
    def first_contact(self, first: int, length: int, agreed: bool) -> None:
        self.settled, self.received = set(), set()
        if agreed:
            self.begin, self.highest = first, first - 1
            self.state = expecting(first)
        else:
            self.begin, self.highest = first, first + length
            receipt = receive(None, first, first + length)
            self.take(receipt, {*range(first, first + length + 1)}, set(), set())
        self.watermark = self.state.contiguous

    def take(self, receipt: Receipt, fresh: set[int], opened: set[int], closed: set[int]) -> None:
        assert receipt.fresh == ranges_of(fresh)
        assert numbers_of(receipt.opened) == opened
        assert receipt.closed == ranges_of(closed)
        assert sorted_and_apart(receipt.opened)
        self.received |= fresh
        self.settled |= fresh | closed
        self.state = receipt.state

    def missing(self) -> set[int]:
        return {*range(self.begin, self.highest + 1)} - self.settled

    @rule(first=START, length=LENGTH)
    def receive_numbers(self, first: int, length: int) -> None:
        came = {*range(first, first + length + 1)}
        before = self.missing()
        span = {*range(self.begin, self.highest + 1)}
        self.begin, self.highest = min(self.begin, *came), max(self.highest, *came)
        opened = {*range(self.begin, self.highest + 1)} - span - came
        self.take(
            receive(self.state, first, first + length), came - self.settled, opened, came & before
        )

    @rule(highest=START)
    def announce_highest(self, highest: int) -> None:
        opened = {*range(self.highest + 1, highest + 1)}
        self.highest = max(self.highest, highest)
        self.take(announce(self.state, highest), set(), opened, set())

    @rule(first=START, length=LENGTH)
    def declare_numbers(self, first: int, length: int) -> None:
        closed = self.missing() & {*range(first, first + length + 1)}
        self.take(declare(self.state, Range(first, first + length)), set(), set(), closed)

    @rule(first=START, length=LENGTH)
    def ask_for_missing(self, first: int, length: int) -> None:
        asked = {*range(first, first + length + 1)}
        found = missing_in(self.state, Range(first, first + length))
        assert found == ranges_of(asked & self.missing())

    @invariant()
    def state_is_that_of_the_model(self) -> None:
        missing = self.missing()
        assert (self.state.begin, self.state.highest) == (self.begin, self.highest)
        assert self.state.missing == ranges_of(missing)
        assert self.state.missing_count == len(missing)
        assert self.state.complete_to == min(missing, default=self.highest + 1) - 1

    @invariant()
    def i3_watermark_never_falls_and_stops_before_the_next_hole(self) -> None:
        above = [number for number in self.missing() if number > self.watermark]
        assert self.state.contiguous == min(above, default=self.highest + 1) - 1
        assert self.state.contiguous >= self.watermark
        self.watermark = self.state.contiguous


Stream.TestCase.settings = settings(max_examples=100, stateful_step_count=20)
TestStream = Stream.TestCase
