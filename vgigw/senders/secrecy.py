"""Which bodies a courier of a typed door encrypts: by class, by the peer's profile, by the path."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from vgigw.operations import Operation
from vgigw.ports import Peer, Protection

Secrecy = Callable[[Peer, str, Operation], bool]
"""Whether the body of an operation goes encrypted to a peer over a base URL."""

_HERE = frozenset({"127.0.0.1", "::1", "localhost"})
_IN_PROCESS = "loop"
"""Scheme of the loopback sender of ``vgigw.testing``, whose messages leave no process."""


def by_profile(peer: Peer, base: str, operation: Operation) -> bool:
    """Class IMP and SEN, where the profile leaves secrecy to the message. PLT-7.10e.

    ``base`` on this machine counts as a protected transport.
    """
    if not operation.confidential or peer.protection is not Protection.MESSAGE:
        return False
    parts = urlsplit(base)
    return parts.scheme != _IN_PROCESS and parts.hostname not in _HERE
