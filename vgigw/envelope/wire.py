"""A request and an answer as they stand on the wire, before anyone trusts them."""

from __future__ import annotations

import enum
import math
import re
from collections.abc import Mapping
from urllib.parse import quote

import msgspec

from vgigw.errors import VgigwError

_TRACE_ID = re.compile(r"[A-Za-z0-9_.-]{1,32}\Z")


class Transport(enum.StrEnum):
    """How a message travelled; decides whether a typed body of class IMP or SEN may pass.

    ``MUTUAL_TLS`` says that somebody verified the caller's certificate, not whose it is.
    """

    LOOPBACK = "loopback"
    MUTUAL_TLS = "mutual-tls"
    TLS = "tls"
    PLAIN = "plain"


class WireRequest(msgspec.Struct, frozen=True, kw_only=True):
    """``path`` decoded and without query, ``query`` as sent (no ``?``), header names lower case.

    A WSGI server hands over the decoded path only, so that everyone works with that one. One that
    is ``rooted`` is a whole path: of a base that it is sent to, only scheme and host count.
    ``certificate`` is the fingerprint (``sha256:`` and 64 hexadecimal digits) of the caller's
    verified certificate, empty where there is none.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = {}
    body: bytes = b""
    transport: Transport = Transport.PLAIN
    source: str = ""
    certificate: str = ""
    rooted: bool = False

    @property
    def bearer(self) -> str | None:
        """The bearer token, if there is one. ACC-5.7."""
        field = self.headers.get("authorization", "")
        kind, _, token = field.partition(" ")
        return token.strip() if kind.lower() == "bearer" else None

    @property
    def trace_id(self) -> str | None:
        """The TraceID field, if there is one that can be one: a hint, under no signature."""
        return trace_id_of(self.headers.get("traceid"))


class WireAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Status, headers (lower case) and body of an answer."""

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""


def trace_id_of(text: str | None) -> str | None:
    """A TraceID that somebody gave, if it can be one: it goes on to others in a header field."""
    return text if text is not None and _TRACE_ID.match(text) else None


def retry_after(error: VgigwError) -> dict[str, str]:
    """The field that says when to try again; none where the same message would be refused again."""
    wait_s = error.retry_after_s
    if wait_s is None:
        wait_s = error.usual_wait_s
    return {} if wait_s is None else {"retry-after": str(max(1, math.ceil(wait_s)))}


def encoded_path(path: str) -> str:
    """The path as it stands in a URL: only what RFC 3986 asks for is percent-encoded."""
    return quote(path, safe="/-._~!$&'()*+,;=:@")
