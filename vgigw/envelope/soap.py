"""Seal and unseal in SOAP: the MessageHeader block and the MAC over it and the Body.

The MAC covers, in this order, a line that names the framing, one line ``Name:value`` for each
member of the header but Sig, in an answer the Sig of the request that it answers, an empty line,
and the exclusive canonical form of the Body element. ACC-5.3, ACC-5.5, Q31.
"""

from __future__ import annotations

import copy
import enum
import hashlib
from typing import NamedTuple

import msgspec
from lxml import etree

from vgigw.codec import xml
from vgigw.codec.shape import shape_of
from vgigw.codec.xsd import accept
from vgigw.crypto.exchange import Exchange
from vgigw.crypto.suite import AnyKeys, AnySuite
from vgigw.envelope.unsigned import Unsigned
from vgigw.envelope.ws_security_terms import ID, SECURITY
from vgigw.errors import (
    Detail,
    InvalidObject,
    Malformed,
    NotGenuine,
    NotUnderstood,
    VersionMismatch,
)
from vgigw.objects import MessageHeader
from vgigw.operations import Operation
from vgigw.rules.freshness import parse_time_stamp

_FRAMING = b"vgigw-soap-1\n"
_HEADER = xml.tag("MessageHeader")


class SoapVersion(enum.Enum):
    """The envelope's namespace and the media type that goes with it."""

    SOAP_11 = ("http://schemas.xmlsoap.org/soap/envelope/", "text/xml")
    SOAP_12 = ("http://www.w3.org/2003/05/soap-envelope", "application/soap+xml")

    @property
    def namespace(self) -> str:
        return self.value[0]

    @property
    def media_type(self) -> str:
        return self.value[1]


# Canonical form and schema take time that grows faster than these, before anyone is known.
_MANY = 64
_adorned = etree.XPath("boolean(//*[@*[17] or namespace::*[33]])")
_long_header = etree.XPath("boolean(/*/*[2]) and count(/*/*[1]//*) > 256")

_BY_NAMESPACE = {version.namespace: version for version in SoapVersion}


class SoapMessage(NamedTuple):
    """A SOAP envelope taken apart: ``payload`` is the one element inside the Body.

    ``block`` is the element that ``header`` was read from, ``security`` are the blocks of
    WS-Security, none of them looked into.
    """

    version: SoapVersion
    header: MessageHeader | None
    body: etree._Element
    payload: etree._Element
    block: etree._Element | None
    security: tuple[etree._Element, ...]


def parse(data: bytes) -> SoapMessage:
    """Read an envelope by the processing rules of SOAP. Raises ``Malformed`` and its kinds."""
    envelope = element_of(data)
    if _long_header(envelope):
        raise Malformed("the Header has too many elements")
    name = etree.QName(envelope)
    version = _BY_NAMESPACE.get(name.namespace or "")
    if version is None or name.localname != "Envelope":
        raise VersionMismatch()
    header, body = _parts(envelope, version)
    payloads = list(body)
    if len(payloads) != 1:
        raise Malformed("the Body must hold exactly one element")
    block, security = (None, []) if header is None else _blocks(header, version)
    read = None if block is None else _read_header(block, version)
    return SoapMessage(version, read, body, payloads[0], block, tuple(security))


def element_of(data: bytes) -> etree._Element:
    """The root element of a document within our bounds. Raises ``Malformed``."""
    element = xml.parse(data)
    if data.count(b"=") > _MANY and _adorned(element):
        raise Malformed("an element has too many attributes")
    return element


def _parts(
    envelope: etree._Element, version: SoapVersion
) -> tuple[etree._Element | None, etree._Element]:
    names = [etree.QName(child) for child in envelope]
    locals_ = [name.localname for name in names]
    if any(name.namespace != version.namespace for name in names) or locals_ not in (
        ["Body"],
        ["Header", "Body"],
    ):
        raise Malformed("an Envelope holds one Header, if any, and then one Body")
    return (envelope[0] if len(names) == 2 else None), envelope[-1]


def _blocks(
    header: etree._Element, version: SoapVersion
) -> tuple[etree._Element | None, list[etree._Element]]:
    """MessageHeader, if it is there, and every block of WS-Security."""
    found: etree._Element | None = None
    security = []
    for block in header:
        if block.tag == _HEADER:
            if found is not None:
                raise Malformed("MessageHeader stands twice")
            found = block
        elif block.tag == SECURITY:
            security.append(block)
        elif _must_understand(block, version):
            raise NotUnderstood()
    return found, security


