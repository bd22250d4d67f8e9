"""What letters with telemetry bring: whose records, of which stream, under which numbers."""

from __future__ import annotations

from typing import Final

import msgspec

from vgigw.codec.packing import unpack
from vgigw.handlers.poison_numbers import held_of
from vgigw.objects.operating_enumerations import ReportMode
from vgigw.operations import BACKFILL_DATA, UPLOAD_TELEMETRY
from vgigw.ports import Identity, Letter, LetterState, View, letter_groups
from vgigw.rules.ranges import Range, without

OF_RECORDS: Final = frozenset({UPLOAD_TELEMETRY.name, BACKFILL_DATA.name})


class Brought(msgspec.Struct):
    """What is told of the records that one letter brings."""

    source: str = msgspec.field(name="SourceID")
    stream: str = msgspec.field(name="StreamID")
    first: int = msgspec.field(name="SeqFrom")
    last: int = msgspec.field(name="SeqTo")
    mode: ReportMode = msgspec.field(name="ReportMode")
    count: int = msgspec.field(name="ActualCount")

    @property
    def numbers(self) -> Range:
        return Range(self.first, self.last)

    @property
    def is_apart(self) -> bool:  # It cannot be divided any more.
        return self.count <= 1 or self.count != self.numbers.size


_brought = msgspec.json.Decoder(Brought)


def told_by(letter: Letter) -> Brought | None:
    """What a letter with telemetry brings; None where it is another, answers somebody who wants to
    look again, or was erased."""
    if letter.operation not in OF_RECORDS or letter.is_erased:
        return None
    told = _brought.decode(unpack(letter.payload))
    return None if told.mode is ReportMode.RECALL else told


def asked_again(letter: Letter) -> bool:
    """Whether a letter brings what its receiver asked for to fill a gap."""
    return letter.operation == BACKFILL_DATA.name and letter.group.startswith(
        letter_groups.of_job("")
    )


def owner_of(identity: Identity, told: Brought, view: View) -> str:
    """Whose rows of our journal a letter was made of."""
    own = identity.operator_id
    held = view.rows(
        owner=own,
        stream=told.stream,
        seq_from=told.first,
        seq_to=told.last,
        limit=1,
        payloads=False,
    )
    return own if held else told.source


def unbrought(identity: Identity, view: View, party: str) -> list[tuple[str, str, Range]]:
    """Owner, stream and numbers that are held, and that no letter brings which is dead or waits."""
    left = held_of(view, party)
    streams = {stream for _, stream in left}
    states = (LetterState.DEAD, LetterState.WAITING) if left else ()
    for state in states:
        for letter in view.letters(destination=party, state=state):
            told = told_by(letter)
            if told is not None and told.stream in streams:
                key = owner_of(identity, told, view), told.stream
                left[key] = without(left.get(key, ()), told.numbers)
    return [(owner, stream, part) for (owner, stream), held in left.items() for part in held]
