"""The gateway as its host sees it: receive, send, call, deliver, tick. ``now`` is an argument."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial

from vgigw.codec.first_use import learn_all
from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.errors import StoreDamaged, VgigwError
from vgigw.gateway.admission import Admission
from vgigw.gateway.beats import Beats
from vgigw.gateway.damage import Damage
from vgigw.gateway.exchanges import Exchanges
from vgigw.gateway.fenced import Fenced
from vgigw.gateway.guarded import Guarded
from vgigw.gateway.held_endpoints import HeldEndpoints
from vgigw.gateway.inbound import Inbound
from vgigw.gateway.outbox import Outbox
from vgigw.gateway.own_messages import OwnMessages
from vgigw.gateway.room import Room
from vgigw.gateway.set_back import SetBack
from vgigw.gateway.telling import Telling
from vgigw.objects import HeartbeatAnswer, InformationObject, TelemetryBatch
from vgigw.operations import Operation
from vgigw.ports import (
    Chore,
    Clock,
    Courier,
    Door,
    Duties,
    Fence,
    Gauge,
    Identity,
    Limits,
    Observer,
    Sender,
    Store,
    Transaction,
)
from vgigw.ports.deliveries import Delivery, deliveries
from vgigw.rules.catch_up import Traffic


def silent(event: str, /, **facts: object) -> None:
    """The observer that tells nobody."""


class Gateway:
    """One gateway. Two of them live in one process without sharing anything. CARD-8.

    Any number of threads may call ``receive``, ``send`` and ``call``; the host calls ``tick`` a few
    times a second, or ``do_chores`` and ``deliver`` from threads of its own. Where several
    processes do so on one store, ``fence`` says which of them may. A host that reads bodies itself
    holds ``room`` for each, and carries it out in one of its ``places``; ``gauge`` reads how the
    store stands.
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
        fence: Fence | None = None,
        limits: Limits | None = None,
        gauge: Gauge | None = None,
        places: int = 16,
    ) -> None:
        self.identity = identity
        learn_all()
        limits = limits or Limits()
        self.room = Room(limits, places)
        self.store = store
        self._duties = duties
        self._observer = Guarded(observer)
        self._admission = Admission(limits, gauge)
        self._telling = Telling(self._observer, duties)
        self._inbound = Inbound(identity, store, duties, self._telling, self._admission)
        self._exchanges = Exchanges(identity, couriers, sender)
        self._own = OwnMessages(identity, store, duties)
        self._held = HeldEndpoints(store, duties.holds_endpoint)
        self._damage = Damage(store, duties.watch, self._observer)
        self._clockwork = store if fence is None else Fenced(store, fence)
        self._beats = Beats(identity, self._clockwork, self._exchanges, duties.heights)
        self._outbox = Outbox(identity, self._clockwork, self._exchanges, duties, self._observer)
        self._set_back = SetBack(self._clockwork)

    def receive(self, door: Door, request: WireRequest, now: datetime) -> WireAnswer:
        """The answer to one inbound message; a success only after its commit. PLT-7.6b."""
        return self._inbound.receive(door, request, now)

    def turned_away(self, door: Door, error: VgigwError, now: datetime) -> None:
        """Tell of a request that a host refused before it was read."""
        self._telling.refused(door, None, None, error, now)

    def look_after(self, now: datetime) -> None:
        """Look at the store, and raise an alarm for what is not right there and for what was
        refused. Each process does so about once a second, whoever's turn the clockwork is."""
        watch = self._duties.watch
        if watch is None:
            return
        short = self._admission.shortage()
        if short is not None:
            watch.short(short.message, self._admission.strain)
            self._observer("store.short", why=short.message)
        watch.tell(self.store, now)

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
        with the same message id, until ``valid_until``; a command no longer than anybody may decide
        on it and execute it. What is our own is kept in the same commit, too: a telemetry batch
        in our journal, an object that has an author among the duties on its shelf.
        """
        return self._own.send(destination, operation, request, now, valid_until)

    def keep(self, batch: TelemetryBatch, now: datetime) -> None:
        """Keep our own telemetry durably, so that a recall can be answered; sends nothing. CARD-7.

        For a host that sends live with ``call`` and lets the receiver ask for what got lost.
        """
        self._own.keep(batch, now)

    def call(
        self,
        destination: str,
        operation: Operation,
        request: InformationObject,
        now: datetime,
        trace_id: str = "",
    ) -> InformationObject:
        """One exchange without outbox; with a ``trace_id`` the peer follows what comes of it.

        Raises ``PeerRefused`` or ``PeerUnreachable``, and ``NotApproved`` where the peer's endpoint
        is held, before anything is sent. PLT-8.11b.
        """
        self._held.check(destination)
        return self._exchanges.call(destination, operation, request, now, trace_id)

    def receipts(
        self, operation: Operation | None = None, object_id: str | None = None
    ) -> list[Delivery]:
        """Who received which object and when, and who never did, by object and party. PLT-8.6.

        ``object_id`` is the object's key as text, its members joined by ``/``.
        """
        name = None if operation is None else operation.name
        return self.store.read(lambda view: deliveries(view, operation=name, object_id=object_id))

    def deliver(
        self,
        destination: str,
        now: datetime,
        traffic: Traffic | None = None,
        clock: Clock | None = None,
    ) -> int:
        """Send what is due for one peer; how many letters came to their end.

        A host with a thread for each kind of ``traffic`` keeps commands from waiting for the
        exchange of a batch; its ``clock`` tells how long each took, by which what waited is paced.
        PLT-7.9d.
        """
        try:
            return self._outbox.deliver(destination, now, traffic, clock)
        except StoreDamaged as fault:
            if not self._damage.met(fault):
                raise
            return 0

    @property
    def beaten(self) -> tuple[str, ...]:
        """The peers that :meth:`beat` is for."""
        return self._beats.destinations

    def beat(self, destination: str, now: datetime) -> HeartbeatAnswer | None:
        """One heartbeat, which tells the highest sequences; the host sends one every 2 s, in a
        thread of its own. None where the peer did not take it, or its endpoint is held. PLT-9.4,
        PLT-7.6b, PLT-8.11b."""
        if self._held.holds(destination):
            return None
        return self._beats.beat(destination, now)

    def do_chores(self, now: datetime) -> None:
        """Ask for gaps, feed recall jobs, forget what ended, and make due what a clock that was set
        back would keep. Raises what the first failed with."""
        chores = (partial(self._chore, chore, now) for chore in self._duties.chores)
        _each((partial(self._look_at_the_clock, now), *chores))

    def met(self, fault: StoreDamaged) -> None:
        """Tell of a damaged record that a host met in the store. F22."""
        self._damage.met(fault)

    def tick(self, now: datetime) -> None:
        """Chores, a look after the store, deliveries to each peer. Raises what the first failed
        with, at the end."""
        called = (each for each, peer in self.identity.peers.items() if peer.paths)
        deliveries = (partial(self.deliver, destination, now) for destination in called)
        _each((partial(self.do_chores, now), partial(self.look_after, now), *deliveries))

    def _look_at_the_clock(self, now: datetime) -> None:
        try:
            letters = self._set_back.look(now)
        except StoreDamaged as fault:
            if not self._damage.met(fault):
                raise
            return
        if letters:
            self._observer("clock.set_back", letters=letters)

    def _chore(self, chore: Chore, now: datetime) -> None:
        try:
            self._clockwork.write(partial(_do, chore, now))
        except StoreDamaged as fault:
            # A letter that was laid aside is not met by the next.
            if not self._damage.met(fault):
                raise


def _do(chore: Chore, now: datetime, tx: Transaction) -> None:
    chore(tx, now)


def _each(works: Iterable[Callable[[], object]]) -> None:
    """All of them, whatever one of them does. Raises what the first failed with."""
    failed: list[Exception] = []
    for work in works:
        try:
            work()
        except Exception as cause:  # noqa: BLE001 - the next must not wait for this one
            failed.append(cause)
    if failed:
        raise failed[0]
