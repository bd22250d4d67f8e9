"""Alarms by the time at which they happened: a page of them is read, and no history. PLT-7.9c."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import islice

from vgigw.handlers.keeping import object_of, packed
from vgigw.objects import AlarmEvent, AlarmQuery, AlarmState
from vgigw.ports import Document, Transaction, View

BY_TIME = "AlarmByTime"
"""Copies of the alarms under keys that rise from the newest to the oldest, in groups by state."""
_BEGIN = datetime(1, 1, 1, tzinfo=UTC)
_LAST_MS = 10**15 - 1
"""Later than any time, in milliseconds since year 1."""
_BEHIND_ALL = "~"
_OPEN = str(int(AlarmState.RAISED))
_AT_A_TIME = 500
MOST_LOOKED_THROUGH = 5_000
"""Alarms that are looked through for what no index finds: domain, level or object."""


def note_time(
    alarm: AlarmEvent, before: AlarmEvent | None, owner: str, tx: Transaction, now: datetime
) -> None:
    """Keep ``alarm`` in its place by time, instead of the state ``before``."""
    key = _key(alarm)
    if before is not None and _key(before) != key:
        tx.erase(BY_TIME, owner, _key(before))
    payload, digest = packed(alarm)
    document = Document(
        kind=BY_TIME,
        owner=owner,
        key=key,
        version=1,
        group=str(int(alarm.alarm_state or AlarmState.RAISED)),
        payload=payload,
        digest=digest,
        at=now,
    )
    tx.put(document)


def page_of(
    query: AlarmQuery, owners: tuple[str | None, ...], view: View, first: int, size: int
) -> tuple[int, list[tuple[str, AlarmEvent]]]:
    """How many alarms of ``owners`` fit, None being everybody, and the ``size`` from the ``first``
    of these on with their owners, newest first."""
    if query.alarm_domain is None and query.alarm_level is None and query.object_id is None:
        keys, group = _keys(query), _OPEN if query.open_only else None
        counts = (view.count_documents(BY_TIME, owner=o, group=group, keys=keys) for o in owners)
        walked = islice(_walk(query, owners, view, first), size)
        return sum(counts), [(each.owner, object_of(AlarmEvent, each.payload)) for each in walked]
    in_all, items = 0, []
    for each in islice(_walk(query, owners, view, 0), MOST_LOOKED_THROUGH):
        alarm = object_of(AlarmEvent, each.payload)
        if not _fits(alarm, query):
            continue
        if first <= in_all < first + size:
            items.append((each.owner, alarm))
        in_all += 1
    return in_all, items


def _walk(
    query: AlarmQuery, owners: tuple[str | None, ...], view: View, skipped: int
) -> Iterator[Document]:
    if len(owners) == 1:
        return _walk_one(query, owners[0], view, skipped)
    walks = (_walk_one(query, owner, view, 0) for owner in owners)
    return islice(merge(*walks, key=lambda each: (each.key, each.owner)), skipped, None)


def _walk_one(query: AlarmQuery, owner: str | None, view: View, offset: int) -> Iterator[Document]:
    group = _OPEN if query.open_only else None
    limit = query.page_size or _AT_A_TIME
    while True:
        found = view.documents(
            BY_TIME,
            owner=owner,
            group=group,
            keys=_keys(query),
            by_key=owner is None,
            offset=offset,
            limit=limit,
        )
        yield from found
        if len(found) < limit:
            return
        offset, limit = offset + limit, min(2 * limit, _AT_A_TIME)


def _keys(query: AlarmQuery) -> tuple[str, str]:
    """From inclusive and to exclusive: earlier stands behind later."""
    newest = "" if query.time_to is None else _falling(query.time_to, -1)
    oldest = _BEHIND_ALL if query.time_from is None else _falling(query.time_from, -1)
    return newest, oldest


def _key(alarm: AlarmEvent) -> str:
    return f"{_falling(alarm.occur_time)}/{alarm.alarm_id}"


def _falling(moment: datetime, later_ms: int = 0) -> str:
    """15 digits that fall as time goes on."""
    ms = (moment - _BEGIN) // timedelta(milliseconds=1)
    return f"{_LAST_MS - ms - later_ms:015d}"


def _fits(alarm: AlarmEvent, query: AlarmQuery) -> bool:
    """Whether those filters fit that no index knows."""
    return (
        query.alarm_domain in (None, alarm.alarm_domain)
        and (query.alarm_level is None or alarm.alarm_level >= query.alarm_level)
        and query.object_id in (None, alarm.object_id)
    )
