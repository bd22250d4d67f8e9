"""Which path is taken, and which answer counts: only the peer's own, for this request. PLT-9.4."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from tests.gateway.test_commit_before_answer import Unsure
from tests.trio import (
    BASES,
    DISPATCH,
    NOW,
    OPERATOR,
    OTHER,
    PLATFORM,
    STREAM,
    Trio,
    batch,
    station,
)
from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.errors import Busy, PeerRefused, PeerUnreachable, StoreFailed, VgigwError
from vgigw.objects import RecallReceipt, RecallRequest, UnavailableRange
from vgigw.objects.operating_enumerations import RecallCause, UnavailableReason
from vgigw.operations import PUSH_ARCHIVE, RECALL_DATA, UPLOAD_TELEMETRY
from vgigw.ports import LetterState, Sender

Spoil = Callable[[WireRequest, WireAnswer], WireAnswer]


class Spoiling:
    """A sender that lets every request arrive, and changes the answers while it is told to."""

    def __init__(self, inner: Sender, spoil: Spoil) -> None:
        self._inner = inner
        self._spoil = spoil
        self.active = False

    def exchange(self, base: str, request: WireRequest) -> WireAnswer:
        answer = self._inner.exchange(base, request)
        return self._spoil(request, answer) if self.active else answer


def with_spoilt_answers(trio: Trio, spoil: Spoil) -> Spoiling:
    trio.call(OPERATOR, PUSH_ARCHIVE, station())  # a token is there
    sender = Spoiling(trio.net, spoil)
    trio.operator._exchanges._sender = sender
    sender.active = True
    return sender


def unsigned(_: WireRequest, answer: WireAnswer) -> WireAnswer:
    headers = {name: text for name, text in answer.headers.items() if "signature" not in name}
    body = answer.body.partition(b'"Sig"')[0].rstrip(b",") + b"}"
    if answer.body.startswith(b"<"):
        body = answer.body.replace(b"MessageHeader", b"OtherHeader")
    elif b'"Sig"' not in answer.body:
        body = answer.body
    return WireAnswer(status=answer.status, headers=headers, body=body)


def forged(_: WireRequest, answer: WireAnswer) -> WireAnswer:
    """What was signed is no longer what stands there."""
    if "signature" in answer.headers:
        return replace(answer, body=answer.body + b" ")
    return replace(answer, body=re.sub(rb'(Sig(?:":"|>))(.)', flipped, answer.body, count=1))


def flipped(found: re.Match[bytes]) -> bytes:
    return found[1] + (b"1" if found[2] == b"0" else b"0")


SPOILT: dict[str, Spoil] = {
    "unsigned": unsigned,
    "empty": lambda _, answer: replace(answer, body=b""),
    "garbage": lambda _, answer: replace(answer, body=b"\xff\x00garbage"),
    "a page of a proxy": lambda *_: WireAnswer(status=502, body=b"<html>Bad Gateway</html>"),
    "cut short": lambda _, answer: replace(answer, body=answer.body[: len(answer.body) // 2]),
    "a redirect": lambda *_: WireAnswer(status=302, headers={"location": "http://x/"}),
    "success in plain words": lambda *_: WireAnswer(status=200, body=b'{"AckSeq":2}'),
    "unsigned refusal": lambda *_: WireAnswer(
        status=403, body=b'{"Ret":4301,"Msg":"not permitted","Data":"","Sig":""}'
    ),
    "forged": forged,
}


@pytest.mark.parametrize("door", list(BASES))
@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT.keys())
def test_an_answer_that_is_not_the_peers_own_does_not_count_and_the_effect_is_once(
    door: str, spoil: Spoil
) -> None:
    trio = Trio(door)
    sender = with_spoilt_answers(trio, spoil)
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(1, 2), NOW)
    trio.operator.tick(trio.now)
    (waiting,) = trio.letters(OPERATOR)
    assert (waiting.state, waiting.attempts) == (LetterState.WAITING, 1)
    assert waiting.last_error == "PeerAnswerInvalid"
    sender.active = False
    trio.wait(1)
    trio.operator.tick(trio.now)
    (ended,) = trio.letters(OPERATOR)
    assert (ended.state, ended.attempts) == (LetterState.DELIVERED, 2)
    assert sorted(trio.records()) == [1, 2]


@pytest.mark.parametrize("door", ["rest", "soap"])
def test_a_genuine_answer_to_another_request_does_not_count(door: str) -> None:
    """The answer's signature covers that of its request; T/CEC 102 itself has no such tie."""
    trio = Trio(door)
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 2))
    _, earlier = trio.net.exchanged[-1]
    sender = with_spoilt_answers(trio, lambda *_: earlier)
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(3, 4), NOW)
    trio.operator.tick(trio.now)
    (waiting,) = trio.letters(OPERATOR)
    assert (waiting.state, waiting.last_error) == (LetterState.WAITING, "PeerAnswerInvalid")
    sender.active = False
    trio.wait(1)
    trio.operator.tick(trio.now)
    assert trio.letters(OPERATOR)[0].state is LetterState.DELIVERED


