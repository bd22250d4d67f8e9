"""What a chore meets that cannot be read, and the alarm of it: it holds up itself and nothing else.

F19, F21, F22.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Final

from vgigw.codec.packing import DAMAGED
from vgigw.errors import InvalidObject, Malformed, StoreDamaged
from vgigw.handlers.alarm_raising import Matter, raise_alarm
from vgigw.objects import AlarmDomain, AlarmLevel, AlarmObjectKind
from vgigw.ports import Identity, Transaction

DAMAGE: Final = (StoreDamaged, DAMAGED, InvalidObject, Malformed)
"""What reading a record raises that is not what was stored: its columns, its frame, its object."""


def raise_store_damaged(
    identity: Identity, table: str, row_id: int | None, tx: Transaction, now: datetime
) -> None:
    """One alarm a table; it stays until somebody has dealt with it."""
    which = "a row" if row_id is None else f"row {row_id}"
    detail = f"{table}: {which} is not what was stored; see vgigw doctor --verify"
    matter = Matter(
        code="STORE_DAMAGED",
        domain=AlarmDomain.PERFORMANCE,
        object_kind=AlarmObjectKind.PLATFORM,
        object_id=identity.operator_id,
        party=table,
        level=AlarmLevel.CRITICAL,
    )
    raise_alarm(identity, matter, tx, now, detail=detail)


def tell_damaged(
    identity: Identity, table: str, row_id: int | None, tx: Transaction, now: datetime
) -> None:
    """As ``raise_store_damaged``, but what it tells of goes on where the alarm is damaged, too."""
    with suppress(*DAMAGE):
        tx.apart(lambda part: raise_store_damaged(identity, table, row_id, part, now))


def recall_damaged(party: str) -> Matter:
    """The matter of a recall that cannot be answered in full."""
    return Matter(
        code="RECALL_DAMAGED",
        domain=AlarmDomain.BUSINESS,
        object_kind=AlarmObjectKind.PARTY,
        object_id=party,
    )
