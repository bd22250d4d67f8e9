"""The chain of a message: every hop that it took here, found by its TraceID. PLT-7.9a.

A message of the control lane is always followed, any other one where its sender gave a TraceID; the
letters that come of it carry the same one on. Telemetry that nobody follows costs nothing.

A TraceID is its sender's own word, which anybody may say. So each hop is kept as of the party whose
message made it, its cause: to say another's TraceID opens nothing of that chain, and fills nothing
of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

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


class Step(NamedTuple):
    """A hop, and the party whose message made it."""

    cause: str
    hop: TraceHop


class Tracing:
    """Writes the hops of one gateway, and answers from them."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    def stored(self, call: Call, tx: Transaction) -> None:
        """A message was accepted, in the transaction that carries it out."""
        party, size = call.peer.operator_id, len(call.canonical)
        hop = self._hop(call.trace_id, HopEvent.STORED, party, call.operation.name, size, call.now)
        _add(hop, party, tx, call.now)

    def queued(self, letter: Letter, cause: str, tx: Transaction, now: datetime) -> None:
        """A letter that came of a message of ``cause`` was put into the outbox."""
        _add(self._of(letter, HopEvent.QUEUED, now), cause, tx, now, _mark(letter))

    def ended(self, letter: Letter, tx: Transaction, now: datetime) -> None:
        """A letter came to its end, one way or the other."""
        done = letter.state is LetterState.DELIVERED
        hop = self._of(letter, HopEvent.ANSWERED if done else HopEvent.GIVEN_UP, now)
        hop = replace(hop, ret=0 if done else _code_in(letter.last_error))
        _add(hop, _cause_of(letter, tx) or self._identity.operator_id, tx, now)

    @handles(QUERY_TRACE)
    def query(self, call: Call, tx: Transaction) -> Trace:
        """The hops in order, of each party the first ones where they are too many: a dispatch sees
        those of its chains, a supervisor all."""
        query: TraceQuery = call.request
        steps = _steps(query.trace_id, tx)
        if call.peer.role is not Role.SUPERVISOR:
            steps = list(_seen_by(call.peer.operator_id, steps))
        if not steps:
            raise UnknownObject()
        return Trace(trace_id=query.trace_id, hops=_shared_out(steps))

    def _of(self, letter: Letter, event: HopEvent, now: datetime) -> TraceHop:
        size = len(letter.payload)
        return self._hop(letter.trace_id, event, letter.destination, letter.operation, size, now)

    def _hop(
        self,
        trace_id: str,
        event: HopEvent,
        peer: str,
        operation: str,
        size_bytes: int,
        now: datetime,
    ) -> TraceHop:
        """A hop without its place."""
        return TraceHop(
            trace_id=trace_id,
            hop_no=0,
            node=self._identity.operator_id,
            event=event,
            time=now.replace(microsecond=now.microsecond // 1000 * 1000),
            peer_id=peer,
            interface=operation,
            bytes=size_bytes,
            ret=0,
        )


def hops_of(trace_id: str, view: View) -> tuple[TraceHop, ...]:
    """The hops of one chain, in order, whoever made them."""
    return tuple(step.hop for step in _steps(trace_id, view))


def _add(hop: TraceHop, cause: str, tx: Transaction, now: datetime, mark: str = "") -> None:
    """Put ``hop`` at the end of its chain; each party has an equal share of one."""
    trace_id = hop.trace_id
    if tx.count_documents(KIND, owner=cause, group=trace_id) >= MAX_HOPS:
        return
    number = tx.count_documents(KIND, group=trace_id) + 1
    payload, digest = packed(replace(hop, hop_no=number))
    document = Document(
        kind=KIND,
        owner=cause,
        key=f"{trace_id}/{number:04d}{mark}",
        version=1,
        group=trace_id,
        payload=payload,
        digest=digest,
        at=now,
    )
    tx.put(document)


def _mark(letter: Letter) -> str:
    """What stands behind the place of its first hop: whose it is, is to be found again at its end
    without reading hops, of which one may be damaged."""
    return f"/{letter.destination}/{letter.operation}/{letter.message_id}"


def _steps(trace_id: str, view: View) -> list[Step]:
    found = view.documents(KIND, group=trace_id)
    steps = (Step(each.owner, object_of(TraceHop, each.payload)) for each in found)
    return sorted(steps, key=lambda step: step.hop.hop_no)


def _cause_of(letter: Letter, view: View) -> str | None:
    """Whose message ``letter`` came of; None where nobody knows."""
    place, mark = f"{letter.trace_id}/", _mark(letter)
    for document in view.documents(KIND, group=letter.trace_id, damaged=bool):
        number, slash, rest = document.key.removeprefix(place).partition("/")
        if number.isdigit() and slash + rest == mark:
            return document.owner
    return None


def _seen_by(party: str, steps: Iterable[Step]) -> Iterator[Step]:
    """What ``party`` took part in: where it is the peer, and what its own messages made.

    Whoever opened the chain also sees what those made to whom its messages were passed on, unless
    they had said the TraceID before: then it was no answer to it.
    """
    own, spoken = {party}, set[str]()
    opener: str | None = None
    for step in steps:
        cause, hop = step
        opener = opener or cause
        spoken.add(cause)
        if cause in own and opener == party and hop.event is HopEvent.QUEUED:
            own |= {hop.peer_id} - spoken
        if cause in own or hop.peer_id == party:
            yield step


def _shared_out(steps: Iterable[Step]) -> tuple[TraceHop, ...]:
    """As many hops as an answer holds, in order: the first ones of each party, so that none keeps
    those of another one out."""
    count: Counter[str] = Counter()
    ranked = []
    for cause, hop in steps:
        count[cause] += 1
        ranked.append((count[cause], hop.hop_no, hop))
    most = sorted(ranked, key=lambda each: each[:2])[:MAX_HOPS]
    return tuple(sorted((hop for *_, hop in most), key=lambda hop: hop.hop_no))


def _code_in(reason: str) -> int:
    """The code in ``refused 4203``."""
    word = reason.rpartition(" ")[2]
    return int(word) if word.lstrip("-").isdigit() else _REFUSED
