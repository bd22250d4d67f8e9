"""Which notices still have to be read, by whom and by when; one alarm for a late one. PLT-8.6."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec

from vgigw.codec.packing import pack, unpack
from vgigw.handlers.alarm_raising import Matter, clear_alarm, raise_alarm
from vgigw.handlers.shelf import Shelf
from vgigw.objects import AlarmDomain, AlarmObjectKind, NoticeReceipt, PolicyNotice
from vgigw.ports import Document, Identity, Transaction, View
from vgigw.rules.notice import audience, read_by

NOTICES = Shelf(PolicyNotice, key="notice_id", version=None)
READ = Shelf(NoticeReceipt, key="notice_id", version=None, group="notice_id")
_KIND = "NoticeWatch"
_AWAITED = "awaited"


class NoticeWatch(msgspec.Struct, frozen=True, kw_only=True):
    """A notice that ``parties``, who know it as ``name``, must have read by ``deadline``."""

    issuer: str
    notice_id: str
    name: str
    deadline: datetime
    parties: tuple[str, ...]


def watch_notice(
    notice: PolicyNotice,
    issuer: str,
    name: str,
    reached: tuple[str, ...],
    tx: Transaction,
    now: datetime,
) -> None:
    """Expect receipts from everybody named, reached or not, and from ``reached`` where it is for
    everybody."""
    deadline = read_by(notice, now)
    if deadline is None or tx.document(_KIND, issuer, notice.notice_id) is not None:
        return
    watch = NoticeWatch(
        issuer=issuer,
        notice_id=notice.notice_id,
        name=name,
        deadline=deadline,
        parties=audience(notice) or reached,
    )
    _save(watch, tx, now, open_still=True)


def alarm_if_unread(identity: Identity, tx: Transaction, now: datetime) -> None:
    """One alarm for each notice that somebody has not read by its deadline."""
    for document in tx.documents(_KIND, group=_AWAITED):
        watch = _read(document)
        if watch.deadline > now:
            continue
        left = _unread(watch, tx)
        if left:
            raise_alarm(
                identity,
                _matter(watch.issuer, watch.notice_id),
                tx,
                now,
                detail=f"not read by {', '.join(left)}",
                value=Decimal(len(left)),
            )
        _save(watch, tx, now, open_still=False)


def all_read(
    identity: Identity, issuer: str, notice_id: str, tx: Transaction, now: datetime
) -> None:
    """A receipt came: where it was the last one, what was alarmed of is over."""
    document = tx.document(_KIND, issuer, notice_id)
    if document is None or _unread(watch := _read(document), tx):
        return
    if document.group == _AWAITED:
        _save(watch, tx, now, open_still=False)
    clear_alarm(identity, _matter(issuer, notice_id), tx, now)


def _unread(watch: NoticeWatch, view: View) -> list[str]:
    read = {document.owner for document in view.documents(READ.kind, group=watch.name)}
    return [party for party in watch.parties if party not in read]


def _matter(issuer: str, notice_id: str) -> Matter:
    return Matter(
        code="NOTICE_UNREAD",
        domain=AlarmDomain.BUSINESS,
        object_kind=AlarmObjectKind.MESSAGE,
        object_id=notice_id,
        party=issuer,
        once=True,
    )


def _read(document: Document) -> NoticeWatch:
    return msgspec.json.decode(unpack(document.payload), type=NoticeWatch)


def _save(watch: NoticeWatch, tx: Transaction, now: datetime, *, open_still: bool) -> None:
    """A watch has no history."""
    document = Document(
        kind=_KIND,
        owner=watch.issuer,
        key=watch.notice_id,
        version=1,
        group=_AWAITED if open_still else "",
        payload=pack(msgspec.json.encode(watch)),
        digest="",
        at=now,
    )
    tx.put(document)
