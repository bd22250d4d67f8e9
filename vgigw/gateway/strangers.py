"""Who is not known costs as much time as who is and forges: time does not tell them apart. F84."""

from __future__ import annotations

from datetime import datetime

from vgigw.errors import NotGenuine
from vgigw.gateway.chosen_sets import verified
from vgigw.ports import Claim, Door, Identity, Peer


class Strangers:
    """Finds out who sent a message; any number of threads may ask."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._peers = identity.peers
        self._of_door: dict[str, tuple[Peer, ...]] = {}

    def sender(self, door: Door, claim: Claim, now: datetime) -> Peer:
        """The peer that sent ``claim``, found genuine, with the keys that it used. Raises
        ``NotGenuine``.

        A stranger's message is checked as if one of the peers had sent it, always the same one for
        a name: so suites that cost more or less are met by strangers as by peers.
        """
        stand_ins = self._of_door.get(door.name) or self._found(door.name)
        if not stand_ins:
            raise NotGenuine
        # The same steps for both, down to what has to be fetched from memory.
        place = hash(claim.sender) % len(stand_ins)
        peer = self._peers.get(claim.sender)
        if peer is None:
            peer = stand_ins[place]
        peer = verified(door, claim, peer, now, self._identity.window_of(peer))
        if peer.operator_id != claim.sender or door.name not in peer.doors:
            raise NotGenuine
        return peer

    def _found(self, door: str) -> tuple[Peer, ...]:
        found = tuple(peer for peer in self._peers.values() if door in peer.doors)
        self._of_door[door] = found
        return found
