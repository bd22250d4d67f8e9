"""What of a party's network is another than was approved: where it calls from, by which
certificate, and where it is called. PLT-8.11b."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Final

from vgigw.objects import AccessApplication
from vgigw.rules.certificates import fingerprint
from vgigw.rules.networks import network_of, within


class Change(StrEnum):
    """What changed; the value is the code of its alarm."""

    SOURCE = "SOURCE_NEW"
    CERTIFICATE = "CERTIFICATE_NEW"
    ENDPOINT = "ENDPOINT_NEW"


WORDS: Final = {
    Change.SOURCE: "it calls from a network that is not approved",
    Change.CERTIFICATE: "it shows a certificate that is not approved",
    Change.ENDPOINT: "it is to be called at an endpoint that is not approved",
}


def change_of(
    source: str, certificate: str, networks: tuple[str, ...], certificates: Collection[str]
) -> Change | None:
    """What changed of a party that calls from ``source`` with ``certificate`` ("" = none) and is
    known by ``networks`` and ``certificates``; by none of them nothing is known to change."""
    if networks and not within(source, networks):
        return Change.SOURCE
    if certificate and certificates and certificate not in certificates:
        return Change.CERTIFICATE
    return None


def networks_applied_for(application: AccessApplication) -> tuple[str, ...]:
    """The networks that an application names as sources; what is no network says nothing."""
    sources = (rule.src_ip.strip() for rule in application.network_policy)
    return tuple(dict.fromkeys(each for each in sources if _is_network(each)))


def certificates_applied_for(application: AccessApplication) -> tuple[str, ...]:
    """The certificates that it names by fingerprint, ``sha256:`` and 64 hexadecimal digits."""
    found = (_fingerprint(each) for each in application.certificates)
    return tuple(dict.fromkeys(each for each in found if each))


def _is_network(text: str) -> bool:
    try:
        return network_of(text).prefixlen > 0
    except ValueError:
        return False


def _fingerprint(text: str) -> str:
    try:
        return fingerprint(text)
    except ValueError:
        return ""
