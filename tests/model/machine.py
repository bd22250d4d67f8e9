"""The machine: sixteen things that happen to gateways, in any order, in any world.

A world is real gateways on stores of some kind, or the pure rules in a small surrounding. After
each step every invariant is asked; in the end all faults are over, and everything comes to rest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.model.faults import AtCommit, OnLink
from tests.model.invariants import ALWAYS, IN_THE_END, check
from tests.trio import DISPATCH, OPERATOR, PLATFORM

SHARED = st.sampled_from([OPERATOR, PLATFORM])
PARTIES = st.sampled_from([OPERATOR, PLATFORM, DISPATCH])
PROCESS = st.integers(0, 1)
PLACE = st.integers(0, 40)


class Machine(RuleBasedStateMachine):
    """``make_world`` is set by who makes a machine of it."""

    make_world: Callable[[], Any]
    steps = 0

    @initialize(held=st.integers(0, 3))
    def begin(self, held: int) -> None:
        """Of the first messages some come late, so that a stream begins in its middle."""
        self.world = type(self).make_world()
        self.world.faults.links[OPERATOR].extend([OnLink.HOLD] * held)
        self.world.command()
        self.world.measure(2, 0)
        self.world.measure(2, 1)

    @rule(size=st.integers(1, 4), number=PROCESS)
    def ack(self, size: int, number: int) -> None:
        """``Ack``: records, and the clockwork of both sides once."""
        self.world.measure(size, number)
        self.world.pass_time(0.3)
        self.world.tick(OPERATOR, number)
        self.world.tick(PLATFORM, number)

    @rule()
    def ack_command(self) -> None:
        """``Ack``"""
        self.world.command()

    @rule(place=PLACE, command=st.booleans(), other=st.booleans())
    def send_retry(self, place: int, command: bool, other: bool) -> None:
        """``SendRetry``: the same again, or ``other`` content under the same id."""
        names = sorted(self.world.commands)
        if not command:
            self.world.again(place, other=other)
        elif names:
            self.world.issue(names[place % len(names)], other=other)

    @rule(party=PARTIES, fault=st.sampled_from(list(OnLink)))
    def on_link(self, party: str, fault: OnLink) -> None:
        """``DupDeliver``, ``Reorder``, ``Drop``; ``Crash`` and ``Takeover`` after a send."""
        self.world.faults.links[party].append(fault)

    @rule(place=PLACE, seconds=st.sampled_from([0.0, 125.0]))
    def arrive_late(self, place: int, seconds: float) -> None:
        """``Reorder``, ``DupDeliver``: what was held on a link, or was there before."""
        self.world.pass_time(seconds)
        self.world.release(place)

    @rule(party=PARTIES, down=st.booleans())
    def cut(self, party: str, down: bool) -> None:
        """``Drop``: everything, until it is healed."""
        (self.world.faults.down.add if down else self.world.faults.down.discard)(party)

    @rule(party=PARTIES, number=PROCESS, at=st.sampled_from([None, *AtCommit]))
    def crash(self, party: str, number: int, at: AtCommit | None) -> None:
        """``Crash``: now, or before or after the next commit."""
        if at is not None:
            self.world.faults.commits[party].append(at)
            if party == OPERATOR:
                self.world.measure(1, number)
            else:
                self.world.command()
        else:
            self.world.crashed((party, number if party != DISPATCH else 0))

    @rule(party=PARTIES)
    def power_loss(self, party: str) -> None:
        """``PowerLoss``"""
        self.world.power_loss(party)

    @rule(party=SHARED, number=PROCESS, how=st.sampled_from(["pause", "wake", "take over", "both"]))
    def turn(self, party: str, number: int, how: str) -> None:
        """``Pause``, ``Resume`` in the middle of what it was at, ``Takeover``."""
        if how == "pause":
            self.world.pause(party, number)
        if how in ("take over", "both"):
            self.world.take_over(party)
        if how in ("wake", "both"):
            for each in (0, 1):
                self.world.wake(party, each)

    @rule(first=st.integers(1, 8), size=st.integers(1, 12))
    def recall(self, first: int, size: int) -> None:
        """``Recall``"""
        self.world.recall(first, size)

    @rule(seconds=st.sampled_from([-3600.0, -1.0, 1.0, 3600.0]))
    def clock_jump(self, seconds: float) -> None:
        """``ClockJump``"""
        self.world.jump(seconds)

    @rule(party=PARTIES, full=st.booleans())
    def disk_full(self, party: str, full: bool) -> None:
        """``DiskFull``, until there is space again."""
        (self.world.faults.full.add if full else self.world.faults.full.discard)(party)

    @rule(party=PARTIES)
    def key_rotate(self, party: str) -> None:
        """``KeyRotate``: one of three steps."""
        self.world.rotate(party)

    @rule(party=PARTIES)
    def checkpoint(self, party: str) -> None:
        """``Checkpoint``"""
        self.world.checkpoint(party)

    @rule(seconds=st.sampled_from([11.0, 125.0, 400.0]), held=st.booleans())
    def expire(self, seconds: float, held: bool) -> None:
        """``Expire``: so much time that commands and tokens run out, a command on its way, too."""
        if held:
            self.world.command()
            self.world.faults.links[PLATFORM].append(OnLink.HOLD)
            self.world.tick(PLATFORM, 0)
            self.world.tick(PLATFORM, 1)
        self.world.pass_time(seconds)
        if held:
            self.world.release(0)

    @rule(how=st.sampled_from(["signature", "no token", "old"]))
    def forge(self, how: str) -> None:
        """What nobody may send."""
        self.world.forge(how)

    @rule(seconds=st.sampled_from([1.0, 3.0, 31.0]), size=st.integers(0, 2), number=PROCESS)
    def tick(self, seconds: float, size: int, number: int) -> None:
        """Everybody who is awake works; there is something to do."""
        if size:
            self.world.measure(size, number)
        self.world.pass_time(seconds)
        for party in (OPERATOR, PLATFORM, DISPATCH):
            for each in (0, 1):
                self.world.tick(party, each)

    @invariant()
    def everything_holds(self) -> None:
        if hasattr(self, "world"):
            Machine.steps += 1
            check(ALWAYS, self.world.ledger, self.world.facts())

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            self.world.settle()
            check({**ALWAYS, **IN_THE_END}, self.world.ledger, self.world.facts())
        finally:
            self.world.close()
