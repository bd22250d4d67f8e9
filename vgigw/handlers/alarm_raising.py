"""Alarms of our own: one for each matter, told upwards, cleared when it is over. PLT-7.9c."""

from __future__ import annotations

import hashlib
from datetime import datetime
from decimal import Decimal

import msgspec

from vgigw.handlers.alarm_times import note_time
from vgigw.handlers.names_told import NamesTold
from vgigw.handlers.routes import Routes
from vgigw.handlers.shelf import Shelf
from vgigw.objects import (
    AlarmClear,
    AlarmDomain,
    AlarmEvent,
    AlarmLevel,
    AlarmObjectKind,
    AlarmState,
    ChannelDirection,
)
from vgigw.operations import CLEAR_ALARM, PUSH_ALARM
from vgigw.ports import Identity, Transaction, View
from vgigw.rules.alarm import MOST_REPEATS, cleared, raised_again, told

ALARMS = Shelf(AlarmEvent, key="alarm_id", version=None, group="alarm_state")
NAMES = NamesTold("AlarmName")
"""Identifiers towards dispatch."""
MOST_DETAIL = 1024


class Matter(msgspec.Struct, frozen=True, kw_only=True):
    """What an alarm of our own is about: one alarm a matter is open at a time.

    ``once`` is a matter that is raised once for ever; ``party`` tells two of one object apart.
    """

    code: str
    domain: AlarmDomain
    object_kind: AlarmObjectKind
    object_id: str
    direction: ChannelDirection | None = None
    party: str = ""
    level: AlarmLevel = AlarmLevel.WARNING
    once: bool = False


def raise_alarm(
    identity: Identity,
    matter: Matter,
    tx: Transaction,
    now: datetime,
    *,
    detail: str | None = None,
    value: Decimal | None = None,
    threshold: Decimal | None = None,
    trace_id: str | None = None,
    times: int = 1,
) -> AlarmEvent:
    """Keep an alarm of ``matter`` and tell it upwards; while it is open, only its count rises.

    A matter that is ``once`` only stays as it was raised first, open or over. It came ``times``
    since it was raised last.
    """
    own = identity.operator_id
    held = _last(own, matter, tx)
    open_one = held is not None and held.alarm_state is AlarmState.RAISED
    if held is not None and matter.once:
        return held
    number = tx.counter(_counter(own, matter)) if open_one else _next(own, matter, tx)
    alarm = AlarmEvent(
        alarm_id=_name(own, matter, number),
        alarm_state=AlarmState.RAISED,
        alarm_domain=matter.domain,
        alarm_code=matter.code,
        alarm_level=matter.level,
        object_kind=matter.object_kind,
        object_id=matter.object_id,
        direction=matter.direction,
        occur_time=now.replace(microsecond=now.microsecond // 1000 * 1000),
        value=value,
        threshold=threshold,
        detail=None if detail is None else detail[:MOST_DETAIL],
        trace_id=trace_id,
        repeat_count=_repeats(held if open_one else None, times),
    )
    if held is not None and open_one:
        again = raised_again(held, alarm)
        store_alarm(again, own, tx, now)
        return again
    store_alarm(alarm, own, tx, now)
    tell_upwards(identity, alarm, tx, now)
    return alarm


def clear_alarm(identity: Identity, matter: Matter, tx: Transaction, now: datetime) -> bool:
    """Clear the open alarm of ``matter`` and tell so upwards; whether there was one."""
    own = identity.operator_id
    held = _last(own, matter, tx)
    if held is None or held.alarm_state is not AlarmState.RAISED:
        return False
    over = now.replace(microsecond=now.microsecond // 1000 * 1000)
    clear = AlarmClear(alarm_id=held.alarm_id, clear_time=over)
    store_alarm(cleared(held, clear), own, tx, now)
    tell_clear_upwards(identity, own, clear, tx, now)
    return True


def store_alarm(alarm: AlarmEvent, owner: str, tx: Transaction, now: datetime) -> None:
    """Keep the present state of an alarm, no earlier than it began: a query by time relies on it,
    and the clock of who raised it may be ahead of ours."""
    at = max(now, alarm.occur_time)
    note_time(alarm, ALARMS.find(tx, owner, alarm.alarm_id), owner, tx, at)
    ALARMS.renew(alarm, owner, tx, at)


def keep_alarm(alarm: AlarmEvent, owner: str, tx: Transaction, now: datetime) -> None:
    """Keep what ``owner`` tells of an alarm. Raises ``IllegalState`` for one that is over."""
    held = ALARMS.find(tx, owner, alarm.alarm_id)
    store_alarm(told(held, alarm), owner, tx, now)


def tell_upwards(
    identity: Identity, alarm: AlarmEvent, tx: Transaction, now: datetime, owner: str = ""
) -> None:
    """Put an alarm into the outbox for everybody whom the table lets us tell."""
    name = NAMES.give(owner or identity.operator_id, alarm.alarm_id, tx, now)
    named = msgspec.structs.replace(alarm, alarm_id=name)
    routes = Routes(identity)
    for destination in routes.receivers(PUSH_ALARM):
        routes.send(destination, PUSH_ALARM, named, tx, now)


def tell_clear_upwards(
    identity: Identity,
    owner: str,
    clear: AlarmClear,
    tx: Transaction,
    now: datetime,
    *,
    by: str = "",
) -> None:
    """As :func:`tell_upwards`, for the end of an alarm of ``owner``; not to who told it, ``by``."""
    name = NAMES.give(owner, clear.alarm_id, tx, now)
    named = msgspec.structs.replace(clear, alarm_id=name)
    routes = Routes(identity)
    for destination in routes.receivers(CLEAR_ALARM):
        if destination != by:
            routes.send(destination, CLEAR_ALARM, named, tx, now)


def _repeats(held: AlarmEvent | None, times: int) -> int | None:
    """How often it came again; None for what came once."""
    if held is None:
        return min(times - 1, MOST_REPEATS) or None
    return min((held.repeat_count or 0) + times, MOST_REPEATS)


def _last(own: str, matter: Matter, view: View) -> AlarmEvent | None:
    number = view.counter(_counter(own, matter))
    return ALARMS.find(view, own, _name(own, matter, number)) if number else None


def _next(own: str, matter: Matter, tx: Transaction) -> int:
    return tx.next_number(_counter(own, matter))


def _counter(own: str, matter: Matter) -> str:
    return f"alarm:{_name(own, matter, 0)}"


def _name(own: str, matter: Matter, number: int) -> str:
    """The same identifier for the same matter and number, 40 characters at most."""
    parts = (own, matter.object_kind, matter.object_id, matter.direction, matter.party)
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()[:12]
    return f"{matter.code}-{digest}-{number}"
