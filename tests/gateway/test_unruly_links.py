"""Links that lose answers, repeat and reorder: each effect once, and the order kept. F35, F37.

``VGIGW_UNRULY`` is how many messages of each kind there are; the long form is 10,000.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import TypeVar

import pytest
from msgspec.structs import replace

from tests.trio import (
    BASES,
    DISPATCH,
    OPERATOR,
    PLATFORM,
    STREAM,
    Trio,
    batch,
    curve,
    ret_of,
    station,
)
from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.errors import PeerUnreachable
from vgigw.handlers.backlog import backlogs_of
from vgigw.objects import StationInfo, TelemetryBatch
from vgigw.operations import ISSUE_CONTROL, PUSH_ARCHIVE, RECALL_DATA, UPLOAD_TELEMETRY
from vgigw.ports import LetterState, Limits, Sender
from vgigw.rules.gap import GRACE_S

MESSAGES = int(os.environ.get("VGIGW_UNRULY", "200"))
WINDOW = 1000


T = TypeVar("T")


def unruly(messages: Iterable[T], rng: random.Random) -> Iterator[T]:
    """Each message one to five times, none more than ``WINDOW`` places from where it was."""
    repeated = [each for each in messages for _ in range(rng.randint(1, 5))]
    keyed = [(place + rng.uniform(0, WINDOW), each) for place, each in enumerate(repeated)]
    yield from (each for _, each in sorted(keyed, key=lambda pair: pair[0]))


@pytest.mark.parametrize("door", list(BASES))
def test_f37_repeated_and_reordered_telemetry_is_there_once_and_nothing_is_asked_for(
    door: str,
) -> None:
    rng = random.Random(37)
    trio = Trio(door, limits=Limits(messages_per_s=100_000))
    token = trio.token()
    step = timedelta(seconds=GRACE_S / (5 * WINDOW))  # the window passes within the grace
    sealed: dict[int, WireRequest] = {}
    for number, seq in enumerate(unruly(range(1, MESSAGES + 1), rng)):
        trio.clock.move_to(trio.now + step)
        if seq not in sealed:  # As late as may be, or the last of many would be too old.
            sealed[seq] = trio.sealed(UPLOAD_TELEMETRY, told(seq), token)
        assert ret_of(trio.give(sealed[seq])) == 0
        if number % 10 == 0:
            trio.platform.do_chores(trio.now)
    assert sorted(trio.records()) == list(range(1, MESSAGES + 1))
    assert trio.stores[PLATFORM].read(lambda view: view.gaps()) == []
    state = trio.stores[PLATFORM].read(lambda view: view.stream(OPERATOR, STREAM))
    assert state is not None
    assert (state.begin, state.contiguous, state.highest) == (1, MESSAGES, MESSAGES)
    assert [each for each in trio.letters(PLATFORM) if each.operation == RECALL_DATA.name] == []


@pytest.mark.parametrize("door", list(BASES))
def test_f37_of_versions_that_overtake_each_other_the_newest_stays(door: str) -> None:
    rng = random.Random(37)
    trio = Trio(door)
    token, last = trio.token(), 40
    messages = [
        trio.sealed(PUSH_ARCHIVE, station(version=version), token) for version in range(1, last + 1)
    ]
    for wire in unruly(messages, rng):
        assert ret_of(trio.give(wire)) in (0, 4204)
    view = trio.stores[PLATFORM].read(
        lambda view: view.document(StationInfo.__name__, OPERATOR, "ST1")
    )
    assert view is not None
    assert view.version == last


def told(seq: int) -> TelemetryBatch:
    """One record, sent when it was measured."""
    one = batch(seq, seq)
    return replace(one, send_time=one.records[0].data_time)


class LosesAnswers:
    """A sender whose requests arrive, once or several times, and whose answers get lost as often
    as not."""

    def __init__(self, inner: Sender, rng: random.Random) -> None:
        self._inner, self._rng = inner, rng
        self.lost = 0

    def exchange(self, base: str, request: WireRequest) -> WireAnswer:
        for _ in range(self._rng.randint(0, 2)):
            self._inner.exchange(base, request)
        answer = self._inner.exchange(base, request)
        if self._rng.random() < 0.5:
            self.lost += 1
            raise PeerUnreachable
        return answer


def waiting(trio: Trio) -> list[object]:
    """Letters, and what was folded away until it is put into some."""
    letters = [*trio.letters(OPERATOR), *trio.letters(PLATFORM)]
    folded = trio.stores[OPERATOR].read(lambda view: backlogs_of(view, PLATFORM, open_only=True))
    return [*folded, *(each for each in letters if each.state is LetterState.WAITING)]


@pytest.mark.parametrize("door", list(BASES))
def test_f35_what_arrives_while_answers_get_lost_has_its_effect_once(door: str) -> None:
    """An asymmetric partition: telemetry up and commands down, through the outbox of each side."""
    rng, count = random.Random(35), MESSAGES // 2
    trio = Trio(door)
    trio.call(OPERATOR, PUSH_ARCHIVE, station())
    links = [LosesAnswers(trio.net, rng) for _ in range(2)]
    trio.operator._exchanges._sender, trio.platform._exchanges._sender = links
    for seq in range(1, count + 1):
        trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, told(seq), trio.now)
    commands = [f"CMD{number}" for number in range(10)]
    for command_id in commands:
        command = curve(command_id, valid_until=trio.now + timedelta(days=1))
        trio.call(DISPATCH, ISSUE_CONTROL, replace(command, ack_deadline=command.valid_until))
    rounds = 0
    while waiting(trio) and (rounds := rounds + 1) < 40 * count:
        trio.wait(1.0)
        trio.operator.tick(trio.now)
        trio.platform.tick(trio.now)
    assert waiting(trio) == []
    assert min(link.lost for link in links) > 0
    assert sorted(trio.records()) == list(range(1, count + 1))
    held = trio.stores[OPERATOR].read(lambda view: view.documents("ControlCurve"))
    assert sorted(each.key for each in held) == sorted(commands)
    assert all(each.version == 1 for each in held)
