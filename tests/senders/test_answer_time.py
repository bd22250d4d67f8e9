"""An answer that comes too slowly is given up, one that is only long is not. PLT-9.4b."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from socket import create_server, socket

import pytest

from vgigw.envelope.wire import WireRequest
from vgigw.errors import PeerUnreachable
from vgigw.senders import answer_time
from vgigw.senders.http import HttpSender

ASKED = WireRequest(method="POST", path="/x", body=b"body")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
PAUSE_S = 0.1


class Slow:
    """Answers each request on a connection in parts, with a pause before each of them."""

    def __init__(self, *answers: Sequence[bytes]) -> None:
        self.connections = 0
        self._answers = answers
        self._server = create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._server.getsockname()[1]}/"

    def close(self) -> None:
        self._server.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                self.connections += 1
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket) -> None:
        with connection, suppress(OSError):
            for parts in self._answers:
                seen = b""
                while not seen.endswith(b"body"):
                    seen += connection.recv(65536)
                for part in parts:
                    time.sleep(PAUSE_S)
                    connection.sendall(part)


@pytest.fixture
def sender(monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpSender]:
    monkeypatch.setattr(answer_time, "ANSWER_S", 4 * PAUSE_S)
    made = HttpSender(read_s=5.0)
    yield made
    made.close()


ENDLESS = [b"x"] * 600


@pytest.mark.parametrize(
    "parts",
    [[HEAD % 1000, *ENDLESS], [b"HTTP/1.1 200 OK\r\nX: ", *ENDLESS], [b"HTTP/1.1 200 ", *ENDLESS]],
    ids=["body", "header", "status"],
)
def test_an_answer_that_drips_is_given_up(sender: HttpSender, parts: list[bytes]) -> None:
    slow = Slow(parts)
    began = time.monotonic()
    with pytest.raises(PeerUnreachable):
        sender.exchange(slow.base, ASKED)
    assert time.monotonic() - began < 20 * PAUSE_S
    slow.close()


def test_a_long_answer_may_take_longer(sender: HttpSender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_time, "LEAST_BYTES_PER_S", 1000 / (2 * PAUSE_S))
    slow = Slow([HEAD % 10_000, *[b"x" * 1000] * 10])
    began = time.monotonic()
    assert len(sender.exchange(slow.base, ASKED).body) == 10_000
    assert time.monotonic() - began > 8 * PAUSE_S
    slow.close()


def test_each_answer_of_a_connection_has_its_own_time(sender: HttpSender) -> None:
    slow = Slow(*[[HEAD % 2, b"o", b"k"]] * 3)
    for _ in range(3):
        assert sender.exchange(slow.base, ASKED).body == b"ok"
    assert slow.connections == 1
    slow.close()
