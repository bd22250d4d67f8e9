"""Messages that are not of our profile of WS-Security, each as a change of one that is."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable

from lxml import etree

from tests.forging import Envelope, made
from tests.trio import OPERATOR
from tests.wsse import certified
from vgigw.codec import xml
from vgigw.envelope import ws_security_terms as term


def keyed_with_the_public_key(message: Envelope) -> None:
    """The oldest trick: everybody has the public key."""
    message.find(term.SIGNATURE_METHOD)[0].set("Algorithm", f"{term.DS}hmac-sha256")
    octets = etree.tostring(message.signed_info, method="c14n", exclusive=True)
    keyed = hmac.new(certified(OPERATOR).der, octets, hashlib.sha256).digest()
    message.value.text = base64.b64encode(keyed).decode()


def shortened(message: Envelope) -> None:
    message.find(term.SIGNATURE_METHOD)[0].append(made(f"{{{term.DS}}}HMACOutputLength"))


def two_transforms(message: Envelope) -> None:
    for each in message.find(term.TRANSFORMS):
        each.append(made(term.TRANSFORM, Algorithm=term.EXC_C14N))


def no_transform(message: Envelope) -> None:
    for each in message.find(term.TRANSFORMS):
        each.getparent().remove(each)  # type: ignore[union-attr]


def xpath_inside(message: Envelope) -> None:
    message.find(term.TRANSFORM)[0].append(made(f"{{{term.DS}}}XPath"))


def signed_info_is_empty(message: Envelope) -> None:
    for each in list(message.signed_info):
        message.signed_info.remove(each)


def no_reference(message: Envelope) -> None:
    for each in message.find(term.REFERENCE):
        message.signed_info.remove(each)


def without(part: str) -> Callable[[Envelope], None]:
    def change(message: Envelope) -> None:
        message.signed_info.remove(message.reference(part))

    change.__name__ = f"without_{part}"
    return change


def twice(part: str) -> Callable[[Envelope], None]:
    def change(message: Envelope) -> None:
        second = Envelope(message.written()).reference(part)
        message.signed_info.append(second)

    change.__name__ = f"twice_{part}"
    return change


def to(uri: str | None) -> Callable[[Envelope], None]:
    """The reference to the Body leads elsewhere."""

    def change(message: Envelope) -> None:
        reference = message.reference("Body")
        del reference.attrib["URI"]
        if uri is not None:
            reference.set("URI", uri)

    change.__name__ = f"to_{uri!r}"
    return change


def also_to(uri: str) -> Callable[[Envelope], None]:
    """One reference more, so that everything that must be signed still is."""

    def change(message: Envelope) -> None:
        second = Envelope(message.written()).reference("Body")
        second.set("URI", uri)
        message.signed_info.append(second)

    change.__name__ = f"also_to_{uri!r}"
    return change


def the_body_has_no_id_and_the_reference_names_none(message: Envelope) -> None:
    del message.body.attrib[term.ID]
    message.reference("Body").set("URI", "#")


def two_signatures(message: Envelope) -> None:
    message.security.append(Envelope(message.written()).signature)


def signature_in_a_signature(message: Envelope) -> None:
    message.signature.append(made(f"{{{term.DS}}}Object", Envelope(message.written()).signature))


def two_tokens(message: Envelope) -> None:
    second = Envelope(message.written()).token
    second.set(term.ID, "Token2")
    message.security.append(second)


def two_timestamps(message: Envelope) -> None:
    second = Envelope(message.written()).timestamp
    second.set(term.ID, "Timestamp2")
    message.security.append(second)


def gone(part: str) -> Callable[[Envelope], None]:
    def change(message: Envelope) -> None:
        message.security.remove(getattr(message, part))

    change.__name__ = f"gone_{part}"
    return change


def key_info_instead(tag: str, *path: str) -> Callable[[Envelope], None]:
    """The key in some other place, of which there are many in XML Signature."""

    def change(message: Envelope) -> None:
        key_info = message.signature[-1]
        del key_info[:]
        inner = made(path[-1]) if path else None
        key_info.append(made(tag, *([inner] if inner is not None else [])))

    change.__name__ = f"key_info_{tag.rpartition('}')[2]}"
    return change


def token_elsewhere(message: Envelope) -> None:
    message.find(term.REFERENCE_TO_TOKEN)[0].set("URI", "https://keys.example/one.cer")


def token_of_another_kind(message: Envelope) -> None:
    message.token.set("ValueType", f"{term.X509_V3}1")


def token_in_hexadecimal(message: Envelope) -> None:
    message.token.set("EncodingType", term.BASE64.replace("Base64Binary", "HexBinary"))


def for_another_actor(message: Envelope) -> None:
    message.security.set(f"{{{message.soap}}}actor", "urn:another")


def not_to_be_understood(message: Envelope) -> None:
    message.security.set(f"{{{message.soap}}}mustUnderstand", "0")


def a_confirmation_in_a_request(message: Envelope) -> None:
    message.security.append(made(term.CONFIRMATION, Value="AAAA"))


def text_between(message: Envelope) -> None:
    message.timestamp.tail = "text"


def sealed_by_both(message: Envelope) -> None:
    etree.SubElement(message.block, xml.tag("Sig")).text = "0F3A"


def prefixes(listed: str) -> Callable[[Envelope], None]:
    def change(message: Envelope) -> None:
        for each in message.find(term.TRANSFORM):
            each.append(made(term.PREFIXES, PrefixList=listed))

    change.__name__ = f"prefixes_{listed[:9]!r}"
    return change


SHAPES = [
    keyed_with_the_public_key,
    shortened,
    two_transforms,
    no_transform,
    xpath_inside,
    signed_info_is_empty,
    no_reference,
    *map(without, ("Body", "Timestamp", "MessageHeader")),
    *map(twice, ("Body", "Timestamp", "MessageHeader")),
    *map(to, (None, "", "#", "Body", "#xpointer(/)", "#xpointer(id('Body'))", "##Body",
              "#Body ", "https://evil.example/#Body", "#Token", "#Timestamp", "#nowhere")),
    *map(also_to, ("", "#nowhere", "#Signature", "cid:part@evil.example")),
    the_body_has_no_id_and_the_reference_names_none,
    two_signatures,
    signature_in_a_signature,
    two_tokens,
    two_timestamps,
    *map(gone, ("token", "timestamp", "signature")),
    key_info_instead(f"{{{term.DS}}}KeyValue", f"{{{term.DS}}}RSAKeyValue"),
    key_info_instead(f"{{{term.DS}}}KeyName"),
    key_info_instead(f"{{{term.DS}}}RetrievalMethod"),
    key_info_instead(f"{{{term.DS}}}X509Data", f"{{{term.DS}}}X509Certificate"),
    key_info_instead(term.TOKEN_REFERENCE, f"{{{term.WSSE}}}Embedded"),
    key_info_instead(term.TOKEN_REFERENCE, f"{{{term.WSSE}}}KeyIdentifier"),
    token_elsewhere,
    token_of_another_kind,
    token_in_hexadecimal,
    for_another_actor,
    not_to_be_understood,
    a_confirmation_in_a_request,
    text_between,
    sealed_by_both,
    *map(prefixes, ("soap:x", "a" * 65, " ".join(f"p{n}" for n in range(33)), "é")),
]  # fmt: skip
