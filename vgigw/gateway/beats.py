"""Heartbeats of our own: they hold the link, and find the lost tail of an idle stream.

PLT-9.4, PLT-7.6b. A beat is no letter: one that comes late is worth nothing. What a peer answered
it knows; so a beat tells the heights that rose, and every height again from time to time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from vgigw.errors import PeerAnswerInvalid, PeerRefused, PeerUnreachable
from vgigw.gateway.exchanges import Exchanges
from vgigw.objects import Heartbeat, HeartbeatAnswer, StreamHeight
from vgigw.objects.operating_enumerations import ChannelRole
from vgigw.operations import HEARTBEAT, Role
from vgigw.ports import Identity, Store, StreamHeights, Transaction, View

_BEATEN: Final = {
    Role.OPERATOR: Role.PLATFORM,
    Role.AGGREGATOR: Role.PLATFORM,
    Role.DISPATCH: Role.PLATFORM,
    Role.PLATFORM: Role.DISPATCH,
}
_MOST_HEIGHTS: Final = 1000
"""Heights in one beat; the others have their turn with the next."""
_ALL_AGAIN: Final = timedelta(minutes=10)
_UNREACHED: Final = timedelta(seconds=4)
_OVERLAP: Final = timedelta(seconds=10)
"""A height may be committed some time after the moment that it bears."""
_REFUSED: Final = timedelta(minutes=1)


class _Told:
    """What one peer has been told, and since when."""

    def __init__(self) -> None:
        self.heights: dict[str, int] = {}
        self.known: dict[str, int] = {}
        self.looked_at: datetime | None = None
        self.begun_at: datetime | None = None
        self.quiet: tuple[datetime, datetime] | None = None


class Beats:
    """Beats of one identity to the peers that telemetry goes to, and from the dispatch back."""

    def __init__(
        self, identity: Identity, store: Store, exchanges: Exchanges, heights: StreamHeights | None
    ) -> None:
        self._identity = identity
        self._store = store
        self._exchanges = exchanges
        self._heights = heights
        self._told: dict[str, _Told] = {}

    @property
    def destinations(self) -> tuple[str, ...]:
        """Whom to beat to."""
        wanted = _BEATEN.get(self._identity.role)
        peers = self._identity.peers.items()
        return tuple(each for each, peer in peers if peer.role is wanted and peer.paths)

    def beat(self, destination: str, now: datetime) -> HeartbeatAnswer | None:
        """One beat; None where the peer did not take it, or is left alone for a moment for that."""
        told = self._told.setdefault(destination, _Told())
        # A clock that was set back keeps nobody quiet. F55
        if told.quiet is not None and told.quiet[0] <= now < told.quiet[1]:
            return None
        heights = self._store.read(partial(self._rising, destination, told, now))
        number = self._store.write(partial(_next_number, f"beats/{destination}"))
        beat = Heartbeat(
            link_id=self._identity.operator_id,
            seq=number,
            time=now.replace(microsecond=now.microsecond // 1000 * 1000),
            channel_role=ChannelRole.MAIN,
            streams=tuple(
                StreamHeight(stream_id=stream, seq_highest=highest)
                for stream, highest in heights.items()
            ),
        )
        try:
            answer = self._exchanges.call(destination, HEARTBEAT, beat, now)
        except (PeerUnreachable, PeerAnswerInvalid):
            told.quiet = now, now + _UNREACHED
            return None
        except PeerRefused:
            told.quiet = now, now + _REFUSED
            return None
        told.heights |= heights
        return answer if isinstance(answer, HeartbeatAnswer) else None

    def _rising(self, destination: str, told: _Told, now: datetime, view: View) -> dict[str, int]:
        if self._heights is None:
            return {}
        set_back = told.looked_at is not None and now < told.looked_at
        if told.begun_at is None or set_back or now - told.begun_at >= _ALL_AGAIN:
            told.begun_at, told.looked_at, told.heights = now, None, {}
        since = None if told.looked_at is None else told.looked_at - _OVERLAP
        told.known |= self._heights.told_since(view, since)
        told.looked_at = now
        waiting = self._heights.on_their_way(view, destination)
        if waiting is None:
            return {}
        rising: dict[str, int] = {}
        for stream, known in told.known.items():
            highest = min(known, waiting.get(stream, known + 1) - 1)
            if highest > told.heights.get(stream, 0) and len(rising) < _MOST_HEIGHTS:
                rising[stream] = highest
        return rising


def _next_number(name: str, tx: Transaction) -> int:
    return tx.next_number(name)