def _read_header(block: etree._Element, version: SoapVersion) -> MessageHeader:
    if block.attrib:
        # The element itself stays as it is: it may be signed.
        block = copy.deepcopy(block)
        for attribute in list(block.attrib):
            if attribute == ID or etree.QName(attribute).namespace == version.namespace:
                del block.attrib[attribute]
    try:
        header = accept(MessageHeader, block)
    except InvalidObject as cause:
        raise Malformed(
            "MessageHeader is not valid",
            tuple(Detail(f"/MessageHeader{d.path}", d.code, d.message) for d in cause.details),
        ) from cause
    if any(not value.isprintable() for _, value in _members(header)):
        raise Malformed("MessageHeader holds a control character")
    return header


def _must_understand(block: etree._Element, version: SoapVersion) -> bool:
    flag = block.get(etree.QName(version.namespace, "mustUnderstand"), "0")
    return flag.strip() in ("1", "true")


def _members(header: MessageHeader) -> list[tuple[str, str]]:
    values = ((m.wire, getattr(header, m.attribute)) for m in shape_of(MessageHeader).members)
    return [(wire, value) for wire, value in values if value is not None and wire != "Sig"]


def signed_bytes(header: MessageHeader, body: etree._Element, answers: str | None = None) -> bytes:
    """What the signature covers; ``answers`` is the Sig of the request that is answered."""
    lines = [f"{wire}:{value}\n" for wire, value in _members(header)]
    if answers is not None:
        lines.append(f"Answers:{answers}\n")
    try:
        canonical = etree.tostring(body, method="c14n", exclusive=True, with_comments=False)
    except etree.C14NError as cause:
        raise Malformed("the Body has no canonical form: a namespace is not absolute") from cause
    return b"".join((_FRAMING, "".join(lines).encode(), b"\n", canonical))


def exchange_of(header: MessageHeader, operation: str, receiver: str) -> Exchange:
    """What a request is about, where the time stamp and the number of it are its time and nonce."""
    sent_at = parse_time_stamp(header.time_stamp)
    return Exchange(operation, header.operator_id, receiver, sent_at, header.seq)


def sig_of(header: MessageHeader) -> str:
    """The Sig, which must be there unless WS-Security is. Raises ``NotGenuine``."""
    if header.sig is None:
        raise NotGenuine
    return header.sig


def unsigned_of(header: MessageHeader) -> Unsigned:
    """The identifier of a message by its header alone."""
    return Unsigned(header.operator_id, header.time_stamp, header.seq)


def guard_of(signed: bytes) -> bytes:
    """Digest by which a repeat of the whole message is known. Q32."""
    return hashlib.sha256(signed).digest()


def action_of(operation: Operation) -> str:
    """The SOAPAction of an operation."""
    return f"{xml.NAMESPACE}/{operation.name}"


def body_of(version: SoapVersion, payload: bytes) -> etree._Element:
    """A Body element around a serialised payload, ready to be signed."""
    opening = f'<soap:Body xmlns:soap="{version.namespace}">'.encode()
    return xml.parse(opening + payload + b"</soap:Body>")


def envelope_of(version: SoapVersion, header: MessageHeader | None, body: etree._Element) -> bytes:
    """The serialised envelope."""
    start = f'<soap:Envelope xmlns:soap="{version.namespace}">'.encode()
    block = b""
    if header is not None:
        block = b"<soap:Header>" + xml.write(header, "MessageHeader") + b"</soap:Header>"
    return b"".join(
        (
            b'<?xml version="1.0" encoding="UTF-8"?>\n',
            start,
            block,
            etree.tostring(body, encoding="utf-8", xml_declaration=False),
            b"</soap:Envelope>",
        )
    )


def sign(
    header: MessageHeader,
    body: etree._Element,
    suite: AnySuite,
    keys: AnyKeys,
    answers: str | None = None,
) -> MessageHeader:
    """The header with its Sig."""
    sig = suite.sign(keys, signed_bytes(header, body, answers))
    return msgspec.structs.replace(header, sig=sig)
