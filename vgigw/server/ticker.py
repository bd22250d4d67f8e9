"""The clockwork of a served gateway: a thread for chores, one for each kind of traffic to each peer
that we call, and one for the heartbeats to each that we beat to.

A slow peer holds up its own letters only, and a long exchange those of its kind only. Of several
processes on one store one has the clockwork: the one whose turn it is. A thread of its own keeps
the turn, so that no work can be late with it. One more, in every process, looks after the store and
what was refused.
"""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

import structlog

from vgigw.errors import StoreDamaged, TurnLost, VgigwError
from vgigw.ports import Clock
from vgigw.rules.catch_up import Traffic
from vgigw.rules.lease import KEEP_EVERY_S
from vgigw.rules.link import BEAT_S
from vgigw.server.log import facts_of
from vgigw.server.turn import AlwaysOurs, Turn

if TYPE_CHECKING:
    from collections.abc import Callable

    from vgigw.server.assembly import Gateway

_CHORES_EVERY_S = 0.25
_DELIVER_EVERY_S = {Traffic.URGENT: 0.05, Traffic.NEW: 0.05, Traffic.WAITED: 0.1}
_ASK_EVERY_S = 0.25
_LOOK_EVERY_S = 1.0
_WHAT_TO_DO = "nothing goes out: the lease in the store is damaged, see vgigw doctor"


class Ticker:
    """Runs until ``stop``; a work that fails is logged and tried again."""

    def __init__(self, gateway: Gateway, clock: Clock, turn: Turn | None = None) -> None:
        self._gateway = gateway
        self._clock = clock
        self._turn = turn or AlwaysOurs()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._log = structlog.get_logger()

    def start(self) -> None:
        """Start the threads."""
        self._spawn("vgigw-turn", self._keep_turn)
        self._spawn("vgigw-watch", self._look_after)

    def stop(self, wait_s: float = 8.0) -> None:
        """Let each thread finish the work that it is at."""
        self._stopping.set()
        for thread in list(self._threads):
            thread.join(wait_s)
        if not any(thread.is_alive() for thread in self._threads):
            self._turn.give_back()

    def _keep_turn(self) -> None:
        epoch, begun, told = 0, False, False
        while not self._stopping.is_set():
            try:
                self._turn.keep()
            except StoreDamaged as fault:
                self._gateway.met(fault)
                told = told or self._log.error("turn.damaged", what=_WHAT_TO_DO) is None
            except Exception as fault:  # noqa: BLE001 - what has no turn must go on asking for it
                self._log.warning("turn.failed", **facts_of(fault))
            if self._turn.epoch != epoch:
                if epoch:
                    self._log.warning("turn.lost", epoch=epoch)
                epoch = self._turn.epoch
                # Whoever shares with nobody takes nothing.
                if epoch and not isinstance(self._turn, AlwaysOurs):
                    self._log.info("turn.taken", epoch=epoch)
            if epoch and not begun:
                begun = True
                self._begin()
            self._stopping.wait(KEEP_EVERY_S)

    def _look_after(self) -> None:
        """Whoever's turn it is: what a process refused it alone knows."""

        def work() -> bool:
            self._gateway.look_after(self._clock.now())
            return False

        while not self._stopping.wait(_LOOK_EVERY_S):
            self._done(work)

    def _begin(self) -> None:
        gateway = self._gateway
        self._spawn("vgigw-clockwork", lambda: self._every(_CHORES_EVERY_S, self._chores))
        for peer in gateway.identity.peers.values():
            if peer.paths:
                for traffic in Traffic:
                    self._spawn(
                        f"vgigw-{traffic}-to-{peer.operator_id}",
                        partial(self._deliver, peer.operator_id, traffic),
                    )
        for each in gateway.beaten:
            self._spawn(f"vgigw-beats-{each}", lambda d=each: self._beat(d))  # type: ignore[misc]

    def _deliver(self, destination: str, traffic: Traffic) -> None:
        gateway, clock = self._gateway, self._clock

        def work() -> bool:
            return gateway.deliver(destination, clock.now(), traffic, clock) > 0

        self._every(_DELIVER_EVERY_S[traffic], work)

    def _chores(self) -> bool:
        self._gateway.do_chores(self._clock.now())
        return False

    def _beat(self, destination: str) -> None:
        def work() -> bool:
            self._gateway.beat(destination, self._clock.now())
            return False

        self._every(BEAT_S, work)

    def _every(self, wait_s: float, work: Callable[[], bool]) -> None:
        """Do ``work`` again at once while it had something to do, else after ``wait_s``; wait while
        it is not our turn."""
        while not self._stopping.is_set():
            with self._turn.working() as ours:
                busy = ours and self._done(work)
            if not busy:
                self._stopping.wait(wait_s if ours else _ASK_EVERY_S)

    def _done(self, work: Callable[[], bool]) -> bool:
        try:
            return work()
        except TurnLost:
            # Told once, by whoever keeps the turn.
            return False
        except VgigwError as fault:
            self._log.warning("clockwork.failed", **facts_of(fault))
        except Exception as cause:  # noqa: BLE001 - the clockwork must go on
            self._log.error("clockwork.failed", exc_info=False, **facts_of(cause))
        return False

    def _spawn(self, name: str, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()
