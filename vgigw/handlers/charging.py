"""The user's side of charging where no hook decides on it: each answer is a refusal that says so.

102. Authentication, tariff, start and stop are the business of the system that runs the chargers; a
handler of the integrator takes the place of these (``docs/how-to/charging-hooks.md``).
"""

from __future__ import annotations

from typing import Final

from vgigw.handlers.keeping import object_of
from vgigw.handlers.marks import handles
from vgigw.handlers.sessions import own_session
from vgigw.objects import (
    BusinessPolicy,
    BusinessPolicyQuery,
    ConnectorStatus,
    ConnectorStatusInfo,
    EquipAuth,
    EquipAuthQuery,
    SessionState,
    StartChargeAnswer,
    StartChargeRequest,
    StopChargeAnswer,
    StopChargeRequest,
    Success,
)
from vgigw.operations import (
    QUERY_EQUIP_AUTH,
    QUERY_EQUIP_BUSINESS_POLICY,
    QUERY_START_CHARGE,
    QUERY_STOP_CHARGE,
)
from vgigw.ports import Call, Identity, Transaction, View

ADVICE: Final = "nobody decides on it here, so it is refused: docs/how-to/charging-hooks.md"
"""What the log says to whoever runs the gateway. A peer is told ``NO_HOOK``."""
NO_HOOK: Final = 99
"""FailReason: nobody decides here. One of the reasons that T/CEC 102 leaves free."""
OFFLINE: Final = 2
"""FailReason of a start or stop: the device is offline. 102."""
STOPPED_ALREADY: Final = 3
"""FailReason of a stop. 102."""


class Charging:
    """Handlers that refuse, by the reason that is known to be true, else by ``NO_HOOK``."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    @handles(QUERY_EQUIP_AUTH)
    def authenticate(self, call: Call, _: Transaction) -> EquipAuth:
        query: EquipAuthQuery = call.request
        return EquipAuth(
            equip_auth_seq=query.equip_auth_seq,
            connector_id=query.connector_id,
            succ_stat=Success.FAILED,
            fail_reason=NO_HOOK,
        )

    @handles(QUERY_EQUIP_BUSINESS_POLICY)
    def tariff(self, call: Call, _: Transaction) -> BusinessPolicy:
        query: BusinessPolicyQuery = call.request
        return BusinessPolicy(
            equip_biz_seq=query.equip_biz_seq,
            connector_id=query.connector_id,
            succ_stat=Success.FAILED,
            fail_reason=NO_HOOK,
            sum_period=0,
        )

    @handles(QUERY_START_CHARGE)
    def start(self, call: Call, tx: Transaction) -> StartChargeAnswer:
        request: StartChargeRequest = call.request
        return StartChargeAnswer(
            start_charge_seq=request.start_charge_seq,
            start_charge_seq_stat=SessionState.UNKNOWN,
            connector_id=request.connector_id,
            succ_stat=Success.FAILED,
            fail_reason=self._reason(tx, request.connector_id),
        )

    @handles(QUERY_STOP_CHARGE)
    def stop(self, call: Call, tx: Transaction) -> StopChargeAnswer:
        """Of a session that is none of the caller's it tells nothing."""
        request: StopChargeRequest = call.request
        session = own_session(
            tx, self._identity.operator_id, call.peer.operator_id, request.start_charge_seq
        )
        state = SessionState.UNKNOWN if session is None else session.start_charge_seq_stat
        ended = state is SessionState.ENDED
        reason = STOPPED_ALREADY if ended else self._reason(tx, request.connector_id)
        return StopChargeAnswer(
            start_charge_seq=request.start_charge_seq,
            start_charge_seq_stat=state,
            succ_stat=Success.FAILED,
            fail_reason=reason,
        )

    def _reason(self, view: View, connector_id: str) -> int:
        """That a device does not exist is never said: not every device need be in our archives."""
        held = view.document(ConnectorStatusInfo.__name__, self._identity.operator_id, connector_id)
        state = None if held is None else object_of(ConnectorStatusInfo, held.payload).status
        return OFFLINE if state is ConnectorStatus.OFFLINE else NO_HOOK
