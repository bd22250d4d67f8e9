"""Results of starting and stopping a session, as its charger's operator tells them. 102."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from vgigw.handlers.marks import authors, handles
from vgigw.handlers.sessions import TOLD_SESSIONS
from vgigw.handlers.shelf import Shelf
from vgigw.objects import (
    StartChargeResult,
    StartChargeResultReceipt,
    StopChargeResult,
    StopChargeResultReceipt,
    Success,
)
from vgigw.operations import NOTIFY_START_CHARGE_RESULT, NOTIFY_STOP_CHARGE_RESULT
from vgigw.ports import Call, Identity, Transaction
from vgigw.rules.checks import check

STARTS = Shelf(StartChargeResult, key=NOTIFY_START_CHARGE_RESULT.key, version=None)
STOPS = Shelf(StopChargeResult, key=NOTIFY_STOP_CHARGE_RESULT.key, version=None)
"""The group of both is the session: one that failed may be followed by one that did not."""

NO_REASON: Final = 0


class ChargeResults:
    """Handlers of what became of a start and of a stop."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    @handles(NOTIFY_START_CHARGE_RESULT)
    def take_start(self, call: Call, tx: Transaction) -> StartChargeResultReceipt:
        result: StartChargeResult = call.request
        STARTS.take(call, tx, call.peer.operator_id, group=result.start_charge_seq)
        return StartChargeResultReceipt(
            start_charge_seq=result.start_charge_seq, succ_stat=Success.OK, fail_reason=NO_REASON
        )

    @handles(NOTIFY_STOP_CHARGE_RESULT)
    def take_stop(self, call: Call, tx: Transaction) -> StopChargeResultReceipt:
        result: StopChargeResult = call.request
        STOPS.take(call, tx, call.peer.operator_id, group=result.start_charge_seq)
        return StopChargeResultReceipt(
            start_charge_seq=result.start_charge_seq, succ_stat=Success.OK, fail_reason=NO_REASON
        )

    @authors(NOTIFY_START_CHARGE_RESULT)
    def keep_own_start(
        self, result: StartChargeResult, destination: str, tx: Transaction, now: datetime
    ) -> None:
        check(result, now)
        seq = result.start_charge_seq
        STARTS.keep(result, self._identity.operator_id, tx, now, group=seq)
        TOLD_SESSIONS.tell(tx, destination, seq, now)

    @authors(NOTIFY_STOP_CHARGE_RESULT)
    def keep_own_stop(
        self, result: StopChargeResult, destination: str, tx: Transaction, now: datetime
    ) -> None:
        seq = result.start_charge_seq
        STOPS.keep(result, self._identity.operator_id, tx, now, group=seq)
        TOLD_SESSIONS.tell(tx, destination, seq, now)
