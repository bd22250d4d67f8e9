"""The gateway as its host sees it: receive, send, call, deliver, tick. ``now`` is an argument."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from vgigw.codec import json
from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.errors import NotAllowed
from vgigw.gateway.inbound import Inbound, business_key
from vgigw.gateway.outbound import Outbound
from vgigw.objects import InformationObject, TelemetryBatch
from vgigw.operations import Operation
from vgigw.ports import (
    Chore,
    Courier,
    Door,
    Duties,
    Identity,
    Observer,
    Sender,
    Store,
    Transaction,
    letter_for,
    own_row,
)


def silent(event: str, /, **facts: object) -> None:
    """The observer that tells nobody."""


class Gateway:
    """One gateway. Two of them live in one process without sharing anything. CARD-8.

    Any number of threads may call ``receive``, ``send`` and ``call``; the host calls ``tick`` a few
    times a second, or ``do_chores`` and ``deliver`` from threads of its own.
    """

    def __init__(
        self,
        *,
        identity: Identity,
        store: Store,
        duties: Duties,
        couriers: Mapping[str, Courier],
        sender: Sender,
        observer: Observer = silent,
    ) -> None:
        self.identity = identity
        self.store = store
        self._duties = duties
        self._inbound = Inbound(identity, store, duties.handlers, observer)
        self._outbound = Outbound(identity, store, couriers, sender, duties.followers, observer)
        self._observe = observer

    def receive(self, door: Door, request: WireRequest, now: datetime) -> WireAnswer:
        """The answer to one inbound message; a success only after its commit. PLT-7.6b."""
        return self._inbound.receive(door, request, now)

    def send(
        self,
        destination: str,
        operation: Operation,
        request: InformationObject,
        now: datetime,
        *,
        valid_until: datetime | None = None,
    ) -> int:
        """Put a message into the outbox, durably, and return the letter's id.

        Raises ``InvalidObject`` for an object that a peer would refuse, ``NotAllowed`` for a
        destination that is no peer. It is delivered by ``deliver`` or ``tick``, again and again
        with the same message id. A telemetry batch is kept in our own journal, too.
        """
        if destination not in self.identity.peers:
            raise NotAllowed(f"{destination} is not a peer of this gateway")
        request = json.validated(request)
        letter = letter_for(
            destination,
            operation,
            request,
            now,
            message_id="/".join(filter(None, business_key(operation, request).split("\x1f"))),
            valid_until=valid_until,
        )

        def work(tx: Transaction) -> int:
            if isinstance(request, TelemetryBatch):
                tx.append(own_row(request, self.identity.operator_id, now))
            return tx.enqueue(letter)

        return self.store.write(work)

    def keep(self, batch: TelemetryBatch, now: datetime) -> None:
        """Keep our own telemetry durably, so that a recall can be answered; sends nothing. CARD-7.

        For a host that sends live with ``call`` and lets the receiver ask for what got lost.
        """
        row = own_row(json.validated(batch), self.identity.operator_id, now)
        self.store.write(lambda tx: tx.append(row))

    def call(
        self, destination: str, operation: Operation, request: InformationObject, now: datetime
    ) -> InformationObject:
        """One exchange without outbox. Raises ``PeerRefused`` or ``PeerUnreachable``."""
        return self._outbound.call(destination, operation, request, now)

    def deliver(self, destination: str, now: datetime) -> int:
        """Send what is due for one peer; how many letters came to their end."""
        return self._outbound.deliver(destination, now)

    def do_chores(self, now: datetime) -> None:
        """Ask for gaps, feed recall jobs, forget what ended. Raises what the first failed with."""
        failed: list[Exception] = []
        for chore in self._duties.chores:
            try:
                self.store.write(partial(_do, chore, now))
            except Exception as cause:  # noqa: BLE001 - the next chore must not wait for this one
                failed.append(cause)
        if failed:
            raise failed[0]

    def tick(self, now: datetime) -> None:
        """Chores and deliveries to every peer, one after the other."""
        self.do_chores(now)
        for destination, peer in self.identity.peers.items():
            if peer.paths:
                self.deliver(destination, now)


def _do(chore: Chore, now: datetime, tx: Transaction) -> None:
    chore(tx, now)
