"""Makes a vehicle anonymous wherever else it is named, a part at a time. JES-6.4.1c, Q24.

Sessions, orders, commands, plans, resources, alarms, telemetry, logs of edges, trading, settlement,
and the letters that carry them. What is left to do is kept, so that it goes on after a restart;
when it is done, nothing says any more that there was such a vehicle.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Final

import msgspec
from msgspec.structs import replace

from vgigw.codec.packing import pack, unpack
from vgigw.handlers.alarm_times import BY_TIME
from vgigw.handlers.anonymous_records import (
    AT_ONCE,
    ISSUED,
    OF_IT_ALONE,
    OWN,
    Left,
    each,
    edge_answers,
    in_documents,
    in_incomes,
    in_journal,
    in_letters,
    rewritten,
)
from vgigw.handlers.commands import CommandRecord
from vgigw.handlers.marks import chore
from vgigw.handlers.recall_plan import RecallPlan
from vgigw.objects import AlarmEvent, EdgeSync
from vgigw.ports import Document, Letter, LetterState, Transaction, View

_KIND: Final = "Anonymising"


class Anonymising:
    """The chore that goes on with what a withdrawal began."""

    @chore
    def go_on(self, tx: Transaction, _: datetime) -> None:
        """Chore: the next part of the oldest withdrawal that is not done yet."""
        for document in tx.documents(_KIND, limit=1):
            _work(document, _left_of(document), tx)


def begin(consent_id: str, left: Left, tx: Transaction, now: datetime) -> None:
    """Do the first part now, which is all of it where there is little."""
    document = Document(
        kind=_KIND, owner=left.owner, key=consent_id, version=1, payload=b"", digest="", at=now
    )
    _work(document, left, tx)


def is_done(view: View) -> bool:
    """Whether nothing is left to be made anonymous."""
    return view.count_documents(_KIND) == 0


def is_held(letter: Letter, view: View) -> bool:
    """Whether a letter may name a vehicle of which not everything is anonymous yet: it is sent when
    that is done, without the vehicle or not at all."""
    return any(_left_of(each).named_in(letter.payload) for each in view.documents(_KIND))


def _left_of(document: Document) -> Left:
    return msgspec.json.decode(unpack(document.payload), type=Left)


def _work(document: Document, left: Left, tx: Transaction) -> None:
    looked_at = 0
    while looked_at < AT_ONCE:
        if left.done == len(_STEPS):
            tx.erase(_KIND, document.owner, document.key)
            tx.scrub()
            return
        part = _STEPS[left.done](left, tx)
        looked_at += part.looked_at
        done = left.done + part.done
        left = replace(left, done=done, at=0 if part.done else part.at)
    tx.put(replace(document, payload=pack(msgspec.json.encode(left))))


_STEPS: Final = (
    *(in_letters(state) for state in LetterState),
    in_incomes,
    each(EdgeSync.__name__, own=True, visit=edge_answers),
    each(BY_TIME, own=True, visit=partial(rewritten, AlarmEvent)),
    *(in_documents(cls, own=True) for cls in (*OWN, *OF_IT_ALONE)),
    *(in_documents(cls, own=False) for cls in (*ISSUED, CommandRecord, RecallPlan)),
    in_journal,
    in_letters(LetterState.WAITING),
)
"""Letters that were made meanwhile of what was not anonymous yet come last; all wait for that."""
