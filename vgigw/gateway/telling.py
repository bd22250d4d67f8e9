"""What the corridor tells of a message, accepted or refused; nothing of its content."""

from __future__ import annotations

from collections.abc import Mapping

from vgigw.errors import OwnFault, VgigwError
from vgigw.ports import Call, Claim, Door, Observer, Peer


class Telling:
    """Tells for one gateway; ``advice`` as among the duties."""

    def __init__(self, observer: Observer, advice: Mapping[str, str]) -> None:
        self._observe = observer
        self._advice = advice

    def accepted(self, call: Call, size_bytes: int) -> None:
        """Of a message that was accepted."""
        where: dict[str, object] = {
            "door": call.door,
            "peer": call.peer.operator_id,
            "operation": call.operation.name,
            "trace_id": call.trace_id,
        }
        self._observe("message.accepted", **where, size_bytes=size_bytes, ret=0)
        advice = self._advice.get(call.operation.name)
        if advice is not None:
            self._observe("operation.unfilled", **where, advice=advice)

    def refused(
        self, door: Door, claim: Claim | None, peer: Peer | None, error: VgigwError
    ) -> None:
        """Of one that was refused; without ``claim`` it was not read, without ``peer`` it was not
        found genuine."""
        cause = error.__cause__ if isinstance(error, OwnFault) else None
        self._observe(
            "message.failed" if isinstance(error, OwnFault) else "message.refused",
            door=door.name,
            peer=peer.operator_id if peer else None,
            operation=claim.operation.name if claim else None,
            trace_id=claim.trace_id if claim else None,
            ret=error.ret,
            kind=type(error).__name__,
            paths=[detail.path for detail in error.details[:10]],
            cause=cause,
        )
