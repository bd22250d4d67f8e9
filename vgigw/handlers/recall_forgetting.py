"""What is kept of a recall job after its end is forgotten with the answers of that time. PLT-7.9d.

A gap that stays open is asked for every five minutes, and each question has a job of its own.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

from vgigw.codec.packing import DAMAGED
from vgigw.handlers.link import ANSWERS_KEPT
from vgigw.handlers.marks import chore
from vgigw.handlers.recall_fruitless import FRUITLESS
from vgigw.handlers.recall_plan import ENDED, PLAN, plan_of
from vgigw.objects.operating_enumerations import JobState
from vgigw.ports import Document, Transaction

_AT_A_TIME: Final = 100
"""Own design number: jobs that one tick looks at, so that it costs the same however many there
are."""
_EVERY: Final = timedelta(minutes=1)
"""Own design number: how often a round through all of them begins."""
_LAST: Final = "\U0010ffff"


class EndedRecalls:
    """Forgets jobs that ended, slice by slice; not one that was cancelled, as it may be resumed."""

    def __init__(self) -> None:
        self._begun_at: datetime | None = None
        self._after: dict[str, str] = {}
        """By kind of document, the key up to which this round has come."""

    @chore
    def forget(self, tx: Transaction, now: datetime) -> None:
        """Chore: a slice of the round that runs, or of the next one when it is time for it."""
        if not self._after:
            if self._begun_at is not None and abs(now - self._begun_at) < _EVERY:
                return
            self._begun_at = now
            self._after = {PLAN: "", FRUITLESS: ""}
        for kind in tuple(self._after):
            self._forget_some(kind, tx, now)

    def _forget_some(self, kind: str, tx: Transaction, now: datetime) -> None:
        after = self._after.pop(kind)
        damaged: list[str] = []
        found = tx.documents(
            kind, keys=(after, _LAST), by_key=True, limit=_AT_A_TIME, damaged=damaged.append
        )
        for each in found:
            if each.at < now - ANSWERS_KEPT and _is_over(each):
                tx.erase(kind, each.owner, each.key)
        if len(found) + len(damaged) == _AT_A_TIME:
            # The last comes again: another requester may have one of its name.
            self._after[kind] = max(*damaged, *(each.key for each in found))


def _is_over(document: Document) -> bool:
    if document.kind != PLAN:
        return True
    try:
        return document.group == ENDED and plan_of(document).state is not JobState.CANCELLED
    except (DAMAGED, msgspec.DecodeError):
        return False  # It is for whoever mends the store.
