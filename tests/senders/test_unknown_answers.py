"""Whatever a peer answers, a letter counts as delivered for the peer's own success alone, and is
kept else, with the same identifier. F39 to F42, PLT-7.6b.

Real sockets, each courier; the peer carries every message out, so that a repeat finds it done.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import format_datetime

import pytest
from msgspec.structs import replace

from tests.senders.scripted_peer import Script, ScriptedPeer, raw
from tests.trio import BASES, NOW, OPERATOR, OTHER, PLATFORM, Trio, batch, station
from vgigw.envelope.wire import WireAnswer
from vgigw.handlers.alarm_raising import ALARMS
from vgigw.objects import AlarmDomain, AlarmState
from vgigw.operations import PUSH_ARCHIVE, UPLOAD_TELEMETRY
from vgigw.ports import Letter, LetterState
from vgigw.senders import answer_time
from vgigw.senders.http import HttpSender

HTML = b"<html><body>It works!</body></html>"
PAGE = {"content-type": "text/html"}
FAULT = (
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>'
    b"<faultcode>s:Server</faultcode><faultstring>no</faultstring></s:Fault></s:Body></s:Envelope>"
)


def said(status: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Script:
    """The same answer to everything."""
    return lambda _: [raw(WireAnswer(status=0, headers=headers or {}, body=body), status)]


def changed(status: str = "", body: Callable[[bytes], bytes] = lambda body: body) -> Script:
    """The genuine answer under another status, or with another body."""
    return lambda genuine: [raw(replace(genuine, body=body(genuine.body)), status)]


def other_digest(body: bytes) -> bytes:
    """One character in the middle is another: what was signed stands there no more."""
    place = len(body) // 2
    return body[:place] + (b"7" if body[place : place + 1] != b"7" else b"8") + body[place + 1 :]


UNKNOWN: dict[str, Script] = {
    "500": said("500 Internal Server Error"),
    "500 with a page": said("500 Internal Server Error", HTML, PAGE),
    "502": said("502 Bad Gateway", HTML, PAGE),
    "503": said("503 Service Unavailable"),
    "429": said("429 Too Many Requests"),
    "301": said("301 Moved", headers={"location": "http://127.0.0.1:1/"}),
    "302": said("302 Found", headers={"location": "/vgi/v1/other"}),
    "303": said("303 See Other", headers={"location": "/"}),
    "307": said("307 Temporary Redirect", headers={"location": "http://127.0.0.1:1/"}),
    "308": said("308 Permanent Redirect", headers={"location": "//elsewhere/"}),
    "304": said("304 Not Modified"),
    "204 with a body": lambda genuine: [raw(genuine, "204 No Content")],
    "101": said("101 Switching Protocols", headers={"upgrade": "websocket"}),
    "100 and no answer": lambda _: [b"HTTP/1.1 100 Continue\r\n\r\n", 0.5, -1.0],
    "103 for ever": lambda _: [b"HTTP/1.1 103 Early Hints\r\n\r\n"] * 40,
    "200 and nothing": said("200 OK"),
    "200 with garbage": said("200 OK", b"\xff\x00\xfe garbage"),
    "200 with a page": said("200 OK", HTML, PAGE),
    "200 with success in plain words": said("200 OK", b'{"Ret":0,"Data":"","Msg":"","Sig":""}'),
    "200 with another digest": changed(body=other_digest),
    "200 with a fault": said("200 OK", FAULT, {"content-type": "text/xml"}),
    "success in 500": changed("500 Internal Server Error"),
    "success in 404": changed("404 Not Found"),
    "success in 302": changed("302 Found"),
    "cut": lambda genuine: [raw(genuine)[:-5], -1.0],
    "closed": lambda _: [-1.0],
    "no answer": lambda _: [3.0],
    "drips": lambda genuine: [raw(genuine)[:20], *(0.1, b"x") * 30],
}
"""Each of them is no word of the peer's that it took the message."""

SLOW = {"100 and no answer", "no answer", "drips"}
"""Those that a sender gives up by its own clock; all others have time, however slow this machine
is."""

