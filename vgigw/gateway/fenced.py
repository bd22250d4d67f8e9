"""The store as the clockwork sees it: each transaction first asks whether it may still act. I5.

Of several processes on one store one has the clockwork. One that stood still may wake up after
another took over: whatever it had begun must not change anything any more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from vgigw.ports import Fence, Store, Transaction, View

T = TypeVar("T")


class Fenced:
    """A ``Store`` whose works and queries raise ``TurnLost`` where ``fence`` does.

    It asks inside the same transaction: that costs one look at one row, and no commit of its own.
    """

    def __init__(self, store: Store, fence: Fence) -> None:
        self._store = store
        self._fence = fence

    def write(self, work: Callable[[Transaction], T]) -> T:
        """See :class:`vgigw.ports.Store`."""

        def act(tx: Transaction) -> T:
            self._fence.check(tx)
            return work(tx)

        return self._store.write(act)

    def read(self, query: Callable[[View], T]) -> T:
        """See :class:`vgigw.ports.Store`."""

        def look(view: View) -> T:
            self._fence.check(view)
            return query(view)

        return self._store.read(look)

    def close(self) -> None:
        self._store.close()
