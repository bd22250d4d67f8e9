"""What a peer does not take of a stream: skipped with a declared gap, or held. F63, PLT-7.6b.

A letter with telemetry that dies leaves a gap. Its receiver asks for just what it lacks, and gets
it in letters that are divided down to the record. What is refused then, too, is the message's own
fault, where its receiver took others of the stream meanwhile. With ``skip`` it is declared: whoever
asks for it to fill a gap is told that it is not to be had. Else it stays a dead letter, and goes
again when it is asked for. With ``hold`` the first death already holds the stream for this peer,
until somebody decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec.structs import replace

from vgigw.codec.packing import unpack
from vgigw.handlers.backlog import find_backlog, save_backlog
from vgigw.handlers.damaged import DAMAGE, raise_store_damaged
from vgigw.handlers.marks import chore, follows
from vgigw.handlers.poison_numbers import (
    declare,
    forget_unreadable,
    held_in,
    held_of,
    hold,
    holds_any,
    is_behind,
    knows_of,
    note_delivered,
    release,
)
from vgigw.handlers.recall_plan import note_dropped
from vgigw.handlers.refusals import keep_once, lacking_of, note_taken, refusals_of, refused_since
from vgigw.handlers.taking import TAKEN_WITHIN, Taking
from vgigw.objects import InformationObject
from vgigw.objects.operating_enumerations import ReportMode
from vgigw.operations import BACKFILL_DATA, UPLOAD_TELEMETRY
from vgigw.ports import (
    Identity,
    Letter,
    LetterState,
    OnPoison,
    Transaction,
    View,
    letter_groups,
)
from vgigw.rules.ranges import Range, Ranges, with_added, without
from vgigw.rules.retry import GIVEN_UP, NOT_OF_ITS_CONTENT

LOOKED_AFTER: Final = timedelta(minutes=1)
"""Own design number: how often what is held is compared with the letters that bring it."""
_OF_RECORDS: Final = frozenset({UPLOAD_TELEMETRY.name, BACKFILL_DATA.name})


class _Told(msgspec.Struct):
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


_told = msgspec.json.Decoder(_Told)


class Poison:
    """Follows telemetry to its end, and holds back what waits behind a letter that died."""

    def __init__(self, identity: Identity, taking: Taking | None = None) -> None:
        self._identity = identity
        self._taking = Taking() if taking is None else taking
        self._taken_at: dict[str, datetime] = {}
        self._settled = False
        self._looked_at: datetime | None = None

    @follows(UPLOAD_TELEMETRY, BACKFILL_DATA)
    def follow(
        self, letter: Letter, _: InformationObject | None, tx: Transaction, now: datetime
    ) -> None:
        """Skip or hold what died of itself; what was delivered is held and declared no more."""
        told = told_by(letter)
        if told is None:
            return
        peer = letter.destination
        if letter.state is LetterState.DELIVERED:
            self._taken_at[peer] = now
            self._taking.took((peer, told.source, told.stream), now)
            if knows_of(tx, peer, told.stream):
                owner = owner_of(self._identity, told, tx)
                note_delivered(tx, peer, owner, told.stream, told.numbers, now)
            note_taken(tx, peer, told.stream, told.source, told.numbers, now)
            return
        if self._policy(peer) is OnPoison.HOLD:
            if self._is_poison(letter, now):
                owner = owner_of(self._identity, told, tx)
                hold(tx, peer, owner, told.stream, told.numbers, now)
                if owner == self._identity.operator_id:
                    _taken_back(tx, peer, owner, told.stream, now)
        elif asked_again(letter) and self._is_alone_at_fault(letter, told, tx, now):
            owner = owner_of(self._identity, told, tx)
            declare(tx, peer, owner, told.stream, told.numbers, now)
        keep_once(
            tx, letter, told.stream, told.source, told.numbers, now, asked=asked_again(letter)
        )

    @chore
    def settle(self, tx: Transaction, now: datetime) -> None:
        """Chore, once: a peer whose policy is not to hold any more has nothing held. What it lacks
        it asks for."""
        if self._settled:
            return
        found = False
        for party in self._identity.peers:
            if self._policy(party) is not OnPoison.HOLD:
                for (owner, stream), held in held_of(tx, party).items():
                    found = True
                    for part in held:
                        release(tx, party, owner, stream, part, now)
        # What was released may come back: the commit can fail. A later look finds nothing.
        self._settled = not found

    @chore
    def compare(self, tx: Transaction, now: datetime) -> None:
        """Chore, once a minute: what is held and no letter brings is held no more, as nobody could
        decide about it; what it lacks its receiver asks for. What cannot be read is told. F22."""
        if self._looked_at is not None and abs(now - self._looked_at) < LOOKED_AFTER:
            return
        self._looked_at = now
        for party in self._identity.peers:
            if forget_unreadable(tx, party):
                raise_store_damaged(self._identity, "document", None, tx, now)
            try:
                for owner, stream, part in _unbrought(self._identity, tx, party):
                    release(tx, party, owner, stream, part, now)
            except DAMAGE:
                continue  # Whoever sends it lays the letter aside, and tells.

    def holds(self, letter: Letter, view: View) -> bool:
        """Whether a letter waits behind one of its stream that died."""
        peer = letter.destination
        if self._policy(peer) is not OnPoison.HOLD or letter.operation not in _OF_RECORDS:
            return False
        told = told_by(letter) if holds_any(view, peer) else None
        held = held_in(view, peer, told.stream) if told is not None else {}
        if told is None or not any(is_behind(each, told.numbers) for each in held.values()):
            return False
        return is_behind(held.get(owner_of(self._identity, told, view), ()), told.numbers)

    def _is_poison(self, letter: Letter, now: datetime) -> bool:
        """Whether it died of itself, and not of a peer that fails at everything or lets us do
        nothing."""
        if letter.last_error in NOT_OF_ITS_CONTENT:
            return False
        taken_at = self._taken_at.get(letter.destination)
        took = taken_at is not None and abs(now - taken_at) <= TAKEN_WITHIN
        return took or not letter.last_error.startswith(GIVEN_UP)

    def _is_alone_at_fault(self, letter: Letter, told: _Told, view: View, now: datetime) -> bool:
        """Whether it cannot be divided more, and its peer took others of the stream since it was
        refused first. A peer that refuses everything has a reason which may pass."""
        if letter.last_error in NOT_OF_ITS_CONTENT or not told.is_apart:
            return False
        refusals = refusals_of(view, letter.destination, told.stream, told.source)
        since = refused_since(refusals, told.numbers) or letter.created_at
        stream = letter.destination, told.source, told.stream
        return self._taking.took_since(stream, since, letter.created_at, now)

    def _policy(self, party: str) -> OnPoison:
        peer = self._identity.peers.get(party)
        return OnPoison.SKIP if peer is None else peer.on_poison


def told_by(letter: Letter) -> _Told | None:
    """What a letter with telemetry brings; None where it is another, answers somebody who wants to
    look again, or holds nothing any more."""
    if letter.operation not in _OF_RECORDS or not letter.payload:
        return None
    told = _told.decode(unpack(letter.payload))
    return None if told.mode is ReportMode.RECALL else told


def asked_again(letter: Letter) -> bool:
    """Whether a letter brings what its receiver asked for to fill a gap."""
    return letter.operation == BACKFILL_DATA.name and letter.group.startswith(
        letter_groups.of_job("")
    )


def owner_of(identity: Identity, told: _Told, view: View) -> str:
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
    # A letter that was erased says no more what it brought: what nothing brings holds nothing.
    for peer, place in {each.destination: place for place, each in enumerate(letters)}.items():
        pairs = zip(letters, found, strict=True)
        told = [each for letter, several in pairs if letter.destination == peer for each in several]
        for owner, stream, part in _unbrought(identity, tx, peer):
            left: Ranges = (part,)
            for each in (numbers for name, numbers in told if name == stream):
                left = without(left, each)
            for each in left:
                declare(tx, peer, owner, stream, each, now)
                found[place].append((stream, each))
            release(tx, peer, owner, stream, part, now)
    return found


def _declared(
    identity: Identity, letter: Letter, tx: Transaction, now: datetime
) -> list[tuple[str, Range]]:
    """What one letter brought, and no other has brought since, is declared."""
    told, peer = told_by(letter), letter.destination
    note_dropped(letter, tx, now)
    if told is None:
        return []
    owner = owner_of(identity, told, tx)
    lacking = lacking_of(tx, peer, told.stream, told.source, letter.id)
    left = (told.numbers,) if lacking is None else lacking
    for part in left:
        declare(tx, peer, owner, told.stream, part, now)
    return [(told.stream, part) for part in left]


def _unbrought(identity: Identity, view: View, party: str) -> list[tuple[str, str, Range]]:
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


def _taken_back(tx: Transaction, peer: str, own_id: str, stream: str, now: datetime) -> None:
    """Large letters of a stream of ours that wait behind what is held go back into its backlog, or
    they would hold the places of all others."""
    backlog = find_backlog(peer, stream, tx)
    if backlog is None:
        return
    waiting, held = backlog.waiting, held_in(tx, peer, stream).get(own_id, ())
    for letter in tx.letters(state=LetterState.WAITING, group=letter_groups.of_backlog(peer)):
        told = told_by(letter)
        if told is not None and told.stream == stream and is_behind(held, told.numbers):
            waiting = with_added(waiting, told.numbers)
            tx.save_letter(replace(letter, state=LetterState.DEAD))
            tx.drop_letter(letter.id)
    save_backlog(peer, replace(backlog, waiting=waiting), tx, now)
