"""Letters that nobody answers rightly hold up no others, of whatever kind. I15, I17."""

from __future__ import annotations

import pytest

from tests.trio import BASES, OPERATOR, PLATFORM, STREAM, Trio
from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.objects import RecallRequest
from vgigw.objects.operating_enumerations import RecallCause
from vgigw.operations import RECALL_DATA
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


@pytest.mark.parametrize("door", ["rest", "soap"])
def test_i17_control_letters_without_an_answer_hold_up_no_newer_ones(door: str) -> None:
    assert door in BASES
    trio = Trio(door)
    trio.platform._exchanges._sender = InFront(trio.net)
    for number in range(BAD):
        trio.platform.send(OPERATOR, RECALL_DATA, recall(f"BAD{number}"), trio.now)
    for _ in range(600):  # each was tried, again and again
        trio.wait(1.0)
        trio.platform.deliver(OPERATOR, trio.now, Traffic.URGENT)
    good = trio.platform.send(OPERATOR, RECALL_DATA, recall("GOOD"), trio.now)
    for _ in range(15):
        trio.wait(1.0)
        trio.platform.deliver(OPERATOR, trio.now, Traffic.URGENT)
    letter = trio.stores[PLATFORM].read(lambda view: view.letter(good))
    assert letter is not None
    assert letter.state is LetterState.DELIVERED
