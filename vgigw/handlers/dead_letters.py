"""An alarm for letters that were given up: one for each party, until somebody has dealt with them.

PLT-7.6b, PLT-7.9c.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from vgigw.handlers.alarm_raising import Matter, clear_alarm, raise_alarm
from vgigw.handlers.marks import chore, follows
from vgigw.objects import AlarmDomain, AlarmObjectKind, InformationObject
from vgigw.operations import CLEAR_ALARM, OPERATIONS, PUSH_ALARM
from vgigw.ports import Identity, Letter, LetterState, Transaction

_LOOK_EVERY = timedelta(minutes=1)
_OF_ALARMS = frozenset({PUSH_ALARM.name, CLEAR_ALARM.name})
"""An alarm of a dead alarm would have the same fate."""


class DeadLetters:
    """Follows every message to its end."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._looked_at: datetime | None = None

    @follows(*(row for row in OPERATIONS if not row.receipted and row.name not in _OF_ALARMS))
    def note(
        self, letter: Letter, _: InformationObject | None, tx: Transaction, now: datetime
    ) -> None:
        """A letter that ran out of time has done no harm; any other that died is an alarm. Those
        that ask for a receipt have one of their own."""
        if letter.state is LetterState.DEAD and letter.last_error != "expired":
            raise_alarm(
                self._identity,
                dead_letters(letter.destination),
                tx,
                now,
                detail=f"{letter.operation}: {letter.last_error}; see vgigw outbox dead",
                value=Decimal(1),
            )

    @chore
    def watch(self, tx: Transaction, now: datetime) -> None:
        """Chore: the alarm is over when no dead letter is left."""
        looked_at = self._looked_at
        if looked_at is not None and timedelta(0) <= now - looked_at < _LOOK_EVERY:
            return
        self._looked_at = now
        for party in self._identity.peers:
            if not tx.letters(destination=party, state=LetterState.DEAD, limit=1):
                clear_alarm(self._identity, dead_letters(party), tx, now)


def dead_letters(party: str) -> Matter:
    """The matter of what a party did not take."""
    return Matter(
        code="DEAD_LETTERS",
        domain=AlarmDomain.BUSINESS,
        object_kind=AlarmObjectKind.MESSAGE,
        object_id=party,
    )
