"""Read and verify WS-Security in one strict profile: X.509, RSA-SHA256, exclusive canonical form.

A Security block holds one token, one Timestamp and one Signature, and in an answer the
confirmation of its request. The signature covers Timestamp, Body and MessageHeader, and these
elements themselves, where they stand, are what is decoded: a reference is held against the few
that may be signed, and no id is ever looked up in the document. Whatever is not of this profile is
not genuine, whoever sent it. ACC-5.5, PLT-7.1c.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from hmac import compare_digest
from typing import NamedTuple, cast

from lxml import etree
from lxml.etree import _Element

from vgigw.crypto.suite import AnyKeys, AnySuite
from vgigw.crypto.xml_signing import check_usable, verify_xml
from vgigw.envelope import ws_security_terms as term
from vgigw.envelope.soap import SoapMessage
from vgigw.envelope.strict_xml import (
    BLANK,
    bare,
    base64_of,
    canonical,
    empty,
    inside,
    octets_from,
    octets_of,
    only,
    text_of,
)
from vgigw.errors import NotGenuine

_MOST_PREFIXES = 32
_PREFIX = re.compile(r"(#default|[A-Za-z_][\w.-]{0,63})\Z", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z\Z", re.ASCII)
_ids = etree.XPath("//@*[translate(local-name(), 'ID', 'id') = 'id']")


class _Reference(NamedTuple):
    """What is said of one signed element: which, the prefixes of its form, its digest."""

    element: _Element
    prefixes: tuple[str, ...]
    digest: bytes


class Signed(NamedTuple):
    """A Security block, read for form; nothing of it is trusted before :func:`verify`.

    ``certificate`` is X.509 in DER, ``octets`` are the canonical SignedInfo: what the signature
    covers. ``confirms`` is the :attr:`text` of the request that an answer says it is to.
    """

    certificate: bytes
    created: datetime
    expires: datetime
    octets: bytes
    signature: bytes
    references: tuple[_Reference, ...]
    confirms: str | None

    @property
    def text(self) -> str:
        """The signature as it is told in what answers it."""
        return base64_of(self.signature)


def read(message: SoapMessage, *, answer: bool = False) -> Signed:
    """The Security block of ``message``. Raises ``NotGenuine``, the same for every cause."""
    if len(message.security) != 1 or message.block is None:
        raise NotGenuine
    ids = cast(list[str], _ids(message.body.getroottree()))
    if len(set(ids)) != len(ids):
        raise NotGenuine
    security = message.security[0]
    must_understand = f"{{{message.version.namespace}}}mustUnderstand"
    only(security, must_understand)
    if security.get(must_understand, "1") not in ("1", "true"):
        raise NotGenuine
    parts = _each_once(security, answer=answer)
    signed_info, value, key_info = _parts_of(parts[term.SIGNATURE])
    must = [parts[term.TIMESTAMP], message.body, message.block]
    if answer:
        must.append(parts[term.CONFIRMATION])
    created, expires = _times(parts[term.TIMESTAMP])
    prefixes, references = _signed_info(signed_info, must, parts[term.TOKEN])
    return Signed(
        certificate=_token(parts[term.TOKEN], key_info),
        created=created,
        expires=expires,
        octets=canonical(signed_info, prefixes),
        signature=octets_of(value),
        references=references,
        confirms=_confirmed(parts[term.CONFIRMATION]) if answer else None,
    )


def verify(signed: Signed, suite: AnySuite, keys: AnyKeys) -> None:
    """Raise ``NotGenuine`` unless the peer of ``keys`` signed it, and what is there is what it
    signed; ``KeyUnusable``, which is one of those, when it did so with a key not in use."""
    key = verify_xml(suite, keys, signed.certificate, signed.octets, signed.signature)
    for each in signed.references:
        found = hashlib.sha256(canonical(each.element, each.prefixes)).digest()
        if not compare_digest(found, each.digest):
            raise NotGenuine
    check_usable(key, signed.created)


def _each_once(security: _Element, *, answer: bool) -> dict[str, _Element]:
    names = [term.TOKEN, term.TIMESTAMP, term.SIGNATURE, *([term.CONFIRMATION] if answer else [])]
    bare(security)
    if sorted(child.tag for child in security) != sorted(names):
        raise NotGenuine
    return {child.tag: child for child in security}


def _parts_of(signature: _Element) -> list[_Element]:
    only(signature, "Id")
    parts = inside(signature, term.SIGNED_INFO, term.SIGNATURE_VALUE, term.KEY_INFO)
    only(parts[1], "Id")
    return parts


def _signed_info(
    element: _Element, must: list[_Element], token: _Element
) -> tuple[tuple[str, ...], tuple[_Reference, ...]]:
    """The prefixes of its own canonical form, and the references: each of ``must``, and the token
    if it likes, once."""
    only(element, "Id")
    method, algorithm, *references = inside(
        element,
        term.CANONICALIZATION,
        term.SIGNATURE_METHOD,
        *[term.REFERENCE] * max(len(must), len(element) - 2),
    )
    empty(algorithm, Algorithm=term.RSA_SHA256)
    may = [*must, token]
    found = tuple(_reference(each, may) for each in references)
    covered = [each.element for each in found]
    if any(covered.count(each) != 1 for each in must) or covered.count(token) > 1:
        raise NotGenuine
    return _exclusive(method), found


def _reference(element: _Element, may: list[_Element]) -> _Reference:
    only(element, "URI", "Id")
    transforms, method, value = inside(
        element, term.TRANSFORMS, term.DIGEST_METHOD, term.DIGEST_VALUE
    )
    only(transforms)
    (transform,) = inside(transforms, term.TRANSFORM)
    empty(method, Algorithm=term.SHA256)
    uri = element.get("URI", "")
    named = [each for each in may if uri == f"#{each.get(term.ID, '')}" and len(uri) > 1]
    if len(named) != 1:
        raise NotGenuine
    return _Reference(named[0], _exclusive(transform), octets_of(value))


def _exclusive(method: _Element) -> tuple[str, ...]:
    """The prefixes that an exclusive canonical form, and it must be one, treats as inclusive."""
    only(method, "Algorithm")
    if method.get("Algorithm") != term.EXC_C14N:
        raise NotGenuine
    if not len(method):
        inside(method)
        return ()
    (listed,) = inside(method, term.PREFIXES)
    only(listed, "PrefixList")
    inside(listed)
    prefixes = tuple(listed.get("PrefixList", "").split())
    if len(prefixes) > _MOST_PREFIXES or not all(map(_PREFIX.match, prefixes)):
        raise NotGenuine
    return prefixes


def _token(token: _Element, key_info: _Element) -> bytes:
    """The certificate, to which KeyInfo must lead."""
    only(token, term.ID, "ValueType", "EncodingType")
    if (token.get("ValueType"), token.get("EncodingType")) != (term.X509_V3, term.BASE64):
        raise NotGenuine
    only(key_info, "Id")
    (reference,) = inside(key_info, term.TOKEN_REFERENCE)
    only(reference, term.ID)
    (to_token,) = inside(reference, term.REFERENCE_TO_TOKEN)
    only(to_token, "URI", "ValueType")
    inside(to_token)
    own_id = token.get(term.ID)
    if not own_id or to_token.get("URI") != f"#{own_id}":
        raise NotGenuine
    if to_token.get("ValueType", term.X509_V3) != term.X509_V3:
        raise NotGenuine
    return octets_of(token)


def _times(timestamp: _Element) -> tuple[datetime, datetime]:
    only(timestamp, term.ID)
    created, expires = (_instant(each) for each in inside(timestamp, term.CREATED, term.EXPIRES))
    return created, expires


def _instant(element: _Element) -> datetime:
    """In UTC and with a Z, as the Basic Security Profile has it; finer than 1 us is cut off."""
    text = text_of(element).strip(BLANK)
    if not _INSTANT.match(text):
        raise NotGenuine
    try:
        return datetime.fromisoformat(text[:-1][:26]).replace(tzinfo=UTC)
    except ValueError as cause:
        raise NotGenuine from cause


def _confirmed(confirmation: _Element) -> str:
    only(confirmation, term.ID, "Value")
    inside(confirmation)
    return base64_of(octets_from(confirmation.get("Value", "")))
