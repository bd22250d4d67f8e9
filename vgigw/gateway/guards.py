"""An envelope that was taken is known by its guard, and good for its own operation only. F81.

The guard of one that is unsigned is its identifier: it is good for one content, too.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Final

from vgigw.errors import Replayed, StoreFull
from vgigw.ports import Call, Claim, Gate, Identity, Seen, Transaction, View

MOST_UNKEPT: Final = 40_000
"""Guards of reads that a process knows without the store, while that is full: own design number,
some 10 MB. Each peer has an equal share of them, so that none takes what another needs."""

MOST_UNKEPT_OF_A_PEER: Final = 10_000
"""Where there are few peers."""


class Guards:
    """Knows again what one identity has taken. Any number of threads may ask."""

    def __init__(self, identity: Identity, gate: Gate | None) -> None:
        self._identity = identity
        self._gate = gate
        self._unkept: dict[str, dict[bytes, tuple[Seen, datetime]]] = {}
        self._lock = threading.Lock()

    def enter(self, call: Call, claim: Claim, tx: Transaction) -> bool:
        """Whether the envelope is new; it is remembered. Raises ``Replayed``, and what the gate
        does."""
        seen = self._seen(call, claim, tx)
        if seen is None:
            taken = _taken(call)
            tx.remember(claim.guard, taken.peer, taken.operation, self._until(call))
        self._check(call, seen, tx)
        return seen is None

    def enter_unkept(self, call: Call, claim: Claim, tx: Transaction) -> None:
        """As :meth:`enter`, for a read while nothing can be stored: remembered here for a while, by
        this process alone. Another one on the store knows nothing of it.

        Raises ``StoreFull`` where that would be more than the peer's share. F17: reads go on.
        """
        seen = self._seen(call, claim, tx)
        self._check(call, seen, tx)
        with self._lock:
            known = self._unkept.setdefault(call.peer.operator_id, {})
            _drop_over(known, call.now)
            before = known.get(claim.guard)
            if before is not None:
                # Another thread may have taken it since we looked.
                _check_same(call, before[0])
                return
            if len(known) >= self._share():
                raise StoreFull()
            known[claim.guard] = _taken(call), self._until(call)

    def _share(self) -> int:
        of_each = MOST_UNKEPT // max(1, len(self._identity.peers))
        return max(1, min(MOST_UNKEPT_OF_A_PEER, of_each))

    def _seen(self, call: Call, claim: Claim, view: View) -> Seen | None:
        # Who sent it stands in what the guard is a digest of: another peer has no such guard.
        unkept = self._unkept.get(call.peer.operator_id, {}).get(claim.guard)
        return view.seen(claim.guard) if unkept is None else unkept[0]

    def _check(self, call: Call, seen: Seen | None, tx: Transaction) -> None:
        if seen is not None:
            _check_same(call, seen)
        if self._gate is not None:
            self._gate(call, tx)

    def _until(self, call: Call) -> datetime:
        return call.now + timedelta(seconds=2 * self._identity.window_of(call.peer))


def _drop_over(known: dict[bytes, tuple[Seen, datetime]], now: datetime) -> None:
    """The first ones in are the first that are over: none is looked at twice for nothing."""
    while known:
        first = next(iter(known))
        if known[first][1] > now:
            return
        del known[first]


def _check_same(call: Call, seen: Seen) -> None:
    if seen != _taken(call):
        raise Replayed()


def _taken(call: Call) -> Seen:
    name = call.operation.name
    return Seen(call.peer.operator_id, f"{name} {call.digest}" if call.unsigned else name)
