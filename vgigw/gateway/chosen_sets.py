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
from vgigw.rules.freshness import is_fresh


def verified(door: Door, claim: Claim, peer: Peer, now: datetime, window_s: float) -> Peer:
    """The peer with what it signed ``claim`` with. Raises ``NotGenuine``, and ``KeyUnusable`` where
    it signed rightly with a set that was revoked or is out of its dates.

    Each set is tried, also after one that fits: how long it takes does not tell which it was.
    A message from beyond ``window_s`` is refused for that next, and its time stamp decides nothing
    more: the answer goes by a set that is in use ``now``.
    """
    if not isinstance(peer.inbound, SecretSets):
        door.verify(claim, peer)
        return peer
    at = claim.sent_at if is_fresh(claim.sent_at, now, window_s) else now
    held = peer.inbound.to_verify(at)
    fitting = [one for one in held if _fits(door, claim, replace(peer, inbound=one.key))]
    if not fitting:
        raise NotGenuine
    if not is_usable(fitting, at):
        raise KeyUnusable
    return replace(peer, inbound=fitting[0].key)


def vouched(peer: Peer, now: datetime) -> Peer:
    """The peer of a message that nobody signed, with the set that our answer goes by.

    Raises ``KeyUnusable`` where none is in use.
    """
    if not isinstance(peer.inbound, SecretSets):
        return peer
    newest = peer.inbound.newest(now)
    if newest is None:
        raise KeyUnusable
    return replace(peer, inbound=newest)


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
