"""A peer that fails is left alone, each kind of traffic for itself, and tried by one message first.

PLT-7.6b, PLT-9.4; fault F39.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.trio import BASES, NOW, OPERATOR, PLATFORM, Trio, batch
from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.errors import PeerUnreachable
from vgigw.gateway.breakers import Breakers
from vgigw.operations import UPLOAD_TELEMETRY
from vgigw.ports import LetterState
from vgigw.rules.catch_up import Traffic

URGENT, NEW, WAITED = Traffic


def held(breakers: Breakers, at_s: float = 0.0) -> list[Traffic]:
    now = NOW + timedelta(seconds=at_s)
    return [each for each in Traffic if breakers.holds(PLATFORM, each, now)]


def test_the_wait_doubles_to_ten_seconds_and_begins_anew_after_an_answer() -> None:
    breakers, waits, at_s = Breakers(), [], 0.0
    for _ in range(8):
        breakers.failed(PLATFORM, NEW, NOW + timedelta(seconds=at_s), unreachable=True)
        wait_s = next(w / 100 for w in range(2000) if NEW not in held(breakers, at_s + w / 100))
        waits.append(wait_s)
        at_s += wait_s
    assert waits == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]
    assert breakers.reached(PLATFORM, NEW)
    assert not breakers.reached(PLATFORM, NEW)
    assert held(breakers, at_s) == []
    breakers.failed(PLATFORM, NEW, NOW, unreachable=True)
    assert held(breakers, 0.25) == []


def test_i17_what_is_less_urgent_stops_nothing_that_is_more_so() -> None:
    breakers = Breakers()
    breakers.failed(PLATFORM, WAITED, NOW, unreachable=True)
    assert held(breakers) == [WAITED]
    breakers.failed(PLATFORM, URGENT, NOW, unreachable=False)
    assert held(breakers) == [URGENT, WAITED]
    breakers.failed(PLATFORM, URGENT, NOW, unreachable=True)
    assert held(breakers) == [URGENT, NEW, WAITED]
    assert not breakers.holds(OPERATOR, WAITED, NOW)


def test_f39_retry_after_is_obeyed_up_to_an_hour_and_never_shortens_the_wait() -> None:
    breakers = Breakers()
    breakers.failed(PLATFORM, NEW, NOW, 30.0, unreachable=False)
    assert held(breakers, 29.9) == [NEW]
    assert held(breakers, 30.0) == []
    breakers.failed(PLATFORM, NEW, NOW, 1e9, unreachable=False)
    assert held(breakers, 3599.0) == [NEW]
    assert held(breakers, 3600.0) == []
    for _ in range(9):
        breakers.failed(PLATFORM, NEW, NOW, 0.1, unreachable=False)
    assert held(breakers, 9.9) == [NEW]


def test_a_clock_that_was_set_back_a_day_holds_nobody_up() -> None:
    breakers = Breakers()
    breakers.failed(PLATFORM, NEW, NOW, unreachable=True)
    assert held(breakers, -86_400) == []


class Counting:
    """A sender that counts what is tried, and lets nothing through while ``down``."""

    def __init__(self, trio: Trio) -> None:
        self.tried = 0
        self.down = True
        self._exchange = trio.net.exchange
        trio.operator._exchanges._sender = self

    def exchange(self, base: str, request: WireRequest) -> WireAnswer:
        self.tried += 1
        if self.down:
            raise PeerUnreachable()
        return self._exchange(base, request)


@pytest.mark.slow
@pytest.mark.parametrize("door", list(BASES))
def test_f39_an_hour_away_costs_few_tries_and_then_one_goes_before_the_others(door: str) -> None:
    """A thousand letters wait; what is tried does not grow with them."""
    trio = Trio(door)
    for seq in range(1, 1001):
        trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(seq, seq), NOW)
    sender = Counting(trio)
    for _ in range(3600):
        for traffic in Traffic:
            trio.operator.deliver(PLATFORM, trio.now, traffic, trio.clock)
        trio.wait(1)
    assert 300 <= sender.tried <= 3600 / 10 * 1.1 + 10
    sender.tried, before = 0, trio.letters(OPERATOR)
    for _ in range(11):
        trio.operator.deliver(PLATFORM, trio.wait(1), WAITED)
    assert sender.tried == 1, "half open: one message tries"
    sender.down = False
    for _ in range(11):
        trio.operator.deliver(PLATFORM, trio.wait(1), WAITED)
    assert sender.tried > 100
    ended = [each for each in trio.letters(OPERATOR) if each.state is LetterState.DELIVERED]
    assert len(ended) > 100
    assert len(before) == 1000
