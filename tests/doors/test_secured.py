"""Any operation with its body encrypted, on SOAP and on REST: whole way, and nothing to be read.

ACC-5.4, ACC-5.6.
"""

from __future__ import annotations

import json as builtin_json
from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree
from msgspec.structs import replace

from tests.links import WITH_KEYS, by_suite, suites_for
from tests.stores.fresh import fresh_store
from vgigw.codec import json, xml
from vgigw.codec.example import example, moment
from vgigw.codec.example_exchange import carried, party_of, request_of, response_of, roles_of
from vgigw.codec.shape import shape_of
from vgigw.doors.rest.door import RestDoor
from vgigw.doors.soap.door import SoapDoor
from vgigw.envelope import secured
from vgigw.envelope.wire import Transport, WireAnswer, WireRequest
from vgigw.gateway import Gateway
from vgigw.objects import InformationObject, MessageHeader, SecuredAnswer, SecuredRequest
from vgigw.operations import EXCHANGE_SECURED, FACES, OPERATIONS, Operation
from vgigw.ports import Call, Courier, Door, Duties, Identity, Transaction, token_digest
from vgigw.senders.rest import RestCourier
from vgigw.senders.soap import SoapCourier
from vgigw.testing.example_messages import PREFIXES, SECRETS, SUITE, TOKEN, exchange, known
from vgigw.testing.loopback import FakeClock, LoopbackSender

EVERY_SUITE = ("tcec102", "gm-mac", *WITH_KEYS)
DOORS = ("rest", "soap")
NOT_OF_THE_BODY = {m.wire for m in shape_of(MessageHeader).members} | {"Operation", "SecuredData"}
each_door = pytest.mark.parametrize("door", DOORS)


class Link:
    """The caller and the callee of a row, who have agreed on ``suite``; the callee answers with
    the example and notes what it saw."""

    def __init__(self, row: Operation, door: str, suite: str = "gm-mac") -> None:
        caller, callee = roles_of(row)
        self.row, self.seen = row, list[InformationObject]()
        self.own, self.other, suites = party_of(caller), party_of(callee), suites_for(suite)
        self.called = by_suite(known(callee, door), suite, self.own, SECRETS)
        self.caller = by_suite(known(caller), suite, self.other, SECRETS)
        self.base = f"https://gateway.example{PREFIXES[door]}"
        self.courier: Courier = (
            SoapCourier(self.own, caller, suites, secrecy=lambda *_: True)
            if door == "soap"
            else RestCourier(self.own, suites=suites, secrecy=lambda *_: True)
        )
        self.door: Door = (
            SoapDoor(self.other, suites) if door == "soap" else RestDoor(self.other, suites=suites)
        )
        self.gateway = self._gateway()
        self.sent: Any = None

    def _gateway(self) -> Gateway:
        def answer(call: Call, tx: Transaction) -> InformationObject:
            self.seen.append(call.request)
            return response_of(self.row)

        identity = Identity(
            operator_id=self.other, role=self.called.role, peers={self.own: self.caller}
        )
        gateway = Gateway(
            identity=identity,
            store=fresh_store(),
            duties=Duties(handlers={self.row.name: answer}),
            couriers={},
            sender=LoopbackSender(FakeClock(moment())),
        )
        until = moment().replace(year=2027)
        gateway.store.write(lambda tx: tx.keep_token(token_digest(TOKEN), self.own, until))
        return gateway

    def sealed(self) -> WireRequest:
        """The request as it stands on the wire."""
        token = TOKEN if self.row.needs_token else None
        wire, self.sent = self.courier.seal(
            self.called, self.base, self.row, request_of(self.row), token, moment()
        )
        prefix = PREFIXES[self.door.name]
        return replace(wire, path=prefix + wire.path, transport=Transport.TLS)

    def answered(self, wire: WireRequest) -> WireAnswer:
        return self.gateway.receive(self.door, wire, moment())

    def opened(self, answer: WireAnswer) -> InformationObject:
        return self.courier.open(self.called, self.row, self.sent, answer)


def told_by(obj: InformationObject) -> set[str]:
    """How the names and texts of an object would show, but those that stand around every body."""
    return set(_texts(builtin_json.loads(json.encode(obj))))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            if name not in NOT_OF_THE_BODY:
                yield from (f'"{name}"', f"<{name}>")
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str) and len(value) > 5:
        yield value


