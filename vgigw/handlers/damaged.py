"""What a chore meets that cannot be read, and the alarm of it: it holds up itself and nothing else.

F19, F21, F22.
"""

from __future__ import annotations

from typing import Final

from vgigw.codec.packing import DAMAGED
from vgigw.errors import InvalidObject, Malformed, StoreDamaged
from vgigw.handlers.alarm_raising import Matter
from vgigw.objects import AlarmDomain, AlarmObjectKind

DAMAGE: Final = (StoreDamaged, DAMAGED, InvalidObject, Malformed)
"""What reading a record raises that is not what was stored: its columns, its frame, its object."""


def recall_damaged(party: str) -> Matter:
    """The matter of a recall that cannot be answered in full."""
    return Matter(
        code="RECALL_DAMAGED",
        domain=AlarmDomain.BUSINESS,
        object_kind=AlarmObjectKind.PARTY,
        object_id=party,
    )