@pytest.mark.parametrize("door", list(BASES))
@pytest.mark.parametrize(("fault", "code"), [(Busy(), -1), (StoreFailed(), 500)])
def test_busy_and_own_fault_of_the_peer_are_tried_again(
    door: str, fault: VgigwError, code: int
) -> None:
    store = Unsure()
    trio = Trio(door, stores={PLATFORM: store})
    trio.call(OPERATOR, PUSH_ARCHIVE, station())
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(1, 2), NOW)
    store.fault = fault
    trio.operator.tick(trio.now)
    (waiting,) = trio.letters(OPERATOR)
    assert (waiting.state, waiting.last_error) == (LetterState.WAITING, f"refused {code}")
    store.fault = None
    trio.operator.tick(trio.wait(2))  # REST says Retry-After: 1, and jitter comes on top
    assert trio.letters(OPERATOR)[0].state is LetterState.DELIVERED
    assert sorted(trio.records()) == [1, 2]


def two_paths(trio: Trio) -> None:
    """The operator knows the platform by a primary path and a standby path."""
    peer = trio.operator.identity.peers[PLATFORM]
    base = BASES[trio.door]
    paths = (f"loop://primary/{base}", f"loop://standby/{base}")
    trio.operator.identity.peers[PLATFORM] = replace(peer, paths=paths)  # type: ignore[index]
    trio.net.join("primary", trio.platform)
    trio.net.join("standby", trio.platform)


@pytest.mark.parametrize("door", list(BASES))
def test_plt_9_4_the_standby_path_is_taken_while_the_primary_is_down(door: str) -> None:
    trio = Trio(door)
    two_paths(trio)
    trio.net.cut.add("primary")
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(1, 2), NOW)
    trio.operator.tick(trio.now)
    assert trio.letters(OPERATOR)[0].attempts == 1
    assert trio.letters(OPERATOR)[0].state is LetterState.DELIVERED


def test_plt_9_4_the_primary_path_is_taken_when_it_is_there() -> None:
    trio = Trio()
    two_paths(trio)
    trio.net.cut.add("standby")
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 2))
    assert sorted(trio.records()) == [1, 2]


def test_plt_9_4_a_primary_that_took_it_and_lost_the_answer_leads_to_no_second_effect() -> None:
    trio = Trio()
    two_paths(trio)
    trio.call(OPERATOR, PUSH_ARCHIVE, station())
    trio.net.lose_answers.add("primary")
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 2))
    assert sorted(trio.records()) == [1, 2]
    assert [wire.path for wire, _ in trio.net.exchanged].count(
        "/evcs/v1/notification_realtime_data"
    ) == 2


def test_plt_9_4_a_definite_refusal_on_the_primary_is_not_tried_on_the_standby() -> None:
    trio = Trio()
    two_paths(trio)
    trio.call(OPERATOR, PUSH_ARCHIVE, station())
    before = len(trio.net.exchanged)
    with pytest.raises(PeerRefused):
        trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 2, actual_count=1))
    assert len(trio.net.exchanged) == before + 1


def test_with_all_paths_down_the_peer_is_unreachable() -> None:
    trio = Trio()
    two_paths(trio)
    trio.net.cut |= {"primary", "standby"}
    with pytest.raises(PeerUnreachable):
        trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 2))


