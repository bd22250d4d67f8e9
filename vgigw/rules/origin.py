"""Who says that a command or an event is theirs, and since when. VGI-D.17."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from vgigw.errors import Detail, InvalidObject, NotAllowed
from vgigw.objects import ControlCurve, DREvent

AHEAD: Final = timedelta(minutes=5)
"""How far the clock of whoever issues may be ahead of ours; the window of a message."""


def check_issue_time(issued: ControlCurve | DREvent, now: datetime) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` where IssueTime is more than 5 min later than
    now: nobody has issued it yet. VGI-D.17."""
    if issued.issue_time > now + AHEAD:
        words = "is later than now; VGI-D.17"
        raise InvalidObject(details=(Detail("/IssueTime", "rule", words),))


def check_issued_by(issued_by: str | None, sender: str) -> None:
    """Raise :class:`~vgigw.errors.NotAllowed` where ``sender`` issues in the name of another
    party; who is not named is the sender. VGI-D.17."""
    if issued_by not in (None, sender):
        words = "must be the sender; VGI-D.17"
        raise NotAllowed(details=(Detail("/IssuedBy", "rule", words),))
