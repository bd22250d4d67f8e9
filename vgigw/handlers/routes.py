"""Who gets what: a platform passes on what a row of the table says, to whom it concerns only.

PLT-4.3, PLT-6.9. Whose an object is, who may see it, and where it goes next.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from vgigw.errors import NotAllowed
from vgigw.objects import InformationObject
from vgigw.operations import Operation, Role
from vgigw.ports import Call, Identity, Peer, Transaction, letter_for, message_id_of

NORTH = frozenset({Role.DISPATCH, Role.EXCHANGE, Role.SUPERVISOR})
SOUTH = frozenset({Role.OPERATOR, Role.AGGREGATOR, Role.OEM})


class Routes:
    """Routing of one identity."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    def owner(self, call: Call, named: str | None = None) -> str:
        """Whose the request is: the sender's own, or the named party's where a platform passes it
        on or a northern peer writes of it. Raises ``NotAllowed`` where a southern sender names
        somebody else. ACC-G.4."""
        sender = call.peer
        if named is None or named == sender.operator_id:
            return sender.operator_id
        if sender.role in SOUTH and self._identity.role is Role.PLATFORM:
            raise NotAllowed("the object belongs to another party")
        return named

    def visible(self, peer: Peer) -> str | None:
        """Whose objects ``peer`` may see: on a platform a southern party sees its own and a
        northern one all (None); anywhere else what is ours is seen."""
        if self._identity.role is not Role.PLATFORM:
            return self._identity.operator_id
        return peer.operator_id if peer.role in SOUTH else None

    def pass_on(
        self,
        call: Call,
        tx: Transaction,
        *,
        to: Iterable[str] | None = None,
        request: InformationObject | None = None,
        valid_until: datetime | None = None,
        group: str = "",
    ) -> tuple[str, ...]:
        """Put the request of ``call`` (or ``request`` in its place) into the outbox for every peer
        that the table lets us send it to, of those in ``to`` if given; never back to its sender,
        and from the north to the south or the other way only. Gives the destinations."""
        if self._identity.role not in (Role.PLATFORM, Role.AGGREGATOR):
            return ()
        came_from_north = call.peer.role in NORTH
        destinations = tuple(
            each
            for each in self.receivers(call.operation, to)
            if each != call.peer.operator_id
            and (self._identity.peers[each].role in NORTH) is not came_from_north
        )
        for destination in destinations:
            self.send(
                destination,
                call.operation,
                request or call.request,
                tx,
                call.now,
                valid_until=valid_until,
                group=group,
            )
        return destinations

    def receivers(self, operation: Operation, to: Iterable[str] | None = None) -> tuple[str, ...]:
        """Peers with a path that the table lets us send ``operation`` to, in order."""
        roles = operation.receivers(self._identity.role)
        wanted = self._identity.peers if to is None else dict.fromkeys(to)
        return tuple(
            each
            for each in wanted
            if (peer := self._identity.peers.get(each)) is not None
            and peer.role in roles
            and peer.paths
        )

    def send(
        self,
        destination: str,
        operation: Operation,
        request: InformationObject,
        tx: Transaction,
        now: datetime,
        *,
        valid_until: datetime | None = None,
        group: str = "",
    ) -> bool:
        """Put one message into the outbox; False where the party is no peer that we can call."""
        if not self.receivers(operation, (destination,)):
            return False
        letter = letter_for(
            destination,
            operation,
            request,
            now,
            message_id=message_id_of(operation, request),
            valid_until=valid_until,
            group=group,
        )
        tx.enqueue(letter)
        return True
