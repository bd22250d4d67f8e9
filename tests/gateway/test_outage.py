"""Two hours without a link, in both directions: all of it comes, live at once. PLT-7.9d, F48."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from tests.trio import DISPATCH, OPERATOR, PLATFORM, STREAM, Trio, batch
from vgigw.gateway import rounds
from vgigw.handlers.keeping import object_of
from vgigw.objects import TelemetryBatch
from vgigw.operations import UPLOAD_TELEMETRY
from vgigw.ports import LetterState
from vgigw.rules.catch_up import ROUND
from vgigw.rules.pacing import MOST_SHARE

STEP_S = 5
OUTAGE_S = 2 * 3600
CAPACITY_PER_S = ROUND / STEP_S
"""One round a step, which is what the tick of the harness takes from each peer's queue; of it what
waited has its share."""


class Side:
    """Batches that one party makes for another, one a step, and when each was first stored."""

    def __init__(self, trio: Trio, sender: str, receiver: str, stream: str) -> None:
        self._trio, self._sender, self._receiver, self._stream = trio, sender, receiver, stream
        self.made: dict[int, datetime] = {}
        self.came: dict[int, datetime] = {}
        self._seen = 0

    def make(self) -> None:
        number = len(self.made) + 1
        now = self._trio.now
        self.made[number] = now
        told = replace(
            batch(number, number),
            stream_id=self._stream,
            batch_id=f"{self._stream}-{number}",
            source_id=self._sender,
        )
        gateway = self._trio.gateways[self._sender]
        gateway.keep(told, now)
        gateway.send(self._receiver, UPLOAD_TELEMETRY, told, now)

    def look(self) -> None:
        store = self._trio.stores[self._receiver]
        for row in store.read(lambda view: view.rows(stream=self._stream, after_id=self._seen)):
            self._seen = row.id
            if row.owner == self._sender:
                content = object_of(TelemetryBatch, row.payload)
                for number in range(content.seq_from, content.seq_to + 1):
                    assert number not in self.came, "stored twice"
                    self.came[number] = self._trio.now

    @property
    def waiting(self) -> int:
        store = self._trio.stores[self._sender]
        found = store.read(
            lambda view: view.letters(destination=self._receiver, state=LetterState.WAITING)
        )
        return sum(each.operation == UPLOAD_TELEMETRY.name for each in found)


@pytest.fixture
def trio() -> Trio:
    return Trio("rest")


def step(trio: Trio, sides: list[Side]) -> None:
    trio.wait(STEP_S)
    for side in sides:
        side.make()
    trio.tick()
    for side in sides:
        side.look()


def test_f48_a_two_hour_outage_loses_nothing_and_live_goes_on_at_once(trio: Trio) -> None:
    sides = [
        Side(trio, OPERATOR, PLATFORM, STREAM),
        Side(trio, PLATFORM, DISPATCH, "UP"),
    ]
    for _ in range(3):
        step(trio, sides)
    trio.net.cut |= {PLATFORM, DISPATCH}
    for _ in range(OUTAGE_S // STEP_S):
        step(trio, sides)
    trio.net.cut.clear()
    backlog, back_at = sides[0].waiting, trio.now
    assert backlog >= OUTAGE_S // STEP_S
    steps = 0
    while any(side.waiting > 1 for side in sides):
        step(trio, sides)
        steps += 1
        assert steps < OUTAGE_S // STEP_S, "it never catches up"
    for _ in range(5):
        step(trio, sides)

    for side in sides:
        assert set(side.came) == set(side.made), "missing"
        # The peer is left alone for ten seconds at most after it could not be reached.
        live = [n for n, at in side.made.items() if at > back_at + timedelta(seconds=15)]
        late = max((side.came[n] - side.made[n]).total_seconds() for n in live)
        assert late <= 2 * STEP_S, "live had to wait behind what was old"
    said_s = backlog / (MOST_SHARE * CAPACITY_PER_S)  # as docs/reliability.md says
    assert abs(steps * STEP_S - said_s) <= 0.2 * said_s


def test_live_waits_behind_the_backlog_where_rounds_do_not_share(
    trio: Trio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the test above would find if what is new had no place of its own."""
    monkeypatch.setattr(rounds, "NEW_FOR", timedelta(days=9))
    side = Side(trio, OPERATOR, PLATFORM, STREAM)
    step(trio, [side])
    trio.net.cut.add(PLATFORM)
    for _ in range(200):
        step(trio, [side])
    trio.net.cut.clear()
    back_at = trio.now
    while side.waiting > 1:
        step(trio, [side])
    live = [n for n, at in side.made.items() if at > back_at + timedelta(seconds=15)]
    assert max((side.came[n] - side.made[n]).total_seconds() for n in live) > 2 * STEP_S
