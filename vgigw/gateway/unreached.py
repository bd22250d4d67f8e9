"""Letters whose peer could not be reached: they are due as soon as it is there again. PLT-9.4.

Each has a wait of its own by then, of up to a minute; whoever gets through first spares them that.
"""

from __future__ import annotations

import threading
from datetime import datetime
from functools import partial
from typing import Final

from msgspec.structs import replace

from vgigw.errors import PeerUnreachable
from vgigw.ports import Letter, LetterState, Store, Transaction

UNREACHED: Final = PeerUnreachable.__name__
"""The last error of such a letter."""
_MOST: Final = 256
"""Of one peer; more do not fail while it is left alone."""


class Unreached:
    """Of one gateway; kept in memory only, as a new process finds out again within a minute."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._letters: dict[str, set[int]] = {}
        self._lock = threading.Lock()

    def note(self, letter: Letter) -> None:
        """Nobody was there to take ``letter``."""
        with self._lock:
            found = self._letters.setdefault(letter.destination, set())
            if len(found) < _MOST:
                found.add(letter.id)

    def reached(self, destination: str, now: datetime) -> None:
        """The peer is there: what waits for it is due."""
        with self._lock:
            found = self._letters.pop(destination, None)
        if found:
            self._store.write(partial(_make_due, letter_ids=sorted(found), now=now))


def _make_due(tx: Transaction, *, letter_ids: list[int], now: datetime) -> None:
    for letter_id in letter_ids:
        letter = tx.letter(letter_id)
        waits = letter is not None and letter.state is LetterState.WAITING
        # One that another failure, or somebody, has laid aside since waits for that.
        if letter is not None and waits and letter.last_error == UNREACHED and letter.next_at > now:
            tx.save_letter(replace(letter, next_at=now))
