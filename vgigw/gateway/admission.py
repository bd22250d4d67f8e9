"""Whether a genuine message is taken on now: the quota of its peer, and how the store stands.

Only what was found genuine and fresh is counted, so that no stranger uses up the quota of a peer.
Of what is refused nothing is counted. F60, F61.
"""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Final

from vgigw.errors import Busy, OverLimit
from vgigw.operations import Operation
from vgigw.ports import Gauge, Limits, Peer, Strain
from vgigw.rules.quota import Bucket, Quota, full, take

RESERVE: Final = 0.1
"""What control has on top of a quota, as a share of it."""

_UNTIL_SPACE_S: Final = 10.0
_UNTIL_WRITTEN_S: Final = 1.0


class Admission:
    """The buckets of one process, two for each peer and as many in reserve for control."""

    def __init__(self, limits: Limits, gauge: Gauge | None = None) -> None:
        self._limits = limits
        self._gauge = gauge
        self.strain = Strain()
        """How the store stood at the last look."""
        self._buckets: dict[tuple[str, bool], tuple[Bucket, Bucket]] = {}
        self._lock = threading.Lock()

    def check(self, peer: Peer, operation: Operation, size_bytes: int, now: datetime) -> None:
        """Count a genuine message. Raises ``OverLimit`` over the quota of ``peer``, ``Busy`` for a
        writing operation while the store is short; control passes as long as it can."""
        self._check_quota(peer, operation, size_bytes, now)
        if operation.writes and not operation.urgent:
            short = self.shortage()
            if short is not None:
                raise short

    def shortage(self) -> Busy | None:
        """Why bulk cannot be written now; None where it can."""
        if self._gauge is None:
            return None
        limits = self._limits
        self.strain = strain = self._gauge()
        if strain.free_bytes is not None and strain.free_bytes < limits.disk_free_bytes:
            short = Busy("the store is short of space, try again later")
            short.retry_after_s = _UNTIL_SPACE_S
            return short
        if strain.waiting > limits.store_queue:
            short = Busy("too much waits to be stored, try again")
            short.retry_after_s = _UNTIL_WRITTEN_S
            return short
        return None

    def _check_quota(
        self, peer: Peer, operation: Operation, size_bytes: int, now: datetime
    ) -> None:
        with self._lock:
            wait_s = self._take(peer, size_bytes, now, reserve=False)
            if wait_s and operation.urgent:
                wait_s = self._take(peer, size_bytes, now, reserve=True)
        if wait_s:
            over = OverLimit("more than the quota of this peer, try again later")
            over.retry_after_s = wait_s
            raise over

    def _take(self, peer: Peer, size_bytes: int, now: datetime, *, reserve: bool) -> float:
        """The seconds to wait; takes from both buckets, or from none."""
        share = RESERVE if reserve else 1.0
        limits = self._limits
        quotas = (
            Quota.of(share * (peer.messages_per_s or limits.messages_per_s)),
            Quota.of(share * (peer.bytes_per_s or limits.bytes_per_s)),
        )
        key = (peer.operator_id, reserve)
        held = self._buckets.get(key) or (full(quotas[0], now), full(quotas[1], now))
        messages, wait_s = take(quotas[0], held[0], 1, now)
        octets, wait_for_bytes_s = take(quotas[1], held[1], size_bytes, now)
        longest_s = max(wait_s, wait_for_bytes_s)
        if longest_s:
            # Filled up to now, and nothing taken.
            messages, octets = (take(quotas[at], held[at], 0, now)[0] for at in (0, 1))
        self._buckets[key] = messages, octets
        return longest_s
