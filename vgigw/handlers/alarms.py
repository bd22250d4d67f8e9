"""Alarms pushed, cleared and asked for: from the south and of our own up to dispatch. PLT-7.9c."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from vgigw.errors import OverLimit, UnknownObject
from vgigw.handlers.alarm_raising import (
    ALARMS,
    NAMES,
    keep_alarm,
    store_alarm,
    tell_clear_upwards,
    tell_upwards,
)
from vgigw.handlers.alarm_times import page_of
from vgigw.handlers.marks import authors, handles
from vgigw.handlers.receiving import receipt
from vgigw.handlers.routes import SOUTH
from vgigw.handlers.shelf import PAGE_SIZE
from vgigw.objects import AlarmClear, AlarmEvent, AlarmPage, AlarmQuery, AlarmState, Receipt
from vgigw.operations import CLEAR_ALARM, PUSH_ALARM, QUERY_ALARMS, Role
from vgigw.ports import Call, Identity, Peer, Transaction, View
from vgigw.rules.alarm import check_clear, cleared
from vgigw.rules.origin import AHEAD

MOST_OPEN = 10_000
"""Own design number: alarms of one party that are not over."""
_OPEN = str(int(AlarmState.RAISED))


class Alarms:
    """Handlers of alarms. Each belongs to whom it came from."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    @handles(PUSH_ALARM)
    def take(self, call: Call, tx: Transaction) -> Receipt:
        """Keep the alarm; one from the south goes up to dispatch. PLT-6.8b. Raises ``OverLimit``
        where the party has too many that are not over: nobody could look through them."""
        alarm: AlarmEvent = call.request
        owner = call.peer.operator_id
        if ALARMS.find(tx, owner, alarm.alarm_id) is None:
            _check_room(owner, tx)
        keep_alarm(alarm, owner, tx, call.now)
        if self._goes_up(call.peer):
            tell_upwards(self._identity, alarm, tx, call.now, owner)
        return receipt(call, alarm.alarm_id)

    @authors(PUSH_ALARM)
    def keep_own(self, alarm: AlarmEvent, _: str, tx: Transaction, now: datetime) -> None:
        """Once, however many parties it is sent to. Raises ``Conflict`` for an identifier under
        which we told another party's."""
        own = self._identity.operator_id
        held = ALARMS.find(tx, own, alarm.alarm_id)
        if held is None or held.alarm_state is not (alarm.alarm_state or AlarmState.RAISED):
            NAMES.claim(own, alarm.alarm_id, tx, now)
            keep_alarm(alarm, own, tx, now)

    @handles(CLEAR_ALARM)
    def clear(self, call: Call, tx: Transaction) -> Receipt:
        """By whoever raised it, or by dispatch, which was told of it; so is any other dispatch."""
        clear: AlarmClear = call.request
        owner, alarm = self._found(call.peer, clear.alarm_id, tx)
        # What a platform passes on may be cleared by another clock than raised it.
        one_clock = owner == call.peer.operator_id and call.peer.role is not Role.PLATFORM
        check_clear(alarm, clear, timedelta(0) if one_clock else AHEAD)
        store_alarm(cleared(alarm, clear), owner, tx, call.now)
        if self._goes_up(call.peer):
            tell_clear_upwards(self._identity, owner, clear, tx, call.now)
        elif owner != call.peer.operator_id:
            told = replace(clear, alarm_id=alarm.alarm_id)
            tell_clear_upwards(self._identity, owner, told, tx, call.now, by=call.peer.operator_id)
        return receipt(call, clear.alarm_id)

    @authors(CLEAR_ALARM)
    def clear_own(self, clear: AlarmClear, to: str, tx: Transaction, now: datetime) -> None:
        """What we end ourselves: an alarm of our own, or one that the other side told us."""
        for owner in (self._identity.operator_id, to):
            alarm = ALARMS.find(tx, owner, clear.alarm_id)
            if alarm is None:
                continue
            if alarm.alarm_state is AlarmState.RAISED or alarm.clear_time != clear.clear_time:
                store_alarm(cleared(alarm, clear), owner, tx, now)
            return

    @handles(QUERY_ALARMS)
    def query(self, call: Call, tx: Transaction) -> AlarmPage:
        """What fits, newest first: the south sees its own, the exchange too; dispatch sees what
        goes up to it, a supervisor all.

        A domain, a level or an object is looked for among the newest 5,000 of the time asked for;
        what lies before these is found by an earlier TimeTo.
        """
        query: AlarmQuery = call.request
        number, size = query.page_no or 1, query.page_size or PAGE_SIZE
        in_all, found = page_of(query, self._owners(call.peer), tx, (number - 1) * size, size)
        return AlarmPage(
            page_no=number,
            page_count=-(-in_all // size),
            item_size=in_all,
            alarm_events=tuple(_as_seen(call.peer, owner, each, tx) for owner, each in found),
        )

    def _goes_up(self, peer: Peer) -> bool:
        return self._identity.role is Role.PLATFORM and peer.role in SOUTH

    def _found(self, peer: Peer, name: str, view: View) -> tuple[str, AlarmEvent]:
        """The owner of the alarm that ``peer`` means, and it; of two that bear one name the one
        that is open. Raises ``UnknownObject``."""
        meant = NAMES.meant(name, view) if peer.role is Role.DISPATCH else None
        places = [(peer.operator_id, name), *([] if meant is None else [meant])]
        found = [(owner, ALARMS.find(view, owner, own_name)) for owner, own_name in places]
        known = [(owner, alarm) for owner, alarm in found if alarm is not None]
        if not known:
            raise UnknownObject()
        opened = [each for each in known if each[1].alarm_state is AlarmState.RAISED]
        return (opened or known)[0]

    def _owners(self, peer: Peer) -> tuple[str | None, ...]:
        if peer.role is Role.SUPERVISOR:
            return (None,)
        if peer.role is not Role.DISPATCH:
            return (peer.operator_id,)
        known = self._identity.peers.values()
        southern = (each.operator_id for each in known if each.role in SOUTH)
        return (peer.operator_id, self._identity.operator_id, *southern)


def _check_room(owner: str, view: View) -> None:
    if view.count_documents(ALARMS.kind, owner=owner, group=_OPEN) >= MOST_OPEN:
        raise OverLimit("too many alarms that are not over")


def _as_seen(peer: Peer, owner: str, alarm: AlarmEvent, view: View) -> AlarmEvent:
    """Dispatch clears an alarm by the identifier that it was told."""
    if peer.role is not Role.DISPATCH or owner == peer.operator_id:
        return alarm
    return replace(alarm, alarm_id=NAMES.told(owner, alarm.alarm_id, view))
