"""The backlog of each stream, fed into the outbox in large letters, a few at a time. PLT-7.9d."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Final

from msgspec.structs import replace

from vgigw.codec import json
from vgigw.errors import StoreDamaged
from vgigw.handlers.alarm_raising import Matter, raise_alarm
from vgigw.handlers.backlog import (
    BACKLOG,
    UNREADABLE,
    Backlog,
    backlogs_of,
    find_backlog,
    save_backlog,
)
from vgigw.handlers.brought import asked_again, told_by
from vgigw.handlers.bulk_letters import as_live, batch_again, divided, short_id
from vgigw.handlers.bulk_sizes import BulkSizes
from vgigw.handlers.coming import place_of
from vgigw.handlers.damaged import DAMAGE, tell_damaged
from vgigw.handlers.keeping import object_of
from vgigw.handlers.marks import chore, follows
from vgigw.handlers.poison_numbers import held_by
from vgigw.handlers.taking import Taking
from vgigw.objects import AlarmDomain, AlarmObjectKind, InformationObject, TelemetryBatch
from vgigw.objects.operating_enumerations import ReportMode, ReportTrigger
from vgigw.operations import BACKFILL_DATA
from vgigw.ports import (
    Identity,
    Letter,
    LetterState,
    Transaction,
    View,
    letter_for,
    letter_groups,
)
from vgigw.rules.bulk import Piece, bundled
from vgigw.rules.ranges import Range, Ranges, overlap, together, without

IN_FLIGHT: Final = 4
"""Own design number: large letters of backlogs that wait in the outbox for one peer."""
_ENDED_AT_ONCE: Final = 100
_LOOKED_AT: Final = 256


class Backlogs:
    """The chore that feeds, and the follower that counts what came."""

    def __init__(self, identity: Identity, sizes: BulkSizes, taking: Taking | None = None) -> None:
        self._identity = identity
        self._sizes = sizes
        self._taking = Taking() if taking is None else taking
        self._fed_last: dict[str, str] = {}
        """By peer the stream that was fed last; to lose it costs a turn."""
        self._unreadable: set[tuple[str, str]] = set()

    @chore
    def feed(self, tx: Transaction, now: datetime) -> None:
        """Chore: the next numbers of each open backlog into the outbox."""
        for destination, peer in self._identity.peers.items():
            if not peer.paths:
                continue
            group = letter_groups.of_backlog(destination)
            room = IN_FLIGHT - tx.count_letters(state=LetterState.WAITING, group=group)
            try:
                fed = tx.apart(partial(self._feed, destination, room, now=now)) if room > 0 else 0
            except StoreDamaged as fault:
                # It holds up its own peer alone; a letter is laid aside by who hears of this.
                if fault.table == "letter":
                    raise
                tell_damaged(self._identity, fault.table, fault.row_id, tx, now)
                continue
            if fed == 0 and room == IN_FLIGHT:
                for _, ended in backlogs_of(tx, destination, limit=_ENDED_AT_ONCE, damaged=bool):
                    if not ended.waiting:
                        tx.erase(BACKLOG, destination, ended.stream)

    @follows(BACKFILL_DATA)
    def count(
        self, letter: Letter, _: InformationObject | None, tx: Transaction, now: datetime
    ) -> None:
        """What was delivered of a backlog."""
        place = place_of(letter)
        ours = letter.group == letter_groups.of_backlog(letter.destination)
        if place is None or not ours or letter.state is not LetterState.DELIVERED:
            return
        try:
            backlog = find_backlog(letter.destination, place.stream, tx)
        except UNREADABLE:
            # What the peer acknowledged is delivered, whatever a plan says.
            self._unread(letter.destination, place.stream, tx, now)
            return
        if backlog is not None:
            sent = backlog.sent + place.last - place.first + 1
            save_backlog(letter.destination, replace(backlog, sent=sent), tx, now)

    def divide(
        self, letter: Letter, view: View, *, within_rows: bool = False
    ) -> tuple[Letter, ...]:
        """A large letter that is too much for its peer, or holds what the peer refuses, as two; at
        last as it was live, so that a peer which knows no backfill gets all the same. What its
        receiver asked for again goes down to the record: it lacks that one alone. While it takes
        nothing of the stream that ends after a while."""
        own_id = self._identity.operator_id
        anywhere = within_rows or asked_again(letter)
        told = told_by(letter) if asked_again(letter) and not within_rows else None
        stream = (letter.destination, told.source, told.stream) if told is not None else None
        if stream is not None and not self._taking.may_divide(stream, letter.group):
            return ()
        parts = divided(letter, own_id, view, within_rows=anywhere)
        if parts or within_rows or letter.group != letter_groups.of_backlog(letter.destination):
            return parts
        return as_live(letter, own_id, view)

    def sent(
        self, destination: str, records: int, took_s: float, *, delivered: bool, share: float
    ) -> None:
        """How long a large letter took, by which the next are made."""
        self._sizes.sent(destination, records, took_s, delivered=delivered, share=share)

    def _feed(self, destination: str, room: int, tx: Transaction, now: datetime) -> int:
        """One letter of each open backlog in turn, until there is no room; how many."""
        held = held_by(tx, destination, self._identity.operator_id)
        unread: list[str] = []
        found = backlogs_of(
            # Those that are held take no place of others.
            tx,
            destination,
            open_only=True,
            limit=_LOOKED_AT + len(held),
            damaged=unread.append,
        )
        for stream in unread:
            self._unread(destination, stream, tx, now)
        # What is older than what is held goes; the rest of its stream waits.
        parted = [_parted(each, held.get(each.stream, ())) for _, each in found]
        last = self._fed_last.get(destination, "")
        # Those behind the one that was fed last: each stream has its turn.
        turns = [(each, behind) for each, behind in parted if each.waiting]
        left = sorted(turns, key=lambda turn: turn[0].stream <= last)
        fed = 0
        while left and fed < room:
            backlog, behind = left.pop(0)
            self._fed_last[destination] = backlog.stream
            try:
                backlog = tx.apart(partial(self._fed, destination, backlog, now=now))
            except Exception:  # noqa: BLE001 - a damaged row holds up its own stream alone
                self._unread(destination, backlog.stream, tx, now)
                continue
            whole = replace(backlog, waiting=together(backlog.waiting, behind))
            save_backlog(destination, whole, tx, now)
            left += [(backlog, behind)] if backlog.waiting else []
            fed += 1
        return fed

    def _unread(self, destination: str, stream: str, tx: Transaction, now: datetime) -> None:
        """An alarm, once for each stream: what waits of it stays until its journal can be read."""
        if (destination, stream) not in self._unreadable:
            self._unreadable.add((destination, stream))
            detail = "what waits for it cannot be read in our store; see vgigw doctor"
            matter = unreadable(destination)
            with suppress(*DAMAGE):
                tx.apart(lambda part: raise_alarm(self._identity, matter, part, now, detail=detail))

    def _fed(self, destination: str, backlog: Backlog, tx: Transaction, now: datetime) -> Backlog:
        """``backlog`` after its next letter."""
        most = self._sizes.of(destination)
        numbers = next_numbers(backlog, most)
        pieces = pieces_of(self._identity.operator_id, backlog.stream, numbers, tx)
        if not pieces:
            # The journal has lost them; their receiver asks, and is told.
            return replace(backlog, waiting=without(backlog.waiting, numbers))
        bundles = bundled(pieces, most)
        taken = bundles[-1 if backlog.newest_first else 0].pieces
        told = Range(taken[0].first, taken[-1].last)
        name = f"{destination}/{backlog.stream}/{told.first}-{told.last}/{now.isoformat()}"
        again = batch_again(
            short_id("F", name), taken, now, ReportMode.BACKFILL, ReportTrigger.EVENT
        )
        letter = letter_for(
            destination,
            BACKFILL_DATA,
            again,
            now,
            message_id=again.batch_id,
            group=letter_groups.of_backlog(destination),
        )
        tx.enqueue(letter)
        passed = numbers
        if len(bundles) > 1 and backlog.newest_first:
            passed = Range(told.first, numbers.last)
        elif len(bundles) > 1:
            passed = Range(numbers.first, told.last)
        return replace(backlog, waiting=without(backlog.waiting, passed))


def _parted(backlog: Backlog, held: Ranges) -> tuple[Backlog, Ranges]:
    """``backlog`` with what may go, and its numbers that wait for what is held."""
    if not held:
        return backlog, ()
    behind = Range(held[0].first, max(held[0].first, backlog.waiting[-1].last))
    return (
        replace(backlog, waiting=without(backlog.waiting, behind)),
        overlap(backlog.waiting, behind),
    )


def next_numbers(backlog: Backlog, most: int) -> Range:
    """What of an open backlog has its turn: at most so many numbers."""
    numbers = backlog.waiting[-1 if backlog.newest_first else 0]
    if backlog.newest_first:
        return Range(max(numbers.first, numbers.last - most + 1), numbers.last)
    return Range(numbers.first, min(numbers.last, numbers.first + most - 1))


def pieces_of(own_id: str, stream: str, numbers: Range, view: View) -> list[Piece]:
    """What our journal holds of ``numbers``, by rising number. Raises for what is damaged."""
    rows = view.rows(owner=own_id, stream=stream, seq_from=numbers.first, seq_to=numbers.last)
    pieces = []
    for row in rows:
        if row.sparse:
            continue
        batch = object_of(TelemetryBatch, row.payload)
        each_bytes = len(json.encode(batch)) // len(batch.records)
        for part in overlap((Range(row.seq_from, row.seq_to),), numbers):
            first = part.first - row.seq_from
            records = batch.records[first : first + part.size]
            pieces.append(Piece(row.id, batch, part.first, records, each_bytes * part.size))
    return sorted(pieces, key=lambda piece: piece.first)


def unreadable(party: str) -> Matter:
    """The matter of what waits for a party and cannot be read."""
    return Matter(
        code="BACKLOG_DAMAGED",
        domain=AlarmDomain.BUSINESS,
        object_kind=AlarmObjectKind.PARTY,
        object_id=party,
    )
