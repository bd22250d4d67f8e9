"""Who is not known costs as much time as who is and forges: time does not tell them apart. F84."""

from __future__ import annotations

from vgigw.errors import NotGenuine
from vgigw.ports import Claim, Door, Identity, Peer


class Strangers:
    """Finds out who sent a message; any number of threads may ask."""

    def __init__(self, identity: Identity) -> None:
        self._peers = identity.peers
        self._of_door: dict[str, tuple[str, ...]] = {}

    def sender(self, door: Door, claim: Claim) -> Peer:
        """The peer that sent ``claim``, found genuine. Raises ``NotGenuine``.

        A stranger's message is checked as if one of the peers had sent it, always the same one for
        a name: so suites that cost more or less are met by strangers as by peers.
        """
        stands_in = self._stands_in(door.name, claim.sender)
        peer = self._peers.get(claim.sender, stands_in)
        if peer is None:
            raise NotGenuine
        door.verify(claim, peer)
        if peer.operator_id != claim.sender or door.name not in peer.doors:
            raise NotGenuine
        return peer

    def _stands_in(self, door: str, sender: str) -> Peer | None:
        names = self._of_door.get(door)
        if names is None:
            names = tuple(name for name, peer in self._peers.items() if door in peer.doors)
            self._of_door[door] = names
        return self._peers[names[hash(sender) % len(names)]] if names else None
