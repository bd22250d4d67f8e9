"""Keys that change while a gateway runs: every process follows its peers, and tells them of ours.

Within a second, in each process that has a key ring, whichever of them has the clockwork. ACC-5.8.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog

from vgigw.errors import Misconfigured
from vgigw.ports import Clock, Observer
from vgigw.server.config import Config
from vgigw.server.key_follower import KeyFollower
from vgigw.server.key_teller import KeyTeller
from vgigw.server.link_keys import ring_of, uses_ring
from vgigw.server.log import facts_of

if TYPE_CHECKING:
    from vgigw.gateway import Gateway

EVERY: Final = timedelta(seconds=1)


class KeyWatch:
    """Follows and tells; a host calls :meth:`look` as often as it likes."""

    def __init__(self, follower: KeyFollower, teller: KeyTeller, observer: Observer) -> None:
        self._follower, self._teller, self._observe = follower, teller, observer
        self._looked_at: datetime | None = None
        self._failed = ""

    def look(self, now: datetime) -> None:
        """Do what is to be done, once a second. Raises what the store raises.

        A ring that cannot be read is told once, not each second.
        """
        if self._looked_at is not None and timedelta() <= now - self._looked_at < EVERY:
            return
        self._looked_at = now
        try:
            self._follower.follow(now)
            self._teller.tell(now)
            self._failed = ""
        except Misconfigured as fault:
            if fault.message != self._failed:
                self._failed = fault.message
                self._observe("keys.failed", cause=fault)


def key_watch_of(config: Config, gateway: Gateway, observer: Observer) -> KeyWatch | None:
    """What watches the ring that the configuration names; None where no peer needs one."""
    sections = [each for each in config.peers if uses_ring(each)]
    if not sections:
        return None
    ring, identity = ring_of(config), gateway.identity
    told = [each.operator_id for each in sections if each.tell_key_changes]
    followed = [each.operator_id for each in sections if each.follow_key_changes]
    return KeyWatch(
        KeyFollower(ring, identity, gateway.store, followed, observer),
        KeyTeller(ring, gateway, told, observer),
        observer,
    )


class KeyThread:
    """A thread that looks; a work that fails is logged and done again."""

    def __init__(self, watch: KeyWatch, clock: Clock) -> None:
        self._watch, self._clock = watch, clock
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="vgigw-keys", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, wait_s: float = 8.0) -> None:
        """Let it finish the work that it is at."""
        self._stopping.set()
        self._thread.join(wait_s)

    def _run(self) -> None:
        log = structlog.get_logger()
        while not self._stopping.wait(EVERY.total_seconds() / 4):
            try:
                self._watch.look(self._clock.now())
            except Exception as cause:  # noqa: BLE001 - it must go on
                log.warning("keys.failed", **facts_of(cause))
