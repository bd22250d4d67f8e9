"""Numbers of our streams that a peer will not take: held until somebody decides, or declared to it.

PLT-7.6b, PLT-7.9d; F63. Both are kept by peer and stream, and end when the numbers were delivered
after all.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec

from vgigw.codec.packing import pack, unpack
from vgigw.ports import Document, Row, Transaction, View
from vgigw.rules.ranges import Range, Ranges, overlap, with_added, without

_HELD: Final = "HeldNumbers"
_DECLARED: Final = "DeclaredNumbers"
_MOST: Final = 10_000
"""Ranges of a stream that are declared to a peer; beyond, the lowest are sent again when they are
asked for, and found out anew."""
_held = msgspec.json.Decoder(Ranges)
_declared = msgspec.json.Decoder(dict[str, Ranges])


def holds_any(view: View, destination: str) -> bool:
    """Whether any stream is held for a peer."""
    return view.count_documents(_HELD, owner=destination) > 0


def held_of(view: View, destination: str) -> dict[str, Ranges]:
    """By stream, the numbers that a peer refused, and behind which all of the stream waits."""
    found = view.documents(_HELD, owner=destination)
    return {each.key: _held.decode(unpack(each.payload)) for each in found}


def held_in(view: View, destination: str, stream: str) -> Ranges:
    """The numbers of one stream that a peer refused."""
    found = view.document(_HELD, destination, stream)
    return () if found is None else _held.decode(unpack(found.payload))


def hold(tx: Transaction, destination: str, stream: str, numbers: Range, now: datetime) -> None:
    """From now on the stream waits behind ``numbers``."""
    held = with_added(held_in(tx, destination, stream), numbers)
    _put(tx, _HELD, destination, stream, held, now)


def release(tx: Transaction, destination: str, stream: str, numbers: Range, now: datetime) -> bool:
    """The stream waits behind ``numbers`` no more; whether it did."""
    held = held_in(tx, destination, stream)
    left = without(held, numbers)
    if left != held:
        _put(tx, _HELD, destination, stream, left, now)
    return left != held


def declare(
    tx: Transaction, destination: str, owner: str, stream: str, numbers: Range, now: datetime
) -> None:
    """A peer that lacks ``numbers`` of a stream, whose rows are of ``owner``, is told from now on
    that they are not to be had."""
    declared = _declared_in(tx, destination, stream)
    declared[owner] = with_added(declared.get(owner, ()), numbers)[-_MOST:]
    _put(tx, _DECLARED, destination, stream, declared, now)


def note_delivered(
    tx: Transaction, destination: str, stream: str, numbers: Range, now: datetime
) -> None:
    """The peer has ``numbers`` after all."""
    release(tx, destination, stream, numbers, now)
    declared = _declared_in(tx, destination, stream)
    left = {owner: without(each, numbers) for owner, each in declared.items()}
    left = {owner: each for owner, each in left.items() if each}
    if left != declared:
        _put(tx, _DECLARED, destination, stream, left, now)


def withheld(view: View, destination: str, stream: str, rows: Iterable[Row]) -> Ranges:
    """What of ``rows`` is declared to a peer; nothing that another party's stream of the same name
    has under the same number."""
    declared = _declared_in(view, destination, stream) if stream else {}
    found: Ranges = ()
    others: Ranges = ()
    for row in rows if declared else ():
        if row.sparse:
            continue
        numbers = Range(row.seq_from, row.seq_to)
        own = overlap(declared.get(row.owner, ()), numbers)
        rest: Ranges = (numbers,)
        for part in own:
            found, rest = with_added(found, part), without(rest, part)
        for part in rest:
            others = with_added(others, part)
    for part in others:
        found = without(found, part)
    return found


def _declared_in(view: View, destination: str, stream: str) -> dict[str, Ranges]:
    found = view.document(_DECLARED, destination, stream)
    return {} if found is None else _declared.decode(unpack(found.payload))


def _put(
    tx: Transaction, kind: str, destination: str, stream: str, value: object, now: datetime
) -> None:
    """What is empty is forgotten."""
    if not value:
        tx.erase(kind, destination, stream)
        return
    document = Document(
        kind=kind,
        owner=destination,
        key=stream,
        version=1,
        payload=pack(msgspec.json.encode(value)),
        digest="",
        at=now,
    )
    tx.put(document)
