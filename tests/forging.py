"""A signed message taken apart, changed and put together again, by its signer or somebody else."""

from __future__ import annotations

import base64
import copy
import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm
from lxml import etree
from msgspec.structs import replace

from tests.trio import OPERATOR
from tests.wsse import certified
from vgigw.codec import xml
from vgigw.envelope import ws_security_terms as term
from vgigw.envelope.wire import WireRequest

Element = etree._Element


class Envelope:
    """The parts of an envelope, as elements that a test may move about."""

    def __init__(self, data: bytes) -> None:
        self.root = etree.fromstring(data)
        self.header, self.body = self.root[0], self.root[-1]
        self.soap = str(etree.QName(self.root).namespace)
        self.security = self.one(self.header, term.SECURITY)
        self.block = self.one(self.header, xml.tag("MessageHeader"))
        self.timestamp = self.one(self.security, term.TIMESTAMP)
        self.token = self.one(self.security, term.TOKEN)
        self.signature = self.one(self.security, term.SIGNATURE)
        self.signed_info = self.one(self.signature, term.SIGNED_INFO)
        self.value = self.one(self.signature, term.SIGNATURE_VALUE)

    @staticmethod
    def one(parent: Element, tag: str) -> Element:
        found = parent.find(tag)
        assert found is not None, tag
        return found

    def find(self, tag: str) -> list[Element]:
        return list(self.root.iter(tag))

    def reference(self, to: str) -> Element:
        """The Reference to the part with the id ``to``."""
        return next(each for each in self.find(term.REFERENCE) if each.get("URI") == f"#{to}")

    def written(self) -> bytes:
        return etree.tostring(self.root)

    def digest(self, how: Callable[[bytes], Any] = hashlib.sha256, **canonical: Any) -> None:
        """Write the digests anew, of whatever wears the ids that are referred to."""
        worn = {each.get(term.ID): each for each in self.root.iter(etree.Element)}
        for reference in self.signed_info.iter(term.REFERENCE):
            part = worn.get(str(reference.get("URI")).removeprefix("#"), self.root)
            octets = _canonical(part, **canonical)
            reference[-1].text = base64.b64encode(how(octets).digest()).decode()

    def sign(self, key: RSAPrivateKey, how: HashAlgorithm | None = None, **canonical: Any) -> None:
        """Sign what SignedInfo says now."""
        octets = _canonical(self.signed_info, **canonical)
        signature = key.sign(octets, PKCS1v15(), how or SHA256())
        self.value.text = base64.b64encode(signature).decode()


def forged(wire: WireRequest, change: Callable[[Envelope], object]) -> WireRequest:
    """``wire`` with its envelope changed."""
    envelope = Envelope(wire.body)
    change(envelope)
    return replace(wire, body=envelope.written())


def again(change: Callable[[Envelope], object], **how: Any) -> Callable[[Envelope], object]:
    """``change``, and then everything digested and signed anew by the operator's own key.

    ``by`` is another party; ``digest`` and ``sign`` are other algorithms.
    """

    def changed(message: Envelope) -> None:
        change(message)
        message.digest(how.get("digest", hashlib.sha256))
        message.sign(certified(how.get("by", OPERATOR)).key, how.get("sign"))

    return changed


def evil_twin(element: Element, **attributes: str) -> Element:
    """A copy with another content and other attributes, which stands where the element stood."""
    twin = copy.deepcopy(element)
    for name in twin.attrib:
        del twin.attrib[name]
    for name, value in attributes.items():
        twin.set(_ATTRIBUTES[name], value)
    for station in twin.iter(xml.tag("StationID")):
        station.text = "EVIL"
    parent = element.getparent()
    assert parent is not None
    parent.replace(element, twin)
    return twin


_ATTRIBUTES = {
    "wsu_id": term.ID,
    "capital": "Id",
    "capitals": "ID",
    "small": "id",
    "xml_id": "{http://www.w3.org/XML/1998/namespace}id",
}


def made(tag: str, *children: Element, **attributes: str) -> Element:
    """An element round ``children``."""
    element = etree.Element(tag, dict(attributes))
    element.extend(children)
    return element


def _canonical(element: Element, prefixes: Sequence[str] = ()) -> bytes:
    return etree.tostring(
        element, method="c14n", exclusive=True, inclusive_ns_prefixes=list(prefixes)
    )
