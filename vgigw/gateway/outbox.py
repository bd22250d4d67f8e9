"""The outbox: for each destination one letter after the other, of each kind of traffic.

What is urgent, what is new and what waited go side by side, so that a command never waits for the
exchange of a batch. So at most three letters are on their way to a peer at a time. I11, I17.

A letter keeps its message id and its content on every attempt; only the envelope around it is made
anew, because a peer refuses an old time stamp. It leaves the outbox when the peer's own, genuine
answer says so, or dies with a reason and is kept. PLT-7.6b.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from vgigw.codec import json
from vgigw.codec.packing import unpack
from vgigw.errors import (
    Busy,
    OwnFault,
    PeerAnswerInvalid,
    PeerFault,
    PeerNotTrusted,
    PeerRefused,
    PeerUnreachable,
    VgigwError,
)
from vgigw.gateway.breakers import Breakers
from vgigw.gateway.exchanges import Exchanges
from vgigw.gateway.letter_ends import LetterEnds, waits
from vgigw.gateway.paces import Paces
from vgigw.gateway.rounds import round_of
from vgigw.gateway.unreached import UNREACHED, Unreached
from vgigw.operations import BY_NAME, Lane
from vgigw.ports import Clock, Duties, Identity, Letter, Observer, Store, View
from vgigw.rules.catch_up import ROUND, Traffic
from vgigw.rules.retry import OF_ITS_CONTENT, OF_THE_MESSAGE

FINAL = frozenset({4004, *range(4201, 4205), 4301, *range(4401, 4408), 4503})
"""Codes that another attempt with the same content cannot change."""

_HEARD_WITHIN_S = 10.0

Time = Callable[[], datetime]


class Outbox:
    """Delivers for one identity. Several threads may deliver, each its own destination and kind of
    traffic."""

    def __init__(
        self,
        identity: Identity,
        store: Store,
        exchanges: Exchanges,
        duties: Duties,
        observer: Observer,
    ) -> None:
        self._store = store
        self._exchanges = exchanges
        self._hold_back = duties.hold
        self._waits_behind = duties.waits_behind
        self._bulk = duties.bulk
        self._ends = LetterEnds(store, duties, observer)
        self._unreached = Unreached(store)
        self._locks = {
            (peer, traffic): threading.Lock() for peer in identity.peers for traffic in Traffic
        }
        self._on_their_way: set[int] = set()
        self._turns: dict[str, int] = {}
        self._looking = threading.Lock()
        self.breakers = Breakers()
        self.paces = Paces()

    def deliver(
        self,
        destination: str,
        now: datetime,
        traffic: Traffic | None = None,
        clock: Clock | None = None,
    ) -> int:
        """Send what is due, of one kind of ``traffic`` or of each in turn; how many letters came to
        their end. Where a ``clock`` tells how long an exchange took, what waited is paced by it.

        Stops at the first letter that has to wait, as the next would find the same peer; one that
        could not be reached is left alone for a moment, whatever is due. A letter that waits may be
        overtaken: order is the receiver's, by sequence and version.
        """
        time = (lambda: now) if clock is None else clock.now
        wanted = tuple(Traffic) if traffic is None else (traffic,)
        return sum(self._deliver(destination, each, time) for each in wanted)

    def _deliver(self, destination: str, traffic: Traffic, time: Time) -> int:
        lock = self._locks.get((destination, traffic))
        if lock is None or not lock.acquire(blocking=False):
            return 0
        try:
            now = time()
            most = self.paces.room(destination, now) if traffic is Traffic.WAITED else ROUND
            if most == 0 or self.breakers.holds(destination, traffic, now):
                return 0
            ended = 0
            turn = self._turns[destination] = self._turns.get(destination, -1) + 1
            for letter in round_of(destination, traffic, self._store, time, most, turn):
                with self._taken(letter) as free:
                    if not free:
                        continue
                    may_go, is_behind = self._store.read(partial(self._standing, letter))
                    if is_behind:
                        self._ends.put_off(letter, time())
                    if not may_go:
                        continue
                    begun = time()
                    if not self._attempt(letter, traffic, time):
                        break
                ended += 1
                took_s = (time() - begun).total_seconds()
                if traffic is Traffic.WAITED and not self.paces.spent(destination, took_s, time()):
                    break
            return ended
        finally:
            lock.release()

    @contextmanager
    def _taken(self, letter: Letter) -> Iterator[bool]:
        """Whether no other thread has ``letter`` in hand, to which it may be new or old."""
        with self._looking:
            free = letter.id not in self._on_their_way
            self._on_their_way.add(letter.id)
        try:
            yield free
        finally:
            if free:
                self._on_their_way.discard(letter.id)

    def _standing(self, letter: Letter, view: View) -> tuple[bool, bool]:
        """Whether a letter was not withdrawn since it was looked at, and nothing holds it; and
        whether it waits behind another one."""
        if not waits(letter, view):
            return False, False
        held = self._hold_back is not None and self._hold_back(letter, view)
        behind = self._waits_behind is not None and self._waits_behind(letter, view)
        return not held and not behind, behind

    def _attempt(self, letter: Letter, traffic: Traffic, time: Time) -> bool:
        """One attempt; whether the letter came to its end. It never holds up the next for good."""
        now = time()
        if letter.valid_until is not None and letter.valid_until <= now:
            return self._ends.died(letter, "expired", now)
        request = None
        try:
            operation = BY_NAME[letter.operation]
            request = json.decode(operation.request, unpack(letter.payload))
            reply = self._exchanges.call(
                letter.destination, operation, request, now, letter.trace_id, settled=True
            )
        except PeerRefused as refused:
            return self._refused(letter, refused, traffic, time())
        except PeerFault as fault:
            # Our own letter breaks the contract as it stands now: another try would, too.
            return self._ends.died(letter, f"invalid, {type(fault).__name__}", time())
        except OwnFault as fault:
            self._break(letter, traffic, fault, time())
            # Whoever stands in front of a peer may refuse what is too large, in its own words.
            unheard = isinstance(fault, PeerUnreachable | PeerAnswerInvalid)
            if unheard and self._too_large(letter, request, now, time()):
                return False
            if _named(fault) == UNREACHED and fault.retry_after_s is None:
                self._unreached.note(letter)
            return self._ends.postponed(letter, _named(fault), time(), fault.retry_after_s)
        except Exception as cause:  # noqa: BLE001 - a poisoned letter must not stop the others
            return self._ends.postponed(
                letter, type(cause).__name__, time(), cause=cause, at_fault=True
            )
        self._reached(letter, traffic, time())
        self.paces.delivered(letter, time())
        self._sized(letter, request, now, time(), delivered=True)
        return self._ends.delivered(letter, reply, time())

    def _refused(
        self, letter: Letter, refused: PeerRefused, traffic: Traffic, now: datetime
    ) -> bool:
        self._reached(letter, traffic, now)
        reason = f"refused {refused.code}"
        if refused.code in FINAL:
            of_its_content = refused.code in OF_ITS_CONTENT
            return self._ends.died(letter, reason, now, of_its_content=of_its_content)
        if refused.code == Busy.ret or refused.retry_after_s is not None:
            self._break(letter, traffic, refused, now)
        at_fault = refused.code in OF_THE_MESSAGE
        return self._ends.postponed(letter, reason, now, refused.retry_after_s, at_fault=at_fault)

    def _too_large(self, letter: Letter, request: object, begun: datetime, now: datetime) -> bool:
        """Whether a letter that did not get through, while others did, was divided."""
        answered = self._exchanges.heard_within(letter.destination, _HEARD_WITHIN_S, now)
        if letter.lane is not Lane.BULK or not answered:
            return False
        self._sized(letter, request, begun, now, delivered=False)
        return letter.attempts > 0 and self._ends.divided(letter, within_rows=True)

    def _sized(
        self, letter: Letter, request: object, begun: datetime, now: datetime, *, delivered: bool
    ) -> None:
        records = len(getattr(request, "records", ()))
        if self._bulk is not None and letter.lane is Lane.BULK and records:
            took_s = (now - begun).total_seconds()
            share = self.paces.of(letter.destination).share
            self._bulk.sent(letter.destination, records, took_s, delivered=delivered, share=share)

    def _reached(self, letter: Letter, traffic: Traffic, now: datetime) -> None:
        if self.breakers.reached(letter.destination, traffic):
            self.paces.reached_again(letter.destination, now)
            self._unreached.reached(letter.destination, now)

    def _break(self, letter: Letter, traffic: Traffic, cause: VgigwError, now: datetime) -> None:
        """A peer that cannot be reached, answers nonsense or asks for it is left alone."""
        self.breakers.failed(
            letter.destination,
            traffic,
            now,
            cause.retry_after_s,
            unreachable=isinstance(cause, PeerUnreachable),
        )


def _named(fault: OwnFault) -> str:
    """The kind of a fault, and why a peer was not trusted."""
    kind = type(fault).__name__
    return f"{kind}: {fault.why}" if isinstance(fault, PeerNotTrusted) and fault.why else kind
