"""What a party of plain values does with a message: the rules decide, one transaction keeps it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from tests.model.broken import Lacks
from tests.model.plain import Held, Note
from tests.trio import OPERATOR, STREAM, record
from vgigw.objects.operating_enumerations import CommandState
from vgigw.rules import gap, sequence
from vgigw.rules.command import CommandEvent, advance
from vgigw.rules.freshness import check_fresh
from vgigw.rules.ranges import Range
from vgigw.rules.recall import NO_RECORDS, with_record


class Refused(Exception):
    """``final``: the same message would be refused again."""

    def __init__(self, why: str, *, final: bool = True) -> None:
        self.final = final
        super().__init__(why)


class Wire(NamedTuple):
    """A message with its envelope; ``signed`` is the number of a key of the sender, 0 for none."""

    sender: str
    to: str
    kind: str
    body: Any
    nonce: int
    sent_at: datetime
    signed: int


class Filled(NamedTuple):
    """The answer to a question for a gap: what there is of it, and the sum over that."""

    first: int
    last: int
    records: Mapping[int, str]
    total: str


def content(number: int) -> str:
    """Of a record."""
    return repr(record(number))


def total_of(records: Mapping[int, str]) -> str:
    total = NO_RECORDS
    for number, held in sorted(records.items()):
        total = with_record(total, OPERATOR, STREAM, number, held.encode())
    return total


def receive(held: Held, wire: Wire, now: datetime, known: frozenset[int], lacks: Lacks) -> Any:
    """The answer. Raises ``Refused`` and ``NotFresh``, and then nothing is kept."""
    check_fresh(wire.sent_at, now)
    if wire.signed not in known and "signature" not in lacks:
        raise Refused("not genuine", final=False)
    if wire.nonce in held.nonces:
        raise Refused("a replay", final=False)
    held.nonces.add(wire.nonce)
    handlers: dict[str, Callable[[Held, Any, datetime, Lacks], Any]] = {
        "records": _records,
        "command": _command,
        "control": _control,
        "recall": _recall,
        "gap": _gap,
        "height": _height,
    }
    return handlers[wire.kind](held, wire.body, now, lacks)


def _records(held: Held, body: dict[int, str], now: datetime, lacks: Lacks) -> str:
    for number, new in body.items():
        if held.records.get(number, new) != new and "content compared" not in lacks:
            raise Refused("another content")
    receipt = sequence.receive(held.stream, min(body), max(body))
    fresh = {n for each in receipt.fresh for n in range(each.first, each.last + 1)}
    if "content compared" in lacks:
        held.records |= body
    if "numbers known to the receiver" in lacks:
        fresh |= body.keys()
    for number in sorted(fresh):
        held.records[number] = body[number]
        held.applied.append(number)
    _kept(held, receipt, now)
    return "taken"


def _kept(held: Held, receipt: sequence.Receipt, now: datetime) -> None:
    held.stream = receipt.state
    held.gaps = gap.opened(gap.closed(held.gaps, receipt.closed), receipt.opened, now)
    held.declared -= held.records.keys()


def _height(held: Held, highest: int, now: datetime, lacks: Lacks) -> str:
    _kept(held, sequence.announce(held.stream or sequence.expecting(1), highest), now)
    return "heard"


def _command(held: Held, body: Any, now: datetime, lacks: Lacks) -> str:
    name, what, until = body
    before = held.replies.get(name)
    if before is not None and "first answers" not in lacks:
        if before[0] != what:
            raise Refused("another content")
        return before[1]
    if until <= now:
        raise Refused("too late")
    if before is not None:
        raise Refused("known")
    held.commands[name] = CommandState.RECEIVED
    held.letters.append(Note("control", (name, what, until), now, now, until=until))
    held.hops[name] = ["stored"] if "every hop" in lacks else ["stored", "queued"]
    held.replies[name] = (what, f"{name} taken")
    return held.replies[name][1]


def _control(held: Held, body: Any, now: datetime, lacks: Lacks) -> str:
    """It is carried out in the transaction that takes it in."""
    name, _, until = body
    if name in held.commands and "carried out once" not in lacks:
        return "taken"
    late = until <= now
    if late and "end of a command" not in lacks:
        raise Refused("too late")
    state = advance(CommandState.RECEIVED, CommandEvent.ISSUED)
    held.commands[name] = advance(state, CommandEvent.REPORT_EXECUTING)
    held.executed[name] = held.executed.get(name, 0) + 1
    if late:
        held.late.add(name)
    return "taken"


def _recall(held: Held, body: Any, now: datetime, lacks: Lacks) -> int:
    """One snapshot: what is brought is what was counted."""
    name, first, last = body
    found = tuple(n for n in sorted(held.records) if first <= n <= last)
    held.jobs[name] = found[:-1] if "snapshot" in lacks else found
    return len(found)


def _gap(held: Held, body: tuple[int, int], now: datetime, lacks: Lacks) -> Filled:
    first, last = body
    found = {n: held.records[n] for n in range(first, last + 1) if n in held.records}
    return Filled(first, last, found, total_of(found))


def filled(held: Held, told: Filled, now: datetime, lacks: Lacks) -> None:
    """A gap closes by records whose sum is right; the source declares what it has not."""
    lost = "gaps closed by their data" in lacks
    records = {} if lost else told.records
    if total_of(told.records) != told.total or held.stream is None:
        return
    for number, found in records.items():
        _records(held, {number: found}, now, lacks)
    for number in range(told.first, told.last + 1):
        if number not in records and number not in held.records:
            receipt = sequence.declare(held.stream, Range(number, number))
            held.stream = receipt.state
            held.gaps = gap.closed(held.gaps, receipt.closed, gap.GapEvent.DECLARED)
            if receipt.closed:
                held.declared.add(number)