def on_the_wire(link: Link, wire: WireRequest, answer: WireAnswer) -> str:
    """All that an eavesdropper has, without the identifiers of the parties and the operation."""
    fields = [*wire.headers.items(), *answer.headers.items(), ("path", wire.path + wire.query)]
    text = " ".join(map(":".join, fields)) + wire.body.decode() + answer.body.decode()
    for known_anyway in (link.own, link.other, link.row.name, link.caller.suite, TOKEN):
        text = text.replace(known_anyway, "")
    return text


@each_door
@pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: row.name)
def test_acc_5_6_every_operation_goes_its_way_encrypted_and_nothing_of_it_is_readable(
    row: Operation, door: str
) -> None:
    link = Link(row, door)

    wire = link.sealed()
    answer = link.answered(wire)

    assert link.opened(answer) == response_of(row)
    assert link.seen == [request_of(row)]
    text = on_the_wire(link, wire, answer)
    said = told_by(request_of(row)) | told_by(response_of(row))
    assert [word for word in said - {link.own, link.other, TOKEN} if word in text] == []


@each_door
@pytest.mark.parametrize("suite", EVERY_SUITE)
@pytest.mark.parametrize(
    "name", ["QueryToken", "IssueControl", "QueryControl", "WithdrawConsent", "UploadTelemetry"]
)
def test_acc_5_4_request_and_answer_are_encrypted_by_each_suite(
    name: str, suite: str, door: str
) -> None:
    row = next(row for row in OPERATIONS if row.name == name)
    link = Link(row, door, suite)

    wire = replace(link.sealed(), transport=Transport.LOOPBACK)

    assert link.opened(link.answered(wire)) == response_of(row)
    assert link.seen == [request_of(row)]


def test_a_request_without_body_on_rest_has_nothing_in_its_url() -> None:
    row = next(row for row in OPERATIONS if row.name == "QueryControl")
    wire = Link(row, "rest").sealed()
    assert (wire.method, wire.path, wire.query) == ("POST", "/vgi/v1/secured", "")


@pytest.mark.parametrize("face", FACES)
def test_soap_has_it_on_every_face_and_only_for_operations_of_that_face(face: str) -> None:
    for row in OPERATIONS:
        link = Link(row, "soap")
        wire = replace(link.sealed(), path=f"/soap/{face}")
        answered = link.answered(wire)
        assert (answered.status == 200) == (face in row.faces), (row.name, face)
        assert len(link.seen) == (face in row.faces)


def test_the_answer_to_an_open_request_is_open() -> None:
    """The answer is encrypted where the request was, and nowhere else."""
    row = next(row for row in OPERATIONS if row.name == "QueryControl")
    link = Link(row, "rest")
    link.courier = RestCourier(link.own, suites=suites_for("gm-mac"), secrecy=lambda *_: False)
    answer = link.answered(replace(link.sealed(), transport=Transport.LOOPBACK))
    assert json.decode(row.response, answer.body) == response_of(row)


def test_the_version_that_an_archive_has_stands_in_no_header() -> None:
    row = next(row for row in OPERATIONS if row.name == "PushArchive")
    answer = (link := Link(row, "rest")).answered(link.sealed())
    assert answer.status == 200
    assert "etag" not in answer.headers


@each_door
def test_the_published_example_is_withdraw_consent_sealed_with_the_example_secrets(
    door: str,
) -> None:
    inside = carried(EXCHANGE_SECURED)
    assert inside.name == "WithdrawConsent"
    request, answer = exchange(door, EXCHANGE_SECURED)
    if door == "soap":
        plain = [
            secured.opened(SUITE, SECRETS, str(etree.fromstring(body).findtext(f".//{tag}")))
            for body in (request.body, answer.body)
            for tag in [xml.tag("SecuredData")]
        ]
        assert [etree.QName(xml.parse(each)).localname for each in plain] == [
            "WithdrawConsent",
            "WithdrawConsentResponse",
        ]
    else:
        assert json.decode(SecuredRequest, request.body) == example(SecuredRequest)
        assert json.decode(SecuredAnswer, answer.body) == example(SecuredAnswer)
        said: Any = example(SecuredRequest)
        plaintext = secured.opened(SUITE, SECRETS, said.secured_data)
        assert json.decode(inside.request, plaintext) == request_of(inside)
