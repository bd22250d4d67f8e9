"""An object that concerns one party alone: it goes there, and to nobody else. PLT-4.3, PLT-8.12."""

from __future__ import annotations

from vgigw.errors import NotAllowed, UnknownObject
from vgigw.handlers.polarity import check_sayable
from vgigw.handlers.routes import Routes
from vgigw.objects import InformationObject
from vgigw.operations import Role
from vgigw.ports import Call, Identity, Transaction


def hand_on(
    identity: Identity,
    call: Call,
    tx: Transaction,
    party: str,
    request: InformationObject | None = None,
) -> None:
    """Pass the request of ``call``, or ``request`` in its place, on to ``party``; what is meant for
    ourselves has arrived.

    Raises ``UnknownObject`` where a platform cannot reach the party, and where anybody else was
    sent what is meant for another.
    """
    if party == identity.operator_id:
        return
    peer = identity.peers.get(party)
    if peer is None or identity.role is not Role.PLATFORM:
        raise UnknownObject("no such party")
    check_sayable(request or call.request, peer)
    if not Routes(identity).pass_on(call, tx, to=(party,), request=request):
        raise UnknownObject("no such party")


def check_addressee(identity: Identity, destination: str, party: str) -> None:
    """Raise ``NotAllowed`` where a platform would send what concerns ``party`` to somebody else."""
    if identity.role is Role.PLATFORM and destination != party:
        raise NotAllowed("the object is meant for another party")
