"""Which of several sets of secrets a message goes by: found once, and kept to its answer. ACC-5.8.

A peer whose sets are in the key ring has several at a time. Doors and couriers see one of them: a
peer with the set that its message was signed with, or that ours is.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from vgigw.crypto.secret_sets import SecretSets, is_usable
from vgigw.errors import KeyUnusable, NotGenuine
from vgigw.ports import Claim, Door, Peer


def verified(door: Door, claim: Claim, peer: Peer) -> Peer:
    """The peer with what it signed ``claim`` with. Raises ``NotGenuine``, and ``KeyUnusable`` where
    it signed rightly with a set that was revoked or is out of its dates.

    Each set is tried, also after one that fits: how long it takes does not tell which it was.
    """
    if not isinstance(peer.inbound, SecretSets):
        door.verify(claim, peer)
        return peer
    held = peer.inbound.to_verify(claim.sent_at)
    fitting = [one for one in held if _fits(door, claim, replace(peer, inbound=one.key))]
    if not fitting:
        raise NotGenuine
    if not is_usable(fitting, claim.sent_at):
        raise KeyUnusable
    return replace(peer, inbound=fitting[0].key)


def vouched(peer: Peer, at: datetime) -> Peer:
    """The peer of a message that nobody signed, with the set that our answer goes by.

    Raises ``Misconfigured`` where none is in use.
    """
    if not isinstance(peer.inbound, SecretSets):
        return peer
    return replace(peer, inbound=peer.inbound.to_seal(at))


def called(peer: Peer, now: datetime) -> Peer:
    """The peer with what we sign with ``now``, and nothing else opens its answer.

    Raises ``Misconfigured`` where no set is in use.
    """
    if not isinstance(peer.outbound, SecretSets):
        return peer
    return replace(peer, outbound=peer.outbound.to_seal(now))


def _fits(door: Door, claim: Claim, peer: Peer) -> bool:
    try:
        door.verify(claim, peer)
    except NotGenuine:
        return False
    return True
