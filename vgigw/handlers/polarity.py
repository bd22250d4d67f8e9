"""What a peer of one polarity sent, aligned with the archive, and told to it again. PLT-7.4.

Inside, every value is in the polarity that the archive holds for its resource. The edge turns what
states its polarity; these functions are for what only a handler can know.
"""

from __future__ import annotations

from typing import TypeVar

from vgigw.codec import convention
from vgigw.handlers.keeping import call_with
from vgigw.objects import InformationObject, PolarityMode
from vgigw.ports import Call, Peer
from vgigw.rules import polarity

T = TypeVar("T", bound=InformationObject)


def aligned_call(call: Call, held: PolarityMode) -> Call:
    """``call`` with its request in the polarity ``held`` of the archive, to be kept and passed on.

    Raises ``PolarityMismatch`` where the request states another one, unless the peer's profile
    says that it always speaks that one.
    """
    request = polarity.aligned(call.request, held, call.peer.convention.polarity)
    return call_with(call, request)


def told(obj: T, held: PolarityMode, peer: Peer) -> T:
    """``obj``, which is in ``held``, for the outbox to ``peer``: an acknowledgement or a report
    states no polarity, so that it is turned here for a peer that always speaks the other."""
    return polarity.told(obj, held, peer.convention.polarity)


def check_sayable(obj: InformationObject, peer: Peer) -> None:
    """Raise ``PolarityMismatch`` or ``InvalidObject`` now, where the edge could only give up."""
    spoken = peer.convention.polarity
    said = obj if spoken is None else polarity.spoken_in(obj, spoken)
    convention.outward(said, peer.convention)
