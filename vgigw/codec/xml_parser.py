"""The only way in which foreign bytes become XML elements: hardened, with our own words."""

from __future__ import annotations

import re
import threading
from typing import Final

from lxml import etree
from lxml.etree import _Element

from vgigw.errors import Malformed, WrongMedia

_PROLOG = rb"\A(?:\xef\xbb\xbf)?(?:\s++|(?><\?.*?\?>)|(?><!--.*?-->))*+"
_DOCTYPE = re.compile(_PROLOG + rb"<!DOCTYPE", re.DOTALL)
_DECLARATION = re.compile(rb"\A(?:\xef\xbb\xbf)?<\?xml\s([^?]{0,200})\?>")
_ENCODING = re.compile(rb"""\bencoding\s*=\s*["']([^"']*)["']""")
_ACCEPTED = frozenset({b"utf-8", b"utf8", b"us-ascii", b"ascii"})
_own = threading.local()

# libxml2 takes some 240 bytes for an element with its text, and as much for an attribute, of which
# "<a/>" is four: before it is known who asks, 8 MiB would become 350. Whatever the contract can say
# has 12 bytes and more an element, so that this bound refuses none of it. F75
LEAST_BYTES_A_NODE: Final = 12
FREE_NODES: Final = 256


def parser() -> etree.XMLParser:
    """A new parser: no entity, no DTD, no network, no huge text, no comment, no instruction."""
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def parse(data: bytes) -> _Element:
    """The root element of ``data``.

    Raises ``Malformed`` for anything that is not one well-formed UTF-8 document without DOCTYPE
    and NUL and within our bound of elements and libxml2's of depth and size, ``WrongMedia`` (a
    ``Malformed``) for another encoding. The text of the parser's own error never leaves. ACC-5.3
    """
    _refuse_encoding(data)
    if _nodes(data) > FREE_NODES + len(data) // LEAST_BYTES_A_NODE:
        raise Malformed("more elements and attributes than a message of its length can have")
    if _DOCTYPE.match(data):
        raise Malformed("a DOCTYPE is not accepted")
    try:
        root = etree.fromstring(data, _parser_of_this_thread())
    except (etree.XMLSyntaxError, ValueError) as cause:
        raise Malformed("not a well-formed XML document, or too deep or too large") from cause
    if root.getroottree().docinfo.internalDTD is not None:
        raise Malformed("a DOCTYPE is not accepted")
    return root


def _nodes(data: bytes) -> int:
    """No fewer than the elements and attributes of ``data``: each of these has "=" and quotes."""
    quotes = data.count(b'"') + data.count(b"'")
    return data.count(b"<") - data.count(b"</") + min(data.count(b"="), quotes // 2)


def _refuse_encoding(data: bytes) -> None:
    if b"\x00" in data:
        raise Malformed("holds a NUL byte, or is not UTF-8")
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise WrongMedia("only UTF-8 is accepted")
    declaration = _DECLARATION.match(data)
    if declaration is None:
        return
    declared = _ENCODING.search(declaration[1])
    if declared is not None and declared[1].lower() not in _ACCEPTED:
        raise WrongMedia("only UTF-8 is accepted")


def _parser_of_this_thread() -> etree.XMLParser:
    """Parsers lock themselves, so each thread has its own."""
    own: etree.XMLParser | None = getattr(_own, "parser", None)
    if own is None:
        own = _own.parser = parser()
    return own
