"""Alarms for peers whose letters wait for what the link is not to blame for: TLS does not trust the
peer, or what answers is not its own word, time after time. F40, F44.

PLT-7.9c, PLT-10.3a, JES-6.4.2d.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from vgigw.errors import OwnFault, PeerAnswerInvalid, PeerNotTrusted
from vgigw.handlers.alarm_raising import Matter, clear_alarm, raise_alarm
from vgigw.handlers.marks import chore
from vgigw.objects import AlarmDomain, AlarmLevel, AlarmObjectKind, ChannelDirection
from vgigw.ports import Identity, LetterState, Peer, Transaction

_LOOK_EVERY = timedelta(minutes=1)
_SAMPLE = 20
"""Letters of a peer that are looked at: the first that is tried stops those behind it."""
UNKNOWN_FOR: Final = timedelta(minutes=1)
"""Own design number: answers that are not the peer's own for so long are no accident."""


class _Doubt(NamedTuple):
    """What letters wait for, how long it has to last, and the matter of its alarm."""

    fault: type[OwnFault]
    lasts: timedelta
    matter: Callable[[str], Matter]


class UntrustedPeers:
    """Looks at the letters that wait for the peers that are called."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._looked_at: datetime | None = None
        self._since: dict[tuple[str, type[OwnFault]], datetime] = {}

    @chore
    def watch(self, tx: Transaction, now: datetime) -> None:
        """Chore: an alarm is over when no letter waits for its reason."""
        looked_at = self._looked_at
        if looked_at is not None and timedelta(0) <= now - looked_at < _LOOK_EVERY:
            return
        self._looked_at = now
        for peer in self._identity.peers.values():
            if peer.paths:
                self._look_at(peer, tx, now)

    def _look_at(self, peer: Peer, tx: Transaction, now: datetime) -> None:
        party = peer.operator_id
        waiting = tx.letters(destination=party, state=LetterState.WAITING, limit=_SAMPLE)
        errors = [each.last_error for each in waiting]
        for doubt in _DOUBTS:
            name = doubt.fault.__name__
            reason = next((each for each in errors if each.startswith(name)), None)
            if reason is None:
                self._since.pop((party, doubt.fault), None)
                clear_alarm(self._identity, doubt.matter(party), tx, now)
            elif now - self._since.setdefault((party, doubt.fault), now) >= doubt.lasts:
                raise_alarm(self._identity, doubt.matter(party), tx, now, detail=reason)


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


def unknown_answers(party: str) -> Matter:
    """The matter of a party in whose name something answers what it did not sign, or that makes no
    sense: nobody knows whether it has what it was sent."""
    return Matter(
        code="ANSWERS_UNKNOWN",
        domain=AlarmDomain.CHANNEL,
        object_kind=AlarmObjectKind.CHANNEL,
        object_id=party,
        direction=ChannelDirection.UP,
        level=AlarmLevel.MAJOR,
    )


_DOUBTS = (
    _Doubt(PeerNotTrusted, timedelta(0), untrusted),
    _Doubt(PeerAnswerInvalid, UNKNOWN_FOR, unknown_answers),
)
