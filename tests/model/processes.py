"""Processes of real gateways: operator, platform and dispatch on stores of one kind.

Operator and platform are two processes each on one store, of which one has the clockwork. What a
process does is what its ticker would do; who stands still does nothing until it is woken, and then
goes on in the middle of its work.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Final

from msgspec.structs import replace

from tests.links import suites_for
from tests.model.broken import Lacks, transaction_of
from tests.model.disks import Disk
from tests.model.faults import Faults, Killed, Link, Process, ProcessStore
from tests.model.ledger import Ledger
from tests.model.rotation import SUITE, Rotation
from tests.model.running import Fence, NoLock, Running
from tests.trio import (
    DISPATCH,
    NOW,
    OPERATOR,
    PLATFORM,
    ROLES,
    Trio,
    secrets_of,
    station,
)
from vgigw.envelope.wire import WireRequest
from vgigw.errors import VgigwError
from vgigw.gateway import Gateway
from vgigw.handlers import builtin
from vgigw.objects import ControlCurve
from vgigw.operations import ISSUE_CONTROL, PUSH_ARCHIVE
from vgigw.ports import Call, Duties, Handler, Identity, Peer, Transaction
from vgigw.rules.lease import KEEP_EVERY_S, SILENT_S
from vgigw.senders.cec102 import Cec102Courier
from vgigw.server import turn as turns
from vgigw.server.turn import LEASE, LeasedTurn

PARTIES: Final = (OPERATOR, PLATFORM, DISPATCH)
SHARED: Final = (OPERATOR, PLATFORM)
PLACES: Final = {"operator": OPERATOR, "platform": PLATFORM}


_BEGINS_S: Final = 2 * 86_400.0
"""After the times of the records: more than all steps of a run can turn clocks back."""


class Processes(Trio):
    """Gateways that die, stand still and take over. ``lacks`` is what a wrong variant has not."""

    def __init__(self, kind: str, lacks: Lacks = frozenset()) -> None:
        self.ledger, self.faults, self.lacks = Ledger(), Faults(), lacks
        self.disks = {party: Disk(kind) for party in PARTIES}
        self.keys = Rotation(PARTIES)
        self.wires: list[tuple[str, WireRequest]] = []
        self.running: dict[Process, Running] = {}
        self.recalled: set[int] = set()
        self.mono_s, self.latest = 1000.0, NOW
        self._now_s, turns.now_s = turns.now_s, lambda: self.mono_s
        super().__init__("cec102", suite=SUITE, stores={p: d.store for p, d in self.disks.items()})
        # Clocks are turned back later on: nothing is measured after it was sent.
        self.pass_time(_BEGINS_S)
        self.pass_time(1.0)
        self.call(OPERATOR, PUSH_ARCHIVE, station())

    # --- what it is made of ------------------------------------------------------------------

    def restart(self, party: str) -> Gateway:
        """See :class:`Trio`."""
        if party in PARTIES:
            for number in range(1 + (party in SHARED)):
                self._begin((party, number))
            return self.gateways[party]
        return None  # type: ignore[return-value]

    def peer(self, party: str, other: str) -> Peer:
        plain = super().peer(party, other)
        shown = secrets_of(party if other == PLATFORM else other).operator_secret
        keys = self.keys.link(party, other, shown)
        return replace(plain, inbound=keys, outbound=keys)

    def _begin(self, process: Process) -> None:
        party = process[0]
        others = (OPERATOR, DISPATCH) if party == PLATFORM else (PLATFORM,)
        peers = {other: self.peer(party, other) for other in others}
        identity = Identity(operator_id=party, role=ROLES[party], peers=peers)
        asked: list[int] = []
        counted: dict[str, int] = {}
        store, of_turn = (
            ProcessStore(
                process,
                lambda: self.disks[party].store,
                self.faults,
                asked.clear,
                lambda tx: self._changed(asked, tx),
                lambda tx: transaction_of(tx, self.lacks, counted),
                dies=dies,
            )
            for dies in (True, False)
        )
        store.acknowledges_early = "commit before answer" in self.lacks
        link = Link(process, self, self.faults, died=self.crashed, taken_over=self._taken_over)
        turn = LeasedTurn(of_turn, NoLock()) if party in SHARED else None
        duties = builtin(identity)
        gateway = Gateway(
            identity=identity,
            store=store,
            duties=_executing(duties) if party == OPERATOR else duties,
            couriers={"cec102": Cec102Courier(party, suites_for(SUITE))},
            sender=link,
            fence=None if turn is None else Fence(turn, asked, self.lacks),
        )
        before = self.running.get(process)
        if before is not None:
            link.held += before.link.held
        self.running[process] = Running(gateway, link, turn, asked)
        self._listen(party)

    def _listen(self, party: str) -> None:
        """Whoever does not stand still takes in what comes."""
        awake = [
            each for (name, _), each in self.running.items() if name == party and not each.paused
        ]
        self.net._gateways.pop(party, None)
        if awake:
            self.gateways[party] = awake[0].gateway
            self.net.join(party, awake[0].gateway)

    def exchange(self, base: str, request: WireRequest) -> Any:
        """As a ``Sender`` below the links: notes what went over the wire."""
        self.wires.append((base, request))
        return self.net.exchange(base, request)

    def _changed(self, asked: list[int], tx: Transaction) -> Callable[[], None]:
        if not asked:
            return lambda: None
        lease = tx.lease(LEASE)
        pair = (asked[0], 0 if lease is None else lease.epoch)
        asked.clear()
        return lambda: self.ledger.commits.append(pair)

    # --- time, and who works -----------------------------------------------------------------

    def pass_time(self, seconds: float) -> None:
        """Everybody awake keeps its turn."""
        self.wait(seconds)
        self.mono_s += seconds
        for process in list(self.running):
            self._keep(process)

    def tick(self, party: str, number: int = 0) -> None:  # type: ignore[override]
        """What the ticker of one process does."""
        process = (party, number % (1 + (party in SHARED)))
        running = self.running[process]
        if running.paused:
            return
        with ExitStack() as stack:
            if running.turn is None or stack.enter_context(running.turn.working()):
                self._guarded(process, lambda: running.gateway.tick(self.now))

    def pause(self, party: str, number: int) -> None:
        """One process stands still, in the middle of its work if it had any."""
        running = self.running[party, number]
        if running.paused or running.turn is None:
            return
        running.paused = ExitStack()
        running.at_work = running.paused.enter_context(running.turn.working())
        self._listen(party)

    def wake(self, party: str, number: int) -> None:
        """It goes on where it stood."""
        running = self.running[party, number]
        if not running.paused:
            return
        with running.paused:
            running.paused = None
            self._listen(party)
            if running.at_work:
                self._guarded((party, number), lambda: running.gateway.tick(self.now))
        if self.running[party, number] is running:
            self._keep((party, number))

    def take_over(self, party: str) -> None:
        """Whoever has the turn stands still for longer than the others wait."""
        holder = [n for n in (0, 1) if (turn := self.running[party, n].turn) and turn.epoch]
        for number in holder:
            self.pause(party, number)
        for _ in range(3):
            self.pass_time(SILENT_S / 2 + KEEP_EVERY_S)

    def _taken_over(self, process: Process) -> None:
        party, number = process
        if party not in SHARED or self.running[process].paused:
            return
        self.running[process].paused = stack = ExitStack()
        self._listen(party)
        for _ in range(3):
            self.pass_time(SILENT_S / 2 + KEEP_EVERY_S)
        self.tick(party, 1 - number)
        if self.running[process].paused is stack:
            self.running[process].paused = None
            self._listen(party)

    def _keep(self, process: Process) -> None:
        running = self.running[process]
        if running.turn is not None and not running.paused:
            self._guarded(process, running.turn.keep)

    def _guarded(self, process: Process, work: Callable[[], Any]) -> Any:
        """What ``work`` returns; None where it failed, or somebody died of it."""
        try:
            return work()
        except Killed as killed:
            self.crashed(killed.process)
        except VgigwError:
            return None
        return None

    # --- what befalls them -------------------------------------------------------------------

    def crashed(self, process: Process) -> None:
        """Nothing of a process is left but what is durable."""
        party = process[0]
        self.disks[party].crash()
        self._begin(process)

    def power_loss(self, party: str) -> None:
        self.disks[party].power_loss()
        for process in [each for each in self.running if each[0] == party]:
            self._begin(process)

    def restore(self) -> None:
        """The clock of everybody else."""
        turns.now_s = self._now_s


def _executing(duties: Duties) -> Duties:
    """The operator counts what it carries out, and what it does so too late, in the transaction
    that takes the command in."""
    inner: Handler = duties.handlers[ISSUE_CONTROL.name]

    def handle(call: Call, tx: Transaction) -> Any:
        reply = inner(call, tx)
        curve: ControlCurve = call.request
        tx.next_number(f"executed:{curve.command_id}")
        if call.now > curve.valid_until:
            tx.next_number(f"late:{curve.command_id}")
        return reply

    return replace(duties, handlers={**duties.handlers, ISSUE_CONTROL.name: handle})
