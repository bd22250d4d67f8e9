"""Plain notices, alarms, applications and sanctions, without a surprise."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from tests.cases.worlds import NOW, OPERATOR
from vgigw.objects import (
    AccessApplication,
    AccessKind,
    AccessState,
    AlarmClear,
    AlarmDomain,
    AlarmEvent,
    AlarmLevel,
    AlarmObjectKind,
    ApplicationDecision,
    ApplicationState,
    ApprovalRole,
    Confirmation,
    Decision,
    MaintenanceApplication,
    NetworkRule,
    NoticeKind,
    NoticeReceipt,
    OutageCause,
    OutageRecord,
    PolicyNotice,
    PriceKind,
    PricePoint,
    PriceSignal,
    Sanction,
    SanctionKind,
    WorkKind,
)

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def a_notice(notice_id: str = "N1", **changes: Any) -> PolicyNotice:
    """To be read by ``OPERATOR`` within a day."""
    plain = PolicyNotice(
        notice_id=notice_id,
        notice_kind=NoticeKind.ANCILLARY_POLICY,
        title="peak shaving",
        content="rules of the winter",
        effective_from=NOW,
        audience=(OPERATOR,),
        receipt_required=True,
    )
    return replace(plain, **changes)


def a_reading(notice_id: str = "N1", party: str = OPERATOR, **changes: Any) -> NoticeReceipt:
    plain = NoticeReceipt(notice_id=notice_id, party_id=party, read_time=NOW)
    return replace(plain, **changes)


def a_price(notice_id: str = "P1", hours: int = 2, **changes: Any) -> PriceSignal:
    """One price an hour for ``OPERATOR``, in force for as long."""
    points = tuple(
        PricePoint(
            start_time=NOW + hour * HOUR,
            end_time=NOW + (hour + 1) * HOUR,
            price=Decimal("0.5"),
            kind=PriceKind.DYNAMIC,
        )
        for hour in range(hours)
    )
    plain = PriceSignal(
        notice_id=notice_id,
        effective_from=NOW,
        effective_to=NOW + hours * HOUR,
        audience=(OPERATOR,),
        price_points=points,
    )
    return replace(plain, **changes)


def an_alarm(alarm_id: str = "A1", **changes: Any) -> AlarmEvent:
    plain = AlarmEvent(
        alarm_id=alarm_id,
        alarm_domain=AlarmDomain.PERSON,
        alarm_code="SMOKE",
        alarm_level=AlarmLevel.CRITICAL,
        object_kind=AlarmObjectKind.STATION,
        object_id="ST1",
        occur_time=NOW,
    )
    return replace(plain, **changes)


def a_clear(alarm_id: str = "A1", **changes: Any) -> AlarmClear:
    return replace(AlarmClear(alarm_id=alarm_id, clear_time=NOW + HOUR), **changes)


def a_maintenance(application_id: str = "M1", **changes: Any) -> MaintenanceApplication:
    """Of ``OPERATOR``: four hours, four days ahead."""
    plain = MaintenanceApplication(
        application_id=application_id,
        applicant_id=OPERATOR,
        apply_time=NOW,
        work_kind=WorkKind.UPGRADE,
        work_content="new firmware",
        affected_objects=("ST1",),
        work_start=NOW + 4 * DAY,
        work_end=NOW + 4 * DAY + 4 * HOUR,
        state=ApplicationState.SUBMITTED,
    )
    return replace(plain, **changes)


def an_access(application_id: str = "X1", **changes: Any) -> AccessApplication:
    """The first access of ``OPERATOR``."""
    rule = NetworkRule(
        src_ip="10.1.0.0/16", dst_ip="10.2.0.1", port=443, protocol="TCP", purpose="telemetry"
    )
    plain = AccessApplication(
        application_id=application_id,
        applicant_id=OPERATOR,
        apply_time=NOW,
        access_kind=AccessKind.FIRST_ACCESS,
        network_policy=(rule,),
        network_topology_ref="topology.pdf",
        security_plan_ref="plan.pdf",
        certificates=("certificate.pem",),
        standards_declared=("GB/T 36572", "DL/T 2473.2"),
        state=ApplicationState.SUBMITTED,
    )
    return replace(plain, **changes)


def a_decision(
    application_id: str,
    role: ApprovalRole = ApprovalRole.DISPATCH,
    by: str = "Li",
    **changes: Any,
) -> ApplicationDecision:
    """An approval."""
    plain = ApplicationDecision(
        application_id=application_id, decision=Decision.APPROVED, role=role, by=by, time=NOW
    )
    return replace(plain, **changes)


def an_outage(outage_id: str = "O1", **changes: Any) -> OutageRecord:
    """One hour of ``OPERATOR``, over since an hour."""
    plain = OutageRecord(
        outage_id=outage_id,
        outage_start=NOW - 2 * HOUR,
        outage_end=NOW - HOUR,
        cause=OutageCause.NETWORK,
        explanation_ref="explanation.pdf",
    )
    return replace(plain, **changes)


_STATES = {
    SanctionKind.NONE: AccessState.ACTIVE,
    SanctionKind.NOTICE: AccessState.ACTIVE,
    SanctionKind.PENALTY: AccessState.PENALISED,
    SanctionKind.DISCONNECT: AccessState.SUSPENDED,
    SanctionKind.REMOVE: AccessState.REMOVED,
}


def a_sanction(kind: SanctionKind, sanction_id: str | None = None, **changes: Any) -> Sanction:
    """Against ``OPERATOR``; two persons stand for it."""
    plain = Sanction(
        sanction_id=sanction_id or f"S-{kind.name}",
        party_id=OPERATOR,
        sanction_kind=kind,
        access_state=_STATES[kind],
        reason="values that stand still",
        issue_time=NOW,
        confirmations=(Confirmation(by="Li", time=NOW), Confirmation(by="Wang", time=NOW)),
    )
    return replace(plain, **changes)
