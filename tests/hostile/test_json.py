"""Hostile JSON at the doors of a served gateway, of strangers and of a turned peer. F76."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from tests.doors.sealing import Sender, by_cec102, by_rest
from tests.hostile.documents import DEAR_JSON
from tests.hostile.target import MIB, MOST_BYTES, Target, post, target
from tests.server.wired import bytes_of
from tests.trio import OPERATOR, secrets_of
from vgigw.envelope.wire import WireRequest

MOST_S = 5.0
SIZE = 4 * MIB
OUTSIDE = {
    "cec102": lambda body: post("cec102", body),
    "rest": lambda body: post("rest", body),
    "rest, secured": lambda body: post("rest", body).replace(b"/telemetry", b"/secured", 1),
}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with target(tmp_path_factory.mktemp("json")) as made:
        yield made


@pytest.mark.parametrize("dear", DEAR_JSON.values(), ids=DEAR_JSON)
@pytest.mark.parametrize("wrap", OUTSIDE.values(), ids=OUTSIDE)
def test_f76_hostile_json_of_a_stranger_is_refused_and_cheap(
    gateway: Target, wrap: Callable[[bytes], bytes], dear: Callable[[int], bytes]
) -> None:
    body = dear(SIZE)
    began = time.monotonic()
    with gateway.costs() as cost:
        heard = gateway.say(wrap(body), quiet_s=20)
    assert heard.statuses in ([400], [401], [413], [422], [200])
    assert heard.statuses != [200] or b'"Ret":400' in heard.octets
    # What the server itself holds of a body that is being read is some times its length.
    assert cost[0] <= MOST_BYTES + 4 * len(body)
    assert time.monotonic() - began < MOST_S
    assert gateway.lives()


def signed(gateway: Target, door: str, content: bytes) -> WireRequest:
    """A genuine message with whatever content."""
    now = datetime.now(UTC)
    sender = Sender(OPERATOR, gateway.wire.token(), now, secrets_of(OPERATOR))
    if door == "cec102":
        return by_cec102(sender, "notification_heartbeat", content)
    return by_rest(sender, "POST", "/heartbeats", content)


@pytest.mark.parametrize("dear", DEAR_JSON.values(), ids=DEAR_JSON)
@pytest.mark.parametrize("door", ["cec102", "rest"])
def test_f76_hostile_json_of_a_genuine_peer_is_refused_in_bounded_time(
    gateway: Target, door: str, dear: Callable[[int], bytes]
) -> None:
    wire = signed(gateway, door, dear(MIB))
    began = time.monotonic()
    with gateway.costs() as cost:
        heard = gateway.say(bytes_of(wire, close=True), quiet_s=20)
    assert heard.statuses in ([400], [422], [200])
    if door == "rest":
        assert b'"Ret":400' in heard.octets
    assert cost[0] <= MOST_BYTES + 40 * MIB
    assert time.monotonic() - began < MOST_S
    assert gateway.lives()


@pytest.mark.parametrize("door", ["cec102", "rest"])
def test_f76_a_million_keys_and_ten_megabytes_of_digits_are_too_large(
    gateway: Target, door: str
) -> None:
    for body in (DEAR_JSON["keys"](12 * 1_000_000), DEAR_JSON["a number"](10_000_000)):
        with gateway.costs() as cost:
            heard = gateway.say(post(door, body))
        # It hung up before it had been told everything: the answer may be lost on the way.
        assert heard.statuses in ([413], [])
        assert cost[0] <= MOST_BYTES
    assert gateway.lives()
