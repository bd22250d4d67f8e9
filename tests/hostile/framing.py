"""Messages whose end is told in two ways, or in none: each is one request, or none at all. F80."""

from __future__ import annotations

from typing import Final, NamedTuple

_FIELDS: Final = "host: localhost\r\ncontent-type: application/json\r\n"
HEAD: Final = f"POST /vgi/v1/telemetry HTTP/1.1\r\n{_FIELDS}".encode()
HIDDEN: Final = HEAD + b"content-length: 2\r\n\r\n{}"
"""A message that whoever is fooled would find behind, or within, another one."""
_END: Final = b"0\r\n\r\n"


class Framed(NamedTuple):
    """Bytes, and how many messages a reader may find in them at most."""

    octets: bytes
    most: int = 1


def _told(encoding: bytes, rest: bytes = b"") -> bytes:
    """An encoding and a length, of which the second covers what is hidden."""
    length = len(_END) + len(HIDDEN)
    return HEAD + encoding + b"content-length: %d\r\n%b\r\n" % (length, rest) + _END + HIDDEN


def _chunked(body: bytes) -> bytes:
    return HEAD + b"transfer-encoding: chunked\r\n\r\n" + body


def _length(text: bytes) -> bytes:
    return HEAD + b"content-length: " + text + b"\r\n\r\n{}"


def _field(field: bytes) -> bytes:
    return HEAD + field + b"\r\ncontent-length: 2\r\n\r\n{}"


def _get(line: bytes, fields: bytes = b"host: localhost\r\n") -> bytes:
    return line + b"\r\n" + fields + b"\r\n"


