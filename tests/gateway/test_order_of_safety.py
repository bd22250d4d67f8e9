"""Each refusal comes at its place in the corridor; nothing later has happened. ACC-5.2, ACC-5.7.

Every message here is wrong in one step and in all later ones that can be wrong at the same time, so
that only the code of the first says that the order holds.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from tests.trio import (
    BASES,
    NOW,
    OPERATOR,
    OTHER,
    PLATFORM,
    Trio,
    batch,
    curve,
    ret_of,
    secrets_of,
    station,
)
from vgigw.envelope.wire import Transport, WireAnswer, WireRequest
from vgigw.objects import Heartbeat, InformationObject, StationInfo, TokenRequest
from vgigw.objects.operating_enumerations import ChannelRole
from vgigw.operations import (
    HEARTBEAT,
    ISSUE_CONTROL,
    PUSH_ARCHIVE,
    QUERY_TOKEN,
    UPLOAD_TELEMETRY,
    Operation,
)
from vgigw.ports import Call, Duties, Handler, Transaction

STALE = NOW - timedelta(hours=1)


class Spied:
    """A trio whose platform writes down which handlers ran."""

    def __init__(self, door: str) -> None:
        self.ran: list[str] = []
        self.trio = Trio(door, wrap={PLATFORM: self._spy})
        self.token = self.trio.token()
        self.other_token = self.trio.token(OTHER)
        self.ran.clear()

    def _spy(self, duties: Duties) -> Duties:
        return replace(
            duties, handlers={name: self._spied(h) for name, h in duties.handlers.items()}
        )

    def _spied(self, handler: Handler) -> Handler:
        def run(call: Call, tx: Transaction) -> InformationObject:
            self.ran.append(call.operation.name)
            return handler(call, tx)

        return run

    def refused(self, wire: WireRequest, code: int) -> None:
        """The platform answers ``code`` to ``wire`` and nothing has happened."""
        before = self._footprint()
        answer = self.trio.give(wire)
        assert ret_of(answer) == code
        assert self.ran == []
        assert self._footprint() == before

    def _footprint(self) -> tuple[object, ...]:
        return self.trio.stores[PLATFORM].read(
            lambda view: (
                view.last_row_id(),
                view.streams(),
                view.letters(),
                view.documents(StationInfo.__name__),
            )
        )

    def sealed(
        self,
        operation: Operation = UPLOAD_TELEMETRY,
        request: InformationObject | None = None,
        token: str | None = "mine",
        at: datetime | None = None,
    ) -> WireRequest:
        token = self.token if token == "mine" else token
        return self.trio.sealed(operation, request or batch(1, 2), token, at=at)


@pytest.fixture(params=list(BASES))
def spied(request: pytest.FixtureRequest) -> Spied:
    return Spied(request.param)


def spoilt(wire: WireRequest) -> WireRequest:
    """The same message with one sign of its signature changed."""
    if "signature" in wire.headers:
        text = wire.headers["signature"]
        flipped = "B" if text[12] == "A" else "A"
        return replace(wire, headers={**wire.headers, "signature": text[:12] + flipped + text[13:]})
    for mark in (b'"Sig":"', b"Sig>"):
        place = wire.body.find(mark) + len(mark)
        if place >= len(mark):
            flipped_byte = b"0" if wire.body[place : place + 1] != b"0" else b"1"
            return replace(wire, body=wire.body[:place] + flipped_byte + wire.body[place + 1 :])
    raise AssertionError("no signature in the message")


def test_a_good_message_reaches_the_handler(spied: Spied) -> None:
    assert ret_of(spied.trio.give(spied.sealed())) == 0
    assert spied.ran == ["UploadTelemetry"]


def test_form_first_an_unknown_operation_is_4003(spied: Spied) -> None:
    wire = spoilt(spied.sealed(at=STALE, token=None))
    spied.refused(replace(wire, path=f"/{BASES[spied.trio.door]}/no-such-thing"), 4003)


def test_then_who_an_unknown_sender_is_4001_even_when_stale_and_without_token(spied: Spied) -> None:
    wire = spied.sealed(at=STALE, token=None)
    known = OPERATOR.encode()
    stranger = b"555555555"
    headers = {
        name: value.replace(OPERATOR, stranger.decode()) for name, value in wire.headers.items()
    }
    spied.refused(replace(wire, body=wire.body.replace(known, stranger), headers=headers), 4001)


def test_a_known_sender_on_a_door_that_is_not_his_is_4001(spied: Spied) -> None:
    closed = Trio(spied.trio.door, peer_changes={"doors": frozenset({"elsewhere"})})
    wire = spied.sealed()
    assert ret_of(closed.give(wire)) == 4001


def test_then_genuine_a_wrong_signature_is_4001_even_when_stale(spied: Spied) -> None:
    spied.refused(spoilt(spied.sealed(at=STALE, token=None)), 4001)


def test_unknown_sender_and_wrong_signature_are_one_answer(spied: Spied) -> None:
    forged = spied.trio.give(spoilt(spied.sealed()))
    wire = spied.sealed()
    stranger = replace(
        wire,
        body=wire.body.replace(OPERATOR.encode(), b"555555555"),
        headers={n: v.replace(OPERATOR, "555555555") for n, v in wire.headers.items()},
    )
    unknown = spied.trio.give(stranger)
    assert (forged.status, forged.body) == (unknown.status, unknown.body)


@pytest.mark.parametrize("off_s", [-301, 301])
def test_then_fresh_a_time_outside_the_window_is_4102_even_without_token(
    spied: Spied, off_s: int
) -> None:
    spied.refused(spied.sealed(at=NOW + timedelta(seconds=off_s), token=None), 4102)


@pytest.mark.parametrize("off_s", [-299, 299])
def test_a_time_inside_the_window_is_taken(spied: Spied, off_s: int) -> None:
    assert ret_of(spied.trio.give(spied.sealed(at=NOW + timedelta(seconds=off_s)))) == 0


def _expired(spied: Spied) -> str:
    spied.trio.wait(7201)
    return spied.token


TOKENS: dict[str, Callable[[Spied], str | None]] = {
    "missing": lambda _: None,
    "never-given": lambda _: "x" * 64,
    "of-another-peer": lambda spied: spied.other_token,
    "expired": _expired,
}


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS.keys())
def test_then_token_a_bad_one_is_4002_even_over_plain_transport(
    spied: Spied, token: Callable[[Spied], str | None]
) -> None:
    wire = spied.sealed(token=token(spied))
    spied.refused(replace(wire, transport=Transport.PLAIN), 4002)


def test_then_protected_an_open_transport_is_4105_even_when_the_body_is_wrong(
    spied: Spied,
) -> None:
    wrong = spied.sealed(request=replace(batch(1, 2), stream_id="x" * 33))
    spied.refused(replace(wrong, transport=Transport.PLAIN), 4105)


def test_then_decrypted_a_payload_under_another_key_is_4103() -> None:
    spied = Spied("cec102")
    mixed = dataclasses.replace(secrets_of(OPERATOR), data_secret=b"another-key-16-b")
    operator = spied.trio.operator
    peer = replace(operator.identity.peers[PLATFORM], outbound=mixed)
    courier = operator._exchanges._couriers["cec102"]
    wire, _ = courier.seal(peer, "", UPLOAD_TELEMETRY, batch(1, 2), spied.token, NOW)
    path = f"/evcs/v1{wire.path}"
    spied.refused(replace(wire, path=path, transport=Transport.LOOPBACK), 4103)


def test_then_decoded_an_invalid_object_is_4004_even_where_it_is_not_allowed(spied: Spied) -> None:
    broken = replace(curve(), command_id="x" * 41)
    spied.refused(spied.sealed(ISSUE_CONTROL, broken), 4004)


def test_then_allowed_an_operator_may_not_issue_control_4301(spied: Spied) -> None:
    spied.refused(spied.sealed(ISSUE_CONTROL, curve()), 4301)


def test_an_operation_that_the_gateway_does_not_serve_is_4301(spied: Spied) -> None:
    trio = spied.trio
    bare = Trio(
        trio.door,
        wrap={
            PLATFORM: lambda duties: replace(
                duties,
                handlers={n: h for n, h in duties.handlers.items() if n != HEARTBEAT.name},
            )
        },
    )
    beat = Heartbeat(link_id="L", seq=1, time=NOW, channel_role=ChannelRole.MAIN)
    assert ret_of(bare.give(bare.sealed(HEARTBEAT, beat, bare.token()))) == 4301


def test_a_refusal_to_a_stranger_is_not_signed_and_one_to_a_peer_is(spied: Spied) -> None:
    def signed(answer: WireAnswer) -> bool:
        sealed = rb'Sig>[0-9A-F]+<|"Sig":"[0-9A-F]+"'
        return "signature" in answer.headers or re.search(sealed, answer.body) is not None

    assert not signed(spied.trio.give(spoilt(spied.sealed())))
    assert signed(spied.trio.give(spied.sealed(at=STALE)))


def test_a_refused_message_leaves_no_guard_and_may_come_again_when_it_is_right(
    spied: Spied,
) -> None:
    """A message that was refused for its token is not remembered as seen."""
    wire = spied.sealed(PUSH_ARCHIVE, station())
    bad = spied.sealed(PUSH_ARCHIVE, station(), token=None)
    spied.refused(bad, 4002)
    assert ret_of(spied.trio.give(wire)) == 0


def test_query_token_needs_no_token(spied: Spied) -> None:
    asked = TokenRequest(
        operator_id=OPERATOR, operator_secret=secrets_of(OPERATOR).operator_secret.decode()
    )
    assert ret_of(spied.trio.give(spied.sealed(QUERY_TOKEN, asked, token=None))) == 0
