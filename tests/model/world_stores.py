"""A world of real gateways: what its parties send, and what the rules of the machine do to them."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from msgspec.structs import replace

from tests.model import looking
from tests.model.broken import Lacks
from tests.model.faults import Killed
from tests.model.ledger import Facts, Outcome, Recalled
from tests.model.processes import Processes
from tests.trio import DISPATCH, OPERATOR, PLATFORM, STREAM, batch, curve, encoded, record
from vgigw.errors import PeerRefused, VgigwError
from vgigw.objects import ControlCurve, RecallReceipt, RecallRequest, TelemetryBatch
from vgigw.objects.operating_enumerations import RecallCause
from vgigw.operations import ISSUE_CONTROL, RECALL_DATA, UPLOAD_TELEMETRY

LASTS_S: Final = 120
_ROUNDS_TO_SETTLE: Final = 60
_FINAL: Final = range(4004, 4500)
"""Refusals that a repeat of the same message meets again."""


class StoreWorld(Processes):
    """What the rules of the machine do to real gateways."""

    def __init__(self, kind: str, lacks: Lacks = frozenset()) -> None:
        self.messages: list[TelemetryBatch] = []
        self.commands: dict[str, ControlCurve] = {}
        self.replies: dict[str, str] = {}
        self.count = 0
        super().__init__(kind, lacks)

    # --- what is sent ------------------------------------------------------------------------

    def measure(self, size: int, number: int) -> None:
        """A process of the operator gives numbers to records, and puts them into its outbox."""
        process = (OPERATOR, number)
        running = self.running[process]
        if running.paused:
            return
        store, given = running.gateway.store, []
        for _ in range(size):
            given.append(self._guarded(process, lambda: store.write(_next_number)))
            if given[-1] is None:
                return  # What was given and not used is a hole that the operator declares.
            self.ledger.numbers.append(given[-1])
        if given[-1] - given[0] != size - 1:
            return
        made = batch(given[0], given[-1], send_time=self.now)
        self.messages.append(made)
        running = self.running[process]
        sent = self._guarded(
            process, lambda: running.gateway.send(PLATFORM, UPLOAD_TELEMETRY, made, self.now)
        )
        for seq in given:
            if sent is None:
                self.ledger.note(("record", seq), Outcome.UNKNOWN)
            else:
                self.ledger.acknowledge("operator", ("record", seq), repr(record(seq)))

    def again(self, place: int, *, other: bool) -> None:
        """A batch once more, past the outbox; or its numbers with another content."""
        if not self.messages:
            return
        made = self.messages[place % len(self.messages)]
        if other:
            records = tuple(replace(each, active_power=-1.0) for each in made.records)
            made = replace(made, batch_id=f"{made.batch_id}x", records=records)
        held = looking.numbers(self.disks[PLATFORM].store)
        told, _ = self._told(OPERATOR, UPLOAD_TELEMETRY, made)
        if told is not None and other:
            if not set(range(made.seq_from, made.seq_to + 1)) & held:
                self.messages.remove(self.messages[place % len(self.messages)])
        elif told is not None:
            for seq in range(made.seq_from, made.seq_to + 1):
                self.ledger.acknowledge("platform", ("record", seq), repr(record(seq)))

    def command(self) -> None:
        """Dispatch issues a command that is to be carried out within two minutes."""
        self.count += 1
        name = f"C{self.count}"
        point = replace(curve().points[0], start_time=self.now)
        until = self.now + timedelta(seconds=LASTS_S)
        made = curve(
            name,
            points=(replace(point, end_time=self.now + timedelta(minutes=15)),),
            ack_deadline=until,
            valid_until=until,
            issue_time=self.now,
        )
        self.commands[name] = made
        self.issue(name)

    def issue(self, name: str, *, other: bool = False) -> None:
        """The command; once more, where it was issued before; or another one under its name."""
        made, key = self.commands[name], ("command", name)
        if other:
            points = (replace(made.points[0], target_power=Decimal(1)),)
            made = replace(made, points=points)
        told, refused = self._told(DISPATCH, ISSUE_CONTROL, made)
        if other:
            if name in self.replies:
                self.ledger.conflicts.append((key, told is not None))
            elif told is not None:
                self.commands[name] = made
        if told is not None:
            answer = encoded(told).decode()
            if name in self.replies and not other:
                self.ledger.replies.append((key, self.replies[name], answer))
            self.replies.setdefault(name, answer)
            self.ledger.acknowledge("platform", key, name)
        elif refused in _FINAL and not other:
            if name in self.replies:
                self.ledger.replies.append((key, self.replies[name], f"refused {refused}"))
            self.ledger.note(key, Outcome.LOST)
        else:
            self.ledger.note(key, Outcome.UNKNOWN)

    def recall(self, first: int, size: int) -> None:
        """Dispatch asks the platform for numbers of the stream."""
        self.count += 1
        name = f"R{self.count}"
        asked = RecallRequest(
            recall_id=name,
            requester_id=DISPATCH,
            stream_id=STREAM,
            seq_from=first,
            seq_to=first + size - 1,
            cause=RecallCause.PEER_RECALL,
        )
        numbers = frozenset(range(first, first + size))
        told, _ = self._told(DISPATCH, RECALL_DATA, asked)
        if isinstance(told, RecallReceipt):
            gone = [range(each.seq_from, each.seq_to + 1) for each in told.unavailable_ranges]
            self.ledger.recalls[told.job_id] = Recalled(
                asked=numbers,
                stored=numbers & looking.numbers(self.disks[PLATFORM].store),
                told=told.count,
                declared=frozenset(seq for each in gone for seq in each),
            )
        self.recalled |= numbers

    def _told(self, party: str, operation: Any, request: Any) -> tuple[Any, int]:
        """The answer, or the code of the refusal; neither where none came."""
        process = (party, 0)
        if self.running[process].paused:
            process = (party, 1)
        running = self.running[process]
        if running.paused:
            return None, 0
        try:
            return running.gateway.call(PLATFORM, operation, request, self.now), 0
        except Killed as killed:
            self.crashed(killed.process)
        except PeerRefused as refused:
            return None, refused.code
        except VgigwError:
            return None, 0
        return None, 0

    # --- what befalls them -------------------------------------------------------------------

    def jump(self, seconds: float) -> None:
        """The wall clocks; nobody's monotonic one."""
        self.latest = max(self.latest, self.now, self.wait(seconds))

    def release(self, place: int) -> None:
        """What was held on a link, or was there before, arrives now."""
        held = [each for running in self.running.values() for each in running.link.held]
        found = held or self.wires[-30:]
        if found:
            base, wire = found[place % len(found)]
            for running in self.running.values():
                running.link.held = [each for each in running.link.held if each[1] is not wire]
            with suppress(VgigwError):
                self.running[DISPATCH, 0].link.deliver(base, wire)

    def forge(self, how: str) -> None:
        """A message that nobody may send: what it would change is that of the next number."""
        made = batch(901, 901)
        at = self.now - timedelta(hours=2) if how == "old" else self.now
        try:
            token = self.token(OPERATOR) if how != "no token" else "none"
            wire = self.sealed(UPLOAD_TELEMETRY, made, token, at=at)
        except (VgigwError, Killed):
            return
        if how == "signature":
            middle = wire.body.index(b'"Sig"') + 30
            other = b"A" if wire.body[middle : middle + 1] != b"A" else b"B"
            wire = replace(wire, body=wire.body[:middle] + other + wire.body[middle + 1 :])
        with suppress(VgigwError, Killed):
            self.give(wire)
        self.ledger.forged.append((how, looking.holds(self.disks[PLATFORM].store, 901)))

    def rotate(self, party: str) -> None:
        self.keys.step(party)

    def checkpoint(self, party: str) -> None:
        self.disks[party].checkpoint()

    # --- what there is -----------------------------------------------------------------------

    def facts(self) -> Facts:
        """What the stores say now."""
        return looking.facts(self)

    def settle(self) -> None:
        """Every fault is over, and everybody has time until nothing waits."""
        self.faults.heal()
        self.keys.finish()
        for party, number in list(self.running):
            self.wake(party, number)
        for turn in range(_ROUNDS_TO_SETTLE):
            self.pass_time(3.0 if turn < 8 else 31.0)
            for party, number in list(self.running):
                self.tick(party, number)
                running = self.running[party, number]
                if party == OPERATOR and running.turn is not None and running.turn.epoch:
                    self._guarded((party, number), lambda: running.gateway.beat(PLATFORM, self.now))  # noqa: B023
            if turn > 3 and not looking.facts(self).waiting:
                return

    def close(self) -> None:
        self.restore()
        for disk in self.disks.values():
            disk.close()


def _next_number(tx: Any) -> int:
    return int(tx.next_number("model"))