_TE: Final = b"transfer-encoding"
FRAMED: dict[str, Framed] = {
    "CL.TE": Framed(_told(_TE + b": chunked\r\n")),
    "TE.CL": Framed(
        HEAD
        + b"transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n%x\r\n%b\r\n"
        % (len(HIDDEN), HIDDEN)
        + _END
    ),
    "TE.TE, other": Framed(_told(_TE + b": chunked\r\n" + _TE + b": x\r\n")),
    "TE.TE, identity": Framed(_told(_TE + b": chunked\r\n" + _TE + b": identity\r\n")),
    "TE xchunked": Framed(_told(_TE + b": xchunked\r\n")),
    "TE with a blank": Framed(_told(_TE + b" : chunked\r\n")),
    "TE with a tab": Framed(_told(_TE + b":\tchunked\r\n")),
    "TE with a vertical tab": Framed(_told(_TE + b": \x0bchunked\r\n")),
    "TE in quotes": Framed(_told(_TE + b': "chunked"\r\n')),
    "TE chunked, identity": Framed(_told(_TE + b": chunked, identity\r\n")),
    "TE identity, chunked": Framed(_told(_TE + b": identity, chunked\r\n")),
    "TE twice chunked": Framed(_told(_TE + b": chunked, chunked\r\n")),
    "TE folded": Framed(_told(_TE + b":\r\n chunked\r\n")),
    "TE behind a bare LF": Framed(_told(b"x: y\n" + _TE + b": chunked\r\n")),
    "TE behind a bare CR": Framed(_told(b"x: y\r" + _TE + b": chunked\r\n")),
    "TE behind a NUL": Framed(_told(b"x: y\x00\r\n" + _TE + b": chunked\r\n")),
    "no TE but an underscore": Framed(_told(b"transfer_encoding: chunked\r\n")),
    "a folded field": Framed(_field(b"x: a\r\n b")),
    "bare LF alone": Framed((HEAD + b"content-length: 2\r\n\r\n{}").replace(b"\r\n", b"\n")),
    "a NUL in a field": Framed(_field(b"x: a\x00b")),
    "a NUL in a name": Framed(_field(b"x\x00: a")),
    "a blank before a name": Framed(_field(b" x: a")),
    "a field without a colon": Framed(_field(b"content-length 40")),
    "two equal lengths": Framed(_field(b"content-length: 2")),
    "two lengths": Framed(
        HEAD + b"content-length: 2\r\ncontent-length: %d\r\n\r\n{}" % (2 + len(HIDDEN)) + HIDDEN
    ),
    "lengths in a list": Framed(_length(b"2, 2")),
    "length +2": Framed(_length(b"+2")),
    "length -2": Framed(_length(b"-2")),
    "length 0x2": Framed(_length(b"0x2")),
    "length 2 2": Framed(_length(b"2 2")),
    "no length in it": Framed(_length(b"")),
    "length of 23 digits": Framed(_length(b"9" * 23)),
    "length of 2^64-1": Framed(_length(b"18446744073709551615")),
    "length of 2^63": Framed(_length(b"9223372036854775808")),
    "a length with an underscore": Framed(_field(b"content_length: 40")),
    "a chunk with an extension": Framed(_chunked(b"2;a=b\r\n{}\r\n" + _END)),
    "an extension with a bare LF": Framed(_chunked(b"2;a\nxx\r\n{}\r\n" + _END + HIDDEN), most=2),
    "an endless extension": Framed(_chunked(b"2;" + b"a" * 100_000 + b"\r\n{}\r\n" + _END)),
    "a thousand extensions": Framed(_chunked((b"1;" + b"a" * 999 + b"\r\n \r\n") * 1000 + _END)),
    "a chunk of +2": Framed(_chunked(b"+2\r\n{}\r\n" + _END)),
    "a chunk of 0x2": Framed(_chunked(b"0x2\r\n{}\r\n" + _END)),
    "a chunk of 2^68": Framed(_chunked(b"f" * 17 + b"\r\n{}\r\n" + _END)),
    "chunks with bare LF": Framed(_chunked(b"2\n{}\n0\n\n" + HIDDEN)),
    "a chunk longer than told": Framed(_chunked(b"2\r\n{}XX\r\n" + _END + HIDDEN)),
    "trailers with a length": Framed(_chunked(b"2\r\n{}\r\n0\r\ncontent-length: 400\r\n\r\n")),
    "chunks in HTTP/1.0": Framed(_chunked(_END + HIDDEN).replace(b"HTTP/1.1", b"HTTP/1.0", 1)),
    "HTTP/1.0 kept alive": Framed(_field(b"connection: keep-alive").replace(b"/1.1", b"/1.0", 1)),
    "a megabyte of a field": Framed(_field(b"x: " + b"a" * 1_000_000)),
    "five thousand fields": Framed(_field(b"\r\n".join(b"x%d: a" % n for n in range(5_000)))),
    "a long address": Framed(_get(b"GET /" + b"a" * 100_000 + b" HTTP/1.1")),
    "a NUL in the address": Framed(_get(b"GET /health\x00z HTTP/1.1")),
    "an absolute address": Framed(_get(b"GET http://evil.example/healthz HTTP/1.1")),
    "a tunnel": Framed(_get(b"CONNECT evil.example:443 HTTP/1.1")),
    "HTTP/0.9": Framed(b"GET /healthz\r\n\r\n"),
    "HTTP/2.0": Framed(_get(b"GET /healthz HTTP/2.0")),
    "the preface of HTTP/2": Framed(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "an upgrade to HTTP/2": Framed(
        _get(
            b"GET /healthz HTTP/1.1",
            b"host: localhost\r\nconnection: upgrade, http2-settings\r\nupgrade: h2c\r\n"
            b"http2-settings: AAMAAABkAAQAAP__\r\n",
        )
    ),
    "a body of GET": Framed(
        _get(b"GET /healthz HTTP/1.1", b"host: a\r\ncontent-length: %d\r\n" % len(HIDDEN)) + HIDDEN
    ),
    "two messages": Framed(HIDDEN + HIDDEN, most=2),
}
AMBIGUOUS = frozenset(name for name in FRAMED if name.startswith(("CL.TE", "TE", "two lengths")))
"""Told in two ways; whatever is answered, nothing more is read from the connection."""
