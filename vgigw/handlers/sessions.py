"""Charging sessions: every sample is kept, the newest is in force. 102; row 22.

Kept by the party that told it. Our own are kept by what we send, and shown to whom we sent them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from vgigw.errors import Conflict, UnknownObject
from vgigw.handlers.keeping import object_of, packed
from vgigw.handlers.marks import authors, handles
from vgigw.handlers.shelf import Shelf
from vgigw.handlers.tallies import recount
from vgigw.handlers.told import Told
from vgigw.objects import (
    ChargeOrder,
    ChargeStatus,
    ChargeStatusQuery,
    ChargeStatusReceipt,
    Success,
)
from vgigw.operations import PUSH_CHARGE_STATUS, QUERY_EQUIP_CHARGE_STATUS
from vgigw.ports import Call, Document, Identity, Transaction, View
from vgigw.rules.checks import check
from vgigw.rules.tally import share_of

SESSIONS = Shelf(ChargeStatus, key="start_charge_seq", version=None)
"""Read only: the version of a status is the time of its sample, ms."""
ORDERS = Shelf(ChargeOrder, key="start_charge_seq", version=None)
"""The group of an order is the day, in Beijing time, that it ended on."""
TOLD_SESSIONS = Told(ChargeStatus)

_ORIGIN: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)


class Sessions:
    """Handlers of the status of sessions."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    @handles(PUSH_CHARGE_STATUS)
    def take(self, call: Call, tx: Transaction) -> ChargeStatusReceipt:
        """A sample that arrives after a newer one is kept as history."""
        status: ChargeStatus = call.request
        owner = call.peer.operator_id
        _keep(status, owner, call.packed, call.digest, tx, call.now, call.assumed)
        return ChargeStatusReceipt(start_charge_seq=status.start_charge_seq, succ_stat=Success.OK)

    @authors(PUSH_CHARGE_STATUS)
    def keep_own(
        self, status: ChargeStatus, destination: str, tx: Transaction, now: datetime
    ) -> None:
        """One sample, however many parties are told."""
        check(status, now)
        payload, digest = packed(status)
        _keep(status, self._identity.operator_id, payload, digest, tx, now)
        TOLD_SESSIONS.tell(tx, destination, status.start_charge_seq, now)

    @handles(QUERY_EQUIP_CHARGE_STATUS)
    def query(self, call: Call, tx: Transaction) -> ChargeStatus:
        """A session that the caller told us of, or one of ours that we told it of; any other does
        not exist."""
        query: ChargeStatusQuery = call.request
        seq, caller = query.start_charge_seq, call.peer.operator_id
        found = SESSIONS.find(tx, caller, seq)
        found = found or own_session(tx, self._identity.operator_id, caller, seq)
        if found is None:
            raise UnknownObject("no such session, or nothing is known of it yet")
        return found


def own_session(view: View, own: str, party: str, seq: str) -> ChargeStatus | None:
    """A session of ``own`` that ``party`` was told of."""
    return SESSIONS.find(view, own, seq) if TOLD_SESSIONS.knows(view, party, seq) else None


def _keep(
    status: ChargeStatus,
    owner: str,
    payload: bytes,
    digest: str,
    tx: Transaction,
    now: datetime,
    assumed: tuple[str, ...] = (),
) -> None:
    """Raises ``Conflict`` for other content than the sample in force has, of the same time."""
    seq, version = status.start_charge_seq, (status.end_time - _ORIGIN) // _MS
    held = tx.document(SESSIONS.kind, owner, seq)
    if held is not None and held.version == version:
        if held.digest != digest:
            raise Conflict()
        return
    document = Document(
        kind=SESSIONS.kind,
        owner=owner,
        key=seq,
        version=version,
        payload=payload,
        digest=digest,
        at=now,
        assumed=assumed,
    )
    tx.put(document)
    if held is not None and held.version > version:
        return
    order = ORDERS.find(tx, owner, seq)
    before = share_of(order, None if held is None else object_of(ChargeStatus, held.payload))
    recount(tx, owner, before, share_of(order, status), now)
