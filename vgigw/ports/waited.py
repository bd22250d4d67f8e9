"""Which letters of a lane waited: all up to the newest that was made before a moment. PLT-7.9d.

By id and not by time: a clock that was set back leaves letters that were made in the future, and
they came before what is made now. F55.
"""

from __future__ import annotations

from datetime import datetime

from vgigw.operations import Lane
from vgigw.ports.records import LetterState
from vgigw.ports.store import View


def waited_up_to(view: View, destination: str, lane: Lane, since: datetime) -> int:
    """The id of the newest letter that waits and was made before ``since``; 0 where none was. Found
    from the end of the lane, so that it costs no more with a long backlog; after a clock was set
    back, what was made ahead and waits is gone through."""
    found = view.letters(
        destination=destination,
        state=LetterState.WAITING,
        lane=lane,
        created_before=since,
        newest_first=True,
        limit=1,
    )
    return found[0].id if found else 0
