"""Trading days, kept per resource and trade date. Section 3.2(2) of the operation catalogue.

A handler that takes part calls :func:`advance_day`. Statements concern all resources of an
aggregator: their steps are kept once for the aggregator and count for every resource of its.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import msgspec

from vgigw.codec.packing import pack, unpack
from vgigw.ports import Document, Transaction, View
from vgigw.rules.day import DayEvent, DayState, advance, further

_KIND = "TradingDay"
_ALL_RESOURCES = ""


class TradingDay(msgspec.Struct, frozen=True, kw_only=True):
    """How far the day of one resource has come; an empty ``resource_id`` stands for all."""

    aggregator_id: str
    resource_id: str
    trade_date: date
    state: DayState


def day_state(view: View, owner: str, resource_id: str, day: date) -> DayState:
    """How far ``day`` has come for a resource of the aggregator ``owner``."""
    own = _kept(view, owner, resource_id, day)
    return further(own, _kept(view, owner, _ALL_RESOURCES, day))


def advance_day(
    tx: Transaction, owner: str, resource_id: str, day: date, event: DayEvent, now: datetime
) -> DayState:
    """``event`` for one resource of ``owner``. Raises ``IllegalState`` where it leads back."""
    state = advance(day_state(tx, owner, resource_id, day), event)
    _keep(tx, owner, resource_id, day, state, now)
    return state


def advance_days(
    tx: Transaction, owner: str, days: Iterable[date], event: DayEvent, now: datetime
) -> None:
    """``event`` for all resources of ``owner`` on each of ``days``."""
    for day in days:
        state = advance(_kept(tx, owner, _ALL_RESOURCES, day), event)
        _keep(tx, owner, _ALL_RESOURCES, day, state, now)


def note_step(
    tx: Transaction, owner: str, resource_id: str, day: date, event: DayEvent, now: datetime
) -> None:
    """``event`` for a day whose market has cleared and is not settled; it is no step of another
    day, and a command or an answer is never refused for it."""
    state = day_state(tx, owner, resource_id, day)
    if further(state, DayState.CLEARED) is state and further(state, DayState.SETTLED) is not state:
        advance_day(tx, owner, resource_id, day, event, now)


def _kept(view: View, owner: str, resource_id: str, day: date) -> DayState:
    document = view.document(_KIND, owner, _key(resource_id, day))
    if document is None:
        return DayState.OPEN
    return msgspec.json.decode(unpack(document.payload), type=TradingDay).state


def _keep(
    tx: Transaction, owner: str, resource_id: str, day: date, state: DayState, now: datetime
) -> None:
    """Every change of state is a version of its own; what stays is not written again."""
    key = _key(resource_id, day)
    held = tx.document(_KIND, owner, key)
    if held is not None and _kept(tx, owner, resource_id, day) is state:
        return
    found = TradingDay(aggregator_id=owner, resource_id=resource_id, trade_date=day, state=state)
    document = Document(
        kind=_KIND,
        owner=owner,
        key=key,
        version=held.version + 1 if held else 1,
        group=day.isoformat(),
        payload=pack(msgspec.json.encode(found)),
        digest="",
        at=now,
    )
    tx.put(document)


def _key(resource_id: str, day: date) -> str:
    return f"{day.isoformat()}/{resource_id}"
