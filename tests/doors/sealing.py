"""Messages that no courier would send: any content, sealed on each door; and refusals read.

Built with the envelope's own functions, so that a test decides on everything inside and around.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from lxml import etree

from tests.cases.worlds import NOW, PLATFORM, SECRETS
from vgigw.crypto.exchange import Exchange
from vgigw.crypto.http_signing import http_signer
from vgigw.crypto.suite import SUITES, AnyKeys, AnySuite
from vgigw.envelope import cec102, rest, soap
from vgigw.envelope.soap import SoapVersion
from vgigw.envelope.wire import Transport, WireAnswer, WireRequest
from vgigw.objects import MessageHeader
from vgigw.operations import BY_CEC102, Operation
from vgigw.rules.freshness import write_time_stamp

SUITE = SUITES["tcec102"]
NAMESPACE = "urn:vgigw:v1"
_numbers = itertools.count(1)


class Refused(NamedTuple):
    """What a peer is told, on whichever door; ``details`` are path, code, message."""

    ret: int
    msg: str
    details: tuple[tuple[str, str, str], ...]


class Sender(NamedTuple):
    """Who seals, with what, when, and for whom."""

    operator_id: str
    token: str | None = None
    now: datetime = NOW
    secrets: AnyKeys = SECRETS
    suite: AnySuite = SUITE
    to: str = PLATFORM

    def about(self, operation: str, nonce: str) -> AnyKeys:
        """The keys for one message."""
        return self.secrets.about(Exchange(operation, self.operator_id, self.to, self.now, nonce))


def by_cec102(sender: Sender, name: str, plaintext: bytes, seq: str = "") -> WireRequest:
    """``plaintext`` encrypted and signed, to the interface ``name``."""
    operation, seq = BY_CEC102.get(name), seq or f"{next(_numbers) % 9999 + 1:04d}"
    body = cec102.seal_request(
        sender.suite,
        sender.about(operation.name if operation else name, seq),
        sender.operator_id,
        plaintext,
        write_time_stamp(sender.now),
        seq,
    )
    headers = {"content-type": "application/json;charset=utf-8"} | _bearer(sender)
    return WireRequest(
        method="POST",
        path=f"/evcs/v1/{name}",
        headers=headers,
        body=body,
        transport=Transport.LOOPBACK,
    )


def by_rest(
    sender: Sender,
    method: str,
    path: str,
    body: bytes = b"",
    query: str = "",
    covered: tuple[str, ...] | None = None,
    if_match: str | None = None,
    operation: str = "-",
) -> WireRequest:
    """A signed request; ``covered`` takes the place of the components that it should cover."""
    headers = _bearer(sender)
    components = ['"@method"', '"@path"', *(['"@query"'] if query else [])]
    if body:
        headers["content-type"] = "application/json"
        headers["content-digest"] = rest.content_digest(body)
        components.append('"content-digest"')
    if sender.token is not None:
        components.append('"authorization"')
    if if_match is not None:
        headers["if-match"] = if_match
        components.append('"if-match"')
    request = WireRequest(
        method=method,
        path=f"/vgi/v1{path}",
        query=query,
        headers=headers,
        body=body,
        transport=Transport.LOOPBACK,
    )
    nonce = f"n{next(_numbers)}"
    signer = http_signer(sender.suite, sender.about(operation, nonce))
    signed = rest.unsigned_input(
        tuple(components) if covered is None else covered,
        sender.operator_id,
        int(sender.now.timestamp()),
        nonce,
        signer,
    )
    base = rest.request_base(signed._replace(components=tuple(components)), request)
    if covered is not None:
        base = base.replace(
            base.split(b"\n")[-1], f'"@signature-params": {signed.parameters}'.encode()
        )
    fields = rest.signature_fields(signed, signer.sign(base))
    return msgspec.structs.replace(request, headers=headers | fields)


def by_soap(
    sender: Sender,
    operation: Operation,
    payload: bytes,
    version: SoapVersion = SoapVersion.SOAP_11,
    **header: Any,
) -> WireRequest:
    """``payload``, the element inside the Body, signed, to the operation's first face."""
    body, seq = soap.body_of(version, payload), f"{next(_numbers) % 9999 + 1:04d}"
    members: dict[str, Any] = {
        "operator_id": sender.operator_id,
        "time_stamp": write_time_stamp(sender.now),
        "seq": seq,
        "suite": sender.suite.name,
        "access_token": sender.token,
        "sig": "-",
    }
    unsigned = MessageHeader(**members | header)
    keys = sender.about(operation.name, unsigned.seq or seq)
    signed = soap.sign(unsigned, body, sender.suite, keys)
    return soap_request(operation, soap.envelope_of(version, signed, body), version)


def soap_request(
    operation: Operation, envelope: bytes, version: SoapVersion = SoapVersion.SOAP_11
) -> WireRequest:
    """Any bytes where an envelope is expected."""
    action = soap.action_of(operation)
    headers = {"content-type": "text/xml; charset=utf-8", "soapaction": f'"{action}"'}
    if version is SoapVersion.SOAP_12:
        media = f'application/soap+xml; charset=utf-8; action="{action}"'
        headers = {"content-type": media}
    return WireRequest(
        method="POST",
        path=f"/soap/{operation.faces[0]}",
        headers=headers,
        body=envelope,
        transport=Transport.LOOPBACK,
    )


def _bearer(sender: Sender) -> dict[str, str]:
    return {} if sender.token is None else {"authorization": f"Bearer {sender.token}"}


def read_refusal(door: str, answer: WireAnswer) -> Refused:
    """The refusal in an answer, sealed or not; an answer that is none has Ret 0."""
    if door == "soap":
        return _from_fault(answer.body)
    document = msgspec.json.decode(answer.body)
    if door == "cec102" and document.get("Sig"):
        reply = cec102.open_reply(SUITE, SECRETS, answer.body)
        inside = msgspec.json.decode(reply.plaintext) if reply.plaintext else {}
        return Refused(reply.ret, reply.msg, _items(inside))
    return Refused(document.get("Ret", 0), document.get("Msg", ""), _items(document))


def _items(document: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
    found = document.get("Details", [])
    return tuple((item["Path"], item["Code"], item["Message"]) for item in found)


def _from_fault(body: bytes) -> Refused:
    refusal = etree.fromstring(body).find(f".//{{{NAMESPACE}}}Refusal")
    if refusal is None:
        return Refused(0, "", ())
    names = {"n": NAMESPACE}

    def text(element: etree._Element, name: str) -> str:
        return element.findtext(f"n:{name}", default="", namespaces=names)

    items = refusal.findall("n:Details/n:FaultItem", names)
    details = tuple((text(i, "Path"), text(i, "Code"), text(i, "Message")) for i in items)
    return Refused(int(text(refusal, "Ret")), text(refusal, "Msg"), details)
