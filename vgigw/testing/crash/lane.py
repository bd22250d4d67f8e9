"""A lane: one peer's messages of one kind, one after the other, until no answer comes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

from vgigw.codec import json
from vgigw.errors import OwnFault, PeerRefused
from vgigw.gateway import Gateway
from vgigw.testing.crash.acts import Acknowledged, Act

_BUSY = -1


class Lane:
    """Sends the acts of ``source`` through ``caller`` to the gateway ``gateway_id``.

    ``acknowledged`` grows only after the gateway's signed success was opened. ``pending`` is the
    one act that had no answer; it is sent again before any other. ``refused`` holds what the
    gateway refused, which a run must not see; ``put_off``, after how many seconds each time it was
    asked to try again. ``repeated`` counts attempts with the same content.
    """

    def __init__(self, caller: Gateway, gateway_id: str, source: Iterator[Act]) -> None:
        self._caller = caller
        self._gateway_id = gateway_id
        self._source = source
        self.acknowledged: list[Acknowledged] = []
        self.pending: Act | None = None
        self.refused: list[str] = []
        self.put_off: list[float | None] = []
        self.repeated = 0

    def run(self, stop: threading.Event, cut: threading.Event) -> None:
        """Send until ``stop`` is set or an answer fails to come; ``cut`` is set for the latter."""
        if self.pending is not None:
            self.repeated += 1
        while not stop.is_set():
            if self.pending is None:
                self.pending = next(self._source)
            if not self._attempt(self.pending):
                cut.set()
                return

    def finish(self) -> None:
        """Send what had no answer, and nothing new."""
        if self.pending is not None:
            self.repeated += 1
            self._attempt(self.pending)

    def send_one(self) -> None:
        """Send one new act. AssertionError when it is not acknowledged."""
        self.pending = next(self._source)
        assert self._attempt(self.pending), "no answer, and nobody was killed"
        assert not self.refused, self.refused

    def _attempt(self, act: Act) -> bool:
        """Whether an answer came."""
        try:
            reply = self._caller.call(
                self._gateway_id, act.operation, act.request, datetime.now(UTC)
            )
        except PeerRefused as refused:
            # Whose store failed says when to try again; a failure of the work itself does not.
            if refused.code != _BUSY and refused.retry_after_s is None:
                self.refused.append(f"{act.trace}: {refused}")
                self.pending = None
            else:
                self.put_off.append(refused.retry_after_s)
            return True
        except OwnFault:
            return False
        self.acknowledged.append(Acknowledged(act, json.encode(reply)))
        self.pending = None
        return True
