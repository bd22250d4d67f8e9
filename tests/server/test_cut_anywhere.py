"""A message or its answer that is cut at any byte: nothing half stored, nothing half believed. F38.

Every byte with ``VGIGW_CUTS=all``; else every so many, and those round each part of the message.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from tests.cli.processes import OPERATOR, PLATFORM, prepared, result, serving
from tests.stores.fresh import fresh_store
from tests.trio import BASES, NOW, STREAM, batch
from vgigw import Gateway
from vgigw.envelope.wire import WireAnswer, WireRequest, encoded_path
from vgigw.errors import PeerAnswerInvalid, PeerUnreachable
from vgigw.objects import TelemetryBatch, TelemetryReceipt
from vgigw.operations import UPLOAD_TELEMETRY
from vgigw.server.assembly import SystemClock
from vgigw.testing.gateway_process import free_port
from vgigw.testing.tcp_link import TcpLink

ALL = os.environ.get("VGIGW_CUTS") == "all"
STRIDE = 1 if ALL else 23
LONGEST = 4096


class Ends(NamedTuple):
    """A served platform, and an operator that reaches it by a link."""

    platform: Path
    port: int
    link: TcpLink
    operator: Gateway
    door: str


@pytest.fixture(params=list(BASES))
def ends(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ends]:
    door = request.param
    config, port = prepared(tmp_path / "platform")
    text = config.read_text("utf-8")
    assert 'doors = ["cec102", "rest"]' in text
    text = text.replace('doors = ["cec102", "rest"]', 'doors = ["cec102", "rest", "soap"]')
    config.write_text(text, "utf-8")
    with serving(config, port):
        link = TcpLink(port)
        own = operator_of(tmp_path / "operator", config, link.port, door)
        operator = Gateway.from_config(own, store=fresh_store())
        yield Ends(config, port, link, operator, door)
        operator.close()
        link.close()


def operator_of(folder: Path, platform: Path, port: int, door: str) -> Path:
    """An operator that ``platform`` knows and that calls it by ``door``."""
    secrets = platform.parent / "secrets"
    names = ("operator_secret", "data_secret", "data_secret_iv", "sig_secret")
    lines = [f'{name} = "file:{secrets}/{OPERATOR}-{name}.txt"' for name in names]
    folder.mkdir()
    path = folder / "vgigw.toml"
    path.write_text(f"""
[gateway]
operator_id = "{OPERATOR}"
role = "operator"
[listen]
port = {free_port()}
[[peers]]
operator_id = "{PLATFORM}"
role = "platform"
doors = ["{door}"]
[peers.inbound]
{chr(10).join(lines)}
[peers.outbound]
paths = ["http://127.0.0.1:{port}/{BASES[door]}"]
door = "{door}"
""")
    return path


def told(number: int) -> TelemetryBatch:
    now = SystemClock().now()
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    return replace(batch(number, number), send_time=max(now, NOW))


def held(ends: Ends) -> tuple[int, int]:
    """Highest number without a hole below it, and highest number, as the platform's ledger says."""
    for each in result("gaps", "-c", ends.platform):
        if each["stream"] == STREAM:
            return each["contiguous"], each["highest"]
    return 0, 0


def taken(ends: Ends, sent: TelemetryBatch) -> TelemetryReceipt:
    answer = ends.operator.call(PLATFORM, UPLOAD_TELEMETRY, sent, SystemClock().now())
    assert isinstance(answer, TelemetryReceipt)
    return answer


class Watched:
    """A sender that keeps what went out and how many bytes came back."""

    def __init__(self, ends: Ends) -> None:
        self._inner = ends.operator._exchanges._sender
        ends.operator._exchanges._sender = self
        self.sent: list[WireRequest] = []

    def exchange(self, base: str, request: WireRequest) -> WireAnswer:
        self.sent.append(request)
        return self._inner.exchange(base, request)


def raw(ends: Ends, request: WireRequest) -> bytes:
    """The whole HTTP message."""
    base = "" if request.rooted else f"/{BASES[ends.door]}"
    head = {**request.headers, "host": f"127.0.0.1:{ends.port}", "connection": "close"}
    head["content-length"] = str(len(request.body))
    lines = [f"{request.method} {encoded_path(base + request.path)} HTTP/1.1"]
    lines += [f"{name}: {text}" for name, text in head.items()]
    return "\r\n".join([*lines, "", ""]).encode() + request.body


def answered(port: int, octets: bytes, *, cut: bool = False) -> bytes:
    """Whatever comes back for a message, or for a part of one whose sender then says no more."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as link:
        link.sendall(octets)
        if cut:
            link.shutdown(socket.SHUT_WR)
        found = b""
        while data := link.recv(65536):
            found += data
    return found


def is_success(answer: bytes) -> bool:
    """T/CEC 102 has status 200 for a refusal, too, and says it inside."""
    return answer.startswith(b"HTTP/1.1 2") and b'"Ret":4003' not in answer


def places(length: int, *parts: int) -> list[int]:
    """Where to cut: so many bytes apart, and round the ends of its parts."""
    near = {part + by for part in (0, *parts, length) for by in (-2, -1, 0, 1, 2)}
    return sorted(at for at in {*range(0, length, STRIDE), *near} if 0 <= at < min(length, LONGEST))


def test_f38_a_request_that_is_cut_anywhere_is_not_stored_and_gets_no_success(ends: Ends) -> None:
    watched, first = Watched(ends), told(1)
    assert taken(ends, first).ack_seq == 1
    watched.sent.clear()
    ends.link.cut()  # what follows is sealed, and does not arrive
    with pytest.raises(PeerUnreachable):
        taken(ends, told(2))
    whole = raw(ends, watched.sent[0])
    body_at = whole.index(b"\r\n\r\n") + 4

    cuts = places(len(whole), body_at)
    answers = {at: answered(ends.port, whole[:at], cut=True) for at in cuts}
    assert [at for at, answer in answers.items() if is_success(answer)] == []
    assert held(ends) == (1, 1)
    assert answered(ends.port, whole).startswith(b"HTTP/1.1 200")
    assert held(ends) == (2, 2)


def test_f38_an_answer_that_is_cut_anywhere_is_not_believed_and_the_repeat_is_one(
    ends: Ends,
) -> None:
    watched, number = Watched(ends), 1
    taken(ends, told(number))
    closing = len(answered(ends.port, raw(ends, watched.sent[-1])))
    length = closing - len("connection: close\r\n")
    cuts = places(length)
    believed = []
    for at in cuts:
        number += 1
        sent = told(number)
        ends.link.cut()
        ends.link.mend()
        ends.link.most_reply_bytes = at
        try:
            taken(ends, sent)
        except (PeerUnreachable, PeerAnswerInvalid):
            ends.link.cut()
            ends.link.mend()
            ends.link.most_reply_bytes = None
            assert taken(ends, sent).ack_seq == number
        else:
            believed.append(at)
    assert held(ends) == (number, number)
    assert believed == []
