"""An envelope that was taken is known by its guard, and good for its own operation only. F81."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Final

from vgigw.errors import Replayed, StoreFull
from vgigw.ports import Call, Claim, Gate, Identity, Seen, Transaction, View

MOST_UNKEPT: Final = 10_000
"""Guards of reads that a process knows without the store, while that is full."""


class Guards:
    """Knows again what one identity has taken. Any number of threads may ask."""

    def __init__(self, identity: Identity, gate: Gate | None) -> None:
        self._identity = identity
        self._gate = gate
        self._unkept: dict[bytes, tuple[Seen, datetime]] = {}
        self._lock = threading.Lock()

    def enter(self, call: Call, claim: Claim, tx: Transaction) -> bool:
        """Whether the envelope is new; it is remembered. Raises ``Replayed``, and what the gate
        does."""
        seen = self._seen(claim, tx)
        if seen is None:
            tx.remember(claim.guard, call.peer.operator_id, call.operation.name, self._until(call))
        self._check(call, seen, tx)
        return seen is None

    def enter_unkept(self, call: Call, claim: Claim, tx: Transaction) -> None:
        """As :meth:`enter`, for a read while nothing can be stored: remembered here for a while.

        Raises ``StoreFull`` where that would be too many. F17: reads go on.
        """
        seen = self._seen(claim, tx)
        self._check(call, seen, tx)
        with self._lock:
            if len(self._unkept) >= MOST_UNKEPT:
                self._unkept = {k: v for k, v in self._unkept.items() if v[1] > call.now}
            if len(self._unkept) >= MOST_UNKEPT:
                raise StoreFull()
            taken = Seen(call.peer.operator_id, call.operation.name)
            self._unkept[claim.guard] = taken, self._until(call)

    def _seen(self, claim: Claim, view: View) -> Seen | None:
        unkept = self._unkept.get(claim.guard)
        return view.seen(claim.guard) if unkept is None else unkept[0]

    def _check(self, call: Call, seen: Seen | None, tx: Transaction) -> None:
        taken = Seen(call.peer.operator_id, call.operation.name)
        if seen is not None and seen != taken:
            raise Replayed()
        if self._gate is not None:
            self._gate(call, tx)

    def _until(self, call: Call) -> datetime:
        return call.now + timedelta(seconds=2 * self._identity.window_of(call.peer))