def recall(recall_id: str) -> RecallRequest:
    return RecallRequest(
        recall_id=recall_id,
        requester_id=PLATFORM,
        stream_id=STREAM,
        seq_from=1,
        seq_to=2,
        cause=RecallCause.MANUAL,
    )


def test_an_unreachable_peer_does_not_hold_up_another() -> None:
    trio = Trio()
    trio.net.cut.add(OPERATOR)
    for party in (OPERATOR, OTHER):
        trio.platform.send(party, RECALL_DATA, recall(f"R-{party}"), NOW)
    trio.platform.tick(NOW)
    states = {found.destination: found.state for found in trio.letters(PLATFORM)}
    assert states == {OPERATOR: LetterState.WAITING, OTHER: LetterState.DELIVERED}


def test_a_slow_peer_holds_up_neither_another_nor_itself_twice() -> None:
    """While one delivery hangs, others go on, and the same peer is not called a second time."""
    trio = Trio()
    reached, let_go = threading.Event(), threading.Event()
    exchange = trio.net.exchange

    def hanging(base: str, request: WireRequest) -> WireAnswer:
        if OPERATOR in base:
            reached.set()
            assert let_go.wait(5)
        return exchange(base, request)

    trio.net.exchange = hanging  # type: ignore[method-assign]
    for party in (OPERATOR, OTHER):
        trio.platform.send(party, RECALL_DATA, recall(f"R-{party}"), NOW)
    ended: list[int] = []
    slow = threading.Thread(target=lambda: ended.append(trio.platform.deliver(OPERATOR, NOW)))
    slow.start()
    assert reached.wait(5)
    assert trio.platform.deliver(OTHER, NOW) == 1
    assert trio.platform.deliver(OPERATOR, NOW) == 0
    let_go.set()
    slow.join(5)
    assert ended == [1]


@pytest.mark.parametrize("door", list(BASES))
def test_an_answer_whose_content_makes_no_sense_holds_up_nobody(door: str) -> None:
    """A peer declares a range that ends before it begins: it hurts itself alone."""
    trio = Trio(door)
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 1))
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(5, 5))

    def backwards(*_: object) -> RecallReceipt:
        gone = UnavailableRange(seq_from=4, seq_to=2, reason=UnavailableReason.NEVER_EXISTED)
        return RecallReceipt(recall_id="R", job_id="J", count=0, unavailable_ranges=(gone,))

    handlers = trio.operator._inbound._handlers
    handlers[RECALL_DATA.name] = backwards  # type: ignore[index]
    trio.platform.do_chores(trio.wait(3))
    trio.platform.send(OTHER, RECALL_DATA, recall("R-other"), trio.now)
    trio.platform.tick(trio.now)
    states = {found.destination: found.state for found in trio.letters(PLATFORM)}
    assert states == {OPERATOR: LetterState.WAITING, OTHER: LetterState.DELIVERED}
    assert DISPATCH not in states


def test_acc_5_5_an_old_receipt_on_t_cec_102_does_not_count_for_another_version() -> None:
    """Its protocol ties no answer to its request; what the receipt repeats of the key does."""
    trio = Trio("cec102")
    trio.call(OPERATOR, PUSH_ARCHIVE, station())
    _, earlier = trio.net.exchanged[-1]
    with_spoilt_answers(trio, lambda *_: earlier)
    trio.operator.send(PLATFORM, PUSH_ARCHIVE, station(version=2), NOW)

    trio.operator.tick(trio.now)

    assert trio.letters(OPERATOR)[0].last_error == "PeerAnswerInvalid"


@pytest.mark.parametrize("status", [502, 503, 504])
def test_plt_9_4_the_standby_path_is_taken_when_a_proxy_answers_for_the_primary(
    status: int,
) -> None:
    trio = Trio()
    two_paths(trio)
    real = trio.net.exchange

    class Proxied:
        def exchange(self, base: str, request: WireRequest) -> WireAnswer:
            if base.startswith("loop://primary"):
                return WireAnswer(status=status, body=b"<html>no upstream</html>")
            return real(base, request)

    trio.operator._exchanges._sender = Proxied()
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 2))

    assert sorted(trio.records()) == [1, 2]
