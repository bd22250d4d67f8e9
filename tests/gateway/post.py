"""An outbox with letters to a peer that answers by a script, on a clock that stands still."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from msgspec.structs import replace

from tests.stores.fresh import fresh_store
from tests.trio import NOW, OPERATOR, OTHER, PLATFORM, ROLES, batch
from vgigw.gateway.exchanges import Exchanges
from vgigw.gateway.outbox import Outbox
from vgigw.objects import HeartbeatAnswer, InformationObject
from vgigw.objects.operating_enumerations import LinkState
from vgigw.operations import UPLOAD_TELEMETRY, Lane
from vgigw.ports import Duties, Identity, Letter, Peer, View, letter_for
from vgigw.rules.catch_up import Traffic

REPLY = HeartbeatAnswer(seq=1, time=NOW, state=LinkState.UP)
"""Whatever: nobody follows these letters."""


@dataclass
class Answers:
    """A peer that answers by a script; each exchange takes ``took_s``."""

    faults: list[Exception | None] = field(default_factory=list)
    took_s: float = 0.0
    now: datetime = NOW
    heard_at: datetime | None = None
    calls: list[tuple[object, ...]] = field(default_factory=list)
    during: list[Any] = field(default_factory=list)

    def call(self, *what: object, settled: bool) -> InformationObject:
        assert settled
        self.calls.append(what)
        self.now += timedelta(seconds=self.took_s)
        for each in self.during:
            each()
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault
        return REPLY

    def heard_within(self, destination: str, within_s: float, now: datetime) -> bool:
        assert destination == PLATFORM
        return self.heard_at is not None and (now - self.heard_at).total_seconds() <= within_s


@dataclass
class Sizes:
    """What is told of large letters; each is divided in two."""

    told: list[tuple[object, ...]] = field(default_factory=list)
    within: list[bool] = field(default_factory=list)

    def divide(
        self, letter: Letter, view: View, /, *, within_rows: bool = False
    ) -> tuple[Letter, ...]:
        self.within.append(within_rows)
        return tuple(replace(letter, id=0, message_id=f"part {part}") for part in range(2))

    def sent(
        self, destination: str, records: int, took_s: float, /, *, delivered: bool, share: float
    ) -> None:
        self.told.append((destination, records, took_s, delivered, share))


class Post:
    """An outbox of one peer, with letters of telemetry in ``lane``."""

    def __init__(
        self, *lanes: Lane, hold: Any = None, behind: Any = None, age_s: float = 0.0
    ) -> None:
        self.peer, self.sizes, self.store = Answers(), Sizes(), fresh_store()
        peers = dict.fromkeys((PLATFORM, OTHER), cast(Peer, None))  # by name only
        identity = Identity(operator_id=OPERATOR, role=ROLES[OPERATOR], peers=peers)
        duties = Duties(handlers={}, hold=hold, waits_behind=behind, bulk=self.sizes)
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.outbox = Outbox(
            identity,
            self.store,
            cast(Exchanges, self.peer),
            duties,
            lambda event, /, **facts: self.told.append((event, facts)),
        )
        created = NOW - timedelta(seconds=age_s)
        for number, lane in enumerate(lanes, 1):
            self.keep(f"M{number}", lane, created)

    def keep(
        self, name: str, lane: Lane, created: datetime, to: str = PLATFORM, **changes: Any
    ) -> None:
        letter = letter_for(to, UPLOAD_TELEMETRY, batch(1, 3), created, message_id=name)
        letter = replace(letter, lane=lane, trace_id=f"trace of {name}", **changes)
        self.store.write(lambda tx: tx.enqueue(letter))

    def now(self) -> datetime:
        return self.peer.now

    def deliver(self, traffic: Traffic | None = None) -> int:
        return self.outbox.deliver(PLATFORM, self.peer.now, traffic, self)

    def letters(self) -> list[Letter]:
        return self.store.read(lambda view: view.letters())

    def letter(self) -> Letter:
        (found,) = self.letters()
        return found

    def holds(self) -> list[Traffic]:
        """Which kinds of traffic leave the peer alone now."""
        breakers = self.outbox.breakers
        return [each for each in Traffic if breakers.holds(PLATFORM, each, self.peer.now)]
