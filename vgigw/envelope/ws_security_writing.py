"""Write and sign WS-Security: the envelope of a request or an answer, in the profile that we read.

Each name is declared once and everything that can be said is signed or leads to what is, so that no
bit of the envelope can be changed without notice. ACC-5.5.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from lxml import etree

from vgigw.codec import xml
from vgigw.crypto.xml_signing import XmlSigner
from vgigw.envelope import ws_security_terms as term
from vgigw.envelope.soap import SoapVersion
from vgigw.envelope.strict_xml import base64_of, canonical
from vgigw.objects import MessageHeader

LIFE_S: Final = 300
"""From Created to Expires of what we write; what most stacks have."""

_EXCLUSIVE = f'Algorithm="{term.EXC_C14N}"'
_NAMES = f'xmlns:wsse="{term.WSSE}" xmlns:wsu="{term.WSU}" xmlns:ds="{term.DS}"'


class Written(NamedTuple):
    """A signed envelope, and its signature in base64."""

    envelope: bytes
    signature: str


def write(
    version: SoapVersion,
    header: MessageHeader,
    payload: bytes,
    signer: XmlSigner,
    created: datetime,
    *,
    confirms: str | None = None,
) -> Written:
    """The envelope round ``payload``, the element inside the Body, signed at ``created`` (aware).

    ``confirms`` is the signature of the request that it answers, in base64.
    """
    ids = ["Timestamp", "MessageHeader", "Body", *(["Confirmation"] if confirms else [])]
    text = (
        f'<soap:Envelope xmlns:soap="{version.namespace}" {_NAMES}><soap:Header>'
        f"{xml.write(header, 'MessageHeader').decode()}"
        '<wsse:Security soap:mustUnderstand="1">'
        f"{_token(signer.certificate)}{_timestamp(created)}{_confirmation(confirms)}"
        f"{_unsigned(ids)}</wsse:Security></soap:Header>"
        '<soap:Body wsu:Id="Body">'
    )
    envelope = xml.parse(text.encode() + payload + b"</soap:Body></soap:Envelope>")
    (block, security), body = envelope[0], envelope[1]
    block.set(term.ID, "MessageHeader")
    parts = {each.get(term.ID): each for each in (*security, block, body)}
    signature = security[-1]
    for reference in signature[0].iterchildren(term.REFERENCE):
        part = parts[str(reference.get("URI")).removeprefix("#")]
        reference[-1].text = base64_of(hashlib.sha256(canonical(part)).digest())
    value = base64_of(signer.sign(canonical(signature[0])))
    signature[1].text = value
    return Written(etree.tostring(envelope, encoding="utf-8", xml_declaration=False), value)


def _token(certificate: bytes) -> str:
    return (
        f'<wsse:BinarySecurityToken wsu:Id="Token" ValueType="{term.X509_V3}" '
        f'EncodingType="{term.BASE64}">{base64_of(certificate)}</wsse:BinarySecurityToken>'
    )


def _timestamp(created: datetime) -> str:
    ends = created + timedelta(seconds=LIFE_S)
    return (
        f'<wsu:Timestamp wsu:Id="Timestamp"><wsu:Created>{_instant(created)}</wsu:Created>'
        f"<wsu:Expires>{_instant(ends)}</wsu:Expires></wsu:Timestamp>"
    )


def _instant(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}Z"


def _confirmation(confirms: str | None) -> str:
    if confirms is None:
        return ""
    return (
        f'<wsse11:SignatureConfirmation xmlns:wsse11="{term.WSSE11}" '
        f'wsu:Id="Confirmation" Value="{confirms}"/>'
    )


def _unsigned(ids: list[str]) -> str:
    """The Signature with its digests and its value still empty."""
    references = "".join(
        f'<ds:Reference URI="#{each}"><ds:Transforms><ds:Transform {_EXCLUSIVE}/></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{term.SHA256}"/><ds:DigestValue/></ds:Reference>'
        for each in ids
    )
    return (
        f"<ds:Signature><ds:SignedInfo><ds:CanonicalizationMethod {_EXCLUSIVE}/>"
        f'<ds:SignatureMethod Algorithm="{term.RSA_SHA256}"/>{references}</ds:SignedInfo>'
        "<ds:SignatureValue/><ds:KeyInfo><wsse:SecurityTokenReference>"
        f'<wsse:Reference URI="#Token" ValueType="{term.X509_V3}"/>'
        "</wsse:SecurityTokenReference></ds:KeyInfo></ds:Signature>"
    )
