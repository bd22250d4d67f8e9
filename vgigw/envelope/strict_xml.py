"""Elements that hold what they may and nothing else, as WS-Security is read: strict, in one way.

Each function raises ``NotGenuine`` for whatever is otherwise, without a word about what it was.
"""

from __future__ import annotations

import binascii
import re
from typing import Final

from lxml import etree
from lxml.etree import _Element

from vgigw.errors import NotGenuine

BLANK: Final = " \t\r\n"
LONGEST_BASE64: Final = 16_384
"""Characters; a certificate of RSA 4096 has some 2 500."""

_BLANKS = re.compile(r"[ \t\r\n]+")


def canonical(element: _Element, prefixes: tuple[str, ...] = ()) -> bytes:
    """Exclusive canonical form without comments; ``prefixes`` are those treated as inclusive."""
    try:
        return etree.tostring(
            element,
            method="c14n",
            exclusive=True,
            with_comments=False,
            inclusive_ns_prefixes=prefixes,
        )
    except etree.C14NError as cause:
        raise NotGenuine from cause


def inside(element: _Element, *names: str) -> list[_Element]:
    """The children, which must be these in this order, with nothing but blanks around them."""
    bare(element)
    children = list(element)
    if [child.tag for child in children] != list(names):
        raise NotGenuine
    return children


def bare(element: _Element) -> None:
    """Has nothing but blanks around its children."""
    texts = (element.text, *(child.tail for child in element))
    if any(text and text.strip(BLANK) for text in texts):
        raise NotGenuine


def only(element: _Element, *allowed: str) -> None:
    """Has no attributes but these, each of which may be absent."""
    if not set(element.attrib) <= set(allowed):
        raise NotGenuine


def empty(element: _Element, **attributes: str) -> None:
    """Has these attributes, and nothing else at all: no HMACOutputLength, no parameter."""
    if dict(element.items()) != attributes or len(element) or element.text:
        raise NotGenuine


def text_of(element: _Element) -> str:
    """The text of an element that holds no other."""
    if len(element):
        raise NotGenuine
    return element.text or ""


def octets_of(element: _Element) -> bytes:
    """What the base64 in an element says."""
    return octets_from(text_of(element))


def octets_from(text: str) -> bytes:
    """What base64 says, which has one form, lines and blanks apart."""
    if len(text) > LONGEST_BASE64:
        raise NotGenuine
    text = _BLANKS.sub("", text)
    try:
        octets = binascii.a2b_base64(text.encode("ascii"), strict_mode=True)
    except ValueError as cause:
        raise NotGenuine from cause
    if not octets or base64_of(octets) != text:
        raise NotGenuine
    return octets


def base64_of(octets: bytes) -> str:
    """The one form, in one line."""
    return binascii.b2a_base64(octets, newline=False).decode("ascii")
