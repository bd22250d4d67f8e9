"""Delivery receipts: who received what and when, and an alarm for what nobody took. PLT-8.6."""

from __future__ import annotations

from datetime import datetime, timedelta

from vgigw.handlers.alarm_raising import Matter, clear_alarm, raise_alarm
from vgigw.handlers.marks import chore, follows
from vgigw.objects import AlarmDomain, AlarmObjectKind, InformationObject
from vgigw.operations import OPERATIONS
from vgigw.ports import Identity, Letter, LetterState, Transaction
from vgigw.ports.deliveries import delivery_of, keep_delivery
from vgigw.ports.records import RECEIPTED

UNDELIVERED_AFTER = timedelta(hours=24)
"""Own design number: how long an object may be on its way before somebody is told."""

_LOOK_EVERY = timedelta(minutes=1)
_LONGEST_OBJECT_ID = 64


class Receipts:
    """Follows every message that asks for a receipt to its end.

    For results, incomes and sanctions the receipt is that the party took them (PLT-8.8c, PLT-8.7b):
    its signed answer, kept with its time; what nobody took in time is an alarm. That somebody read
    it can be said of a notice only, by ConfirmNotice (PLT-8.6).
    """

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._looked_at: datetime | None = None

    @follows(*(row for row in OPERATIONS if row.receipted))
    def note(
        self, letter: Letter, reply: InformationObject | None, tx: Transaction, now: datetime
    ) -> None:
        """Keep who received it and when, or why it never will be; that is an alarm, too."""
        received_at = getattr(reply, "receive_time", None) or (now if reply is not None else None)
        keep_delivery(delivery_of(letter, received_at), letter.id, tx, now)
        if letter.state is LetterState.DELIVERED:
            clear_alarm(self._identity, undelivered(letter), tx, now)
        else:
            self._alarm(letter, letter.last_error, tx, now)

    @chore
    def watch(self, tx: Transaction, now: datetime) -> None:
        """Chore: one alarm for an object that a party did not take within a day."""
        looked_at = self._looked_at
        if looked_at is not None and timedelta(0) <= now - looked_at < _LOOK_EVERY:
            return
        self._looked_at = now
        for letter in tx.letters(state=LetterState.WAITING, group=RECEIPTED):
            if now - letter.created_at >= UNDELIVERED_AFTER:
                self._alarm(letter, "on its way for a day", tx, now)

    def _alarm(self, letter: Letter, why: str, tx: Transaction, now: datetime) -> None:
        detail = f"{letter.operation} did not reach {letter.destination}: {why}"
        raise_alarm(self._identity, undelivered(letter), tx, now, detail=detail)


def undelivered(letter: Letter) -> Matter:
    """The matter of an object that a party did not take."""
    return Matter(
        code="UNDELIVERED",
        domain=AlarmDomain.BUSINESS,
        object_kind=AlarmObjectKind.MESSAGE,
        object_id=letter.message_id[:_LONGEST_OBJECT_ID],
        party=f"{letter.operation}/{letter.destination}/{letter.message_id}",
        once=True,
    )
