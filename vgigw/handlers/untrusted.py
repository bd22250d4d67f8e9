"""An alarm for a peer that TLS does not trust: its letters wait until it is trusted again. F44.

PLT-7.9c, PLT-10.3a, JES-6.4.2d.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from vgigw.errors import PeerNotTrusted
from vgigw.handlers.alarm_raising import Matter, clear_alarm, raise_alarm
from vgigw.handlers.marks import chore
from vgigw.objects import AlarmDomain, AlarmLevel, AlarmObjectKind, ChannelDirection
from vgigw.ports import Identity, LetterState, Transaction

_LOOK_EVERY = timedelta(minutes=1)
_SAMPLE = 20
"""Letters of a peer that are looked at: the first that is tried stops those behind it."""


class UntrustedPeers:
    """Looks at the letters that wait for peers which are called by TLS."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._looked_at: datetime | None = None

    @chore
    def watch(self, tx: Transaction, now: datetime) -> None:
        """Chore: the alarm is over when no letter waits for this reason."""
        looked_at = self._looked_at
        if looked_at is not None and timedelta(0) <= now - looked_at < _LOOK_EVERY:
            return
        self._looked_at = now
        for peer in self._identity.peers.values():
            if any(base.startswith("https:") for base in peer.paths):
                self._look_at(peer.operator_id, tx, now)

    def _look_at(self, party: str, tx: Transaction, now: datetime) -> None:
        waiting = tx.letters(destination=party, state=LetterState.WAITING, limit=_SAMPLE)
        errors = (letter.last_error for letter in waiting)
        reason = next((each for each in errors if each.startswith(PeerNotTrusted.__name__)), None)
        if reason is None:
            clear_alarm(self._identity, untrusted(party), tx, now)
        else:
            raise_alarm(self._identity, untrusted(party), tx, now, detail=reason)


def untrusted(party: str) -> Matter:
    """The matter of a party that TLS does not trust."""
    return Matter(
        code="PEER_NOT_TRUSTED",
        domain=AlarmDomain.INFORMATION_SECURITY,
        object_kind=AlarmObjectKind.CHANNEL,
        object_id=party,
        direction=ChannelDirection.UP,
        level=AlarmLevel.MAJOR,
    )
