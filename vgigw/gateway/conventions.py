"""Between the doors and what is inside: a peer's convention is brought in and told back here only.

What is stored, digested and handled is in our convention; what is on the wire is in the peer's.
"""

from __future__ import annotations

from typing import TypeVar

from vgigw.codec import convention
from vgigw.objects import InformationObject
from vgigw.ports import Peer
from vgigw.rules.polarity import check_spoken, spoken_in

T = TypeVar("T", bound=InformationObject)


def inward(obj: T, peer: Peer) -> T:
    """What ``peer`` sent, in our convention; its polarity still as it stated it.

    Only the archive knows the polarity of a resource, so that a handler aligns it
    (:func:`vgigw.rules.polarity.aligned`). Raises ``InvalidObject``, and ``PolarityMismatch`` where
    the message states another polarity than the profile of a peer that always speaks one.
    """
    if peer.convention.polarity is not None:
        check_spoken(obj, peer.convention.polarity)
    return convention.inward(obj, peer.convention)


def outward(obj: T, peer: Peer) -> T:
    """``obj`` for ``peer``, in the peer's convention.

    Raises ``InvalidObject`` or ``PolarityMismatch`` for what cannot be said in it.
    """
    if peer.convention.polarity is not None:
        obj = spoken_in(obj, peer.convention.polarity)
    return convention.outward(obj, peer.convention)
