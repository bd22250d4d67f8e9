"""How records that waited go together: which batches become one, and how large. PLT-7.9d.

A letter grows while its peer takes it quickly and shrinks where it does not, so that the link of a
village and that of a data centre both get what they can carry.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from vgigw.objects import OperatingRecord, TelemetryBatch
from vgigw.objects.telemetry import MAX_RECORDS

FIRST_RECORDS: Final = 500
"""Records of the first large letters to a peer of which nothing is known."""
LEAST_RECORDS: Final = 25
MOST_BYTES: Final = 2 * 1024 * 1024
"""Of canonical JSON; as XML, sealed, it stays below the 8 MiB that a gateway takes."""
QUICK_S: Final = 0.5
SLOW_S: Final = 1.0
"""An exchange that takes longer shrinks the next letters; well below any time-out."""


class Piece(NamedTuple):
    """Some records of one row of a journal, numbered from ``first``; 0 where they have no numbers.

    ``header`` is their batch as it was live, ``size`` how many bytes the records are about.
    """

    row_id: int
    header: TelemetryBatch
    first: int
    records: tuple[OperatingRecord, ...]
    size: int

    @property
    def last(self) -> int:
        return self.first + len(self.records) - 1


class Bundle:
    """Pieces that go into one letter, in order."""

    def __init__(self, first: Piece) -> None:
        self.pieces = [first]
        self._records, self._bytes = len(first.records), first.size

    def take(self, piece: Piece, most_records: int) -> bool:
        """Whether ``piece`` goes on where the last one ends, says the same of its records, and has
        room; then it is taken."""
        records, size = self._records + len(piece.records), self._bytes + piece.size
        small = records <= min(most_records, MAX_RECORDS) and size <= MOST_BYTES
        if not small or not joins(self.pieces[-1], piece):
            return False
        self.pieces.append(piece)
        self._records, self._bytes = records, size
        return True


def bundled(pieces: list[Piece], most_records: int) -> list[Bundle]:
    """``pieces`` of one stream, by rising number, as the letters that they make."""
    bundles: list[Bundle] = []
    for piece in pieces:
        if not (bundles and bundles[-1].take(piece, most_records)):
            bundles.append(Bundle(piece))
    return bundles


def joins(before: Piece, after: Piece) -> bool:
    """Whether ``after`` goes on where ``before`` ends, and says the same of its records."""
    one, other = before.header, after.header
    return (
        before.first > 0
        and after.first == before.last + 1
        and (one.source_id, one.stream_id) == (other.source_id, other.stream_id)
        and (one.polarity_mode, one.unit_profile) == (other.polarity_mode, other.unit_profile)
    )


def next_size(records: int, sent: int, took_s: float, *, delivered: bool) -> int:
    """How many records a letter to a peer may have, after one with ``sent`` of them took
    ``took_s``; until then it was ``records``. Small letters prove nothing for larger ones."""
    if not delivered or took_s > SLOW_S:
        return max(min(records, sent) // 2, LEAST_RECORDS)
    if took_s <= QUICK_S and 2 * sent >= records:
        return min(max(records, sent) * 2, MAX_RECORDS)
    return records
