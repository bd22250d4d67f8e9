"""A request and an answer as they stand on the wire, before anyone trusts them."""

from __future__ import annotations

import enum
from collections.abc import Mapping

import msgspec


class Transport(enum.StrEnum):
    """How a message travelled; decides whether a typed body of class IMP or SEN may pass."""

    LOOPBACK = "loopback"
    MUTUAL_TLS = "mutual-tls"
    TLS = "tls"
    PLAIN = "plain"


class WireRequest(msgspec.Struct, frozen=True, kw_only=True):
    """``path`` without query, ``query`` as sent (no ``?``), header names in lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = {}
    body: bytes = b""
    transport: Transport = Transport.PLAIN
    source: str = ""


class WireAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Status, headers (lower case) and body of an answer."""

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""
