"""The wires between simulators: a listener, a link that can be cut, counts, bounded waiting."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.errors import PeerUnreachable
from vgigw.senders.http import HttpSender
from vgigw.testing.awaiting import DidNotCome, await_until
from vgigw.testing.simulators.listener import Listener
from vgigw.testing.simulators.tally import Tally, TallySender, code_of
from vgigw.testing.tcp_link import TcpLink


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start_response("200 OK", [("content-type", "application/json")])
    return [body]


@pytest.fixture
def link() -> Iterator[TcpLink]:
    listener = Listener(echo)
    link = TcpLink(listener.port)
    yield link
    link.close()
    listener.close()


def ask(sender: Any, link: TcpLink, ret: int = 0) -> WireAnswer:
    body = json.dumps({"Ret": ret}).encode()
    request = WireRequest(method="POST", path="/query_time", body=body)
    answer: WireAnswer = sender.exchange(f"http://127.0.0.1:{link.port}/evcs/v1", request)
    return answer


def test_a_link_carries_until_it_is_cut_and_again_when_it_is_mended(link: TcpLink) -> None:
    http = HttpSender()
    assert json.loads(ask(http, link).body) == {"Ret": 0}
    link.cut()
    for _ in range(2):
        with pytest.raises(PeerUnreachable):
            ask(http, link)
    link.mend()
    assert ask(http, link).status == 200
    http.close()


def test_each_exchange_is_counted_by_its_answer(link: TcpLink) -> None:
    http, tally = HttpSender(), Tally()
    sender = TallySender(http, tally)
    for ret in (0, 0, 4001, 4102, 4001):
        ask(sender, link, ret)
    link.cut()
    with pytest.raises(PeerUnreachable):
        ask(sender, link)
    http.close()
    count = tally.by_door["cec102"]
    assert (count.sent, count.accepted, count.unanswered) == (6, 2, 1)
    assert count.refused == {4001: 2, 4102: 1}


@pytest.mark.parametrize(
    ("door", "status", "body", "code"),
    [
        ("soap", 200, b"<any/>", 0),
        ("soap", 500, b'<f:Refusal xmlns:f="x"><f:Ret>4202</f:Ret></f:Refusal>', 4202),
        ("soap", 502, b"bad gateway", 502),
        ("rest", 200, b'{"Status":0}', 0),
        ("rest", 401, b'{"Ret":4001}', 4001),
        ("cec102", 200, b'{"Ret":4103,"Msg":""}', 4103),
        ("cec102", 404, b"nothing", 404),
    ],
)
def test_the_code_of_an_answer_is_read_on_each_door(
    door: str, status: int, body: bytes, code: int
) -> None:
    assert code_of(door, status, body) == code


def test_a_gateway_observed_is_counted_by_door_and_operation() -> None:
    tally = Tally()
    tally.observe("message.accepted", door="soap", ret=0, operation="AckControl")
    tally.observe("message.refused", door="soap", ret=4001, operation=None)
    tally.observe("letter.delivered", peer="123456789")
    assert tally.by_door["soap"].sent == 2
    assert tally.operations == {"AckControl": 1}


def test_waiting_ends_with_the_condition_or_with_words() -> None:
    left = iter([0, 0, 7])
    assert await_until(lambda: next(left), 5, "seven") == 7
    with pytest.raises(DidNotCome, match=r"the train did not come within 0.05 s"):
        await_until(lambda: False, 0.05, "the train")
