"""The SOAP door: ``POST /soap/{face}``, document/literal wrapped, MessageHeader. ACC-5.3, PLT-7.1c.

The Body's element names the operation, and the SOAPAction (1.1) or the action parameter (1.2) must
name the same one, so that no rule in front of us can be led astray.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.message import Message
from typing import NamedTuple

from lxml import etree

from vgigw.codec import xml, xsd
from vgigw.crypto.suite import AnySuite
from vgigw.doors.soap.faults import fault, version_of
from vgigw.envelope import soap
from vgigw.envelope.soap import SoapVersion
from vgigw.envelope.wire import WireAnswer, WireRequest, retry_after
from vgigw.errors import Malformed, UnknownOperation, VgigwError, WrongMedia
from vgigw.objects import InformationObject, MessageHeader
from vgigw.operations import OPERATIONS, Operation
from vgigw.ports import Claim, Opened, Peer
from vgigw.rules.freshness import parse_time_stamp, write_time_stamp

PREFIX = "/soap"


class _Sealed(NamedTuple):
    message: soap.SoapMessage
    header: MessageHeader
    signed: bytes


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
        name = etree.QName(message.payload)
        operation = face.get(name.localname) if name.namespace == xml.NAMESPACE else None
        if operation is None:
            raise UnknownOperation()
        _check_action(operation, message.version, request, media)
        if message.header is None:
            raise Malformed("MessageHeader is missing")
        signed = soap.signed_bytes(message.header, message.body)
        return Claim(
            sender=message.header.operator_id,
            operation=operation,
            sent_at=parse_time_stamp(message.header.time_stamp),
            token=message.header.access_token,
            guard=soap.guard_of(signed),
            clear=True,
            trace_id=message.header.trace_id or request.trace_id,
            sealed=_Sealed(message, message.header, signed),
        )

    def verify(self, claim: Claim, peer: Peer) -> None:
        sealed: _Sealed = claim.sealed
        told = soap.exchange_of(sealed.header, claim.operation.name, self._operator_id)
        keys = peer.inbound.about(told)
        self._suites[peer.suite].verify(keys, sealed.signed, sealed.header.sig)

    def open(self, claim: Claim, peer: Peer, now: datetime) -> Opened:
        sealed: _Sealed = claim.sealed
        return Opened(
            xsd.unwrap(claim.operation.name, claim.operation.request, sealed.message.payload)
        )

    def answer(
        self, claim: Claim, peer: Peer, reply: InformationObject, now: datetime
    ) -> WireAnswer:
        wrapper = f"{claim.operation.name}Response"
        payload = xsd.wrap(wrapper, reply)
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
        status, payload = fault(version, error, unread=claim is None)
        if claim is not None and peer is not None:
            body = self._seal(claim, peer, payload, now)
        else:
            body = soap.envelope_of(version, None, soap.body_of(version, payload))
        return WireAnswer(status=status, headers=_headers(version) | retry_after(error), body=body)

    def _seal(self, claim: Claim, peer: Peer, payload: bytes, now: datetime) -> bytes:
        sealed: _Sealed = claim.sealed
        version = sealed.message.version
        body = soap.body_of(version, payload)
        header = MessageHeader(
            operator_id=self._operator_id,
            time_stamp=write_time_stamp(now),
            seq="0001",
            trace_id=sealed.header.trace_id,
            suite=peer.suite,
            sig="-",
        )
        request = sealed.header
        told = soap.exchange_of(request, claim.operation.name, self._operator_id)
        keys = peer.inbound.about(told.answered(request.sig))
        header = soap.sign(header, body, self._suites[peer.suite], keys, request.sig)
        return soap.envelope_of(version, header, body)


def _media(request: WireRequest) -> Message:
    message = Message()
    message["content-type"] = request.headers.get("content-type", "")
    known = {version.media_type for version in SoapVersion}
    charset = str(message.get_param("charset", "utf-8")).lower()
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
