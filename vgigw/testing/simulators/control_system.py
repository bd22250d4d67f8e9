"""The control system of a simulated operator: takes curves, follows them, reports on them."""

from __future__ import annotations

import copy
import queue
import threading
import time
from collections.abc import Callable
from datetime import timedelta

from vgigw.handlers import handles
from vgigw.handlers.relay import Relay
from vgigw.objects import CommandAck, CommandReceipt, ControlCurve, ExecutionReport
from vgigw.objects.operating_enumerations import AckResult
from vgigw.operations import ACK_CONTROL, ISSUE_CONTROL
from vgigw.ports import Call, Identity, Transaction, letter_for, letter_groups
from vgigw.testing.fleet import Fleet

_JUST_AFTER = timedelta(milliseconds=1)


class ControlSystem:
    """Accepts every curve and has ``fleet`` follow it; ``lock`` guards the fleet.

    ``arrivals`` tells when each command arrived, by ``time.perf_counter``; ``accepted`` and
    ``reported`` hold the curves that arrived and the reports that went out, by command.
    """

    def __init__(
        self, identity: Identity, platform: str, fleet: Fleet, lock: threading.Lock
    ) -> None:
        self.arrivals: dict[str, float] = {}
        self.accepted: dict[str, ControlCurve] = {}
        self.reported: dict[str, ExecutionReport] = {}
        self._relay, self._platform = Relay(identity), platform
        self._fleet, self._lock = fleet, lock
        self._waiting: queue.Queue[ControlCurve | None] = queue.Queue()
        self._worker: threading.Thread | None = None

    def handler(self) -> Callable[..., CommandReceipt]:
        """The handler of control curves: keeps one, accepts it in the same transaction, and hands
        it on. PLT-8.8a."""

        @handles(ISSUE_CONTROL)
        def accept(call: Call, tx: Transaction) -> CommandReceipt:
            curve: ControlCurve = call.request
            self.arrivals.setdefault(curve.command_id, time.perf_counter())
            receipt = self._relay.issue(call, tx)
            ack = CommandAck(
                command_id=curve.command_id,
                ack_result=AckResult.ACCEPTED,
                ack_time=call.now.replace(microsecond=call.now.microsecond // 1000 * 1000),
            )
            letter = letter_for(
                self._platform,
                ACK_CONTROL,
                ack,
                call.now,
                group=letter_groups.of_command(curve.command_id),
            )
            tx.enqueue(letter)
            self.accepted[curve.command_id] = curve
            self._waiting.put(curve)
            return receipt

        return accept

    def start(self, report: Callable[[ExecutionReport], object]) -> None:
        """Carry out what is accepted; each report goes to ``report``."""
        self._worker = threading.Thread(
            target=self._carry_out, args=(report,), name="vgigw-control", daemon=True
        )
        self._worker.start()

    def stop(self, wait_s: float = 5.0) -> None:
        """End after what was accepted so far."""
        self._waiting.put(None)
        if self._worker is not None:
            self._worker.join(wait_s)

    def _carry_out(self, report: Callable[[ExecutionReport], object]) -> None:
        # Nobody waits a quarter of an hour for a report: a copy of the fleet lives the curve
        # through in fast motion, while the fleet itself follows in its own time.
        while (curve := self._waiting.get()) is not None:
            with self._lock:
                self._fleet.follow(curve)
                ahead = copy.deepcopy(self._fleet)
            done = ahead.execution(curve, curve.points[-1].end_time + _JUST_AFTER)
            self.reported[curve.command_id] = done
            report(done)
