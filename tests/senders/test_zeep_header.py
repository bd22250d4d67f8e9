"""A zeep client with the header plugin is a genuine peer, and believes only its peer's answers."""

from __future__ import annotations

import dataclasses
import functools
import types
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
import requests
import zeep
from lxml import etree

from tests.stores.fresh import fresh_store
from vgigw.codec.wsdl import wsdl_document
from vgigw.crypto.suite import SUITES, Secrets
from vgigw.doors.soap.door import SoapDoor
from vgigw.envelope.wire import Transport, WireRequest
from vgigw.errors import Misconfigured, PeerAnswerInvalid
from vgigw.gateway import Gateway
from vgigw.handlers import builtin
from vgigw.objects import Refusal
from vgigw.operations import Role
from vgigw.ports import Identity, Peer
from vgigw.senders.zeep_header import MessageHeaderPlugin, refusal_of
from vgigw.testing.loopback import FakeClock, LoopbackSender

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
PLATFORM, DISPATCH = "100000001", "200000002"
SECRETS = Secrets.of(
    operator_secret="1234567890abcdef",
    data_secret="1234567890abcdef",
    data_secret_iv="1234567890abcdef",
    sig_secret="1234567890abcdef",
)
VERSIONS = ("11", "12")
Alter = Callable[[bytes], bytes]


def gateway() -> Gateway:
    caller = Peer(
        operator_id=DISPATCH,
        role=Role.DISPATCH,
        doors=frozenset({"soap"}),
        suite="tcec102",
        inbound=SECRETS,
    )
    identity = Identity(operator_id=PLATFORM, role=Role.PLATFORM, peers={DISPATCH: caller})
    return Gateway(
        identity=identity,
        store=fresh_store(),
        duties=builtin(identity),
        couriers={},
        sender=LoopbackSender(FakeClock(NOW)),
    )


class IntoTheCorridor(zeep.Transport):
    """Hands each envelope straight to the SOAP door; ``alter`` is a man in the middle."""

    def __init__(self, corridor: Gateway) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._corridor = corridor
        self._door = SoapDoor(PLATFORM, SUITES)
        self.alter: Alter = bytes
        self.over = Transport.LOOPBACK
        self.sent = b""
        self.status = 0

    def post_xml(self, address: str, envelope: etree._Element, headers: Any) -> requests.Response:
        self.sent = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
        request = WireRequest(
            method="POST",
            path=address,
            headers={name.lower(): value for name, value in headers.items()},
            body=self.sent,
            transport=self.over,
        )
        answer = self._corridor.receive(self._door, request, NOW)
        self.status = answer.status
        response = requests.Response()
        response.status_code = answer.status
        response.headers.update(answer.headers)
        response._content = self.alter(answer.body)
        return response


@functools.cache
def contract(face: str) -> bytes:
    return wsdl_document(face)


class Caller:
    """A dispatch system with clients of two faces, one plugin and a token."""

    def __init__(self, version: str = "11", secrets: Secrets = SECRETS, **more: Any) -> None:
        self.transport = IntoTheCorridor(gateway())
        self.token: str | None = None
        plugin = MessageHeaderPlugin(
            DISPATCH, secrets, SUITES["tcec102"], self.present, clock=lambda: NOW, **more
        )
        self.common = self._service("common", version, plugin)
        self.dispatch = self._service("dispatch", version, plugin)

    def present(self) -> str:
        if self.token is None:
            asked = {"OperatorID": DISPATCH, "OperatorSecret": "1234567890abcdef"}
            self.token = self.common.QueryToken(TokenRequest=asked).body.Token.AccessToken
        assert self.token is not None
        return self.token

    def _service(self, face: str, version: str, plugin: MessageHeaderPlugin) -> Any:
        wsdl = BytesIO(contract(face))
        client: Any = zeep.Client(wsdl, transport=self.transport, plugins=[plugin])  # type: ignore[no-untyped-call]
        binding = f"{{urn:vgigw:v1}}Vgi{face.title()}Soap{version}"
        return client.create_service(binding, f"/soap/{face}")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_client_made_from_the_wsdl_is_genuine(version: str) -> None:
    caller = Caller(version, peer_id=PLATFORM)

    answer = caller.dispatch.QueryTelemetry(TelemetryQuery={"PageSize": 2})

    assert answer.body.TelemetryPage.ItemSize == 0
    assert answer.header.MessageHeader.OperatorID == PLATFORM


