"""The chain of a message: every hop that it took here, found by its TraceID. PLT-7.9a.

A message of the control lane is always followed, any other one where its sender gave a TraceID; the
letters that come of it carry the same one on. Telemetry that nobody follows costs nothing.
"""

from __future__ import annotations

from datetime import datetime

from vgigw.errors import UnknownObject
from vgigw.handlers.keeping import object_of, packed
from vgigw.handlers.marks import handles
from vgigw.objects import Trace, TraceHop, TraceQuery
from vgigw.objects.tracing import MAX_HOPS, HopEvent
from vgigw.operations import QUERY_TRACE, Role
from vgigw.ports import Call, Document, Identity, Letter, LetterState, Transaction, View

KIND = TraceHop.__name__
_REFUSED = 500
"""What stands for the code of a letter that came to nothing without the peer's own answer."""


class Tracing:
    """Writes the hops of one gateway, and answers from them."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    def stored(self, call: Call, tx: Transaction) -> None:
        """A message was accepted, in the transaction that carries it out."""
        self._add(
            call.trace_id,
            HopEvent.STORED,
            call.peer.operator_id,
            call.operation.name,
            len(call.canonical),
            0,
            tx,
            call.now,
        )

    def queued(self, letter: Letter, tx: Transaction, now: datetime) -> None:
        """A letter that came of it was put into the outbox."""
        size = len(letter.payload)
        self._add(
            letter.trace_id,
            HopEvent.QUEUED,
            letter.destination,
            letter.operation,
            size,
            0,
            tx,
            now,
        )

    def ended(self, letter: Letter, tx: Transaction, now: datetime) -> None:
        """A letter came to its end, one way or the other."""
        done = letter.state is LetterState.DELIVERED
        self._add(
            letter.trace_id,
            HopEvent.ANSWERED if done else HopEvent.GIVEN_UP,
            letter.destination,
            letter.operation,
            len(letter.payload),
            0 if done else _code_in(letter.last_error),
            tx,
            now,
        )

    @handles(QUERY_TRACE)
    def query(self, call: Call, tx: Transaction) -> Trace:
        """The hops in order. A dispatch sees the chains that it takes part in, a supervisor all."""
        query: TraceQuery = call.request
        hops = hops_of(query.trace_id, tx)
        party = call.peer.operator_id
        if call.peer.role is not Role.SUPERVISOR and all(hop.peer_id != party for hop in hops):
            raise UnknownObject()
        if not hops:
            raise UnknownObject()
        return Trace(trace_id=query.trace_id, hops=hops)

    def _add(
        self,
        trace_id: str,
        event: HopEvent,
        peer: str,
        operation: str,
        size_bytes: int,
        ret: int,
        tx: Transaction,
        now: datetime,
    ) -> None:
        number = tx.count_documents(KIND, group=trace_id) + 1
        if number > MAX_HOPS:
            return
        hop = TraceHop(
            trace_id=trace_id,
            hop_no=number,
            node=self._identity.operator_id,
            event=event,
            time=now.replace(microsecond=now.microsecond // 1000 * 1000),
            peer_id=peer,
            interface=operation,
            bytes=size_bytes,
            ret=ret,
        )
        payload, digest = packed(hop)
        tx.put(
            Document(
                kind=KIND,
                owner=self._identity.operator_id,
                key=f"{trace_id}/{number:04d}",
                version=1,
                group=trace_id,
                payload=payload,
                digest=digest,
                at=now,
            )
        )


def hops_of(trace_id: str, view: View) -> tuple[TraceHop, ...]:
    """The hops of one chain, in order."""
    found = view.documents(KIND, group=trace_id)
    hops = (object_of(TraceHop, each.payload) for each in found)
    return tuple(sorted(hops, key=lambda hop: hop.hop_no))


def _code_in(reason: str) -> int:
    """The code in ``refused 4203``."""
    word = reason.rpartition(" ")[2]
    return int(word) if word.lstrip("-").isdigit() else _REFUSED
