"""The checks of ``vgigw doctor`` on where peers come in: the port, and who ends TLS there."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress

import urllib3

from vgigw.cli.findings import Finding, State
from vgigw.errors import Misconfigured
from vgigw.rules.certificates import of_several
from vgigw.server.config import Config
from vgigw.server.peer_certificate import fingerprints

_LONGEST_S = 2.0


def port(config: Config) -> Iterator[Finding]:
    """Whether the port is free, or a ready gateway listens there."""
    host, number = config.listen.host, config.listen.port
    where = f"{host}:{number}"
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, number))
        except OSError:
            pass
        else:
            yield Finding(State.OK, "port", f"{where} is free")
            return
    if _ends_tls(host, number):
        yield Finding(State.OK, "port", f"{where} is served over TLS; who serves it is not asked")
        return
    address = f"[{host}]:{number}" if family == socket.AF_INET6 else where
    yield _served(f"http://{address}/readyz", where)


def _served(url: str, where: str) -> Finding:
    try:
        answer = urllib3.request("GET", url, retries=False, timeout=_LONGEST_S)
    except urllib3.exceptions.HTTPError:
        advice = "choose another listen.port, or correct listen.host"
        return Finding(State.FAIL, "port", f"{where} cannot be listened on", advice)
    if answer.data == b"ready\n":
        return Finding(State.OK, "port", f"{where} is served by a gateway that is ready")
    if answer.status == 503 and answer.data.startswith(b"store is not"):
        advice = "see its log; start it again"
        return Finding(State.FAIL, "port", f"{where} is served by a gateway, not ready", advice)
    return Finding(
        State.FAIL, "port", f"{where} is taken by another program", "choose another listen.port"
    )


def client_certificates(config: Config) -> Iterator[Finding]:
    """Whether anybody tells the certificates that peers are known by. PLT-10.3a.

    A proxy that names no header for them is told with the configuration.
    """
    listen, check = config.listen, "client certificates"
    if not any(peer.certificates for peer in config.peers):
        return
    yield from _of_several(config, check)
    if listen.behind_tls_proxy:
        if listen.client_certificate_header:
            told = f"told by the proxy in {listen.client_certificate_header}"
            yield Finding(State.OK, check, told)
        return
    where = f"{listen.host}:{listen.port}"
    if _ends_tls(listen.host, listen.port):
        yield Finding(State.OK, check, f"asked for by whoever ends TLS at {where}")
        return
    advice = (
        "set listen.behind_tls_proxy and client_certificate_header, or serve with gunicorn or "
        "cheroot on this port (docs/how-to/tls.md)"
    )
    yield Finding(State.WARN, check, f"nobody is seen to end TLS at {where}", advice)


def _of_several(config: Config, check: str) -> Iterator[Finding]:
    """Each certificate that several peers have; where one of them is unsigned, nothing begins."""
    known: dict[str, tuple[str, ...]] = {}
    for peer in config.peers:
        # A file that cannot be read is told with the secrets.
        with suppress(Misconfigured):
            known[peer.operator_id] = fingerprints(peer.certificates, config.folder, "")
    for each, parties in of_several(known):
        what = f"peers {' and '.join(parties)} have one certificate ({each})"
        advice = "let each have one of its own: it does not say which of them sent a message"
        yield Finding(State.WARN, check, what, advice)


def _ends_tls(host: str, number: int) -> bool:
    """Whether TLS is spoken there; somebody who wants a certificate of ours does, too."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Nothing is told, and nobody is believed.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with suppress(OSError):
        try:
            with (
                socket.create_connection((host, number), timeout=_LONGEST_S) as raw,
                context.wrap_socket(raw),
            ):
                return True
        except ssl.SSLError as refused:
            return "ALERT" in (refused.reason or "")
    return False