@pytest.mark.parametrize("version", VERSIONS)
def test_a_refusal_arrives_as_a_fault_with_its_typed_detail(version: str) -> None:
    caller = Caller(version)

    with pytest.raises(zeep.exceptions.Fault) as unknown:
        caller.dispatch.QueryControl(CommandQuery={"CommandID": "nobody's"})
    with pytest.raises(zeep.exceptions.Fault) as invalid:
        caller.dispatch.QueryTelemetry(TelemetryQuery={"PageSize": 0, "PageNo": 0})

    assert refusal_of(unknown.value.detail) == Refusal(ret=4201, msg="no such object")
    refusal = refusal_of(invalid.value.detail)
    assert refusal is not None
    assert refusal.ret == 4004
    assert [item.path for item in refusal.details] == ["/PageNo", "/PageSize"]
    assert refusal_of(None) is None


def test_a_token_is_asked_for_only_where_the_operation_needs_one() -> None:
    caller = Caller()

    caller.common.QueryToken(
        TokenRequest={"OperatorID": DISPATCH, "OperatorSecret": "1234567890abcdef"}
    )
    assert caller.token is None

    caller.common.QueryServices(ServiceQuery={})
    assert caller.token is not None
    assert caller.token.encode() in caller.transport.sent


def test_a_header_given_by_hand_is_replaced() -> None:
    caller = Caller()
    by_hand = {"OperatorID": "999999999", "TimeStamp": "2" * 14, "Seq": "0001", "Sig": "forged"}

    caller.dispatch.QueryTelemetry(TelemetryQuery={}, _soapheaders={"MessageHeader": by_hand})

    assert caller.transport.sent.count(b"<MessageHeader") == 1
    assert b"forged" not in caller.transport.sent


def altered(body: bytes) -> bytes:
    assert b"<ItemSize>0<" in body
    return body.replace(b"<ItemSize>0<", b"<ItemSize>1<")


def without_header(body: bytes) -> bytes:
    start, end = body.index(b"<soap:Header>"), body.index(b"</soap:Header>")
    return body[:start] + body[end + len(b"</soap:Header>") :]


def with_two_bodies(body: bytes) -> bytes:
    start, end = body.index(b"<soap:Body"), body.index(b"</soap:Envelope>")
    return body[:start] + altered(body[start:end]) + body[start:]


@pytest.mark.parametrize("alter", [altered, without_header, with_two_bodies])
def test_an_answer_that_somebody_changed_on_the_way_is_not_believed(alter: Alter) -> None:
    caller = Caller()
    caller.present()
    caller.transport.alter = alter

    with pytest.raises(PeerAnswerInvalid):
        caller.dispatch.QueryTelemetry(TelemetryQuery={})


def test_an_old_answer_is_not_believed_for_a_new_request() -> None:
    caller = Caller()
    seen: list[bytes] = []

    def keep_first(body: bytes) -> bytes:
        seen.append(body)
        return seen[0]

    caller.present()
    caller.transport.alter = keep_first

    caller.dispatch.QueryTelemetry(TelemetryQuery={})
    with pytest.raises(PeerAnswerInvalid):
        caller.dispatch.QueryTelemetry(TelemetryQuery={})


def test_an_answer_of_another_sender_is_not_believed() -> None:
    caller = Caller(peer_id="999999999")

    with pytest.raises(PeerAnswerInvalid):
        caller.present()


def test_who_signs_with_wrong_secrets_learns_nothing() -> None:
    wrong = dataclasses.replace(SECRETS, sig_secret=b"not the right one")
    caller = Caller(secrets=wrong)

    # The peer cannot sign towards somebody whom it does not know.
    with pytest.raises(PeerAnswerInvalid):
        caller.present()
    assert caller.transport.status == 500


def test_an_answer_without_a_request_is_not_believed() -> None:
    plugin = MessageHeaderPlugin(DISPATCH, SECRETS, SUITES["tcec102"], lambda: None)
    envelope = etree.fromstring(
        b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><a/></e:Body>'
        b"</e:Envelope>"
    )

    with pytest.raises(PeerAnswerInvalid):
        plugin.ingress(envelope, {}, None)


def test_a_binding_that_is_not_soap_is_refused_before_anything_is_sent() -> None:
    plugin = MessageHeaderPlugin(DISPATCH, SECRETS, SUITES["tcec102"], lambda: None)
    operation = types.SimpleNamespace(name="QueryToken")

    with pytest.raises(Misconfigured):
        plugin.egress(etree.Element("Envelope"), {}, operation, {})
