"""How a request arrived: over what, from where, and with whose certificate. PLT-10.3a, PLT-8.11b.

What a proxy tells is believed of a proxy alone. Its address is the only thing by which it is known,
so whoever may open a connection from that address to the gateway can tell the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from ipaddress import ip_address
from typing import Any, NamedTuple

import msgspec

from vgigw.envelope.wire import Transport
from vgigw.errors import Malformed
from vgigw.rules.networks import LOOPBACK_NETWORKS, within
from vgigw.server.config_listen import ListenSection
from vgigw.server.peer_certificate import at_server, in_header

_FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP")
_EARLY = "HTTP_EARLY_DATA"


class TrustedProxy(msgspec.Struct, frozen=True, kw_only=True):
    """The proxy that ends TLS in front of the gateway: from which networks it calls, and in which
    headers it tells the client's certificate and address; an empty name is none."""

    networks: tuple[str, ...] = LOOPBACK_NETWORKS
    certificate_header: str = ""
    source_header: str = ""


def proxy_of(listen: ListenSection) -> TrustedProxy:
    """The proxy in front, as the configuration says."""
    return TrustedProxy(
        networks=listen.trusted_proxies,
        certificate_header=listen.client_certificate_header,
        source_header=listen.source_header,
    )


class Arrival(NamedTuple):
    """``certificate`` is the fingerprint of a verified one, empty where there is none."""

    transport: Transport
    source: str
    certificate: str = ""


def arrived(
    environ: Mapping[str, Any], now: datetime, *, behind_tls_proxy: bool, proxy: TrustedProxy
) -> Arrival:
    """How the request of a WSGI ``environ`` arrived.

    Raises ``Malformed`` for a certificate that cannot be read: what a proxy passes on is either
    one or none, and a second header of the name is no slip.
    """
    remote = environ.get("REMOTE_ADDR") or ""
    try:
        if behind_tls_proxy and within(remote, proxy.networks):
            return _by_proxy(environ, now, remote, proxy)
        ended_here, shown = at_server(environ)
    except ValueError as cause:
        raise Malformed("the client certificate cannot be read") from cause
    if ended_here:
        return _over_tls(remote, shown.at(now) if shown else "")
    return Arrival(_in_the_clear(environ, remote, behind_tls_proxy=behind_tls_proxy), remote)


def _by_proxy(
    environ: Mapping[str, Any], now: datetime, remote: str, proxy: TrustedProxy
) -> Arrival:
    source = remote
    if proxy.source_header:
        source = _last_hop(environ.get(_variable(proxy.source_header), ""), proxy.networks)
    text = proxy.certificate_header and environ.get(_variable(proxy.certificate_header), "")
    # Early data may have been sent before by somebody else (RFC 8470): nobody stands behind it.
    if not text or environ.get(_EARLY) == "1":
        return _over_tls(source, "")
    return _over_tls(source, in_header(text).at(now))


def _over_tls(source: str, certificate: str) -> Arrival:
    transport = Transport.MUTUAL_TLS if certificate else Transport.TLS
    return Arrival(transport, source, certificate)


def _in_the_clear(environ: Mapping[str, Any], remote: str, *, behind_tls_proxy: bool) -> Transport:
    """Loopback counts only for whoever sits on this machine, not for a proxy's clients, nor for
    one that came past the proxy."""
    forwarded = any(name in environ for name in _FORWARDED)
    if behind_tls_proxy or forwarded:
        return Transport.PLAIN
    try:
        local = ip_address(remote).is_loopback
    except ValueError:
        local = False
    return Transport.LOOPBACK if local else Transport.PLAIN


def _last_hop(text: str, proxies: tuple[str, ...]) -> str:
    """The last address that is not a proxy of ours: whatever stands before it, the client wrote."""
    hops = [hop.strip() for hop in text.split(",")]
    return next((hop for hop in reversed(hops) if not within(hop, proxies)), hops[0])


def _variable(header: str) -> str:
    return f"HTTP_{header.upper().replace('-', '_')}"
