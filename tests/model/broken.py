"""Wrong variants of real gateways: each lacks one thing, and the machine must find what breaks.

A variant lacks a thing either in a patch of the code that does it, or in the transaction that a
process works in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any, Final, NamedTuple
from unittest.mock import patch

from msgspec.structs import replace

from vgigw.handlers import collect
from vgigw.handlers.gaps import Gaps, _declare, _owner_asked_for
from vgigw.handlers.journal import row_of
from vgigw.handlers.keeping import object_of
from vgigw.handlers.marks import follows
from vgigw.objects import RecallRequest, TelemetryBatch
from vgigw.objects.operating_enumerations import ReportMode, UnavailableReason
from vgigw.operations import RECALL_DATA
from vgigw.ports import Letter, LetterState, Transaction
from vgigw.rules.checks import CHECKS
from vgigw.rules.curve import check_deadlines
from vgigw.rules.ranges import Range, Ranges
from vgigw.rules.retry import HELD_BACK
from vgigw.rules.sequence import StreamState

Lacks = frozenset[str]
Patch = tuple[str, Any]


class Wrong(NamedTuple):
    """``number`` is the invariant that breaks."""

    number: str
    patches: tuple[Patch, ...] = ()


_FORGET: Final = {"first answers", "numbers known to the receiver"}


class Lacking:
    """A transaction that does one thing wrong."""

    def __init__(self, tx: Transaction, lacks: Lacks, counted: dict[str, int]) -> None:
        self._tx, self._lacks, self._counted = tx, lacks, counted

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tx, name)

    def next_number(self, name: str) -> int:
        """Counted on from what was read once."""
        if "numbers in the transaction" not in self._lacks:
            return self._tx.next_number(name)
        number = self._tx.next_number(name)
        self._counted[name] = self._counted.get(name, number - 1) + 1
        return self._counted[name]

    def answered(self, *about: str) -> Any:
        """Forgotten at once."""
        return None if _FORGET & self._lacks else self._tx.answered(*about)

    def keep_answer(self, *about: Any) -> None:
        """Nor kept: the unique key of an answer refuses the second one, and holds what it holds."""
        if not _FORGET & self._lacks:
            self._tx.keep_answer(*about)

    def last_row_id(self) -> int:
        """As it was a moment ago."""
        return max(self._tx.last_row_id() - ("snapshot" in self._lacks), 0)


def transaction_of(tx: Transaction, lacks: Lacks, counted: dict[str, int]) -> Transaction:
    """``tx`` itself for a right variant."""
    return Lacking(tx, lacks, counted) if lacks else tx


def _replaces_content(batch: TelemetryBatch, owner: str, call: Any, tx: Any, **_: Any) -> None:
    held = tx.rows(
        owner=owner, stream=batch.stream_id, seq_from=batch.seq_from, seq_to=batch.seq_to
    )
    new = row_of(batch, owner, call)
    same = [row for row in held if (row.seq_from, row.seq_to) == (new.seq_from, new.seq_to)]
    for row in same:
        tx.save_row(replace(new, id=row.id))
    if not same:
        _append_new(batch, owner, call, tx, likely_new=False)


_append_new = collect._append_new


def _appends_all(batch: TelemetryBatch, owner: str, call: Any, tx: Any, **_: Any) -> None:
    tx.append(replace(row_of(batch, owner, call), sparse=True))


def _watermark_of_the_moment(
    begin: int, contiguous: int, highest: int, missing: tuple[Range, ...]
) -> StreamState:
    return StreamState(begin, missing[0].first - 1 if missing else highest, highest, missing)


@follows(RECALL_DATA)
def _closes_what_it_asked_for(
    self: Gaps, letter: Letter, reply: object, tx: Transaction, now: datetime
) -> None:
    asked = object_of(RecallRequest, letter.payload)
    stream, first, last = asked.stream_id, asked.seq_from, asked.seq_to
    if reply is not None and stream and first and last:
        owner = _owner_asked_for(letter, stream, tx)
        _declare(owner, stream, Range(first, last), UnavailableReason.EXPIRED, tx, now)


def _delivered_when_sent(
    self: Any, letter: Letter, error: str, now: datetime, *_: Any, **__: Any
) -> bool:
    self._store.write(lambda tx: tx.save_letter(replace(letter, state=LetterState.DELIVERED)))
    return True


def _never(attempts: int, now: datetime, *_: Any) -> datetime:
    # Any other time so far away is made due by a clockwork that begins, as a clock set back may
    # leave it.
    return HELD_BACK


def _nothing(*_: Any, **__: Any) -> None:
    return None


def _none_hidden(*_: Any) -> Ranges:
    return ()


_without_deadlines = {
    cls: tuple(each for each in checks if each is not check_deadlines)
    for cls, checks in CHECKS.items()
}


class _Marks:
    BACKFILL = ReportMode.BACKFILL
    RECALL = ReportMode.CHANGE


COLLECT: Final = "vgigw.handlers.collect"

VARIANTS: Final[Mapping[str, Wrong]] = {
    "commit before answer": Wrong("I1"),
    "content compared": Wrong("I2", ((f"{COLLECT}._append_new", _replaces_content),)),
    "watermark kept": Wrong("I3", (("vgigw.rules.sequence._state", _watermark_of_the_moment),)),
    "numbers in the transaction": Wrong("I4"),
    "fence": Wrong("I5"),
    "numbers known to the receiver": Wrong("I6", ((f"{COLLECT}._append_new", _appends_all),)),
    "delivered when answered": Wrong(
        "I7", (("vgigw.gateway.letter_ends.LetterEnds.postponed", _delivered_when_sent),)
    ),
    "first answers": Wrong("I8"),
    "gaps closed by their data": Wrong(
        "I9", (("vgigw.handlers.gaps.Gaps.follow_recall", _closes_what_it_asked_for),)
    ),
    "end of a command": Wrong("I10", (("vgigw.rules.checks.CHECKS", _without_deadlines),)),
    "every hop": Wrong("I13", (("vgigw.handlers.tracing.Tracing.queued", _nothing),)),
    "signature": Wrong("I14", (("vgigw.crypto.intl.Intl.verify_octets", _nothing),)),
    "another attempt": Wrong("I15", (("vgigw.gateway.letter_ends.next_attempt", _never),)),
    "mark of what was asked for": Wrong(
        "I16", (("vgigw.handlers.recall_letters.ReportMode", _Marks),)
    ),
    "snapshot": Wrong("I18", (("vgigw.handlers.recall.hidden_of", _none_hidden),)),
}


IN_PLAIN: Final[Mapping[str, str]] = {
    name: wrong.number for name, wrong in VARIANTS.items() if name != "mark of what was asked for"
} | {"sync": "I1", "carried out once": "I10"}
"""What a world of the pure rules can lack."""


@contextmanager
def lacking(name: str) -> Iterator[Lacks]:
    """Within it gateways lack ``name``."""
    with ExitStack() as stack:
        for target, instead in VARIANTS[name].patches if name in VARIANTS else ():
            stack.enter_context(patch(target, instead))
        yield frozenset({name})
