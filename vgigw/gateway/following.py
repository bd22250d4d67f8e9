"""A transaction of a message that is followed: letters put into the outbox carry its TraceID on."""

from __future__ import annotations

from typing import Any, cast

from msgspec.structs import replace

from vgigw.operations import Lane, Operation
from vgigw.ports import Call, Letter, Tracer, Transaction


def is_followed(operation: Operation, trace_id: str | None) -> bool:
    """Whether a message leaves a trace: one whose sender follows it, and every act of control."""
    return trace_id is not None or (operation.lane is Lane.CONTROL and bool(operation.key))


def followed(tx: Transaction, tracer: Tracer, call: Call) -> Transaction:
    """``tx`` with the hops of ``call`` written beside whatever is done in it. PLT-7.9a."""
    tracer.stored(call, tx)
    return cast(Transaction, _Followed(tx, tracer, call))


class _Followed:
    def __init__(self, tx: Transaction, tracer: Tracer, call: Call) -> None:
        self._tx = tx
        self._tracer = tracer
        self._call = call

    def enqueue(self, letter: Letter) -> int:
        call = self._call
        marked = replace(letter, trace_id=call.trace_id)
        number = self._tx.enqueue(marked)
        self._tracer.queued(marked, call.peer.operator_id, self._tx, call.now)
        return number

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tx, name)
