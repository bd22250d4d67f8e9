"""The SOAP courier: calls a peer that speaks our own WSDL, with the writer that the door uses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from lxml import etree

from vgigw.codec import xml, xsd
from vgigw.crypto.exchange import Exchange
from vgigw.crypto.suite import AnyKeys, AnySuite
from vgigw.crypto.xml_signing import xml_signer
from vgigw.envelope import soap, ws_security, ws_security_writing
from vgigw.envelope.soap import SoapVersion
from vgigw.envelope.unsigned import Unsigned
from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.errors import Detail, NotGenuine, PeerAnswerInvalid, PeerFault, PeerRefused
from vgigw.objects import InformationObject, MessageHeader
from vgigw.operations import EXCHANGE_SECURED, Operation, Role
from vgigw.ports import Peer, SoapSignature
from vgigw.rules.freshness import WINDOW_S, check_fresh, check_life
from vgigw.senders.secrecy import Secrecy, by_profile
from vgigw.senders.sequence import SequenceNumbers
from vgigw.senders.soap_secrecy import REFUSAL, carried, carrying, whole_refusal
from vgigw.senders.unsigned import awaited, check_answer

_VERSIONS = {"1.1": SoapVersion.SOAP_11, "1.2": SoapVersion.SOAP_12}
_NORTH = frozenset({Role.DISPATCH, Role.EXCHANGE, Role.SUPERVISOR})


class _Sent(NamedTuple):
    signature: str
    answer: Exchange
    encrypted: bool
    at: datetime
    awaited: Unsigned | None


class SoapCourier:
    """Seals requests of ``operator_id`` in the role ``role`` and opens the answers.

    ``secrecy`` says whose body goes encrypted; ``window_s`` how old an answer may be that tells its
    time, where the peer's profile does not say it.
    """

    name = "soap"

    def __init__(
        self,
        operator_id: str,
        role: Role,
        suites: Mapping[str, AnySuite],
        secrecy: Secrecy = by_profile,
        window_s: float = WINDOW_S,
    ) -> None:
        self._window_s = window_s
        self._secrecy = secrecy
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
        unsigned = MessageHeader(
            operator_id=self._operator_id,
            time_stamp=time_stamp,
            seq=seq,
            suite=peer.suite,
            access_token=token,
        )
        told = soap.exchange_of(unsigned, operation.name, peer.operator_id)
        suite, keys = self._suites[peer.suite], peer.issued.about(told)
        payload, named = xsd.wrap(operation.name, request), operation
        encrypted = self._secrecy(peer, base, operation)
        if encrypted:
            payload, named = carrying(suite, keys, operation.name, payload), EXCHANGE_SECURED
        written = self._signed(peer, unsigned, payload, told)
        media = f"{version.media_type}; charset=utf-8"
        action = soap.action_of(named)
        headers = {"content-type": media, "soapaction": f'"{action}"'}
        if version is SoapVersion.SOAP_12:
            headers = {"content-type": f'{media}; action="{action}"'}
        wire = WireRequest(
            method="POST",
            path=f"/{self._face(peer, operation)}",
            headers=headers,
            body=written.envelope,
        )
        signature = written.signature
        expected = awaited(peer, base, operation, soap.unsigned_of(unsigned))
        return wire, _Sent(signature, told.answered(signature), encrypted, now, expected)

    def _signed(
        self, peer: Peer, header: MessageHeader, payload: bytes, told: Exchange
    ) -> ws_security_writing.Written:
        version, suite = _VERSIONS[peer.soap_version], self._suites[peer.suite]
        if peer.soap_signature is SoapSignature.WS_SECURITY:
            signer = xml_signer(suite, peer.issued, told.sent_at)
            return ws_security_writing.write(version, header, payload, signer, told.sent_at)
        body = soap.body_of(version, payload)
        header = soap.sign(header, body, suite, peer.issued.about(told))
        envelope = soap.envelope_of(version, header, body)
        return ws_security_writing.Written(envelope, soap.sig_of(header))

    def open(
        self, peer: Peer, operation: Operation, sent: Any, answer: WireAnswer
    ) -> InformationObject:
        try:
            message = soap.parse(answer.body)
            if message.header is None or message.header.operator_id != peer.operator_id:
                raise PeerAnswerInvalid("the answer is not signed by the peer")
            suite, keys = self._suites[peer.suite], peer.issued.about(sent.answer)
            self._verify(peer, sent, message, message.header)
            payload = message.payload
            if etree.QName(payload) == etree.QName(message.version.namespace, "Fault"):
                raise _refused(suite, keys, payload)
            if sent.encrypted:
                payload = carried(suite, keys, payload)
            if etree.QName(payload) != etree.QName(xml.NAMESPACE, f"{operation.name}Response"):
                raise PeerAnswerInvalid("the answer is to another operation")
            return xsd.unwrap(f"{operation.name}Response", operation.response, payload)
        except PeerFault as cause:
            raise PeerAnswerInvalid() from cause

    def _verify(
        self, peer: Peer, sent: _Sent, message: soap.SoapMessage, header: MessageHeader
    ) -> None:
        """Raises ``NotGenuine`` unless the peer signed it, as agreed and for this very request."""
        suite = self._suites[peer.suite]
        if peer.unsigned and header.sig is None and not message.security:
            check_answer(sent.awaited, soap.unsigned_of(header))
        elif peer.soap_signature is SoapSignature.WS_SECURITY:
            signed = ws_security.read(message, answer=True)
            ws_security.verify(signed, suite, peer.issued)
            if signed.confirms != sent.signature:
                raise NotGenuine
            window_s = self._window_s if peer.window_s is None else peer.window_s
            check_fresh(signed.created, sent.at, window_s)
            check_life(signed.created, signed.expires, sent.at)
        elif message.security:
            raise NotGenuine
        else:
            octets = soap.signed_bytes(header, message.body, sent.signature)
            suite.verify(peer.issued.about(sent.answer), octets, soap.sig_of(header))

    def _face(self, peer: Peer, operation: Operation) -> str:
        wanted = "dispatch" if {peer.role, self._role} & _NORTH else "aggregator"
        return wanted if wanted in operation.faces else operation.faces[0]


def _refused(suite: AnySuite, keys: AnyKeys, fault: etree._Element) -> PeerRefused:
    element = fault.find(REFUSAL)
    if element is None:
        raise PeerAnswerInvalid("the fault carries no Refusal")
    refusal = whole_refusal(suite, keys, element)
    details = tuple(Detail(item.path, item.code, item.message) for item in refusal.details)
    return PeerRefused(refusal.ret, refusal.msg, details)
