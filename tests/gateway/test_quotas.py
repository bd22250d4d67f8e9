"""A peer over its quota is refused, it alone, until as long as it was told; control passes. F60."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from tests.gateway.test_order_of_safety import spoilt
from tests.trio import (
    BASES,
    DISPATCH,
    NOW,
    OPERATOR,
    OTHER,
    PLATFORM,
    Trio,
    batch,
    curve,
    record,
    ret_of,
    station,
)
from vgigw.envelope.wire import WireRequest
from vgigw.errors import PeerRefused
from vgigw.objects import Heartbeat, StationQuery
from vgigw.objects.operating_enumerations import ChannelRole
from vgigw.operations import (
    HEARTBEAT,
    ISSUE_CONTROL,
    PUSH_ARCHIVE,
    QUERY_STATIONS_INFO,
    UPLOAD_TELEMETRY,
)
from vgigw.ports import Limits, Strain
from vgigw.rules.quota import BURST_S

DOORS = list(BASES)
TEN_A_SECOND = Limits(messages_per_s=10)


def told(trio: Trio, number: int, party: str = OPERATOR, token: str | None = None) -> int:
    """The answer to the upload of record ``number``."""
    uploaded = batch(number, number, source_id=party)
    return ret_of(trio.give(trio.sealed(UPLOAD_TELEMETRY, uploaded, token, party=party)))


@pytest.mark.parametrize("door", DOORS)
def test_f60_ten_times_its_rate_is_refused_to_the_peer_alone(door: str) -> None:
    """The burst and the rate pass; nobody else notices, at the rate itself."""
    trio = Trio(door, limits=Limits(messages_per_s=2))
    mine, other = trio.token(), trio.token(OTHER)
    answers: dict[str, Counter[int]] = {OPERATOR: Counter(), OTHER: Counter()}
    seconds = 6
    for second in range(seconds):
        for each in range(20):
            answers[OPERATOR][told(trio, 20 * second + each + 1, token=mine)] += 1
        for each in range(2):
            answers[OTHER][told(trio, 2 * second + each + 1, OTHER, token=other)] += 1
        trio.wait(1)
    assert answers[OTHER] == {0: 2 * seconds}
    asked_for_a_token = 1
    passed = 2 * BURST_S + 2 * (seconds - 1) - asked_for_a_token
    assert answers[OPERATOR] == {0: passed, 4302: 20 * seconds - passed}


@pytest.mark.parametrize("door", DOORS)
def test_f60_who_waits_as_long_as_told_passes_and_the_message_is_taken_once(door: str) -> None:
    trio = Trio(door, limits=Limits(messages_per_s=0.5))
    trio.token()
    for number in range(1, 4):
        trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(number, number))
    with pytest.raises(PeerRefused) as refused:
        trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(9, 9))
    assert refused.value.code == 4302
    wait_s = refused.value.retry_after_s
    assert wait_s == 2
    trio.wait(wait_s)
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(9, 9))
    assert sorted(trio.records()) == [1, 2, 3, 9]


def test_f60_an_outbox_over_quota_loses_nothing_and_does_not_hammer() -> None:
    trio = Trio("rest", limits=Limits(messages_per_s=2))
    for number in range(1, 41):
        trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(number, number), trio.now)
    for _ in range(60):
        trio.tick(step_s=0.5)
    assert sorted(trio.records()) == list(range(1, 41))
    refused = [
        facts
        for party, event, facts in trio.events
        if party == PLATFORM and event == "message.refused"
    ]
    assert 0 < len(refused) < 40


@pytest.mark.parametrize("door", DOORS)
def test_f60_bytes_count_as_messages_do(door: str) -> None:
    trio = Trio(door, limits=Limits(bytes_per_s=5_000))
    token = trio.token()
    large = batch(1, 100, records=tuple(record(seq) for seq in range(1, 101)))
    wire = trio.sealed(UPLOAD_TELEMETRY, large, token)
    assert ret_of(trio.give(wire)) == 0
    taken = len(wire.body)
    assert taken > 10_000
    small = trio.sealed(UPLOAD_TELEMETRY, batch(200, 200), token)
    rets: list[int] = []
    while not rets or rets[-1] == 0:
        taken += len(small.body)
        rets.append(ret_of(trio.give(small)))
    assert rets[-1] == 4302
    assert taken + 1_000 >= 50_000
    # The peer's other messages are few: it has messages left and no bytes.
    assert len(rets) < 900


@pytest.mark.parametrize("door", DOORS)
def test_f60_a_forger_a_stranger_and_a_stale_message_use_up_nothing(door: str) -> None:
    trio = Trio(door, limits=Limits(messages_per_s=1))
    token = trio.token()
    good = trio.sealed(UPLOAD_TELEMETRY, batch(1, 1), token)
    stale = trio.sealed(UPLOAD_TELEMETRY, batch(1, 1), token, at=NOW - timedelta(hours=1))
    rets = Counter(ret_of(trio.give(wire)) for wire in [spoilt(good), stale] * 100)
    assert rets == {4001: 100, 4102: 100}
    assert ret_of(trio.give(good)) == 0


@pytest.mark.parametrize("door", DOORS)
def test_f60_what_is_refused_for_the_quota_is_not_looked_at_any_further(door: str) -> None:
    """Neither its token nor its content: 4302 comes before 4002 and 4004."""
    trio = Trio(door, limits=Limits(messages_per_s=0.1))
    trio.token()
    wrong = batch(1, 1, actual_count=7)
    assert ret_of(trio.give(trio.sealed(UPLOAD_TELEMETRY, wrong, None))) == 4302


def test_f60_a_peer_may_have_a_quota_of_its_own() -> None:
    trio = Trio(
        limits=TEN_A_SECOND, platform_sees={OTHER: {"messages_per_s": 0.2, "bytes_per_s": 1e6}}
    )
    mine, other = trio.token(), trio.token(OTHER)
    assert [told(trio, n, OTHER, other) for n in (1, 2)] == [0, 4302]
    assert {told(trio, n, token=mine) for n in range(1, 90)} == {0}


def test_f60_a_clock_that_is_set_back_does_not_lock_a_peer_out() -> None:
    trio = Trio("rest", limits=Limits(messages_per_s=1), peer_changes={"window_s": 3600})
    token = trio.token()
    while told(trio, 1, token=token) != 4302:
        pass
    trio.wait(-1800)
    assert told(trio, 2, token=token) == 4302
    trio.wait(2)
    assert told(trio, 2, token=token) == 0


def beat(trio: Trio, seq: int, token: str, party: str = OPERATOR) -> WireRequest:
    sent = Heartbeat(link_id="L", seq=seq, time=trio.now, channel_role=ChannelRole.MAIN)
    return trio.sealed(HEARTBEAT, sent, token, party=party)


@pytest.mark.parametrize("door", DOORS)
def test_f61_control_passes_when_the_quota_of_bulk_is_used_up_up_to_its_reserve(door: str) -> None:
    trio = Trio(door, limits=TEN_A_SECOND)
    token = trio.token()
    while told(trio, 1, token=token) != 4302:
        pass
    rets = [ret_of(trio.give(beat(trio, seq, token))) for seq in range(1, 15)]
    assert rets == [0] * 10 + [4302] * 4
    assert told(trio, 1, token=token) == 4302


class Gauged:
    """A gauge that says what it is told."""

    def __init__(self) -> None:
        self.strain = Strain(free_bytes=10**12)

    def __call__(self) -> Strain:
        return self.strain


SHORT: dict[str, tuple[Strain, float]] = {
    "disk": (Strain(free_bytes=Limits().disk_free_bytes - 1), 10.0),
    "queue": (Strain(waiting=Limits().store_queue + 1), 1.0),
}
ENOUGH = [Strain(free_bytes=Limits().disk_free_bytes), Strain(waiting=Limits().store_queue)]


@pytest.mark.parametrize("short", SHORT)
@pytest.mark.parametrize("door", DOORS)
def test_f17_f61_a_short_store_refuses_bulk_and_takes_control_and_reads(
    door: str, short: str
) -> None:
    gauge = Gauged()
    trio = Trio(door, gauge=gauge)
    trio.call(OPERATOR, PUSH_ARCHIVE, station())
    gauge.strain, wait_s = SHORT[short]
    with pytest.raises(PeerRefused) as refused:
        trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 2))
    assert (refused.value.code, refused.value.retry_after_s) == (-1, wait_s)
    assert trio.records() == {}
    assert trio.call(OPERATOR, QUERY_STATIONS_INFO, StationQuery()).item_size == 1
    assert ret_of(trio.give(beat(trio, 1, trio.token()))) == 0
    issued = trio.call(DISPATCH, ISSUE_CONTROL, curve())
    assert issued is not None
    for gauge.strain in ENOUGH:
        trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 2))
    assert sorted(trio.records()) == [1, 2]


def test_the_seconds_to_wait_are_those_of_the_bucket() -> None:
    """0.05 messages a second: the burst is half a message, which is one; the next is 20 s away."""
    trio = Trio("rest", limits=Limits(messages_per_s=0.05))
    trio.token()
    waits = []
    for step_s in (0, 4, 5):
        trio.wait(step_s)
        with pytest.raises(PeerRefused) as refused:
            trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 1))
        waits.append(refused.value.retry_after_s)
    assert waits == [20, 16, 11]