INTERIM: dict[str, Script] = {
    "100": lambda genuine: [b"HTTP/1.1 100 Continue\r\n\r\n" + raw(genuine)],
    "103": lambda genuine: [b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + raw(genuine)],
    "102 and 103": lambda genuine: [
        b"HTTP/1.1 102 Processing\r\n\r\n",
        0.05,
        b"HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n",
        0.05,
        raw(genuine),
    ],
}


class Linked:
    """An operator that calls the platform over a socket, and has a token."""

    def __init__(self, door: str, **more: int) -> None:
        self.trio = Trio(door)
        self.peer = ScriptedPeer(self.trio, **more)
        self.sender = HttpSender(connect_s=10, read_s=10)
        operator = self.trio.operator
        known = replace(operator.identity.peers[PLATFORM], paths=(self.peer.base,))
        operator.identity.peers[PLATFORM] = known  # type: ignore[index]
        operator._exchanges._sender = self.sender
        self.trio.call(OPERATOR, PUSH_ARCHIVE, station())

    def push(self, version: int) -> None:
        self.trio.operator.send(PLATFORM, PUSH_ARCHIVE, station(version=version), self.trio.now)

    def deliver(self, after_s: float = 0.0) -> Letter:
        self.trio.operator.deliver(PLATFORM, self.trio.wait(after_s))
        return self.trio.letters(OPERATOR)[-1]

    def held_version(self) -> int:
        """Of the station, at the platform."""
        store = self.trio.stores[PLATFORM]
        found = store.read(lambda view: view.documents("StationInfo", owner=OPERATOR))
        return max(each.version for each in found)

    def close(self) -> None:
        self.peer.close()
        self.sender.close()


@pytest.fixture
def linked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Linked]:
    monkeypatch.setattr(answer_time, "ANSWER_S", 10.0)
    made = Linked(getattr(request, "param", "rest"))
    yield made
    made.close()


each_door = pytest.mark.parametrize("linked", list(BASES), indirect=True)


