"""What becomes of a damaged record of the store: it is told, and a letter is laid aside. F22.

Nobody sends what may not be what it was, and nothing else waits for it.
"""

from __future__ import annotations

from vgigw.errors import StoreDamaged
from vgigw.ports import Observer, Store, Watch


class Damage:
    """Of one gateway; any thread may meet it."""

    def __init__(self, store: Store, watch: Watch | None, observer: Observer) -> None:
        self._store = store
        self._watch = watch
        self._observe = observer
        self._told: set[tuple[str, int | None]] = set()

    def met(self, fault: StoreDamaged) -> bool:
        """Tell of it, once; whether it is in nobody's way any more."""
        place = fault.table, fault.row_id
        if place not in self._told:
            self._told.add(place)
            self._observe("store.damaged", table=fault.table, row=fault.row_id, cause=fault)
            if self._watch is not None:
                self._watch.damaged(fault)
        letter_id = fault.row_id
        if fault.table != "letter" or letter_id is None:
            return False
        return self._store.write(lambda tx: tx.lay_aside(letter_id))
