"""A dead letter with telemetry is forgotten: what it brought is declared to its receiver. F63.

PLT-7.6b: nobody waits for ever for what nobody will send.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from vgigw.handlers.brought import OF_RECORDS, owner_of, told_by, unbrought
from vgigw.handlers.poison_numbers import declare, release
from vgigw.handlers.recall_plan import note_dropped
from vgigw.handlers.refusals import lacking_of
from vgigw.ports import Identity, Letter, Transaction
from vgigw.rules.ranges import Range, Ranges, without


def dropped(
    identity: Identity, letter: Letter, tx: Transaction, now: datetime
) -> list[tuple[str, Range]]:
    """A dead letter was forgotten: what it brought is declared to its receiver, and holds its
    stream no more. The streams and the numbers that were declared."""
    return dropped_all(identity, (letter,), tx, now)[0]


def dropped_all(
    identity: Identity, letters: Sequence[Letter], tx: Transaction, now: datetime
) -> list[list[tuple[str, Range]]]:
    """As ``dropped``, for each of several; what is waiting is read once for a peer."""
    found = [_declared(identity, letter, tx, now) for letter in letters]
    # A letter that was erased says no more what it brought: what nothing brings holds nothing, and
    # is declared where such a letter is forgotten.
    erased = {
        each.destination: place
        for place, each in enumerate(letters)
        if each.is_erased and each.operation in OF_RECORDS
    }
    for peer in dict.fromkeys(each.destination for each in letters):
        pairs = zip(letters, found, strict=True)
        told = [each for letter, several in pairs if letter.destination == peer for each in several]
        for owner, stream, part in unbrought(identity, tx, peer):
            left: Ranges = (part,) if peer in erased else ()
            for each in (numbers for name, numbers in told if name == stream):
                left = without(left, each)
            for each in left:
                declare(tx, peer, owner, stream, each, now)
                found[erased[peer]].append((stream, each))
            release(tx, peer, owner, stream, part, now)
    return found


def _declared(
    identity: Identity, letter: Letter, tx: Transaction, now: datetime
) -> list[tuple[str, Range]]:
    """What one letter brought, and no other has brought since, is declared."""
    told, peer = told_by(letter), letter.destination
    note_dropped(letter, tx)
    if told is None:
        return []
    owner = owner_of(identity, told, tx)
    lacking = lacking_of(tx, peer, told.stream, told.source, letter.id)
    left = (told.numbers,) if lacking is None else lacking
    for part in left:
        declare(tx, peer, owner, told.stream, part, now)
    return [(told.stream, part) for part in left]