@each_door
def test_f39_f40_f41_what_is_not_the_peers_own_success_delivers_nothing(
    linked: Linked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One letter a fault; each is tried again, by its own identifier, and found done."""
    wrong, hasty = {}, HttpSender(read_s=0.25)
    for version, (name, script) in enumerate(UNKNOWN.items(), start=2):
        linked.peer.script = script
        linked.push(version)
        before, count = linked.trio.letters(OPERATOR)[-1], linked.peer.requests
        with monkeypatch.context() as patched:
            if name in SLOW:
                patched.setattr(answer_time, "ANSWER_S", 0.4)
                patched.setattr(linked.trio.operator._exchanges, "_sender", hasty)
            waiting = linked.deliver()
        asked = linked.peer.requests - count
        linked.peer.script = None
        ended = linked.deliver(after_s=15)
        same = before.message_id == waiting.message_id == ended.message_id
        kept = (waiting.state, waiting.attempts, asked, same)
        if kept != (LetterState.WAITING, 1, 1, True) or ended.state is not LetterState.DELIVERED:
            wrong[name] = kept, waiting.last_error, ended.state, ended.last_error
    hasty.close()
    assert wrong == {}
    assert linked.held_version() == len(UNKNOWN) + 1


@each_door
@pytest.mark.parametrize("script", INTERIM.values(), ids=INTERIM.keys())
def test_f39_answers_before_the_answer_are_passed_over(linked: Linked, script: Script) -> None:
    linked.peer.script = script
    for version in (2, 3, 4):
        linked.push(version)
        assert linked.deliver().state is LetterState.DELIVERED
    assert linked.held_version() == 4


@each_door
def test_f40_the_answer_to_another_message_does_not_count(linked: Linked) -> None:
    earlier: list[WireAnswer] = []

    def kept(genuine: WireAnswer) -> list[bytes | float]:
        earlier.append(genuine)
        return [raw(earlier[0])]

    linked.peer.script = kept
    linked.push(2)
    assert linked.deliver().state is LetterState.DELIVERED
    linked.push(3)
    waiting = linked.deliver()
    assert (waiting.state, waiting.last_error) == (LetterState.WAITING, "PeerAnswerInvalid")
    linked.peer.script = None
    assert linked.deliver(after_s=15).state is LetterState.DELIVERED


IN_90_S = format_datetime(NOW + timedelta(seconds=90), usegmt=True)
AHEAD = format_datetime(NOW + timedelta(days=400, seconds=90), usegmt=True)
ITS_NOW = format_datetime(NOW + timedelta(days=400), usegmt=True)


@each_door
@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"retry-after": "90"}, 90),
        ({"retry-after": IN_90_S}, 90),
        ({"retry-after": AHEAD, "date": ITS_NOW}, 90),
        ({"retry-after": "soon"}, 0),
        ({"retry-after": "-5"}, 0),
        ({"retry-after": "99999999"}, 3600),
    ],
    ids=["seconds", "date", "its own clock", "words", "negative", "too long"],
)
def test_f39_a_peer_that_asks_to_be_left_alone_is_left_alone(
    linked: Linked, status: str, headers: dict[str, str], wait_s: float
) -> None:
    linked.peer.script = said(status, headers=headers)
    linked.push(2)
    waiting = linked.deliver()
    assert waiting.state is LetterState.WAITING
    assert 0 <= (waiting.next_at - linked.trio.now).total_seconds() - wait_s <= 1
    linked.peer.script = None
    count = linked.peer.requests
    if wait_s:
        linked.deliver(after_s=wait_s - 1)
        assert linked.peer.requests == count
    assert linked.deliver(after_s=3).state is LetterState.DELIVERED


@each_door
def test_f40_a_peer_that_answers_what_is_not_its_own_is_an_alarm_until_it_does(
    linked: Linked,
) -> None:
    operator = linked.trio.operator

    def alarms() -> list[tuple[str, AlarmState | None, AlarmDomain]]:
        store = linked.trio.stores[OPERATOR]
        found = store.read(lambda view: ALARMS.all(view, owner=OPERATOR))
        return [(each.alarm_code, each.alarm_state, each.alarm_domain) for each in found]

    linked.peer.script = UNKNOWN["200 with a page"]
    linked.push(2)
    linked.deliver()
    operator.do_chores(linked.trio.wait(1))
    assert alarms() == [], "once may be an accident"
    linked.deliver(after_s=61)
    operator.do_chores(linked.trio.now)
    assert alarms() == [("ANSWERS_UNKNOWN", AlarmState.RAISED, AlarmDomain.CHANNEL)]
    linked.peer.script = None
    for _ in range(3):
        linked.deliver(after_s=61)
    operator.do_chores(linked.trio.now)
    assert alarms() == [("ANSWERS_UNKNOWN", AlarmState.CLEARED, AlarmDomain.CHANNEL)]


def test_f41_a_peer_that_never_answers_holds_up_no_other() -> None:
    trio = Trio("rest")
    silent = Linked("rest")
    silent.peer.script = lambda _: [30.0]
    operator = silent.trio.operator
    operator._exchanges._sender = HttpSender()  # as it is served
    trio.operator.send(PLATFORM, PUSH_ARCHIVE, station(), trio.now)
    silent.push(2)
    began = time.monotonic()
    thread = threading.Thread(target=silent.deliver)
    thread.start()
    while not silent.peer.requests > 1 and time.monotonic() - began < 5:
        time.sleep(0.01)
    trio.operator.tick(trio.now)
    assert trio.letters(OPERATOR)[0].state is LetterState.DELIVERED
    assert thread.is_alive(), "it still waits for an answer"
    thread.join(15)
    assert not thread.is_alive(), "it is given up"
    print(f"given up after {time.monotonic() - began:.1f} s")  # noqa: T201 - the figure
    assert silent.trio.letters(OPERATOR)[-1].state is LetterState.WAITING
    silent.close()
    assert OTHER not in silent.trio.operator.identity.peers


@pytest.mark.parametrize("door", list(BASES))
def test_f42_a_peer_that_reads_ten_bytes_a_second_is_given_up(door: str) -> None:
    linked = Linked(door, receive_buffer=4096)
    linked.trio.operator._exchanges._sender = HttpSender()  # as it is served
    linked.peer.bytes_per_s = 10
    large = batch(1, 5000)
    linked.trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, large, linked.trio.now)
    began = time.monotonic()
    waiting = linked.deliver()
    print(f"given up after {time.monotonic() - began:.1f} s")  # noqa: T201 - the figure
    assert (waiting.state, waiting.last_error) == (LetterState.WAITING, "PeerUnreachable")
    linked.peer.bytes_per_s = 0
    linked.close()
