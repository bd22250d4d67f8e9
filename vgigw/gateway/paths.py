"""Which path to a peer is tried first: after a switch the one that carries, for a while. PLT-9.4.

A main path that takes its time to fail would otherwise cost every message that time anew.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from vgigw.ports import Peer
from vgigw.rules.link import HOLD_S

_HOLD = timedelta(seconds=HOLD_S)


class Paths:
    """Remembers where each peer was reached; any number of threads may ask and tell."""

    def __init__(self) -> None:
        self._switched: dict[str, tuple[str, datetime]] = {}

    def in_order(self, peer: Peer, now: datetime) -> tuple[str, ...]:
        """The paths of ``peer``, the one to try first in front; the main one ``HOLD_S`` after it
        failed."""
        base, at = self._switched.get(peer.operator_id, ("", now))
        if base not in peer.paths or abs(now - at) >= _HOLD:
            return peer.paths
        return base, *(each for each in peer.paths if each != base)

    def heard(self, peer: Peer, base: str, now: datetime, *, genuine: bool) -> None:
        """Something came by ``base``: the peer's own answer, or what somebody else made of it."""
        if not genuine or base == peer.paths[0]:
            self._switched.pop(peer.operator_id, None)
        elif self.in_order(peer, now)[0] != base:
            self._switched[peer.operator_id] = (base, now)
