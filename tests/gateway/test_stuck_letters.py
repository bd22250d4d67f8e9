"""Letters that nobody answers rightly hold up no others, of whatever kind. I15, I17."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest

from tests.trio import BASES, NOW, OPERATOR, PLATFORM, STREAM, Trio
from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.errors import HandlerFailed, InvalidObject, VgigwError
from vgigw.objects import CommandCancel, InformationObject, RecallRequest
from vgigw.objects.operating_enumerations import RecallCause
from vgigw.operations import CANCEL_CONTROL, RECALL_DATA, Operation
from vgigw.ports import LetterState, Sender
from vgigw.rules.catch_up import Traffic

BAD = 12


class InFront:
    """A proxy that answers by itself, unsigned, to whatever it does not like."""

    def __init__(self, inner: Sender) -> None:
        self._inner = inner

    def exchange(self, base: str, request: WireRequest) -> WireAnswer:
        if b"BAD" in request.body:
            return WireAnswer(status=404, body=b"<html>not found</html>")
        return self._inner.exchange(base, request)


def recall(name: str) -> RecallRequest:
    return RecallRequest(
        recall_id=name,
        requester_id=PLATFORM,
        cause=RecallCause.MANUAL,
        stream_id=STREAM,
        seq_from=1,
        seq_to=2,
    )


def cancel(name: str) -> CommandCancel:
    return CommandCancel(
        command_id=name, version=1, reason="why", cancel_time=NOW, issued_by=PLATFORM
    )


@pytest.mark.parametrize(
    ("operation", "made", "traffic"),
    [
        (CANCEL_CONTROL, cancel, Traffic.URGENT),
        (RECALL_DATA, recall, Traffic.WAITED),
    ],
)
@pytest.mark.parametrize("door", ["rest", "soap"])
def test_i17_letters_without_an_answer_hold_up_no_newer_ones(
    door: str,
    operation: Operation,
    made: Callable[[str], InformationObject],
    traffic: Traffic,
) -> None:
    assert door in BASES
    trio = Trio(door)
    trio.platform._exchanges._sender = InFront(trio.net)
    for number in range(BAD):
        trio.platform.send(OPERATOR, operation, made(f"BAD{number}"), trio.now)
    for _ in range(600):  # each was tried, again and again
        trio.wait(1.0)
        trio.platform.deliver(OPERATOR, trio.now, traffic)
    good = trio.platform.send(OPERATOR, operation, made("GOOD"), trio.now)
    for _ in range(15):
        trio.wait(1.0)
        trio.platform.deliver(OPERATOR, trio.now, traffic)
    letter = trio.stores[PLATFORM].read(lambda view: view.letter(good))
    assert letter is not None
    assert letter.state is LetterState.DELIVERED


@pytest.mark.parametrize("fault", [InvalidObject, HandlerFailed])
def test_plt_7_6d_a_recall_that_is_refused_stays_whole(fault: type[VgigwError]) -> None:
    """It goes in the lane of large letters, and is none."""
    trio = Trio()

    def refuse(*_: object) -> object:
        raise fault

    handlers = cast(dict[str, object], trio.operator._inbound._handlers)
    handlers[RECALL_DATA.name] = refuse
    trio.platform.send(OPERATOR, RECALL_DATA, recall("R"), trio.now)
    trio.tick(20, step_s=60)
    (letter,) = [x for x in trio.letters(PLATFORM) if x.operation == RECALL_DATA.name]
    assert (letter.state, letter.message_id) == (LetterState.DEAD, "R")
    assert not [event for _, event, _ in trio.events if "divided" in event]
