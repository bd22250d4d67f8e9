"""Letters that wait for a time which the wall clock was set back behind: they are due at once. F55.

Without that a clock that ran an hour ahead, and was set right, would keep them for an hour more.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from msgspec.structs import replace

from vgigw.ports import LetterState, Store, Transaction
from vgigw.rules.retry import HELD_BACK, LONGEST_RETRY_AFTER_S

_NOTICED: Final = timedelta(seconds=1)
"""Threads read the clock one after the other, and a clock is slewed: that is no jump."""
_LONGEST: Final = timedelta(seconds=LONGEST_RETRY_AFTER_S + 60)
"""No letter is laid aside for longer, unless somebody holds it back."""
_PAGE: Final = 500


class SetBack:
    """Of one clockwork: looks at the time with each of its rounds."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._newest: datetime | None = None

    def look(self, now: datetime) -> int:
        """Make due what waits for a time that has come before; how many letters.

        A clockwork that begins knows no time before: then it is what was made in the future, or
        waits for longer than any letter is laid aside. A failure leaves it to the next look.
        """
        newest = self._newest
        found = 0
        if newest is None or now < newest - _NOTICED:
            found = self._make_due(now, anything=newest is not None)
        self._newest = now
        return found

    def _make_due(self, now: datetime, *, anything: bool) -> int:
        count, after_id = 0, 0
        while True:
            work = partial(_page, now=now, after_id=after_id, anything=anything)
            looked_at, changed, after_id = self._store.write(work)
            count += changed
            if looked_at < _PAGE:
                return count


def _page(tx: Transaction, *, now: datetime, after_id: int, anything: bool) -> tuple[int, int, int]:
    """One page of what waits: how many there were, how many changed, and the id of the last."""
    letters = tx.letters(state=LetterState.WAITING, after_id=after_id, limit=_PAGE)
    changed = 0
    for letter in letters:
        impossible = letter.created_at > now or letter.next_at > now + _LONGEST
        if now < letter.next_at < HELD_BACK and (anything or impossible):
            tx.save_letter(replace(letter, next_at=now))
            changed += 1
    return len(letters), changed, letters[-1].id if letters else after_id
