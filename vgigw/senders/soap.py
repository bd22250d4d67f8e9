"""The SOAP courier: calls a peer that speaks our own WSDL, with the writer that the door uses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from lxml import etree

from vgigw.codec import xml, xsd
from vgigw.crypto.exchange import Exchange
from vgigw.crypto.suite import AnySuite
from vgigw.envelope import soap
from vgigw.envelope.soap import SoapVersion
from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.errors import Detail, PeerAnswerInvalid, PeerFault, PeerRefused
from vgigw.objects import InformationObject, MessageHeader, Refusal
from vgigw.operations import Operation, Role
from vgigw.ports import Peer
from vgigw.senders.sequence import SequenceNumbers

_VERSIONS = {"1.1": SoapVersion.SOAP_11, "1.2": SoapVersion.SOAP_12}
_NORTH = frozenset({Role.DISPATCH, Role.EXCHANGE, Role.SUPERVISOR})


class _Sent(NamedTuple):
    signature: str
    answer: Exchange


class SoapCourier:
    """Seals requests of ``operator_id`` in the role ``role`` and opens the answers."""

    name = "soap"

    def __init__(self, operator_id: str, role: Role, suites: Mapping[str, AnySuite]) -> None:
        self._operator_id = operator_id
        self._role = role
        self._suites = suites
        self._numbers = SequenceNumbers()

    def seal(
        self,
        peer: Peer,
        base: str,
        operation: Operation,
        request: InformationObject,
        token: str | None,
        now: datetime,
    ) -> tuple[WireRequest, Any]:
        version = _VERSIONS[peer.soap_version]
        time_stamp, seq = self._numbers.next(now)
        body = soap.body_of(version, xsd.wrap(operation.name, request))
        unsigned = MessageHeader(
            operator_id=self._operator_id,
            time_stamp=time_stamp,
            seq=seq,
            suite=peer.suite,
            access_token=token,
            sig="-",
        )
        told = soap.exchange_of(unsigned, operation.name, peer.operator_id)
        header = soap.sign(unsigned, body, self._suites[peer.suite], peer.issued.about(told))
        media = f"{version.media_type}; charset=utf-8"
        action = soap.action_of(operation)
        headers = {"content-type": media, "soapaction": f'"{action}"'}
        if version is SoapVersion.SOAP_12:
            headers = {"content-type": f'{media}; action="{action}"'}
        wire = WireRequest(
            method="POST",
            path=f"/{self._face(peer, operation)}",
            headers=headers,
            body=soap.envelope_of(version, header, body),
        )
        return wire, _Sent(header.sig, told.answered(header.sig))

    def open(
        self, peer: Peer, operation: Operation, sent: Any, answer: WireAnswer
    ) -> InformationObject:
        try:
            message = soap.parse(answer.body)
            if message.header is None or message.header.operator_id != peer.operator_id:
                raise PeerAnswerInvalid("the answer is not signed by the peer")
            signed = soap.signed_bytes(message.header, message.body, sent.signature)
            keys = peer.issued.about(sent.answer)
            self._suites[peer.suite].verify(keys, signed, message.header.sig)
            name = etree.QName(message.payload)
            if name == etree.QName(message.version.namespace, "Fault"):
                raise _refused(message.payload)
            if name != etree.QName(xml.NAMESPACE, f"{operation.name}Response"):
                raise PeerAnswerInvalid("the answer is to another operation")
            return xsd.unwrap(f"{operation.name}Response", operation.response, message.payload)
        except PeerFault as cause:
            raise PeerAnswerInvalid() from cause

    def _face(self, peer: Peer, operation: Operation) -> str:
        wanted = "dispatch" if {peer.role, self._role} & _NORTH else "aggregator"
        return wanted if wanted in operation.faces else operation.faces[0]


def _refused(fault: etree._Element) -> PeerRefused:
    element = fault.find(f".//{{{xml.NAMESPACE}}}Refusal")
    if element is None:
        raise PeerAnswerInvalid("the fault carries no Refusal")
    refusal = xsd.accept(Refusal, element)
    details = tuple(Detail(item.path, item.code, item.message) for item in refusal.details)
    return PeerRefused(refusal.ret, refusal.msg, details)
