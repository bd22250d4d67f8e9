"""Whether an address lies in the networks that a party was approved for. PLT-8.11b."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Network = IPv4Network | IPv6Network

LOOPBACK_NETWORKS: Final = ("127.0.0.0/8", "::1/128")
NO_ADDRESS: Final = "unix"
"""Among networks: whoever has no address, as on a Unix socket."""


def network_of(text: str) -> Network:
    """``10.1.0.0/16``, or one address. Raises ``ValueError``, also for bits beyond the prefix."""
    return ip_network(text.strip())


@lru_cache(maxsize=4096)
def within(source: str, networks: tuple[str, ...]) -> bool:
    """Whether ``source`` lies in one of ``networks``; what is no address lies nowhere, and an
    empty one in ``unix``."""
    if not source:
        return NO_ADDRESS in networks
    try:
        address = ip_address(source)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in network_of(each) for each in networks if each != NO_ADDRESS)
