"""Numbers of a stream that were said not to be had, and why: kept for good. PLT-7.9d.

A gap ends with data or with a reason. The reason stands here, until the data comes after all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import msgspec

from vgigw.codec.packing import pack, unpack
from vgigw.objects import UnavailableRange
from vgigw.objects.operating_enumerations import UnavailableReason
from vgigw.objects.values import SEQUENCE_LIMIT
from vgigw.ports import Document, Transaction, View
from vgigw.rules.ranges import Range, Ranges, less, overlap, together

KIND = "UnavailableNumbers"
_MOST = 10_000
"""Ranges that are kept of one stream; beyond, the reasons of the lowest are forgotten."""


class Gone(msgspec.Struct, frozen=True):
    """Numbers ``first`` to ``last``, inclusive, that were said at ``since`` not to be had."""

    first: int
    last: int
    reason: UnavailableReason
    since: datetime

    @property
    def numbers(self) -> Range:
        return Range(self.first, self.last)

    def told(self) -> UnavailableRange:
        """As a peer is told."""
        return UnavailableRange(seq_from=self.first, seq_to=self.last, reason=self.reason)


_gone = msgspec.json.Decoder(tuple[Gone, ...])


def gone_of(view: View, owner: str, stream: str) -> tuple[Gone, ...]:
    """What of a stream is not to be had, by rising number."""
    document = view.document(KIND, owner, stream)
    return () if document is None else _gone.decode(unpack(document.payload))


def gone_within(view: View, owner: str, stream: str, numbers: Range) -> tuple[Gone, ...]:
    """What of ``numbers`` is not to be had."""
    return tuple(
        msgspec.structs.replace(each, first=part.first, last=part.last)
        for each in gone_of(view, owner, stream)
        for part in overlap((each.numbers,), numbers)
    )


def less_gone(view: View, owner: str, stream: str, numbers: Ranges) -> Ranges:
    """``numbers`` without what is not to be had, and without what that may be forgotten of."""
    document = view.document(KIND, owner, stream)
    if document is None:
        return numbers
    known = overlap(numbers, Range(_floor_of(document), SEQUENCE_LIMIT))
    return less(known, tuple(each.numbers for each in _gone.decode(unpack(document.payload))))


def gone_of_name(view: View, stream: str, owner: str | None) -> Iterator[Gone]:
    """What is not to be had of the streams of that name, of one owner or of all (None)."""
    for document in view.documents(KIND, owner=owner, key=stream):
        yield from _gone.decode(unpack(document.payload))


def all_gone(view: View) -> Iterator[tuple[str, str, Gone]]:
    """(owner, stream, what is not to be had) of every stream."""
    for document in view.documents(KIND):
        for each in _gone.decode(unpack(document.payload)):
            yield document.owner, document.key, each


def note_gone(
    tx: Transaction,
    owner: str,
    stream: str,
    ranges: Iterable[Range],
    reason: UnavailableReason,
    now: datetime,
) -> None:
    """Keep that ``ranges`` are not to be had; the newest reason of a number stands."""
    added = together((), tuple(ranges))
    if not added:
        return
    kept = _less(gone_of(tx, owner, stream), added)
    kept += tuple(Gone(each.first, each.last, reason, now) for each in added)
    _save(tx, owner, stream, _joined(sorted(kept, key=lambda each: each.first)), now)


def note_came(tx: Transaction, owner: str, stream: str, numbers: Range, now: datetime) -> None:
    """``numbers`` came after all."""
    held = gone_of(tx, owner, stream)
    left = _less(held, (numbers,))
    if left != held:
        _save(tx, owner, stream, left, now)


def _less(held: tuple[Gone, ...], ranges: Ranges) -> tuple[Gone, ...]:
    return tuple(
        msgspec.structs.replace(each, first=part.first, last=part.last)
        for each in held
        for part in less((each.numbers,), overlap(ranges, each.numbers))
    )


def _joined(gone: Iterable[Gone]) -> list[Gone]:
    """Neighbours of one reason are one range, as old as the newer of them."""
    joined: list[Gone] = []
    for each in gone:
        last = joined[-1] if joined else None
        if last is not None and (last.last + 1, last.reason) == (each.first, each.reason):
            since = max(last.since, each.since)
            joined[-1] = msgspec.structs.replace(last, last=each.last, since=since)
        else:
            joined.append(each)
    return joined


def _floor_of(document: Document | None) -> int:
    """From which number on every reason is kept. It stands as the group of the document."""
    return int(document.group) if document is not None and document.group else 1


def _save(tx: Transaction, owner: str, stream: str, gone: Sequence[Gone], now: datetime) -> None:
    floor = _floor_of(tx.document(KIND, owner, stream))
    if len(gone) > _MOST:
        floor = max(floor, gone[-_MOST].first)
    document = Document(
        kind=KIND,
        owner=owner,
        key=stream,
        version=1,
        group=str(floor) if floor > 1 else "",
        payload=pack(msgspec.json.encode(tuple(gone[-_MOST:]))),
        digest="",
        at=now,
    )
    tx.put(document)
