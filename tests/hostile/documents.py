"""Hostile documents, in XML and in JSON; ``{ear}`` stands for an address that must stay silent."""

from __future__ import annotations

from collections.abc import Callable

_LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
_ENVELOPE = '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"{}>'
_BODY = "<e:Body><QueryTime xmlns='urn:vgigw:v1'/></e:Body></e:Envelope>"
_SCHEMA = 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'


def _envelope(inside: str, before: str = "", attributes: str = "") -> str:
    opening = _ENVELOPE.format(f" {attributes}" if attributes else "")
    return f"{before}{opening}<e:Body>{inside}</e:Body></e:Envelope>"


def _doctype(inside: str, use: str = "&x;") -> str:
    return _envelope(f"<a>{use}</a>", before=f"<!DOCTYPE a [{inside}]>")


XML: dict[str, str] = {
    "billion laughs": _doctype(f'<!ENTITY l0 "lol">{_LAUGHS}', "&l9;"),
    "quadratic blowup": _doctype(f'<!ENTITY x "{"y" * 50_000}">', "&x;" * 10_000),
    "entity of a file": _doctype('<!ENTITY x SYSTEM "file:///etc/passwd">'),
    "entity of an address": _doctype('<!ENTITY x SYSTEM "{ear}/x">'),
    "parameter entity": _doctype('<!ENTITY % p SYSTEM "{ear}/p.dtd"> %p;'),
    "external DTD": _envelope("<a/>", before='<!DOCTYPE a SYSTEM "{ear}/x.dtd">'),
    "public DTD": _envelope("<a/>", before='<!DOCTYPE a PUBLIC "-//x" "{ear}/x.dtd">'),
    "XInclude": _envelope('<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="{ear}/x"/>'),
    "XInclude of a file": _envelope(
        '<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" '
        'parse="text"/>'
    ),
    "schemaLocation": _envelope(
        f'<QueryTime xmlns="urn:vgigw:v1" {_SCHEMA} i:schemaLocation="urn:vgigw:v1 {{ear}}/x.xsd"/>'
    ),
    "noNamespaceSchemaLocation": _envelope(
        "<a/>", attributes=f'{_SCHEMA} i:noNamespaceSchemaLocation="{{ear}}/x.xsd"'
    ),
    "stylesheet": _envelope("<a/>", before='<?xml-stylesheet type="text/xsl" href="{ear}/x"?>'),
    "deep": _envelope("<a>" * 100_000 + "</a>" * 100_000),
    "name of a megabyte": _envelope(f"<{'a' * 1_000_000}/>"),
}
"""Each is refused on every door, calls nobody and reads no file. F75"""


def _filled(unit: str) -> Callable[[int], bytes]:
    def made(size_bytes: int) -> bytes:
        outside = _envelope("").encode()
        count = (size_bytes - len(outside)) // len(unit)
        return _envelope(unit * count).encode()

    return made


_LETTERS = "bcdefghijklmnopq"
DEAR_XML: dict[str, Callable[[int], bytes]] = {
    "elements": _filled("<a/>"),
    "elements and text": _filled("<a/>x"),
    "elements with text": _filled("<a>x</a>"),
    "attributes": _filled("<a " + " ".join(f'{each}=""' for each in _LETTERS) + "/>"),
    "attributes in apostrophes": _filled("<a " + " ".join(f"{x}=''" for x in _LETTERS) + "/>"),
    "attributes with blanks": _filled("<a " + " ".join(f'{x} = ""' for x in _LETTERS) + "/>"),
    "names of spaces": _filled("<a " + " ".join(f'xmlns:{x}=""' for x in _LETTERS) + "/>"),
}
"""So many bytes of what costs a parser many times as much memory. F75"""

DEAR_JSON: dict[str, Callable[[int], bytes]] = {
    "depth": lambda size: b"[" * size,
    "objects in depth": lambda size: b'{"a":' * (size // 5),
    "lists": lambda size: b"[" + b"[]," * (size // 3 - 1) + b"[]]",
    "objects": lambda size: b"[" + b"{}," * (size // 3 - 1) + b"{}]",
    "a list in an envelope": lambda size: b'{"x":[' + b"{}," * (size // 3 - 4) + b"{}]}",
    "keys": lambda size: _keys(size // 12),
    "one key": lambda size: b"{" + b'"a":0,' * (size // 6 - 1) + b'"a":0}',
    "a number": lambda size: b'{"OperatorID":' + b"9" * (size - 15) + b"}",
    "a fraction": lambda size: b'{"OperatorID":0.' + b"9" * (size - 17) + b"}",
    "a string": lambda size: b'{"OperatorID":"' + b"9" * (size - 17) + b'"}',
    "escapes": lambda size: b'{"OperatorID":"' + b"\\u4e2d" * (size // 6 - 4) + b'"}',
    "half a surrogate": lambda size: b'{"OperatorID":"' + b"\\ud800" * (size // 6 - 4) + b'"}',
}
"""So many bytes of what is dear to read. F76"""


def _keys(count: int) -> bytes:
    return b"{" + b",".join(b'"%07d":0' % number for number in range(count)) + b"}"
