"""The comparison: everything acknowledged is stored exactly once, and its effects took place once.

Every line found names one message or one number; an empty verdict is what a gateway must earn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

import msgspec

from vgigw.codec import json
from vgigw.objects import TelemetryReceipt
from vgigw.operations import ISSUE_CONTROL, PUSH_DEVICE_STATE, UPLOAD_TELEMETRY
from vgigw.ports import letter_groups
from vgigw.testing.crash.acts import Acknowledged, Act
from vgigw.testing.crash.stored import Stored


class Verdict(msgspec.Struct, frozen=True):
    """``missing``: acknowledged and not there. ``twice``: there or counted more than once.

    ``altered``: there with other content or another answer. ``foreign``: there, and never sent.
    """

    missing: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        return not (self.missing or self.twice or self.altered or self.foreign)


def judge(told: Iterable[Acknowledged], pending: Iterable[Act], stored: Stored) -> Verdict:
    """Compare what peers were ``told`` with what is ``stored``.

    ``pending`` acts had no answer: they may be there or not, but not twice.
    """
    told, pending = list(told), list(pending)
    sent = {one.act.trace for one in told} | {act.trace for act in pending}
    return Verdict(
        missing=tuple(_missing(told, stored)),
        twice=tuple(_twice(stored)),
        altered=(*_altered(told, stored), *stored.damaged),
        foreign=tuple(str(trace) for trace in stored.digests if trace not in sent),
    )


def _missing(told: list[Acknowledged], stored: Stored) -> Iterator[str]:
    for one in told:
        lacks = [what for what, there in _expected(one.act, stored) if not there]
        if lacks:
            yield f"{one.act.trace}: {', '.join(lacks)}"
    yield from _watermarks(told, stored)


def _expected(act: Act, stored: Stored) -> Iterator[tuple[str, bool]]:
    """What an acknowledged act leaves behind, and whether it is there."""
    yield "content", act.trace in stored.digests
    yield "answer", (act.sender, act.operation.name, act.key) in stored.answers
    if act.operation is ISSUE_CONTROL:
        command = str(act.trace[2])
        yield "letter that carries it on", letter_groups.of_command(command) in stored.letters
        yield "state", command in stored.decisions


def _watermarks(told: list[Acknowledged], stored: Stored) -> Iterator[str]:
    """Each stream was told to be stored for good up to some number. PLT-7.6b."""
    promised: Counter[tuple[str, str]] = Counter()
    for one in told:
        if one.act.operation is UPLOAD_TELEMETRY:
            _, sender, stream_id, _, last = one.act.trace
            stream = (str(sender), str(stream_id))
            told_to = json.decode(TelemetryReceipt, one.reply).ack_seq
            # Nothing of a lane is left out, so what was taken is complete.
            promised[stream] = max(promised[stream], told_to, int(last))
    for stream, number in promised.items():
        state = stored.streams.get(stream)
        if state is None or state.complete_to < number:
            yield f"{stream}: told complete to {number}, stored is {state}"


def _twice(stored: Stored) -> Iterator[str]:
    for trace, digests in stored.digests.items():
        if len(digests) > 1:
            yield f"{trace}: {len(digests)} times"
    for stream, ranges in stored.ranges.items():
        for before, after in pairwise(ranges):
            # The same range again stands above already.
            if before != after and before[1] >= after[0]:
                yield f"{stream}: {before} and {after} overlap"
    for command, count in stored.letters.items():
        if count > 1:
            yield f"command {command}: {count} letters"
    for command, count in stored.decisions.items():
        if count > 1:
            yield f"command {command}: its state was set {count} times"
    events = sum(trace[0] == PUSH_DEVICE_STATE.name for trace in stored.digests)
    if stored.events_counted > events:
        yield f"{stored.events_counted} events were counted, {events} are stored"


def _altered(told: list[Acknowledged], stored: Stored) -> Iterator[str]:
    for one in told:
        act = one.act
        if any(digest != act.digest for digest in stored.digests.get(act.trace, ())):
            yield f"{act.trace}: other content"
        answer = stored.answers.get((act.sender, act.operation.name, act.key), one.reply)
        if answer != one.reply:
            yield f"{act.trace}: another answer than the one given"
