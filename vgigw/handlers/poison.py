"""What a peer does not take of a stream: skipped with a declared gap, or held. F63, PLT-7.6b.

A letter with telemetry that dies leaves a gap. Its receiver asks for just what it lacks, and gets
it in letters that are divided down to the record. What is refused then, too, is the message's own
fault, where its receiver took others of the stream meanwhile. With ``skip`` it is declared: whoever
asks for it to fill a gap is told that it is not to be had. Else it stays a dead letter, and goes
again when it is asked for. With ``hold`` the first death already holds the stream for this peer,
until somebody decides.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from vgigw.handlers.backlog import find_backlog, save_backlog
from vgigw.handlers.brought import OF_RECORDS, Brought, asked_again, owner_of, told_by, unbrought
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
from vgigw.handlers.refusals import keep_once, note_taken, refusals_of, refused_since
from vgigw.handlers.taking import TAKEN_WITHIN, Taking
from vgigw.objects import InformationObject
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
from vgigw.rules.ranges import with_added
from vgigw.rules.retry import GIVEN_UP, NOT_OF_ITS_CONTENT

LOOKED_AFTER: Final = timedelta(minutes=1)
"""Own design number: how often what is held is compared with the letters that bring it."""


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
                for owner, stream, part in unbrought(self._identity, tx, party):
                    release(tx, party, owner, stream, part, now)
            except DAMAGE:
                continue  # Whoever sends it lays the letter aside, and tells.

    def holds(self, letter: Letter, view: View) -> bool:
        """Whether a letter waits behind one of its stream that died."""
        peer = letter.destination
        if self._policy(peer) is not OnPoison.HOLD or letter.operation not in OF_RECORDS:
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

    def _is_alone_at_fault(self, letter: Letter, told: Brought, view: View, now: datetime) -> bool:
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
