"""The log: lines for machines, and never a secret, a token or a library's words. PLT-7.9b."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from tests.server.served import DOORS, Served
from tests.trio import OPERATOR, PLATFORM, Trio, batch, secrets_of, station
from vgigw.errors import PeerRefused, PeerUnreachable, StoreFailed
from vgigw.objects import TokenRequest
from vgigw.operations import PUSH_ARCHIVE, QUERY_TOKEN, UPLOAD_TELEMETRY
from vgigw.server.log import LogObserver, configure


class Captured:
    """Standard error of the process, as bytes, while the log is set up on it."""

    def __init__(self) -> None:
        self.buffer = io.BytesIO()

    def isatty(self) -> bool:
        return False

    def write(self, text: str) -> int:
        return self.buffer.write(text.encode())

    def flush(self) -> None:
        """Nothing is held back."""

    @property
    def text(self) -> str:
        return self.buffer.getvalue().decode()

    def lines(self) -> list[dict[str, Any]]:
        """Every line, each of which must be JSON."""
        return [json.loads(line) for line in self.text.split("\n") if line]


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[Captured]:
    captured = Captured()
    monkeypatch.setattr(sys, "stderr", captured)
    configure("debug", "json")
    yield captured
    structlog.reset_defaults()


def test_plt_7_9b_every_line_is_json_with_time_level_and_event(log: Captured) -> None:
    observe = LogObserver()
    observe("message.accepted", door="rest", peer="p", ret=0, trace_id=None)
    observe("message.refused", paths=["/A/0"], ret=4004, words='quote " and \n line \u2028 中文')
    observe("letter.dead", attempts=3)
    observe("message.failed", cause=RuntimeError("x"))
    observe("operation.unfilled", advice="read the page")
    assert [(line["event"], line["level"]) for line in log.lines()] == [
        ("message.accepted", "info"),
        ("message.refused", "warning"),
        ("letter.dead", "error"),
        ("message.failed", "error"),
        ("operation.unfilled", "warning"),
    ]
    assert all(line["timestamp"].endswith("Z") for line in log.lines())
    assert "trace_id" not in log.lines()[0]
    assert log.lines()[0]["ret"] == 0
    assert log.text.count("\n") == 5


def test_a_fact_that_json_does_not_know_is_written_as_text(log: Captured) -> None:
    LogObserver()("letter.postponed", what=object, which={1, 2}, when=UPLOAD_TELEMETRY)
    assert log.lines()[0]["event"] == "letter.postponed"


def test_a_cause_is_told_by_type_and_place_and_not_by_its_text(log: Captured) -> None:
    def failing() -> None:
        raise RuntimeError("canary of a library")

    with pytest.raises(RuntimeError) as raised:
        failing()
    LogObserver()("message.failed", cause=raised.value)
    (line,) = log.lines()
    assert line["cause"] == "RuntimeError"
    assert line["place"][0].startswith("test_log.py:")
    assert "canary" not in log.text


def test_a_level_keeps_what_is_below_it_out(log: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", log)
    configure("error", "json")
    observe = LogObserver()
    observe("message.accepted")
    observe("message.refused")
    observe("letter.dead")
    assert [line["event"] for line in log.lines()] == ["letter.dead"]


@pytest.mark.parametrize("door", DOORS)
def test_no_secret_token_or_body_is_in_any_line_of_a_whole_conversation(
    log: Captured, door: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    served = Served(tmp_path_factory.mktemp("log"), observer=LogObserver())
    trio = served.trio
    token = trio.token(OPERATOR)
    good = trio.sealed(UPLOAD_TELEMETRY, batch(1, 2), token, door=door)
    served.post(good)
    served.post(good, "203.0.113.7")
    served.post(trio.sealed(PUSH_ARCHIVE, station(), "canary-token", door=door))
    served.post(trio.sealed(UPLOAD_TELEMETRY, batch(1, 2, actual_count=1), token, door=door))
    wrong = TokenRequest(operator_id=OPERATOR, operator_secret="canary-wrong-secret")
    served.post(trio.sealed(QUERY_TOKEN, wrong, None, door=door))
    served.store.write(lambda tx: tx.keep_token(b"x" * 32, OPERATOR, trio.now))
    served.store.close()
    served.post(good)
    events = [line["event"] for line in log.lines()]
    assert {"message.accepted", "message.refused", "message.failed"} <= set(events)
    secrets = secrets_of(OPERATOR)
    kept = (secrets.operator_secret, secrets.data_secret, secrets.sig_secret)
    for text in (token, "canary", *(secret.decode() for secret in kept)):
        assert text not in log.text
    served.close()


def test_no_token_is_in_what_a_caller_tells_of_its_letters(log: Captured) -> None:
    trio = Trio()
    trio.operator._outbox._ends._observe = LogObserver()
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(1, 2), trio.now)
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(3, 4, actual_count=1), trio.now)
    trio.net.cut.add(PLATFORM)
    trio.operator.tick(trio.now)
    trio.net.cut.clear()
    trio.operator.tick(trio.wait(1))
    tokens = [held for held, _ in trio.operator._exchanges._tokens.values()]
    assert {line["event"] for line in log.lines()} == {
        "letter.postponed",
        "letter.delivered",
        "letter.dead",
    }
    assert len(tokens) == 1
    assert tokens[0] not in log.text


@pytest.mark.parametrize("error", [StoreFailed(), PeerUnreachable(), PeerRefused(4004, "words")])
def test_our_own_errors_say_nothing_but_our_words(error: Exception) -> None:
    assert "canary" not in str(error)
    assert str(error)
