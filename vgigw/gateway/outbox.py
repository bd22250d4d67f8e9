"""The outbox: one letter after the other for each destination.

A letter keeps its message id and its content on every attempt; only the envelope around it is made
anew, because a peer refuses an old time stamp. It leaves the outbox when the peer's own, genuine
answer says so, or dies with a reason and is kept. PLT-7.6b.
"""

from __future__ import annotations

import random
import threading
from datetime import datetime, timedelta
from functools import partial

import msgspec

from vgigw.codec import json
from vgigw.codec.packing import unpack
from vgigw.errors import OwnFault, PeerFault, PeerRefused, PeerUnreachable
from vgigw.gateway.exchanges import Exchanges
from vgigw.objects import InformationObject
from vgigw.operations import BY_NAME, Lane
from vgigw.ports import (
    Duties,
    Identity,
    Letter,
    LetterState,
    Observer,
    Store,
    Transaction,
    View,
)
from vgigw.rules.catch_up import NEW_FOR, ROUND, next_round
from vgigw.rules.retry import OF_THE_MESSAGE, POISONED_AFTER, next_attempt

FINAL = frozenset({4004, 4105, *range(4201, 4205), 4301, *range(4401, 4408), 4503})
"""Codes that another attempt with the same content cannot change."""

_LONGEST_HOLD_S = 10.0
_FIRST_HOLD_S = 0.25


class Outbox:
    """Delivers for one identity. Several threads may deliver, each its own destination."""

    def __init__(
        self,
        identity: Identity,
        store: Store,
        exchanges: Exchanges,
        duties: Duties,
        observer: Observer,
    ) -> None:
        self._store = store
        self._tracer = duties.tracer
        self._exchanges = exchanges
        self._followers = duties.followers
        self._hold_back = duties.hold
        self._observe = observer
        self._locks = {peer: threading.Lock() for peer in identity.peers}
        self._unreached: dict[str, tuple[int, datetime]] = {}

    def deliver(self, destination: str, now: datetime) -> int:
        """Send what is due, lane by lane, after an outage what is new first; how many letters came
        to their end.

        Stops at the first letter that has to wait, as the next would find the same peer; one that
        could not be reached is left alone for a moment, whatever is due. A letter that waits may be
        overtaken: order is the receiver's, by sequence and version.
        """
        lock = self._locks.get(destination)
        if lock is None or not lock.acquire(blocking=False):
            return 0
        try:
            if self._unreached.get(destination, (0, now))[1] > now:
                return 0
            ended = 0
            for letter in self._store.read(lambda view: _next_round(destination, view, now)):
                if not self._store.read(partial(self._may_go, letter)):
                    continue
                if not self._attempt(letter, now):
                    break
                ended += 1
            return ended
        finally:
            lock.release()

    def _may_go(self, letter: Letter, view: View) -> bool:
        """Whether a letter was not withdrawn since it was looked at, and nothing holds it."""
        held = self._hold_back is not None and self._hold_back(letter, view)
        return _waits(letter, view) and not held

    def _attempt(self, letter: Letter, now: datetime) -> bool:
        """One attempt; whether the letter came to its end. It never holds up the next for good."""
        if letter.valid_until is not None and letter.valid_until <= now:
            return self._die(letter, "expired", now)
        try:
            operation = BY_NAME[letter.operation]
            request = json.decode(operation.request, unpack(letter.payload))
            reply = self._exchanges.call(
                letter.destination, operation, request, now, letter.trace_id
            )
        except PeerRefused as refused:
            self._unreached.pop(letter.destination, None)
            reason = f"refused {refused.code}"
            if refused.code in FINAL:
                return self._die(letter, reason, now)
            at_fault = refused.code in OF_THE_MESSAGE
            return self._postpone(letter, reason, now, refused.retry_after_s, at_fault=at_fault)
        except PeerFault as fault:
            # Our own letter breaks the contract as it stands now: another try would, too.
            return self._die(letter, f"invalid, {type(fault).__name__}", now)
        except OwnFault as fault:
            if isinstance(fault, PeerUnreachable):
                self._hold(letter.destination, now)
            return self._postpone(letter, type(fault).__name__, now, fault.retry_after_s)
        except Exception as cause:  # noqa: BLE001 - a poisoned letter must not stop the others
            return self._postpone(letter, type(cause).__name__, now, None, cause, at_fault=True)
        self._unreached.pop(letter.destination, None)
        try:
            self._end(letter, LetterState.DELIVERED, reply, "", now)
        except Exception as cause:  # noqa: BLE001 - delivered, but not to be dealt with here yet
            return self._postpone(letter, type(cause).__name__, now, None, cause)
        return True

    def _die(self, letter: Letter, reason: str, now: datetime) -> bool:
        try:
            self._end(letter, LetterState.DEAD, None, reason, now)
        except Exception as cause:  # noqa: BLE001 - its follower cannot deal with it: it dies alone
            dead = msgspec.structs.replace(letter, state=LetterState.DEAD, last_error=reason)
            self._store.write(lambda tx: tx.save_letter(dead))
            self._tell("letter.dead", dead, cause)
        return True

    def _end(
        self,
        letter: Letter,
        state: LetterState,
        reply: InformationObject | None,
        error: str,
        now: datetime,
    ) -> None:
        ended = msgspec.structs.replace(
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

    def _postpone(
        self,
        letter: Letter,
        error: str,
        now: datetime,
        retry_after_s: float | None,
        cause: Exception | None = None,
        *,
        at_fault: bool = False,
    ) -> bool:
        attempts, faults = letter.attempts + 1, letter.faults + at_fault
        if faults >= POISONED_AFTER:
            return self._die(letter, f"given up, {error}", now)
        jitter = random.random()  # noqa: S311 - spreads load, hides nothing
        later = msgspec.structs.replace(
            letter,
            attempts=attempts,
            faults=faults,
            next_at=next_attempt(attempts, now, jitter, retry_after_s),
            last_error=error,
        )

        def work(tx: Transaction) -> None:
            if _waits(letter, tx):  # What was withdrawn meanwhile is not sent again.
                tx.save_letter(later)

        self._store.write(work)
        self._tell("letter.postponed", later, cause)
        return False

    def _hold(self, destination: str, now: datetime) -> None:
        """Leave a peer alone that could not be reached; a little longer each time. PLT-9.4."""
        failures = self._unreached.get(destination, (0, now))[0] + 1
        hold_s = min(_FIRST_HOLD_S * 2 ** min(failures - 1, 10), _LONGEST_HOLD_S)
        self._unreached[destination] = (failures, now + timedelta(seconds=hold_s))

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


def _next_round(destination: str, view: View, now: datetime) -> list[Letter]:
    """The letters to send next, in order."""
    waiting = LetterState.WAITING
    due = view.letters(destination=destination, state=waiting, due=now, limit=ROUND)
    if len(due) < ROUND or due[-1].lane is not Lane.LIVE or due[-1].created_at >= now - NEW_FOR:
        return due
    new = view.letters(
        destination=destination,
        state=waiting,
        due=now,
        lane=Lane.LIVE,
        created_from=now - NEW_FOR,
        limit=ROUND,
    )
    urgent = [letter for letter in due if letter.lane < Lane.LIVE]
    return next_round(urgent, new, due[len(urgent) :])


def _waits(letter: Letter, view: View) -> bool:
    """Whether ``letter`` still waits for the moment that it did when it was read: nobody withdrew
    it meanwhile, or held it back."""
    present = view.letter(letter.id)
    return (
        present is not None
        and present.state is LetterState.WAITING
        and present.next_at == letter.next_at
    )
