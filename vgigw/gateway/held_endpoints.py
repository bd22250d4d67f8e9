"""What goes by no outbox obeys the same rule as the letters: nothing is sent where a peer is called
while that is not approved. PLT-8.11b.
"""

from __future__ import annotations

from functools import partial

from vgigw.errors import NotApproved
from vgigw.ports import Store
from vgigw.ports.duties import EndpointHold


class HeldEndpoints:
    """Asks for each call and each heartbeat, right before it; without ``holds`` none is held."""

    def __init__(self, store: Store, holds: EndpointHold | None) -> None:
        self._store = store
        self._holds = holds

    def holds(self, destination: str) -> bool:
        """Whether nothing may be sent to ``destination``."""
        return self._holds is not None and self._store.read(partial(self._holds, destination))

    def check(self, destination: str) -> None:
        """Raise ``NotApproved`` (4304) where nothing may be sent to ``destination``."""
        if self.holds(destination):
            words = (
                f"the endpoint of {destination} in the configuration is not approved, and nothing "
                "is sent there: two roles approve its application for the change, or two persons "
                "release it by vgigw peers --release; PLT-8.11b"
            )
            raise NotApproved(words)
