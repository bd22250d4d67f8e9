"""The SOAP door: ``POST /soap/{face}``, document/literal wrapped, MessageHeader. ACC-5.3, PLT-7.1c.

The Body's element names the operation, and the SOAPAction (1.1) or the action parameter (1.2) must
name the same one, so that no rule in front of us can be led astray.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from email.message import Message
from typing import NamedTuple

from lxml import etree

from vgigw.codec import xml, xsd
from vgigw.crypto.exchange import Exchange
from vgigw.crypto.suite import AnyKeys, AnySuite
from vgigw.crypto.xml_signing import xml_signer
from vgigw.doors.soap.faults import fault, version_of
from vgigw.envelope import secured, soap, ws_security, ws_security_writing
from vgigw.envelope.soap import SoapVersion
from vgigw.envelope.unsigned import Unsigned
from vgigw.envelope.wire import WireAnswer, WireRequest, retry_after, trace_id_of
from vgigw.errors import Malformed, NotGenuine, UnknownOperation, VgigwError, WrongMedia
from vgigw.objects import InformationObject, MessageHeader, Refusal, SecuredRequest
from vgigw.operations import EXCHANGE_SECURED, OPERATIONS, Operation
from vgigw.ports import Claim, Opened, Peer, SoapSignature
from vgigw.rules.freshness import (
    check_life,
    check_same_time,
    parse_time_stamp,
    write_time_stamp,
)

PREFIX = "/soap"
_ACTION = re.compile(r'action="?([^";]{1,200})')


class _Sealed(NamedTuple):
    message: soap.SoapMessage
    header: MessageHeader
    signed: bytes
    security: ws_security.Signed | None
    carrying: SecuredRequest | None

    @property
    def unsigned(self) -> Unsigned | None:
        """By which the message is known where nothing signs it."""
        if self.security is not None or self.header.sig is not None:
            return None
        return soap.unsigned_of(self.header)

    @property
    def signature(self) -> str:
        """What an answer names, so that it is to this request alone."""
        if self.unsigned is not None:
            return self.unsigned.guard.hex()
        return self.security.text if self.security else soap.sig_of(self.header)

    @property
    def guard(self) -> bytes:
        return soap.guard_of(self.signed) if self.unsigned is None else self.unsigned.guard


class SoapDoor:
    """Reads and answers under ``prefix``; the last segment of the path is the face."""

    name = "soap"

    def __init__(
        self,
        operator_id: str,
        suites: Mapping[str, AnySuite],
        operations: tuple[Operation, ...] = OPERATIONS,
        prefix: str = PREFIX,
    ) -> None:
        self._operator_id = operator_id
        self._suites = suites
        self.prefix = prefix
        self._faces: dict[str, dict[str, Operation]] = {}
        for row in operations:
            for face in row.faces:
                self._faces.setdefault(face, {})[row.name] = row
        self._actions = {soap.action_of(row): row for row in operations}

    def named(self, request: WireRequest) -> Operation | None:
        action = request.headers.get("soapaction", "").strip().strip('"')
        if not action:
            found = _ACTION.search(request.headers.get("content-type", ""))
            action = found[1] if found else ""
        return self._actions.get(action)

    def read(self, request: WireRequest) -> Claim:
        face = self._faces.get(request.path.removeprefix(self.prefix).strip("/"))
        if face is None:
            raise UnknownOperation("no such face")
        if request.method != "POST":
            raise Malformed("the method must be POST")
        media = _media(request)
        message = soap.parse(request.body)
        if media.get_content_type() != message.version.media_type:
            raise WrongMedia(f"the content type must be {message.version.media_type}")
        operation, carrying = _asked(face, message.payload)
        named = operation if carrying is None else EXCHANGE_SECURED
        _check_action(named, message.version, request, media)
        if message.header is None:
            raise Malformed("MessageHeader is missing")
        security = _signed_by(message)
        signed = security.octets if security else soap.signed_bytes(message.header, message.body)
        time_stamp = parse_time_stamp(message.header.time_stamp)
        sealed = _Sealed(message, message.header, signed, security, carrying)
        return Claim(
            sender=message.header.operator_id,
            operation=operation,
            sent_at=security.created if security else time_stamp,
            token=message.header.access_token,
            guard=sealed.guard,
            clear=carrying is None,
            trace_id=trace_id_of(message.header.trace_id) or request.trace_id,
            sealed=sealed,
            unsigned=sealed.unsigned is not None,
        )

    def verify(self, claim: Claim, peer: Peer) -> None:
        sealed: _Sealed = claim.sealed
        suite = self._suites[peer.suite]
        if claim.unsigned:
            raise NotGenuine
        if (sealed.security is not None) != (peer.soap_signature is SoapSignature.WS_SECURITY):
            raise NotGenuine
        if sealed.security is not None:
            ws_security.verify(sealed.security, suite, peer.accepted)
            return
        suite.verify(peer.accepted.about(self._exchange(claim)), sealed.signed, sealed.signature)

    def open(self, claim: Claim, peer: Peer, now: datetime) -> Opened:
        sealed: _Sealed = claim.sealed
        if sealed.security is not None:
            check_life(sealed.security.created, sealed.security.expires, now)
            check_same_time(parse_time_stamp(sealed.header.time_stamp), sealed.security.created)
        payload = sealed.message.payload
        if sealed.carrying is not None:
            secured.check_answerable(self._answering(claim, peer))
            keys, data = peer.accepted.about(self._exchange(claim)), sealed.carrying.secured_data
            payload = soap.element_of(secured.opened(self._suites[peer.suite], keys, data))
        return Opened(xsd.unwrap(claim.operation.name, claim.operation.request, payload))

    def answer(
        self, claim: Claim, peer: Peer, reply: InformationObject, now: datetime
    ) -> WireAnswer:
        wrapper = f"{claim.operation.name}Response"
        payload = xsd.wrap(wrapper, reply)
        if not claim.clear:
            suite, keys = self._suites[peer.suite], self._answering(claim, peer)
            answer = secured.sealed_answer(suite, keys, payload)
            payload = xsd.wrap(f"{EXCHANGE_SECURED.name}Response", answer)
        body = self._seal(claim, peer, payload, now)
        version = claim.sealed.message.version
        return WireAnswer(status=200, headers=_headers(version), body=body)

    def refuse(
        self,
        request: WireRequest,
        claim: Claim | None,
        peer: Peer | None,
        error: VgigwError,
        now: datetime,
    ) -> WireAnswer:
        version = claim.sealed.message.version if claim else version_of(request)
        if claim is not None and peer is not None:
            refusal = None if claim.clear else self._sealed_refusal(claim, peer, error)
            status, payload = fault(version, error, refusal)
            body = self._seal(claim, peer, payload, now)
        else:
            status, payload = fault(version, error, unread=claim is None)
            body = soap.envelope_of(version, None, soap.body_of(version, payload))
        return WireAnswer(status=status, headers=_headers(version) | retry_after(error), body=body)

    def _exchange(self, claim: Claim) -> Exchange:
        return soap.exchange_of(claim.sealed.header, claim.operation.name, self._operator_id)

    def _answering(self, claim: Claim, peer: Peer) -> AnyKeys:
        return peer.accepted.about(self._exchange(claim).answered(claim.sealed.signature))

    def _sealed_refusal(self, claim: Claim, peer: Peer, error: VgigwError) -> Refusal:
        suite, keys = self._suites[peer.suite], self._answering(claim, peer)
        return secured.sealed_refusal(suite, keys, error, lambda told: xml.write(told, "Refusal"))

    def _seal(self, claim: Claim, peer: Peer, payload: bytes, now: datetime) -> bytes:
        sealed: _Sealed = claim.sealed
        version = sealed.message.version
        header = MessageHeader(
            operator_id=self._operator_id,
            time_stamp=write_time_stamp(now),
            seq="0001",
            trace_id=sealed.header.trace_id,
            suite=peer.suite,
        )
        suite, signature = self._suites[peer.suite], sealed.signature
        if sealed.security is not None:
            signer = xml_signer(suite, peer.accepted, now)
            return ws_security_writing.write(
                version, header, payload, signer, now, confirms=signature
            ).envelope
        body = soap.body_of(version, payload)
        header = soap.sign(header, body, suite, self._answering(claim, peer), signature)
        return soap.envelope_of(version, header, body)


def _signed_by(message: soap.SoapMessage) -> ws_security.Signed | None:
    """The Security block, if that is what signs; raises ``NotGenuine`` where Sig is there, too."""
    by_header = message.header is not None and message.header.sig is not None
    if by_header and message.security:
        raise NotGenuine
    return ws_security.read(message) if message.security else None


def _asked(
    face: Mapping[str, Operation], payload: etree._Element
) -> tuple[Operation, SecuredRequest | None]:
    """The operation that is called, and what carries it encrypted, if anything does.

    None carries another one that does: a face names the operations of the table alone.
    """
    name = etree.QName(payload)
    asked = name.localname if name.namespace == xml.NAMESPACE else ""
    carrying = secured.request_in_xml(payload) if asked == EXCHANGE_SECURED.name else None
    operation = face.get(asked if carrying is None else carrying.operation)
    if operation is None:
        raise UnknownOperation()
    return operation, carrying


def _media(request: WireRequest) -> Message:
    message = Message()
    message["content-type"] = request.headers.get("content-type", "")
    known = {version.media_type for version in SoapVersion}
    try:
        charset = str(message.get_param("charset", "utf-8")).lower()
        message.get_param("action")
    except (ValueError, TypeError) as cause:
        raise WrongMedia("the content type cannot be read") from cause
    if message.get_content_type() not in known or charset not in ("utf-8", "us-ascii"):
        raise WrongMedia("the content type must be text/xml or application/soap+xml in UTF-8")
    return message


def _check_action(
    operation: Operation, version: SoapVersion, request: WireRequest, media: Message
) -> None:
    wanted = soap.action_of(operation)
    if version is SoapVersion.SOAP_11:
        action = request.headers.get("soapaction", "").strip().strip('"')
    else:
        action = str(media.get_param("action", wanted)).strip('"')
    if action != wanted:
        raise Malformed("SOAPAction does not name the operation in the Body")


def _headers(version: SoapVersion) -> dict[str, str]:
    return {"content-type": f"{version.media_type}; charset=utf-8", "cache-control": "no-store"}
