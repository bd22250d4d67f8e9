"""Which dead letters bring numbers of a stream that their receiver still lacks. F63, PLT-7.6b.

By receiver, stream and source: since when a number is refused, and whether a letter has it already.
It ends when the numbers were delivered, by whatever letter.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from vgigw.codec.packing import pack, unpack
from vgigw.handlers.poison_numbers import UNREADABLE
from vgigw.handlers.recall_plan import note_dropped
from vgigw.ports import Document, Letter, LetterState, Transaction, View, letter_groups
from vgigw.rules.ranges import Range, Ranges, overlap, without

_REFUSED: Final = "RefusedNumbers"
_MOST: Final = 1_000
"""Own design number: letters of a stream that are remembered; the oldest are forgotten first."""


class Refusal(msgspec.Struct, frozen=True, array_like=True):
    """A letter that died ``at``, and which of its numbers nobody brought since."""

    letter_id: int
    at: datetime
    numbers: Ranges


_refused = msgspec.json.Decoder(dict[str, tuple[Refusal, ...]])


def refusals_of(view: View, party: str, stream: str, source: str) -> tuple[Refusal, ...]:
    """Oldest first; also those of which nothing is lacking any more."""
    return _read(view, party, stream).get(source, ())


def lacking_of(view: View, party: str, stream: str, source: str, letter_id: int) -> Ranges | None:
    """What a dead letter has to bring still; None where nothing is remembered of it."""
    found = refusals_of(view, party, stream, source)
    return next((each.numbers for each in found if each.letter_id == letter_id), None)


def refused_since(refusals: tuple[Refusal, ...], numbers: Range) -> datetime | None:
    """When the first letter with one of ``numbers`` died; None where none did."""
    found = (each.at for each in refusals if overlap(each.numbers, numbers))
    return min(found, default=None)


def keep_once(
    tx: Transaction,
    letter: Letter,
    stream: str,
    source: str,
    numbers: Range,
    now: datetime,
    *,
    asked: bool,
) -> None:
    """A letter that died is kept and remembered, unless it was ``asked`` for and others are kept
    that bring the same: each question would leave one more. It takes the place of smaller ones."""
    party = letter.destination
    found = _read(tx, party, stream)
    several = found.get(source, ())
    others = tuple(each for each in several if each.letter_id != letter.id)
    if asked and _is_kept(others, numbers, tx):
        _drop(letter, tx)
        return
    within = {each.letter_id for each in others if asked and _is_within(each, numbers)}
    for old in (tx.letter(each) for each in within):
        if old is not None and old.state is LetterState.DEAD and letter_groups.job_of(old.group):
            _drop(old, tx)
    if len(others) == len(several):
        found[source] = (*several, Refusal(letter.id, now, (numbers,)))[-_MOST:]
        _put(tx, party, stream, found, now)


def _drop(letter: Letter, tx: Transaction) -> None:
    note_dropped(letter, tx)
    tx.drop_letter(letter.id)


def _is_kept(refusals: tuple[Refusal, ...], numbers: Range, view: View) -> bool:
    """Whether dead letters that can be tried again bring all of ``numbers``."""
    left: Ranges = (numbers,)
    for refusal in refusals:
        parts = overlap(refusal.numbers, numbers)
        letter = view.letter(refusal.letter_id) if parts else None
        if letter is not None and letter.state is LetterState.DEAD and not letter.is_erased:
            for part in parts:
                left = without(left, part)
    return not left


def _is_within(refusal: Refusal, numbers: Range) -> bool:
    """Whether all that a letter still has to bring is among ``numbers``."""
    parts = refusal.numbers
    return bool(parts) and parts[0].first >= numbers.first and parts[-1].last <= numbers.last


def note_taken(
    tx: Transaction, party: str, stream: str, source: str, numbers: Range, now: datetime
) -> None:
    """The receiver has ``numbers`` now."""
    found = _read(tx, party, stream)
    several = found.get(source, ())
    if any(overlap(each.numbers, numbers) for each in several):
        less = (replace(each, numbers=without(each.numbers, numbers)) for each in several)
        found[source] = tuple(less)
        _put(tx, party, stream, found, now)


def _read(view: View, party: str, stream: str) -> dict[str, tuple[Refusal, ...]]:
    try:
        found = view.document(_REFUSED, party, stream)
        return {} if found is None else _refused.decode(unpack(found.payload))
    except UNREADABLE:
        # What was refused is found out anew; else each letter of the stream would go for ever.
        return {}


def _put(
    tx: Transaction,
    party: str,
    stream: str,
    found: dict[str, tuple[Refusal, ...]],
    now: datetime,
) -> None:
    """What is empty is forgotten."""
    found = {source: several for source, several in found.items() if several}
    if not found:
        tx.erase(_REFUSED, party, stream)
        return
    document = Document(
        kind=_REFUSED,
        owner=party,
        key=stream,
        version=1,
        payload=pack(msgspec.json.encode(found)),
        digest="",
        at=now,
    )
    tx.put(document)
