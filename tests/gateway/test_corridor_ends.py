"""What the corridor hands to a handler, and what it tells of a message in the end: all of it, to
whom it concerns, and nothing else. ACC-5.2, PLT-7.9a, PLT-7.10d, CARD-6."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import pytest
from msgspec.structs import replace

from tests.trio import (
    BASES,
    DISPATCH,
    OPERATOR,
    OTHER,
    PLATFORM,
    Trio,
    batch,
    door_for,
    ret_of,
    station,
)
from vgigw.codec import json
from vgigw.codec.packing import pack
from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.errors import (
    Detail,
    HandlerFailed,
    InvalidObject,
    Misconfigured,
    NotAllowed,
    StoreFull,
    VgigwError,
)
from vgigw.objects import InformationObject, StationQuery
from vgigw.operations import PUSH_ARCHIVE, QUERY_STATIONS_INFO, UPLOAD_TELEMETRY
from vgigw.ports import Call, Claim, Door, Duties, Handler, Opened, Transaction

TRACE = "0123456789abcdef" * 2


@dataclass
class Seen:
    """A trio whose platform writes down what its handlers, its screen and its witness get."""

    door: str = "rest"
    fail: Exception | None = None
    calls: list[Call] = field(default_factory=list)
    witnessed: list[Call] = field(default_factory=list)
    changes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.trio = Trio(self.door, wrap={PLATFORM: self._spied})
        self.token = self.trio.token()
        self.forget()

    def forget(self) -> None:
        self.calls.clear()
        self.witnessed.clear()
        self.trio.events.clear()

    def _spied(self, duties: Duties) -> Duties:
        handlers = {name: self._spy(each) for name, each in duties.handlers.items()}
        return replace(duties, handlers=handlers, screen=self._screen, witness=self._witness)

    def _screen(self, call: Call, tx: Transaction) -> Call:
        assert tx.last_row_id() >= 0
        return replace(call, **self.changes)

    def _witness(self, call: Call, tx: Transaction, result: int) -> None:
        assert tx.last_row_id() >= 0
        self.witnessed.append(call)

    def _spy(self, handler: Handler) -> Handler:
        def run(call: Call, tx: Transaction) -> InformationObject:
            self.calls.append(call)
            if self.fail is not None:
                raise self.fail
            return handler(call, tx)

        return run

    def wire(self, **changes: Any) -> WireRequest:
        sealed = self.trio.sealed(UPLOAD_TELEMETRY, batch(1, 2), self.token)
        return replace(sealed, **changes)

    def traced(self) -> WireRequest:
        wire = self.wire()
        return replace(wire, headers={**wire.headers, "traceid": TRACE})

    def told(self) -> tuple[str, dict[str, object]]:
        """The one event of the platform."""
        ((event, facts),) = [(e, facts) for party, e, facts in self.trio.events]
        return event, facts


class Between:
    """A door that writes down what it is asked to say, and may be changed in a step."""

    def __init__(self, inner: Door) -> None:
        self._inner = inner
        self.answered: list[tuple[Any, ...]] = []
        self.refused: list[tuple[Any, ...]] = []
        self.opened: Callable[[Opened], Opened] = lambda opened: opened
        self.read_as: Callable[[Claim], Claim] = lambda claim: claim
        self.keys_run_out = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def read(self, request: WireRequest) -> Claim:
        return self.read_as(self._inner.read(request))

    def open(self, claim: Claim, *rest: Any) -> Opened:
        return self.opened(self._inner.open(claim, *rest))

    def answer(self, *what: Any) -> WireAnswer:
        self.answered.append(what)
        return self._inner.answer(*what)

    def refuse(self, *what: Any) -> WireAnswer:
        self.refused.append(what)
        if self.keys_run_out and what[2] is not None:
            raise Misconfigured("the keys have run out")
        return self._inner.refuse(*what)


def through(seen: Seen, wire: WireRequest, **how: Any) -> tuple[WireAnswer, Between]:
    door = Between(door_for(seen.trio.platform, wire))
    for name, value in how.items():
        setattr(door, name, value)
    answer = seen.trio.platform.receive(cast(Door, door), wire, seen.trio.now)
    return answer, door


@pytest.mark.parametrize("door", list(BASES))
def test_a_handler_gets_all_that_is_known_of_its_message(door: str) -> None:
    seen = Seen(door)
    wire = replace(seen.traced(), source="192.0.2.7", certificate="")
    marked: dict[str, Any] = {"assumed": ("/BatchID",), "expected_version": 7}

    def opened(found: Opened) -> Opened:
        return replace(found, **marked)

    answer, _ = through(seen, wire, opened=opened)
    assert ret_of(answer) == 0
    (call,) = seen.calls
    canonical = json.encode(batch(1, 2))
    claim = door_for(seen.trio.platform, wire).read(wire)
    assert (call.peer, call.operation) == (seen.trio.peer(PLATFORM, OPERATOR), UPLOAD_TELEMETRY)
    assert (call.request, call.canonical, call.packed) == (batch(1, 2), canonical, pack(canonical))
    assert call.digest == hashlib.sha256(canonical).hexdigest()
    assert (call.door, call.guard, call.now) == (door, claim.guard.hex(), seen.trio.now)
    assert (call.trace_id, call.followed) == (TRACE, True)
    assert (call.source, call.certificate, call.unsigned) == ("192.0.2.7", "", False)
    assert (call.assumed, call.expected_version) == (("/BatchID",), 7)


def test_f44_a_handler_gets_the_certificate_that_its_message_came_over() -> None:
    seen = Seen()
    certificate = f"sha256:{'a' * 64}"
    through(seen, seen.wire(certificate=certificate))
    assert [call.certificate for call in seen.calls] == [certificate]


def test_plt_7_9a_a_message_that_nobody_follows_gets_a_trace_of_its_own() -> None:
    seen = Seen()
    for first in (1, 3):
        wire = seen.trio.sealed(UPLOAD_TELEMETRY, batch(first, first + 1), seen.token)
        through(seen, wire)
    ids = [call.trace_id for call in seen.calls]
    assert len(set(ids)) == 2
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in ids)
    assert not any(call.followed for call in seen.calls)


def test_what_a_read_asks_for_is_not_packed_as_it_is_not_kept() -> None:
    seen = Seen()
    wire = seen.trio.sealed(QUERY_STATIONS_INFO, StationQuery(), seen.token)
    through(seen, wire)
    assert [call.packed for call in seen.calls] == [b""]


def test_a_handler_gets_what_the_screen_left_of_a_message() -> None:
    seen = Seen(changes={"source": "screened"})
    through(seen, seen.wire())
    assert [call.source for call in seen.calls] == ["screened"]


def test_plt_7_10d_what_is_unsigned_or_sensitive_is_witnessed_once_and_no_more() -> None:
    seen = Seen()
    through(seen, seen.wire())
    assert seen.witnessed == []
    seen.trio.token(OTHER)
    assert [call.operation.name for call in seen.witnessed] == ["QueryToken"]


@pytest.mark.parametrize("door", list(BASES))
def test_an_accepted_message_is_told_with_whose_it_is_and_how_large(door: str) -> None:
    seen = Seen(door)
    wire = seen.traced()
    _, between = through(seen, wire)
    event, facts = seen.told()
    assert event == "message.accepted"
    assert facts == {
        "door": door,
        "peer": OPERATOR,
        "operation": UPLOAD_TELEMETRY.name,
        "trace_id": TRACE,
        "size_bytes": len(wire.body),
        "ret": 0,
    }
    ((claim, peer, _, now),) = between.answered
    assert (claim.sender, peer.operator_id, now) == (OPERATOR, OPERATOR, seen.trio.now)


def test_acc_5_2_the_refusal_of_a_peer_is_for_it_and_of_a_stranger_for_nobody() -> None:
    seen = Seen("cec102")
    good = seen.trio.sealed(UPLOAD_TELEMETRY, batch(1, 2, actual_count=9), seen.token)
    forged = replace(good, body=good.body.replace(b'"Sig":"', b'"Sig":"0'))
    unread = replace(good, body=b"{")
    whose: list[tuple[str | None, str | None]] = []
    for wire in (good, forged, unread):
        seen.forget()
        _, between = through(seen, wire)
        ((request, claim, peer, error, now),) = between.refused
        assert (request, now) == (wire, seen.trio.now)
        assert isinstance(error, VgigwError)
        event, facts = seen.told()
        assert (event, facts["door"]) == ("message.refused", "cec102")
        assert facts["peer"] == (peer.operator_id if peer else None)
        whose.append((claim and claim.sender, peer and peer.operator_id))
    assert whose == [(OPERATOR, OPERATOR), (OPERATOR, None), (None, None)]
    assert seen.calls == []


@pytest.mark.parametrize("fault", [RuntimeError("a secret"), Misconfigured("a secret")])
def test_what_fails_in_here_is_our_fault_and_no_words_of_it_get_out(fault: Exception) -> None:
    seen = Seen(fail=None)
    seen.fail = fault
    answer, between = through(seen, seen.wire())
    assert ret_of(answer) == 500
    assert b"secret" not in answer.body
    ((*_, error, _),) = between.refused
    assert isinstance(error, HandlerFailed)
    assert error.__cause__ is fault
    event, facts = seen.told()
    assert (event, facts["cause"], facts["kind"]) == ("message.failed", fault, "HandlerFailed")


@pytest.mark.parametrize("clear", [True, False])
def test_acc_5_2_without_keys_a_refusal_is_unsigned_and_says_no_more_than_was_open(
    clear: bool,
) -> None:
    """What was asked in secret is not told in the open, nor in the details of a refusal."""
    seen = Seen()
    detail = Detail("/Records/3/SOC", "range", "a secret")
    seen.fail = InvalidObject("a secret", (detail,))

    def read_as(claim: Claim) -> Claim:
        return replace(claim, clear=clear)

    answer, between = through(seen, seen.wire(), keys_run_out=True, read_as=read_as)
    assert ret_of(answer) == InvalidObject.ret
    (_, claim, peer, error, now) = between.refused[-1]
    assert (claim, peer, now) == (None, None, seen.trio.now)
    assert between.refused[-1][0] == between.refused[0][0]
    assert (error.message, error.details) == (
        ("a secret", (detail,)) if clear else (InvalidObject.text, ())
    )
    assert (b"secret" in answer.body) == clear
    # The error that is told to the log is the whole one.
    assert seen.told()[1]["paths"] == ["/Records/3/SOC"]


@pytest.mark.parametrize("stored", [True, False])
def test_plt_8_11_the_gate_is_asked_of_reads_and_writes_whether_they_can_be_stored_or_not(
    stored: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shut(call: Call, view: object) -> None:
        if call.operation.name != "QueryToken":
            raise NotAllowed("the gate is shut")

    trio = Trio("rest", wrap={PLATFORM: lambda duties: replace(duties, admit=shut)})
    token = trio.token()
    wires = [trio.sealed(QUERY_STATIONS_INFO, StationQuery(), token)]
    if stored:
        wires.append(trio.sealed(UPLOAD_TELEMETRY, batch(1, 2), token))
    else:

        def refuse(work: object) -> None:
            raise StoreFull()

        monkeypatch.setattr(trio.platform.store, "write", refuse)
    for wire in wires:
        answer = trio.give(wire)
        assert ret_of(answer) == 4301
        assert b"the gate is shut" in answer.body
    assert trio.records() == {}


def test_an_operation_that_nobody_serves_is_not_allowed_and_says_so() -> None:
    def bare(duties: Duties) -> Duties:
        return replace(duties, handlers={"QueryToken": duties.handlers["QueryToken"]})

    trio = Trio("rest", wrap={PLATFORM: bare})
    wire = trio.sealed(PUSH_ARCHIVE, station(), trio.token())
    answer = trio.give(wire)
    assert ret_of(answer) == 4301
    assert b"does not serve the operation" in answer.body


def test_an_answer_is_in_time_of_its_message() -> None:
    """The moment that it was received is the one at which it is checked, and kept."""
    seen = Seen()
    now: datetime = seen.trio.wait(5)
    through(seen, seen.wire())
    assert [call.now for call in seen.calls] == [now]
    assert seen.trio.token(DISPATCH)
