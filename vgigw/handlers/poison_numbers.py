"""Numbers of our streams that a peer will not take: held until somebody decides, or declared to it.

PLT-7.6b, PLT-7.9d; F63. Both are kept by peer, stream and the owner of the rows, and end when the
numbers were delivered after all. A record of them that cannot be read says nothing: what is refused
is found out anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec

from vgigw.codec.packing import DAMAGED, pack, unpack
from vgigw.errors import StoreDamaged
from vgigw.ports import Document, Row, Transaction, View
from vgigw.rules.ranges import Range, Ranges, overlap, with_added, without

_HELD: Final = "HeldNumbers"
_DECLARED: Final = "DeclaredNumbers"
_MOST: Final = 10_000
"""Ranges of a stream that are declared to a peer; beyond, the lowest are sent again when they are
asked for, and found out anew."""
_HIGHEST: Final = 2**63 - 1
UNREADABLE: Final = (StoreDamaged, DAMAGED, msgspec.DecodeError)
_numbers = msgspec.json.Decoder(dict[str, Ranges])


def holds_any(view: View, destination: str) -> bool:
    """Whether any stream is held for a peer."""
    return view.count_documents(_HELD, owner=destination) > 0


def held_of(view: View, destination: str) -> dict[tuple[str, str], Ranges]:
    """By owner and stream, the numbers that a peer refused, and behind which all of the stream
    waits."""
    found, _ = _all_of(view, _HELD, destination)
    return {(owner, key): held for key, each in found.items() for owner, held in each.items()}


def held_by(view: View, destination: str, owner: str) -> dict[str, Ranges]:
    """By stream of one owner, the numbers that a peer refused."""
    held = held_of(view, destination)
    return {stream: each for (whose, stream), each in held.items() if whose == owner}


def held_in(view: View, destination: str, stream: str) -> dict[str, Ranges]:
    """By owner, the numbers of one stream that a peer refused."""
    return _all_in(view, _HELD, destination, stream)


def is_behind(held: Ranges, numbers: Range) -> bool:
    """Whether numbers wait behind those that are held. What was refused may go when it is tried
    again, and what was before it."""
    return bool(held) and numbers.first > held[0].first and not overlap(held, numbers)


def hold(
    tx: Transaction, destination: str, owner: str, stream: str, numbers: Range, now: datetime
) -> None:
    """From now on the stream of ``owner`` waits behind ``numbers``."""
    held = held_in(tx, destination, stream)
    held[owner] = with_added(held.get(owner, ()), numbers)
    _put(tx, _HELD, destination, stream, held, now)


def release(
    tx: Transaction, destination: str, owner: str, stream: str, numbers: Range, now: datetime
) -> bool:
    """The stream of ``owner`` waits behind ``numbers`` no more; whether it did."""
    return _taken_out(tx, _HELD, destination, owner, stream, numbers, now)


def declare(
    tx: Transaction, destination: str, owner: str, stream: str, numbers: Range, now: datetime
) -> None:
    """A peer that lacks ``numbers`` of a stream, whose rows are of ``owner``, is told from now on
    that they are not to be had."""
    declared = _all_in(tx, _DECLARED, destination, stream)
    declared[owner] = with_added(declared.get(owner, ()), numbers)[-_MOST:]
    _put(tx, _DECLARED, destination, stream, declared, now)


def knows_of(view: View, destination: str, stream: str) -> bool:
    """Whether anything of a stream is held for a peer, or declared to it."""
    return any(_all_in(view, kind, destination, stream) for kind in (_HELD, _DECLARED))


def note_delivered(
    tx: Transaction, destination: str, owner: str, stream: str, numbers: Range, now: datetime
) -> None:
    """The peer has ``numbers`` of ``owner`` after all."""
    for kind in (_HELD, _DECLARED):
        _taken_out(tx, kind, destination, owner, stream, numbers, now)


def withheld(view: View, destination: str, stream: str, rows: Iterable[Row]) -> Ranges:
    """What of ``rows`` is declared to a peer; nothing that another party's stream of the same name
    has under the same number."""
    return _of_rows(_all_in(view, _DECLARED, destination, stream) if stream else {}, rows)


def held_back(view: View, destination: str, stream: str, rows: Iterable[Row]) -> Ranges:
    """What of ``rows`` is held for a peer or waits behind it; nothing that another party's stream
    of the same name has under the same number."""
    held = held_in(view, destination, stream)
    behind: dict[str, Ranges] = {
        owner: (Range(each[0].first, _HIGHEST),) for owner, each in held.items()
    }
    return _of_rows(behind, rows)


def forget_unreadable(tx: Transaction, destination: str) -> int:
    """Forget what cannot be read of what is held for a peer and declared to it; how many."""
    count = 0
    for kind in (_HELD, _DECLARED):
        _, unreadable = _all_of(tx, kind, destination)
        for stream in unreadable:
            count += tx.erase(kind, destination, stream)
    return count


def _of_rows(by_owner: dict[str, Ranges], rows: Iterable[Row]) -> Ranges:
    found: Ranges = ()
    others: Ranges = ()
    for row in rows if by_owner else ():
        if row.sparse:
            continue
        numbers = Range(row.seq_from, row.seq_to)
        own = overlap(by_owner.get(row.owner, ()), numbers)
        rest: Ranges = (numbers,)
        for part in own:
            found, rest = with_added(found, part), without(rest, part)
        for part in rest:
            others = with_added(others, part)
    for part in others:
        found = without(found, part)
    return found


def _all_of(
    view: View, kind: str, destination: str
) -> tuple[dict[str, dict[str, Ranges]], list[str]]:
    """By stream and owner, and the streams of which it cannot be read."""
    found: dict[str, dict[str, Ranges]] = {}
    unreadable: list[str] = []
    for each in view.documents(kind, owner=destination, damaged=unreadable.append):
        try:
            found[each.key] = _numbers.decode(unpack(each.payload))
        except UNREADABLE:
            unreadable.append(each.key)
    return found, unreadable


def _all_in(view: View, kind: str, destination: str, stream: str) -> dict[str, Ranges]:
    try:
        found = view.document(kind, destination, stream)
        return {} if found is None else _numbers.decode(unpack(found.payload))
    except UNREADABLE:
        return {}


def _taken_out(
    tx: Transaction,
    kind: str,
    destination: str,
    owner: str,
    stream: str,
    numbers: Range,
    now: datetime,
) -> bool:
    before = _all_in(tx, kind, destination, stream)
    left = {**before, owner: without(before.get(owner, ()), numbers)}
    left = {each: held for each, held in left.items() if held}
    if left != before:
        _put(tx, kind, destination, stream, left, now)
    return left != before


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
