"""The way out: the outbox, one letter after the other for each destination, and direct calls.

A letter keeps its message id and its content on every attempt; only the envelope around it is made
anew, because a peer refuses an old time stamp. It leaves the outbox when the peer's own, genuine
answer says so, or dies with a reason and is kept. ACC-5.7, PLT-7.6b.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from vgigw.codec import json
from vgigw.codec.packing import unpack
from vgigw.errors import (
    Misconfigured,
    NotAllowed,
    OwnFault,
    PeerFault,
    PeerRefused,
    PeerUnreachable,
)
from vgigw.objects import InformationObject, Token, TokenRequest
from vgigw.objects.operating_enumerations import Success
from vgigw.operations import BY_NAME, QUERY_TOKEN, Operation
from vgigw.ports import (
    Courier,
    Follower,
    Identity,
    Letter,
    LetterState,
    Observer,
    Peer,
    Sender,
    Store,
    Transaction,
)
from vgigw.rules.retry import next_attempt

NO_TOKEN = 4002
FINAL = frozenset({4004, 4105, *range(4201, 4205), 4301, *range(4401, 4408), 4503})
"""Codes that another attempt with the same content cannot change."""

_EARLY_S = 60
_IN_FLIGHT = 64


class Outbound:
    """Sends for one identity. Several threads may deliver, each its own destination."""

    def __init__(
        self,
        identity: Identity,
        store: Store,
        couriers: Mapping[str, Courier],
        sender: Sender,
        followers: Mapping[str, Follower],
        observer: Observer,
    ) -> None:
        self._identity = identity
        self._store = store
        self._couriers = couriers
        self._sender = sender
        self._followers = followers
        self._observe = observer
        self._tokens: dict[str, tuple[str, datetime]] = {}
        self._locks = {peer: threading.Lock() for peer in identity.peers}

    def call(
        self, destination: str, operation: Operation, request: InformationObject, now: datetime
    ) -> InformationObject:
        """One exchange, now. Raises ``PeerRefused``, ``PeerUnreachable``, ``PeerAnswerInvalid``."""
        peer = self._peer(destination)
        request = json.validated(request)
        try:
            return self._exchange(peer, operation, request, now)
        except PeerRefused as refused:
            if refused.code != NO_TOKEN or not operation.needs_token:
                raise
        self._tokens.pop(destination, None)
        return self._exchange(peer, operation, request, now)

    def deliver(self, destination: str, now: datetime) -> int:
        """Send what is due for ``destination``, lane by lane; how many letters came to their end.

        Stops at the first letter that has to wait, as the next would find the same peer. Once that
        one waits, later ones may overtake it: order is the receiver's, by sequence and version.
        """
        lock = self._locks.get(destination)
        if lock is None or not lock.acquire(blocking=False):
            return 0
        try:
            ended = 0
            due = self._store.read(
                lambda view: view.letters(
                    destination=destination,
                    state=LetterState.WAITING,
                    due=now,
                    limit=_IN_FLIGHT,
                )
            )
            for letter in due:
                if not self._attempt(letter, now):
                    break
                ended += 1
            return ended
        finally:
            lock.release()

    def _attempt(self, letter: Letter, now: datetime) -> bool:
        """One attempt; whether the letter came to its end."""
        if letter.valid_until is not None and letter.valid_until <= now:
            self._end(letter, LetterState.DEAD, None, "expired", now)
            return True
        operation = BY_NAME[letter.operation]
        try:
            request = json.decode(operation.request, unpack(letter.payload))
            reply = self.call(letter.destination, operation, request, now)
        except PeerRefused as refused:
            if refused.code in FINAL:
                self._end(letter, LetterState.DEAD, None, f"refused {refused.code}", now)
                return True
            self._postpone(letter, f"refused {refused.code}", now)
            return False
        except PeerFault as fault:
            # Our own letter breaks the contract as it stands now: it must not hold up the others.
            self._end(letter, LetterState.DEAD, None, f"invalid, {type(fault).__name__}", now)
            return True
        except OwnFault as fault:
            self._postpone(letter, type(fault).__name__, now)
            return False
        try:
            self._end(letter, LetterState.DELIVERED, reply, "", now)
        except PeerFault as fault:
            # The answer is the peer's own, but nothing can be done with what it says.
            self._postpone(letter, type(fault).__name__, now)
            return False
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
            if follower is not None:
                follower(ended, reply, tx, now)

        self._store.write(work)
        self._observe(
            f"letter.{state.value}",
            peer=letter.destination,
            operation=letter.operation,
            message_id=letter.message_id,
            attempts=ended.attempts,
            error=error,
        )

    def _postpone(self, letter: Letter, error: str, now: datetime) -> None:
        attempts = letter.attempts + 1
        later = msgspec.structs.replace(
            letter,
            attempts=attempts,
            next_at=next_attempt(attempts, now, random.random()),  # noqa: S311 - spreads load only
            last_error=error,
        )
        self._store.write(lambda tx: tx.save_letter(later))
        self._observe(
            "letter.postponed",
            peer=letter.destination,
            operation=letter.operation,
            message_id=letter.message_id,
            attempts=attempts,
            error=error,
        )

    def _exchange(
        self, peer: Peer, operation: Operation, request: InformationObject, now: datetime
    ) -> InformationObject:
        """Over the primary path, or the next one when it cannot be reached. PLT-9.4."""
        token = self._token(peer, now) if operation.needs_token else None
        courier = self._couriers[peer.door]
        for number, base in enumerate(peer.paths, start=1):
            wire, sent = courier.seal(peer, base, operation, request, token, now)
            try:
                answer = self._sender.exchange(base, wire)
            except PeerUnreachable:
                if number == len(peer.paths):
                    raise
                continue
            return courier.open(peer, operation, sent, answer)
        raise PeerUnreachable("no path to the peer is configured")

    def _token(self, peer: Peer, now: datetime) -> str:
        token, until = self._tokens.get(peer.operator_id, ("", now))
        if until > now:
            return token
        if peer.outbound is None:
            raise Misconfigured(f"peer {peer.operator_id} has no outbound secrets")
        asked = TokenRequest(
            operator_id=self._identity.operator_id,
            operator_secret=peer.outbound.operator_secret.decode(),
        )
        given = self._exchange(peer, QUERY_TOKEN, asked, now)
        assert isinstance(given, Token)  # noqa: S101 - the courier decodes the row's response
        if given.succ_stat is not Success.OK or given.access_token is None:
            raise PeerRefused(NO_TOKEN, "no token given")
        life = max(given.token_available_time - _EARLY_S, given.token_available_time // 2)
        self._tokens[peer.operator_id] = (given.access_token, now + timedelta(seconds=life))
        return given.access_token

    def _peer(self, destination: str) -> Peer:
        peer = self._identity.peers.get(destination)
        if peer is None:
            raise NotAllowed(f"{destination} is not a peer of this gateway")
        if peer.door not in self._couriers:
            raise Misconfigured(f"no courier for door {peer.door}")
        return peer
