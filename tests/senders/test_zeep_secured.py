"""A zeep client with ``secured`` calls operations by name, and nobody reads along. ACC-5.6."""

from __future__ import annotations

from typing import Any

import pytest
import zeep
from msgspec.structs import replace

from tests.doors.test_secured import EVERY_SUITE
from tests.links import keys_for, suites_for
from tests.senders.test_zeep_header import (
    DISPATCH,
    NOW,
    PLATFORM,
    SECRETS,
    VERSIONS,
    Caller,
    IntoTheCorridor,
    gateway,
)
from vgigw.codec import xsd
from vgigw.crypto.suite import AnySuite
from vgigw.doors.soap.door import SoapDoor
from vgigw.envelope import secured
from vgigw.envelope.wire import Transport, WireAnswer
from vgigw.errors import PeerAnswerInvalid
from vgigw.operations import EXCHANGE_SECURED, QUERY_ALARMS, QUERY_TELEMETRY
from vgigw.senders.zeep_header import MessageHeaderPlugin, refusal_of

XML = {"content-type": "text/xml; charset=utf-8"}
each_suite = pytest.mark.parametrize("suite", EVERY_SUITE)
each_version = pytest.mark.parametrize("version", VERSIONS, ids=["SOAP 1.1", "SOAP 1.2"])


class Open(SoapDoor):
    """A door that answers in the open whatever was asked."""

    def answer(self, claim: Any, peer: Any, reply: Any, now: Any) -> Any:
        return super().answer(replace(claim, clear=True), peer, reply, now)


class OfAnother(SoapDoor):
    """A door that answers a query with what would be the answer to another one, under a signature
    and a cipher that are those of this request."""

    def answer(self, claim: Any, peer: Any, reply: Any, now: Any) -> Any:
        if claim.operation is not QUERY_TELEMETRY:
            return super().answer(claim, peer, reply, now)
        inside = xsd.wrap(f"{QUERY_ALARMS.name}Response", reply)
        answer = secured.sealed_answer(
            self._suites[peer.suite], self._answering(claim, peer), inside
        )
        carrier = xsd.wrap(f"{EXCHANGE_SECURED.name}Response", answer)
        return WireAnswer(status=200, headers=XML, body=self._seal(claim, peer, carrier, now))


class Wire(IntoTheCorridor):
    """Into the corridor over TLS; keeps what an eavesdropper has."""

    def __init__(self, suite: str, door: type[SoapDoor]) -> None:
        corridor = gateway()
        suites: dict[str, AnySuite] = suites_for(suite)
        known: Any = corridor.identity.peers
        keys = keys_for(suite, PLATFORM, DISPATCH, SECRETS)
        known[DISPATCH] = replace(
            known[DISPATCH], suite=suite, inbound=keys, allow_legacy_suite=True
        )
        super().__init__(corridor)
        self._door = door(PLATFORM, suites)
        self.over = Transport.TLS
        self.heard = b""

    def post_xml(self, address: str, envelope: Any, headers: Any) -> Any:
        response = super().post_xml(address, envelope, headers)
        self.heard += self.sent + response.content
        return response


class SecuredCaller(Caller):
    """The caller of the other tests, whose bodies are encrypted."""

    def __init__(self, suite: str, version: str = "11", door: type[SoapDoor] = SoapDoor) -> None:
        self.transport = self.wire = Wire(suite, door)
        self.token = None
        plugin = MessageHeaderPlugin(
            DISPATCH,
            keys_for(suite, DISPATCH, PLATFORM, SECRETS),
            suites_for(suite)[suite],
            self.present,
            peer_id=PLATFORM,
            clock=lambda: NOW,
            secured=True,
        )
        self.common = self._service("common", version, plugin)
        self.dispatch = self._service("dispatch", version, plugin)


@each_version
@each_suite
def test_acc_5_6_a_call_and_its_answer_are_encrypted(suite: str, version: str) -> None:
    caller = SecuredCaller(suite, version)

    answer = caller.dispatch.QueryTelemetry(TelemetryQuery={"PageSize": 2})

    assert answer.body.TelemetryPage.ItemSize == 0
    assert answer.header.MessageHeader.OperatorID == PLATFORM
    for word in (b"1234567890abcdef", b"PageSize", b"TelemetryPage", b"TokenAvailableTime"):
        assert word not in caller.wire.heard


@each_version
@each_suite
def test_a_refusal_is_read_whole(suite: str, version: str) -> None:
    caller = SecuredCaller(suite, version)

    with pytest.raises(zeep.exceptions.Fault) as invalid:
        caller.dispatch.QueryTelemetry(TelemetryQuery={"PageSize": 0, "PageNo": 0})

    refusal = refusal_of(invalid.value.detail)
    assert refusal is not None
    assert refusal.ret == 4004
    assert [item.path for item in refusal.details] == ["/PageNo", "/PageSize"]
    assert b"/PageNo" not in caller.wire.heard


@each_suite
def test_an_answer_in_the_open_is_none(suite: str) -> None:
    caller = SecuredCaller(suite, door=Open)
    with pytest.raises(PeerAnswerInvalid):
        caller.dispatch.QueryTelemetry(TelemetryQuery={"PageSize": 2})


@each_suite
def test_a_genuine_answer_to_another_operation_does_not_count(suite: str) -> None:
    """The name of what is inside stands under the cipher alone, where only the peer can write."""
    caller = SecuredCaller(suite, door=OfAnother)
    with pytest.raises(PeerAnswerInvalid, match="answer is to another operation"):
        caller.dispatch.QueryTelemetry(TelemetryQuery={"PageSize": 2})
