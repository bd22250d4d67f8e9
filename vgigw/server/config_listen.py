"""``[listen]``: where and with how much, and what stands in front, with what is checked of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from vgigw.errors import Misconfigured
from vgigw.rules.networks import LOOPBACK_NETWORKS, NO_ADDRESS, network_of

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_PREFIX = re.compile(r"(/[A-Za-z0-9._-]+)+\Z")
_HEADER = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*\Z")
_TAKEN = ("/vgi/", "/soap", "/healthz", "/readyz", "/openapi.json")


class ListenSection(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """``[listen]``: where and with how much."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535)] = 8080
    workers: Annotated[int, Meta(ge=1, le=64)] = 1
    threads: Annotated[int, Meta(ge=1, le=512)] = 16
    max_body_bytes: Annotated[int, Meta(ge=1024, le=268_435_456)] = 8 * 1024 * 1024
    cec102_prefix: str = "/evcs/v1"
    behind_tls_proxy: bool = False
    trusted_proxies: tuple[str, ...] = LOOPBACK_NETWORKS
    client_certificate_header: str = ""
    source_header: str = ""

    @property
    def tells_source(self) -> bool:
        """Whether the address of a caller can be known."""
        return not self.behind_tls_proxy or bool(self.source_header)


def check_listen(listen: ListenSection, where: str) -> None:
    """Raise ``Misconfigured``, which begins with ``where``, for what cannot be meant."""
    if listen.host not in LOOPBACK and not listen.behind_tls_proxy:
        raise Misconfigured(
            f"{where}: listen.host {listen.host} is not loopback; plain HTTP is served on "
            "loopback only. Put a TLS proxy in front and set listen.behind_tls_proxy = true"
        )
    prefix = listen.cec102_prefix
    if not _PREFIX.match(prefix):
        raise Misconfigured(f"{where}: listen.cec102_prefix {prefix!r} is no path such as /evcs/v1")
    check_free(prefix, f"{where}: listen.cec102_prefix")
    _check_proxies(listen, where)


def check_free(place: str, where: str) -> None:
    """Raise ``Misconfigured`` for a path that another door or an open page answers."""
    if place.startswith(_TAKEN):
        raise Misconfigured(f"{where} {place!r} must not be below /vgi, /soap or an open page")


def warnings_of(listen: ListenSection) -> Iterator[str]:
    """What works of it but should not stay so."""
    for name in _headers(listen):
        if "-" in getattr(listen, name):
            yield (
                f"listen.{name}: where the proxy lets underscores in header names pass, a client "
                "spoofs this one; use a name of letters alone"
            )
    if any(
        network_of(each).prefixlen == 0 for each in listen.trusted_proxies if each != NO_ADDRESS
    ):
        yield "listen.trusted_proxies: everybody is trusted"


def _headers(listen: ListenSection) -> list[str]:
    names = ("client_certificate_header", "source_header")
    return [name for name in names if getattr(listen, name)]


def _check_proxies(listen: ListenSection, where: str) -> None:
    for name in _headers(listen):
        header = getattr(listen, name)
        if not listen.behind_tls_proxy:
            raise Misconfigured(
                f"{where}: listen.{name} is what a proxy tells: set listen.behind_tls_proxy = true"
            )
        if not _HEADER.match(header):
            raise Misconfigured(f"{where}: listen.{name} {header!r} is no name of a header")
    if listen.behind_tls_proxy and not listen.trusted_proxies:
        raise Misconfigured(f"{where}: listen.trusted_proxies is empty: no proxy would be believed")
    for each in listen.trusted_proxies:
        try:
            _ = each == NO_ADDRESS or network_of(each)
        except ValueError as cause:
            raise Misconfigured(
                f"{where}: listen.trusted_proxies: {each!r} is no network such as 10.1.0.0/16"
            ) from cause
