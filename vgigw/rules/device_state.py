"""What the state change of a connector must hold across its members. ACC-7.3."""

from __future__ import annotations

from vgigw.errors import Detail, InvalidObject
from vgigw.objects import ConnectorStatus, ConnectorStatusInfo


def check_fault_code(event: ConnectorStatusInfo) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` for a fault that is not named.

    For whoever knows the charger and has a member for it: T/CEC 102 has none, and what came in by
    it goes on as it is. ACC-7.3.
    """
    if event.status is ConnectorStatus.FAULT and event.fault_code is None:
        words = "is needed for a fault; ACC-7.3"
        raise InvalidObject(details=(Detail("/FaultCode", "required", words),))
