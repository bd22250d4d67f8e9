"""How many records a large letter to each peer has, by how long the last ones took. PLT-7.9d.

Kept in memory: a new process begins with small ones, and finds out within seconds.
"""

from __future__ import annotations

from vgigw.rules.bulk import FIRST_RECORDS, next_size


class BulkSizes:
    """Told by the outbox, asked by what feeds it; any number of threads may do so."""

    def __init__(self) -> None:
        self._sizes: dict[str, int] = {}
        self._shares: dict[str, float] = {}

    def of(self, destination: str) -> int:
        """Records of the next letter."""
        return self._sizes.get(destination, FIRST_RECORDS)

    def share(self, destination: str) -> float | None:
        """The share of its time that the last one had; None before the first."""
        return self._shares.get(destination)

    def sent(
        self, destination: str, records: int, took_s: float, *, delivered: bool, share: float
    ) -> None:
        """A letter with so many took so long, of a ``share`` of the peer's time."""
        self._shares[destination] = share
        size = next_size(self.of(destination), records, took_s, delivered=delivered)
        self._sizes[destination] = size
