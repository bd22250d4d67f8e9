"""What becomes of a letter after an attempt: delivered, dead, or waiting for the next. PLT-7.6b."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from vgigw.codec.packing import DAMAGED
from vgigw.errors import StoreDamaged
from vgigw.gateway.damage import Damage
from vgigw.objects import InformationObject
from vgigw.operations import Lane
from vgigw.ports import (
    Duties,
    Letter,
    LetterState,
    Observer,
    Store,
    Transaction,
    View,
    letter_groups,
)
from vgigw.rules.retry import (
    DIVIDED_AFTER,
    GIVEN_UP,
    NOT_OF_ITS_CONTENT,
    POISONED_AFTER,
    next_attempt,
)

HELD_AGAIN: Final = timedelta(seconds=5)
"""Own design number: how soon a letter that waits behind another is looked at again."""


class LetterEnds:
    """Keeps what became of letters, and tells whoever follows them."""

    def __init__(self, store: Store, duties: Duties, observer: Observer) -> None:
        self._store = store
        self._tracer = duties.tracer
        self._followers = duties.followers
        self._bulk = duties.bulk
        self._observe = observer
        self._damage = Damage(store, duties.watch, observer)

    def delivered(self, letter: Letter, reply: InformationObject, now: datetime) -> bool:
        """The peer has it; whether that could be dealt with here."""
        try:
            self._end(letter, LetterState.DELIVERED, reply, "", now)
        except (StoreDamaged, DAMAGED) as cause:
            return self._unfollowed(letter, cause, now)
        except Exception as cause:  # noqa: BLE001 - delivered, but not to be dealt with here yet
            return self.postponed(letter, type(cause).__name__, now, cause=cause)
        return True

    def died(
        self, letter: Letter, reason: str, now: datetime, *, of_its_content: bool = False
    ) -> bool:
        """It is given up, and kept; always true. A large one that is refused ``of_its_content`` is
        tried again in parts, so that none but what is at fault is given up; one that was asked for
        also for any other reason that it may have in itself."""
        asked = bool(letter_groups.job_of(letter.group)) and reason not in NOT_OF_ITS_CONTENT
        if (of_its_content or asked) and self.divided(letter):
            return True
        try:
            self._end(letter, LetterState.DEAD, None, reason, now)
        except Exception as cause:  # noqa: BLE001 - its follower cannot deal with it: it dies alone
            self._met(cause)
            dead = replace(letter, state=LetterState.DEAD, last_error=reason)
            self._store.write(lambda tx: tx.save_letter(dead))
            self._tell("letter.dead", dead, cause)
        return True

    def postponed(
        self,
        letter: Letter,
        error: str,
        now: datetime,
        retry_after_s: float | None = None,
        cause: Exception | None = None,
        *,
        at_fault: bool = False,
    ) -> bool:
        """It waits for its next attempt, or dies after too many of its own faults; whether it came
        to its end."""
        attempts, faults = letter.attempts + 1, letter.faults + at_fault
        if faults >= DIVIDED_AFTER and at_fault and self.divided(letter):
            return True
        if faults >= POISONED_AFTER:
            return self.died(letter, f"{GIVEN_UP}, {error}", now)
        jitter = random.random()  # noqa: S311 - spreads load, hides nothing
        later = replace(
            letter,
            attempts=attempts,
            faults=faults,
            next_at=next_attempt(attempts, now, jitter, retry_after_s),
            last_error=error,
        )

        def work(tx: Transaction) -> None:
            if waits(letter, tx):  # What was withdrawn meanwhile is not sent again.
                tx.save_letter(later)

        self._store.write(work)
        self._tell("letter.postponed", later, cause)
        return False

    def _unfollowed(self, letter: Letter, cause: Exception, now: datetime) -> bool:
        """What its follower has to read is damaged: it is tried again, as that may come back from a
        backup, and is dead at last, as nothing else may wait for it. The peer has it: nobody is
        told that it failed. F22."""
        self._met(cause)
        tried = replace(letter, faults=letter.faults + 1)
        if tried.faults < POISONED_AFTER:
            return self.postponed(tried, type(cause).__name__, now, cause=cause)
        dead = replace(
            tried,
            state=LetterState.DEAD,
            attempts=letter.attempts + 1,
            next_at=now,
            last_error="damaged",
        )
        self._store.write(lambda tx: tx.save_letter(dead))
        self._tell("letter.dead", dead, cause)
        return True

    def _met(self, cause: Exception) -> None:
        """Tell of damage, where it is that."""
        if isinstance(cause, StoreDamaged):
            self._damage.met(cause)
        elif isinstance(cause, DAMAGED):
            # A frame does not say which record it is of.
            self._damage.met(StoreDamaged("document"))

    def put_off(self, letter: Letter, now: datetime) -> None:
        """It waits behind another, and is looked at again after a while: the places of its round
        are for those that may go."""
        later = replace(letter, next_at=now + HELD_AGAIN)

        def work(tx: Transaction) -> None:
            if waits(letter, tx):
                tx.save_letter(later)

        self._store.write(work)

    def divided(self, letter: Letter, *, within_rows: bool = False) -> bool:
        """Whether smaller letters took the place of ``letter``."""
        if self._bulk is None or letter.lane is not Lane.BULK:
            return False
        bulk = self._bulk

        def work(tx: Transaction) -> bool:
            parts = bulk.divide(letter, tx, within_rows=within_rows) if waits(letter, tx) else ()
            if parts:
                tx.save_letter(replace(letter, state=LetterState.DEAD))
                tx.drop_letter(letter.id)
            for part in parts:
                tx.enqueue(part)
            return bool(parts)

        try:
            if not self._store.write(work):
                return False
        except Exception as cause:  # noqa: BLE001 - it stays whole, and waits or dies as such
            self._tell("letter.not-divided", letter, cause)
            return False
        self._tell("letter.divided", letter)
        return True

    def _end(
        self,
        letter: Letter,
        state: LetterState,
        reply: InformationObject | None,
        error: str,
        now: datetime,
    ) -> None:
        ended = replace(
            letter, state=state, attempts=letter.attempts + 1, next_at=now, last_error=error
        )
        follower = self._followers.get(letter.operation)

        def work(tx: Transaction) -> None:
            tx.save_letter(ended)
            if self._tracer is not None and ended.trace_id:
                self._tracer.ended(ended, tx, now)
            if follower is not None:
                follower(ended, reply, tx, now)

        self._store.write(work)
        self._tell(f"letter.{state.value}", ended)

    def _tell(self, event: str, letter: Letter, cause: Exception | None = None) -> None:
        self._observe(
            event,
            peer=letter.destination,
            operation=letter.operation,
            message_id=letter.message_id,
            attempts=letter.attempts,
            error=letter.last_error,
            cause=cause,
        )


def waits(letter: Letter, view: View) -> bool:
    """Whether ``letter`` still waits for the moment that it did when it was read: nobody withdrew
    it meanwhile, or held it back."""
    present = view.letter(letter.id)
    return (
        present is not None
        and present.state is LetterState.WAITING
        and present.next_at == letter.next_at
    )
