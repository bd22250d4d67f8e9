"""The clockwork of a served gateway: one thread for chores, one for each peer that we call.

A slow peer holds up its own letters only. Of several worker processes on one state folder one has
the clockwork: the one that holds the lock.
"""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from vgigw.errors import VgigwError
from vgigw.ports import Clock
from vgigw.server.log import facts_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from vgigw.server.assembly import Gateway

_CHORES_EVERY_S = 0.25
_DELIVER_EVERY_S = 0.05
_LOCK_EVERY_S = 1.0


class Ticker:
    """Runs until ``stop``; a work that fails is logged and tried again."""

    def __init__(self, gateway: Gateway, clock: Clock, lock_file: Path | None = None) -> None:
        self._gateway = gateway
        self._clock = clock
        self._lock_file = lock_file
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._log = structlog.get_logger()
        self._held: int | None = None

    def start(self) -> None:
        """Start the threads."""
        self._spawn("vgigw-clockwork", self._run)

    def stop(self, wait_s: float = 8.0) -> None:
        """Let each thread finish the work that it is at."""
        self._stopping.set()
        for thread in list(self._threads):
            thread.join(wait_s)
        if self._held is not None and not any(thread.is_alive() for thread in self._threads):
            os.close(self._held)
            self._held = None

    def _run(self) -> None:
        if not self._acquire():
            return
        gateway, clock = self._gateway, self._clock
        for peer in gateway.identity.peers.values():
            if peer.paths:
                destination = peer.operator_id
                self._spawn(
                    f"vgigw-to-{destination}",
                    lambda d=destination: self._every(  # type: ignore[misc]
                        _DELIVER_EVERY_S, lambda: gateway.deliver(d, clock.now()) > 0
                    ),
                )
        self._every(_CHORES_EVERY_S, self._chores)

    def _chores(self) -> bool:
        self._gateway.do_chores(self._clock.now())
        return False

    def _acquire(self) -> bool:
        """Wait for the lock; the system frees it when its holder dies."""
        if self._lock_file is None:
            return True
        self._lock_file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        while not self._stopping.is_set():
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._stopping.wait(_LOCK_EVERY_S)
            else:
                self._held = descriptor
                return True
        os.close(descriptor)
        return False

    def _every(self, wait_s: float, work: Callable[[], bool]) -> None:
        """Do ``work`` again at once while it had something to do, else after ``wait_s``."""
        while not self._stopping.is_set():
            busy = False
            try:
                busy = work()
            except VgigwError as fault:
                self._log.warning("clockwork.failed", **facts_of(fault))
            except Exception as cause:  # noqa: BLE001 - the clockwork must go on
                self._log.error("clockwork.failed", exc_info=False, **facts_of(cause))
            if not busy:
                self._stopping.wait(wait_s)

    def _spawn(self, name: str, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()
