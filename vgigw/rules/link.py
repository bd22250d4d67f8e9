"""A link of two channels as its receiver sees it by the beats. PLT-9.4; section 3.2(4).

* MAIN_UP has the standby hot beside it.
* A beat is missed when the second after it has not come either; three missed ones are a loss.
* SWITCHING waits for a sign of life on either channel; after REVERT the main one must have held for
  a while before it is trusted again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import msgspec

from vgigw.objects.operating_enumerations import ChannelRole, LinkState
from vgigw.rules.transitions import Transitions

BEAT_S: Final = 2.0
"""Own design number: a beat every 2 s, three misses are a loss."""
MISSES: Final = 3
HOLD_S: Final = 30.0
"""Own design number: how long the main channel must hold before the link goes back to it."""

_LATE: Final = timedelta(seconds=2 * BEAT_S)
_LOST: Final = timedelta(seconds=MISSES * BEAT_S)
_HOLD: Final = timedelta(seconds=HOLD_S)

_TABLE: Final = """
                main     standby         late            lost            standby_lost  held
MAIN_UP         =        =               SUSPECT         SWITCHING       =             =
SUSPECT         MAIN_UP  =               =               SWITCHING       =             =
SWITCHING       MAIN_UP  STANDBY_ACTIVE  =               =               =             =
STANDBY_ACTIVE  REVERT   =               =               =               SWITCHING     =
REVERT          =        =               STANDBY_ACTIVE  STANDBY_ACTIVE  =             MAIN_UP
"""


class LinkStage(StrEnum):
    """Where a link stands."""

    MAIN_UP = "main up"
    SUSPECT = "suspect"
    SWITCHING = "switching"
    STANDBY_ACTIVE = "standby active"
    REVERT = "revert"


class LinkEvent(StrEnum):
    """What happens to a link, in the order of the table's columns."""

    MAIN_BEAT = "heard on main"
    STANDBY_BEAT = "heard on standby"
    MAIN_LATE = "late on main"
    MAIN_LOST = "lost on main"
    STANDBY_LOST = "lost on standby"
    HELD = "held"


LINK: Final = Transitions("link", LinkStage, LinkEvent, _TABLE)

_SEEN: Final = MappingProxyType(
    {
        LinkStage.MAIN_UP: LinkState.UP,
        LinkStage.SUSPECT: LinkState.SUSPECT,
        LinkStage.SWITCHING: LinkState.DOWN,
        LinkStage.STANDBY_ACTIVE: LinkState.UP,
        LinkStage.REVERT: LinkState.UP,
    }
)


class LinkRecord(msgspec.Struct, frozen=True):
    """A link: its stage and since when, and the last beat of each channel."""

    stage: LinkStage
    since: datetime
    main_at: datetime
    standby_at: datetime | None = None

    @property
    def state(self) -> LinkState:
        """As a heartbeat's answer says it."""
        return _SEEN[self.stage]


def heard(link: LinkRecord | None, role: ChannelRole, now: datetime) -> LinkRecord:
    """The link after a beat; a new one has a main channel that is still to be heard of."""
    link = LinkRecord(LinkStage.MAIN_UP, now, now) if link is None else watched(link, now)
    if role is ChannelRole.MAIN:
        link = msgspec.structs.replace(link, main_at=now)
        return _after(link, LinkEvent.MAIN_BEAT, now)
    link = msgspec.structs.replace(link, standby_at=now)
    return _after(link, LinkEvent.STANDBY_BEAT, now)


def watched(link: LinkRecord, now: datetime) -> LinkRecord:
    """The link after the beats that did not come; itself where nothing changed."""
    silent = now - link.main_at
    if silent >= _LOST:
        link = _after(link, LinkEvent.MAIN_LOST, now)
    elif silent >= _LATE:
        link = _after(link, LinkEvent.MAIN_LATE, now)
    if link.stage is LinkStage.REVERT and now - link.since >= _HOLD:
        link = _after(link, LinkEvent.HELD, now)
    if link.standby_at is None or now - link.standby_at >= _LOST:
        link = _after(link, LinkEvent.STANDBY_LOST, now)
    return link


def _after(link: LinkRecord, event: LinkEvent, now: datetime) -> LinkRecord:
    stage = LINK.advance(link.stage, event)
    if stage is link.stage:
        return link
    return msgspec.structs.replace(link, stage=stage, since=now)
