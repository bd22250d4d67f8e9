"""An observer that may fail: what was committed must still be answered."""

from __future__ import annotations

from vgigw.ports import Observer


class Guarded:
    """Tells ``observer``; ``untold`` counts what it failed at."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self.untold = 0

    def __call__(self, event: str, /, **facts: object) -> None:
        try:
            self._observer(event, **facts)
        except Exception:  # noqa: BLE001 - there is nobody left to tell
            self.untold += 1
