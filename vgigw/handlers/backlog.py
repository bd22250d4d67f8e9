"""What waited too long goes out of the journal in large letters, and not one by one. PLT-7.9d.

A letter with our own telemetry that waits longer than a minute is taken out of the outbox, and its
numbers into the backlog of its stream, in one transaction: what it says stands in our journal, to
the byte. So an outage of days fills no outbox, and after a kill it goes on where it stood.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from vgigw.codec import json
from vgigw.codec.packing import DAMAGED, pack, unpack
from vgigw.errors import StoreDamaged
from vgigw.handlers.marks import chore
from vgigw.handlers.poison_numbers import held_by, is_behind
from vgigw.objects.operating_enumerations import ReportMode
from vgigw.operations import UPLOAD_TELEMETRY, Lane
from vgigw.ports import (
    Document,
    Identity,
    Letter,
    LetterState,
    OnPoison,
    Row,
    Transaction,
    View,
    waited_up_to,
)
from vgigw.rules.catch_up import LIVE
from vgigw.rules.ranges import Range, Ranges, overlap, with_added

BACKLOG: Final = "Backlog"
OPEN: Final = "open"
UNREADABLE: Final = (StoreDamaged, DAMAGED, msgspec.DecodeError)
"""What reading a damaged backlog raises."""
WAITED_FOR: Final = timedelta(seconds=60)
"""Own design number: what waits longer was not just slow."""
_MOST_LETTERS: Final = 200


class Backlog(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers of a stream of ours that a peer has not got and no letter brings yet; ``total`` and
    ``sent`` count records since it began, ``since`` is when the oldest of them was made."""

    stream: str
    waiting: Ranges
    newest_first: bool
    since: datetime
    total: int
    sent: int = 0


class _Told(msgspec.Struct):
    stream: str = msgspec.field(name="StreamID")
    first: int = msgspec.field(name="SeqFrom")
    last: int = msgspec.field(name="SeqTo")
    mode: ReportMode = msgspec.field(name="ReportMode")


_told = msgspec.json.Decoder(_Told)


class Folding:
    """The chore that moves what waited out of the outbox."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._looked_at: dict[tuple[str, Lane], int] = {}
        """Up to which letter a lane was looked at, where what is there stays where it is."""

    @chore
    def fold(self, tx: Transaction, now: datetime) -> None:
        """Chore: fold what waited longer than ``WAITED_FOR`` into the backlog of its stream."""
        for destination, peer in self._identity.peers.items():
            for lane in LIVE if peer.paths else ():
                self._fold(destination, lane, tx, now)

    def _fold(self, destination: str, lane: Lane, tx: Transaction, now: datetime) -> None:
        may_hold = self._identity.peers[destination].on_poison is OnPoison.HOLD
        held = held_by(tx, destination, self._identity.operator_id) if may_hold else {}
        last = waited_up_to(tx, destination, lane, now - WAITED_FOR)
        letters = tx.letters(
            destination=destination,
            state=LetterState.WAITING,
            lane=lane,
            after_id=self._looked_at.get((destination, lane), 0),
            # What is held for its stream is folded at once: it takes the places of others.
            up_to_id=None if held else last,
            limit=_MOST_LETTERS,
        )
        begins_anew = len(letters) < _MOST_LETTERS
        self._looked_at[destination, lane] = 0 if begins_anew else letters[-1].id
        changed: dict[str, Backlog] = {}
        for letter in letters:
            if not _stands_alone(letter):
                continue
            canonical = unpack(letter.payload)
            told = _told.decode(canonical)
            numbers, refused = Range(told.first, told.last), held.get(told.stream, ())
            # What died and is tried again goes by itself: its stream waits for it.
            tried_again = overlap(refused, numbers)
            waited = is_behind(refused, numbers) or letter.id <= last
            if waited and not tried_again and self._in_journal(canonical, told, tx):
                try:
                    before = changed.get(told.stream) or find_backlog(destination, told.stream, tx)
                except UNREADABLE:
                    continue  # It goes by itself; who feeds the backlog tells of it.
                made_at = min(letter.created_at, now)  # The clock may have been set back. F55
                changed[told.stream] = _with(before, told, made_at)
                tx.save_letter(msgspec.structs.replace(letter, state=LetterState.DEAD))
                tx.drop_letter(letter.id)
        for backlog in changed.values():
            save_backlog(destination, backlog, tx, now)

    def _in_journal(self, canonical: bytes, told: _Told, view: View) -> bool:
        """Whether our journal says the same of the numbers that a letter brings, to the byte."""
        try:
            held = view.rows(
                owner=self._identity.operator_id,
                stream=told.stream,
                seq_from=told.first,
                seq_to=told.last,
                limit=2,
            )
        except StoreDamaged:
            return False
        return len(held) == 1 and _is(canonical, held[0])


def _is(canonical: bytes, row: Row) -> bool:
    """Whether a row holds these bytes and can be read: a letter may be its only good copy."""
    try:
        return json.digest(canonical) == row.digest and unpack(row.payload) == canonical
    except Exception:  # noqa: BLE001 - whatever is wrong with the row, the letter stays
        return False


def find_backlog(destination: str, stream: str, view: View) -> Backlog | None:
    """What of a stream waits for a peer outside of the outbox."""
    held = view.document(BACKLOG, destination, stream)
    return None if held is None else backlog_of(held)


def backlog_of(document: Document) -> Backlog:
    """The backlog that a document holds."""
    return msgspec.json.decode(unpack(document.payload), type=Backlog)


def backlogs_of(
    view: View,
    destination: str | None = None,
    *,
    open_only: bool = False,
    limit: int | None = None,
    damaged: Callable[[str], object] | None = None,
) -> list[tuple[str, Backlog]]:
    """(peer, backlog) of one peer or all; the open ones still have numbers to be fed. ``damaged``
    hears of the stream of each that cannot be read, which is then left out."""
    group = OPEN if open_only else None
    backlogs = []
    for each in view.documents(
        BACKLOG, owner=destination, group=group, limit=limit, damaged=damaged
    ):
        try:
            backlogs.append((each.owner, backlog_of(each)))
        except UNREADABLE:
            if damaged is None:
                raise
            damaged(each.key)
    return backlogs


def save_backlog(destination: str, backlog: Backlog, tx: Transaction, now: datetime) -> None:
    """A backlog has no history."""
    document = Document(
        kind=BACKLOG,
        owner=destination,
        key=backlog.stream,
        version=1,
        group=OPEN if backlog.waiting else "",
        payload=pack(msgspec.json.encode(backlog)),
        digest="",
        at=now,
    )
    tx.put(document)


def _stands_alone(letter: Letter) -> bool:
    """Whether nobody looks for a letter: it is own telemetry that met with no fault, and says what
    it said."""
    followed = letter.trace_id or letter.group or letter.valid_until is not None
    whole = not letter.faults and not letter.is_erased
    return letter.operation == UPLOAD_TELEMETRY.name and not followed and whole


def _with(before: Backlog | None, told: _Told, made_at: datetime) -> Backlog:
    """``before``, or a new one, and the numbers of one letter."""
    if before is None:
        before = Backlog(stream=told.stream, waiting=(), newest_first=False, since=made_at, total=0)
    waiting = with_added(before.waiting, Range(told.first, told.last))
    added = sum(each.size for each in waiting) - sum(each.size for each in before.waiting)
    return msgspec.structs.replace(
        before,
        waiting=waiting,
        newest_first=told.mode is ReportMode.FULL,
        since=min(before.since, made_at),
        total=before.total + added,
    )
