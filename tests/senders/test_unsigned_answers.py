"""An unsigned answer of a peer that cannot sign: believed over its own TLS alone, and if it is to
our request. PLT-10.3a, ACC-5.5. A real server, real certificates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.authority import Authority
from tests.senders.tls_peer import TlsPeer, server_context
from tests.trio import OPERATOR, PLATFORM, secrets_of
from vgigw.codec import json, xml, xsd
from vgigw.crypto.suite import SUITES
from vgigw.envelope import soap
from vgigw.envelope.soap import SoapVersion
from vgigw.errors import PeerAnswerInvalid, PeerRefused
from vgigw.objects import (
    AuditQuery,
    InformationObject,
    MessageHeader,
    Refusal,
    TimeAnswer,
    TimeQuery,
)
from vgigw.operations import QUERY_AUDIT, QUERY_TIME, Operation, Role
from vgigw.ports import Courier, Peer, Protection
from vgigw.ports.tls import SYSTEM, TlsFiles
from vgigw.senders.http import HttpSender
from vgigw.senders.rest import RestCourier
from vgigw.senders.soap import SoapCourier

DOORS = ["rest", "soap"]
NOW = datetime.now(UTC).replace(microsecond=0)
ANSWER = TimeAnswer(t1=NOW, t2=NOW, t3=NOW)
REFUSAL = Refusal(ret=4301, msg="no")
COURIERS: dict[str, Courier] = {
    "rest": RestCourier(PLATFORM),
    "soap": SoapCourier(PLATFORM, Role.PLATFORM, SUITES),
}


class Peerless:
    """A stack that cannot sign: it answers to every request, ``said`` in the place of the truth."""

    def __init__(self, door: str) -> None:
        self.door = door
        self.said: dict[str, str] = {}
        self.extra: dict[str, str] = {}
        self.refuses = False

    def __call__(self, request: bytes) -> bytes:
        told = self._asked(request) | {"OperatorID": OPERATOR} | self.said
        if self.door == "rest":
            status, body = "200 OK", json.encode(ANSWER)
            if self.refuses:
                status, body = "403 Forbidden", b'{"Ret":4301,"Msg":"no"}'
            return _http(status, "application/json", told | self.extra, body)
        header = MessageHeader(
            operator_id=told["OperatorID"], time_stamp=told["TimeStamp"], seq=told["Seq"]
        )
        header = replace(header, sig=self.extra.get("Sig"))
        payload, status = xsd.wrap("QueryTimeResponse", ANSWER), "200 OK"
        if self.refuses:
            fault = xml.write(REFUSAL, "Refusal").decode()
            payload = _FAULT.format(fault).encode()
            status = "500 Internal Server Error"
        whole = soap.body_of(SoapVersion.SOAP_11, payload)
        envelope = soap.envelope_of(SoapVersion.SOAP_11, header, whole)
        return _http(status, "text/xml; charset=utf-8", {}, envelope)

    def _asked(self, request: bytes) -> dict[str, str]:
        form = r"{}: ([^\r]*)" if self.door == "rest" else r"{}>([^<]*)<"
        found = {}
        for name in ("TimeStamp", "Seq"):
            match = re.search(form.format(name), request.decode(), re.IGNORECASE)
            found[name] = match[1] if match else "0" * 4
        return found


_FAULT = (
    '<soap:Fault xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">'
    "<faultcode>soap:Client</faultcode><faultstring>no</faultstring><detail>{}</detail></soap:Fault>"
)


def _http(status: str, media: str, fields: dict[str, str], body: bytes) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {media}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in fields.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Line:
    """We on one end, who cannot sign on the other."""

    def __init__(self, door: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        authority = Authority(folder)
        # So the system trusts it, too.
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        self.stack = Peerless(door)
        self.server = TlsPeer(server_context(authority.issue("server")), answer=self.stack)
        self.peer = Peer(
            operator_id=OPERATOR,
            role=Role.OPERATOR,
            doors=frozenset(DOORS),
            suite="tcec102",
            protection=Protection.TRANSPORT,
            inbound=secrets_of(OPERATOR),
            outbound=secrets_of(OPERATOR),
            paths=(self.server.base,),
            door=door,
            tls=TlsFiles(authorities=authority.file),
            unsigned=True,
        )

    def call(
        self,
        operation: Operation = QUERY_TIME,
        request: InformationObject | None = None,
        **changes: Any,
    ) -> InformationObject:
        peer = replace(self.peer, **changes)
        courier, base = COURIERS[peer.door], peer.paths[0]
        asked = request or TimeQuery(t1=NOW)
        wire, sent = courier.seal(peer, base, operation, asked, "token", datetime.now(UTC))
        sender = HttpSender(tls={base: peer.tls})
        try:
            return courier.open(peer, operation, sent, sender.exchange(base, wire))
        finally:
            sender.close()


@pytest.fixture(params=DOORS)
def line(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Line]:
    made = Line(request.param, tmp_path, monkeypatch)
    yield made
    made.server.close()


def test_plt_10_3a_an_unsigned_answer_over_its_own_tls_is_believed(line: Line) -> None:
    assert line.call() == ANSWER


def test_its_refusal_is_one_too(line: Line) -> None:
    line.stack.refuses = True
    with pytest.raises(PeerRefused) as refused:
        line.call()
    assert refused.value.code == 4301


@pytest.mark.parametrize(
    "changes",
    [{"unsigned": False}, {"tls": SYSTEM}],
    ids=["a peer that signs", "known by authorities of everybody"],
)
def test_attack_an_unsigned_answer_is_not_believed_of(line: Line, changes: dict[str, Any]) -> None:
    with pytest.raises(PeerAnswerInvalid):
        line.call(**changes)
    line.stack.refuses = True
    with pytest.raises(PeerAnswerInvalid):
        line.call(**changes)


@pytest.mark.parametrize(
    ("name", "value"),
    [("Seq", "9998"), ("TimeStamp", "20200101000000"), ("OperatorID", PLATFORM)],
)
def test_attack_an_answer_to_another_request_or_of_another_peer(
    line: Line, name: str, value: str
) -> None:
    line.stack.said = {name: value}
    with pytest.raises(PeerAnswerInvalid):
        line.call()


def test_attack_a_signature_that_is_shown_has_to_hold(line: Line) -> None:
    shown = {"rest": {"Signature": "vgigw=:AAAA:"}, "soap": {"Sig": "0" * 32}}
    line.stack.extra = shown[line.peer.door]
    with pytest.raises(PeerAnswerInvalid):
        line.call()


def test_plt_7_10e_an_answer_of_class_sen_takes_a_switch_of_its_own(line: Line) -> None:
    with pytest.raises(PeerAnswerInvalid, match="not signed by the peer"):
        line.call(QUERY_AUDIT, AuditQuery())
    # Beyond the switch it fails for what it says: this stack tells the time alone.
    with pytest.raises(PeerAnswerInvalid) as refused:
        line.call(QUERY_AUDIT, AuditQuery(), unsigned_sensitive=True)
    assert "not signed" not in refused.value.message


def test_attack_without_tls_nothing_vouches_for_an_answer(line: Line) -> None:
    peer = line.peer
    base = line.server.base.replace("https:", "http:")
    courier = COURIERS[peer.door]
    _, sent = courier.seal(peer, base, QUERY_TIME, TimeQuery(t1=NOW), "token", NOW)
    assert sent.awaited is None
