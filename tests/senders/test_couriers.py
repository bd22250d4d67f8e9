"""The couriers: an answer is believed only when it is the peer's own. ACC-5.3, ACC-5.5."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.handlers.test_archive import event
from tests.trio import BASES, NOW, OPERATOR, OTHER, PLATFORM, Trio, batch, secrets_of, station
from vgigw.crypto.suite import SUITES, verify_hmac_sha256
from vgigw.envelope import cec102, rest
from vgigw.envelope.wire import Transport, WireAnswer
from vgigw.errors import Misconfigured, PeerAnswerInvalid, PeerRefused
from vgigw.objects.operating_enumerations import ConnectorStatus, ReportMode
from vgigw.operations import PUSH_ARCHIVE, PUSH_DEVICE_STATE, UPLOAD_TELEMETRY, Operation
from vgigw.ports import Courier, Peer
from vgigw.senders.sequence import SequenceNumbers


@pytest.fixture(params=list(BASES))
def trio(request: pytest.FixtureRequest) -> Trio:
    return Trio(request.param)


def courier_of(trio: Trio) -> tuple[Courier, Peer]:
    operator = trio.operator
    return operator._exchanges._couriers[trio.door], operator.identity.peers[PLATFORM]


def exchange(
    trio: Trio, operation: Operation = PUSH_ARCHIVE, request: Any = None
) -> tuple[Any, WireAnswer]:
    """What ``open`` needs of a request, and the platform's own answer to it."""
    courier, peer = courier_of(trio)
    base = peer.paths[0]
    wire, sent = courier.seal(peer, base, operation, request or station(), trio.token(), NOW)
    whole = replace(wire, path=f"/{BASES[trio.door]}{wire.path}", transport=Transport.LOOPBACK)
    return sent, trio.give(whole)


def test_the_peers_own_answer_is_opened(trio: Trio) -> None:
    courier, peer = courier_of(trio)
    sent, answer = exchange(trio)
    receipt: Any = courier.open(peer, PUSH_ARCHIVE, sent, answer)
    assert receipt.version == 1


def test_the_peers_own_refusal_is_told_by_its_code(trio: Trio) -> None:
    courier, peer = courier_of(trio)
    sent, answer = exchange(trio, request=station(operator_id=OTHER))
    with pytest.raises(PeerRefused) as refused:
        courier.open(peer, PUSH_ARCHIVE, sent, answer)
    assert refused.value.code == 4301


def test_an_answer_signed_with_another_secret_is_not_believed(trio: Trio) -> None:
    courier, peer = courier_of(trio)
    sent, answer = exchange(trio)
    with pytest.raises(PeerAnswerInvalid):
        courier.open(replace(peer, outbound=secrets_of(OTHER)), PUSH_ARCHIVE, sent, answer)


def test_an_answer_to_another_operation_is_not_believed(trio: Trio) -> None:
    courier, peer = courier_of(trio)
    sent, answer = exchange(trio, UPLOAD_TELEMETRY, batch(1, 2))
    with pytest.raises(PeerAnswerInvalid):
        courier.open(peer, PUSH_ARCHIVE, sent, answer)


@pytest.mark.parametrize("door", ["rest", "soap"])
def test_an_answer_of_another_peer_is_not_believed(door: str) -> None:
    trio = Trio(door)
    courier, peer = courier_of(trio)
    sent, answer = exchange(trio)
    with pytest.raises(PeerAnswerInvalid):
        courier.open(replace(peer, operator_id=OTHER), PUSH_ARCHIVE, sent, answer)


def test_a_refusal_to_a_stranger_is_not_believed_as_it_is_not_signed(trio: Trio) -> None:
    """Anyone on the way could have written it, so that it must not end a letter."""
    courier, peer = courier_of(trio)
    trio.platform.identity.peers.pop(OPERATOR)  # type: ignore[attr-defined]
    wire, sent = courier.seal(peer, peer.paths[0], PUSH_ARCHIVE, station(), None, NOW)
    answer = trio.give(replace(wire, path=f"/{BASES[trio.door]}{wire.path}"))
    with pytest.raises(PeerAnswerInvalid):
        courier.open(peer, PUSH_ARCHIVE, sent, answer)


def test_without_secrets_outbound_nothing_is_sent(trio: Trio) -> None:
    courier, peer = courier_of(trio)
    with pytest.raises(Misconfigured, match=f"peer {PLATFORM} has no outbound secrets"):
        courier.seal(replace(peer, outbound=None), "", PUSH_ARCHIVE, station(), None, NOW)


def test_rest_a_base_with_a_path_of_its_own_is_signed_as_it_arrives() -> None:
    trio = Trio("rest")
    courier, peer = courier_of(trio)
    base = "https://peer.example/behind%20a/proxy/"
    wire, _ = courier.seal(peer, base, PUSH_ARCHIVE, station(), None, NOW)
    assert wire.path == "/stations/ST1"
    signed = rest.read_signature(wire.headers)
    arrived = replace(wire, path="/behind a/proxy/stations/ST1")
    verify_hmac_sha256(secrets_of(OPERATOR), rest.request_base(signed, arrived), signed.signature)


def test_cec102_data_in_full_has_an_interface_of_its_own() -> None:
    trio = Trio("cec102")
    courier, peer = courier_of(trio)
    names = [
        courier.seal(peer, "", UPLOAD_TELEMETRY, batch(1, 1, report_mode=mode), None, NOW)[0].path
        for mode in (ReportMode.CHANGE, ReportMode.FULL)
    ]
    assert names == ["/notification_realtime_data", "/notification_realtime_data_full"]


def test_cec102_an_object_that_the_protocol_wraps_is_wrapped() -> None:
    trio = Trio("cec102")
    courier, peer = courier_of(trio)

    state = event("E", ConnectorStatus.IDLE, 0)
    wire, _ = courier.seal(peer, "", PUSH_DEVICE_STATE, state, None, NOW)
    envelope = cec102.read_request(wire.body)
    plain = cec102.open_data(envelope.data, SUITES["tcec102"], secrets_of(OPERATOR))
    assert plain.startswith(b'{"ConnectorStatusInfo":{')


def test_cec102_seq_is_unique_in_its_second_over_many_threads() -> None:
    numbers = SequenceNumbers()
    given: list[tuple[str, str]] = []

    def take() -> None:
        given.extend(numbers.next(NOW) for _ in range(500))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(given)) == 4000


def test_cec102_a_second_that_is_used_up_goes_over_into_the_next() -> None:
    numbers = SequenceNumbers()
    given = [numbers.next(NOW) for _ in range(10_001)]
    later = SequenceNumbers().next(NOW + timedelta(seconds=1))[0]
    assert given[9998] == (given[0][0], "9999")
    assert given[9999:] == [(later, "0001"), (later, "0002")]
