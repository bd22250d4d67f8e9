"""The machine: sixteen things that happen to gateways, in any order, in any world.

A world is real gateways on stores of some kind, or the pure rules in a small surrounding. After each
step every invariant is asked; in the end all faults are over, and everything has to come to rest.
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

    @initialize()
    def begin(self) -> None:
        self.world = type(self).make_world()

    @rule(size=st.integers(1, 4), number=PROCESS)
    def ack(self, size: int, number: int) -> None:
        self.world.measure(size, number)

    @rule()
    def ack_command(self) -> None:
        self.world.command()

    @rule(place=PLACE)
    def send_retry(self, place: int) -> None:
        self.world.again(place, other=False)

    @rule(place=PLACE, other=st.booleans())
    def send_retry_command(self, place: int, other: bool) -> None:
        names = sorted(self.world.commands)
        if names:
            self.world.issue(names[place % len(names)], other=other)

    @rule(place=PLACE)
    def send_other_content(self, place: int) -> None:
        self.world.again(place, other=True)

    @rule(how=st.sampled_from(["signature", "no token", "old"]))
    def forge(self, how: str) -> None:
        self.world.forge(how)

    @rule(party=PARTIES, fault=st.sampled_from([OnLink.TWICE, OnLink.HOLD]))
    def dup_deliver_or_reorder(self, party: str, fault: OnLink) -> None:
        self.world.faults.links[party].append(fault)

    @rule(place=PLACE)
    def arrive_late(self, place: int) -> None:
        self.world.release(place)

    @rule(party=PARTIES, fault=st.sampled_from([OnLink.DROP, OnLink.LOSE_ANSWER]))
    def drop(self, party: str, fault: OnLink) -> None:
        self.world.faults.links[party].append(fault)

    @rule(party=PARTIES, down=st.booleans())
    def cut(self, party: str, down: bool) -> None:
        (self.world.faults.down.add if down else self.world.faults.down.discard)(party)

    @rule(party=PARTIES, number=PROCESS)
    def crash(self, party: str, number: int) -> None:
        self.world.crashed((party, number if party != DISPATCH else 0))

    @rule(party=PARTIES, fault=st.sampled_from(list(AtCommit)))
    def crash_at_commit(self, party: str, fault: AtCommit) -> None:
        self.world.faults.commits[party].append(fault)

    @rule(party=PARTIES)
    def crash_after_send(self, party: str) -> None:
        self.world.faults.links[party].append(OnLink.DIE_AFTER_SEND)

    @rule(party=PARTIES)
    def power_loss(self, party: str) -> None:
        self.world.power_loss(party)

    @rule(party=SHARED, number=PROCESS)
    def pause(self, party: str, number: int) -> None:
        self.world.pause(party, number)

    @rule(party=SHARED, number=PROCESS)
    def resume(self, party: str, number: int) -> None:
        self.world.wake(party, number)

    @rule(party=SHARED)
    def takeover(self, party: str) -> None:
        self.world.take_over(party)

    @rule(party=SHARED)
    def takeover_between_send_and_mark(self, party: str) -> None:
        self.world.faults.links[party].append(OnLink.TAKEN_OVER)

    @rule(first=st.integers(1, 30), size=st.integers(1, 12))
    def recall(self, first: int, size: int) -> None:
        self.world.recall(first, size)

    @rule(seconds=st.sampled_from([-3600.0, -1.0, 1.0, 3600.0]))
    def clock_jump(self, seconds: float) -> None:
        self.world.jump(seconds)

    @rule(party=PARTIES, full=st.booleans())
    def disk_full(self, party: str, full: bool) -> None:
        (self.world.faults.full.add if full else self.world.faults.full.discard)(party)

    @rule(party=PARTIES)
    def key_rotate(self, party: str) -> None:
        self.world.keys.step(party)

    @rule(party=PARTIES)
    def checkpoint(self, party: str) -> None:
        self.world.checkpoint(party)

    @rule(seconds=st.sampled_from([125.0, 400.0]))
    def expire(self, seconds: float) -> None:
        self.world.pass_time(seconds)

    @rule(party=PARTIES, number=PROCESS, seconds=st.sampled_from([0.3, 2.5, 11.0, 31.0]))
    def tick(self, party: str, number: int, seconds: float) -> None:
        self.world.pass_time(seconds)
        self.world.tick(party, number)

    @rule()
    def tick_all(self) -> None:
        self.world.pass_time(3.0)
        for party in (OPERATOR, PLATFORM, DISPATCH):
            for number in (0, 1):
                self.world.tick(party, number)

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
