"""What the corridor tells of a message, accepted or refused: observer and watch; never content."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from typing import Final

from vgigw.codec.shape import Kind, reachable, shape_of
from vgigw.errors import Detail, OwnFault, VgigwError
from vgigw.objects import InformationObject
from vgigw.ports import Call, Claim, Door, Duties, Observer, Peer, Refusal

_OF_CHANCE: Final = re.compile(r"[0-9a-f]{32}\Z")


class Telling:
    """Tells for one gateway; ``duties`` say what the host has to do, and who watches."""

    def __init__(self, observer: Observer, duties: Duties) -> None:
        self._observe = observer
        self._advice = duties.advice
        self._watch = duties.watch

    def accepted(self, call: Call, size_bytes: int) -> None:
        """Of a message that was accepted."""
        where: dict[str, object] = {
            "door": call.door,
            "peer": call.peer.operator_id,
            "operation": call.operation.name,
            "trace_id": _shown(call.trace_id),
        }
        trusted = {"unsigned": True} if call.unsigned else {}
        self._observe("message.accepted", **where, **trusted, size_bytes=size_bytes, ret=0)
        advice = self._advice.get(call.operation.name)
        if advice is not None:
            self._observe("operation.unfilled", **where, advice=advice)

    def refused(
        self,
        door: Door,
        claim: Claim | None,
        peer: Peer | None,
        error: VgigwError,
        now: datetime,
    ) -> None:
        """Of one that was refused, after its answer was made; without ``claim`` it was not read,
        without ``peer`` it was not found genuine."""
        operation = claim.operation.name if claim else None
        refusal = Refusal(
            error=error,
            door=door.name,
            claimed=claim.sender if claim else None,
            genuine=peer is not None,
            operation=operation,
            now=now,
        )
        self._tell_watch(refusal)
        cause = error.__cause__ if isinstance(error, OwnFault) else None
        self._observe(
            "message.failed" if isinstance(error, OwnFault) else "message.refused",
            door=door.name,
            peer=peer.operator_id if peer else None,
            operation=operation,
            trace_id=_shown(claim.trace_id) if claim and peer else None,
            ret=error.ret,
            kind=type(error).__name__,
            paths=[_place(detail, claim) for detail in error.details[:10]],
            cause=cause,
        )

    def _tell_watch(self, refusal: Refusal) -> None:
        if self._watch is None:
            return
        try:
            self._watch.refused(refusal)
        except Exception as cause:  # noqa: BLE001 - the answer is made, and has to go out
            self._observe("watch.failed", cause=cause)


def _shown(trace_id: str | None) -> str | None:
    """A TraceID of 32 hexadecimal digits, as ours are. Any other is its sender's own word, in which
    a VIN, a plate or a telephone number has room: it is followed, and not told."""
    return trace_id if trace_id is None or _OF_CHANCE.match(trace_id) else "?"


def _place(detail: Detail, claim: Claim | None) -> str:
    """Where it is. A name that no object has, or of an entry in a table, is the sender's own, and
    may be a person's number."""
    if detail.code == "unknown":
        return f"{detail.path.rpartition('/')[0]}/?"
    parts = detail.path.split("/")
    tables = _tables(claim.operation.request) if claim else frozenset[str]()
    for place, part in enumerate(parts[:-1], 1):
        if part in tables:
            return "/".join([*parts[:place], "?"])
    return detail.path


@cache
def _tables(cls: type[InformationObject]) -> frozenset[str]:
    """The members of ``cls``, or of what is in it, whose entries have names of their own."""
    members = (member for each in reachable(cls) for member in shape_of(each).members)
    return frozenset(member.wire for member in members if member.kind is Kind.MAP)
