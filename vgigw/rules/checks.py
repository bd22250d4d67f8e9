"""What an object must hold across its members, by its class; the corridor asks on every door.

A check takes the object and ``now`` and raises the fault of its code with every path. It runs after
a repeat got its answer, so that time makes no repeat wrong.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from vgigw.objects import (
    AccessApplication,
    AdjustCapability,
    AggregateResource,
    AlarmQuery,
    AssessmentResult,
    AuditQuery,
    ChargeOrder,
    ChargeStatus,
    ClearingResult,
    CommandAck,
    ConsentInfo,
    ControlCurve,
    Declaration,
    DREvent,
    EnergyStatement,
    EvaluationQuery,
    ExecutionReport,
    FileAck,
    FileManifest,
    GridNode,
    GridParameter,
    GridTraceQuery,
    IncomeQuery,
    InformationObject,
    KeyRecord,
    LedgerQuery,
    LoadDevice,
    MaintenanceApplication,
    OperatorInfo,
    OrderCheck,
    OutageRecord,
    PlanCurve,
    PolicyNotice,
    PriceSignal,
    RecallRequest,
    Sanction,
    SettlementStatement,
    StartChargeResult,
    StationInfo,
    StationStatsQuery,
    SupplyScheme,
    TelemetryBatch,
    TelemetryQuery,
    VehicleInfo,
)
from vgigw.rules.acknowledgement import check_ack
from vgigw.rules.archives import (
    check_ledger_query,
    check_load_device,
    check_operator,
    check_resource,
    check_station,
)
from vgigw.rules.batch import check_batch
from vgigw.rules.capability import check_capability
from vgigw.rules.command import check_soc_floor
from vgigw.rules.consent import check_consent
from vgigw.rules.curve import check_curve, check_deadlines
from vgigw.rules.decision import check_new
from vgigw.rules.distrust import check_sanction
from vgigw.rules.file import check_file
from vgigw.rules.grid import check_node, check_parameter, check_trace_query
from vgigw.rules.key import check_key
from vgigw.rules.maintenance import check_times
from vgigw.rules.market import check_clearing, check_declaration
from vgigw.rules.notice import check_period
from vgigw.rules.order import check_order, check_order_check
from vgigw.rules.origin import check_issue_time
from vgigw.rules.outage import check_outage
from vgigw.rules.periods import (
    check_alarm_query,
    check_assessment,
    check_audit_query,
    check_evaluation_query,
    check_execution,
    check_income_query,
    check_range,
)
from vgigw.rules.plan import check_plan
from vgigw.rules.price import check_prices
from vgigw.rules.recall import check_recall
from vgigw.rules.response_event import check_event, check_invitation
from vgigw.rules.scheme import check_scheme
from vgigw.rules.session import check_start_result, check_stats_query, check_status
from vgigw.rules.settlement import check_energy, check_settlement
from vgigw.rules.vehicle import check_vehicle

Check = Callable[[Any, datetime], None]


def check(obj: InformationObject, now: datetime) -> None:
    """Every check of the class of ``obj``, in order; the first that fails is told."""
    for each in CHECKS.get(type(obj), ()):
        each(obj, now)


def timeless(rule: Callable[[Any], None]) -> Check:
    """A rule that does not look at the clock, as a check."""

    @functools.wraps(rule)
    def held(obj: Any, _: datetime) -> None:
        rule(obj)

    return held


def rules_of(cls: type[InformationObject]) -> tuple[str, ...]:
    """What the checks of ``cls`` hold, in words and in order: the docstrings of its rules."""
    return tuple(" ".join((each.__doc__ or "").split()) for each in CHECKS.get(cls, ()))


CHECKS: Final[Mapping[type[InformationObject], tuple[Check, ...]]] = MappingProxyType(
    {
        FileAck: (timeless(check_file),),
        FileManifest: (timeless(check_file),),
        KeyRecord: (check_key,),
        SupplyScheme: (timeless(check_scheme),),
        ControlCurve: (
            timeless(check_curve),
            timeless(check_soc_floor),
            check_deadlines,
            check_issue_time,
        ),
        CommandAck: (timeless(check_ack),),
        ExecutionReport: (timeless(check_execution),),
        PlanCurve: (timeless(check_plan),),
        AdjustCapability: (check_capability,),
        DREvent: (timeless(check_event), check_invitation, check_issue_time),
        TelemetryBatch: (timeless(check_batch),),
        RecallRequest: (check_recall,),
        Declaration: (timeless(check_declaration),),
        ClearingResult: (timeless(check_clearing),),
        EnergyStatement: (timeless(check_energy),),
        SettlementStatement: (timeless(check_settlement),),
        StationInfo: (timeless(check_station),),
        OperatorInfo: (timeless(check_operator),),
        LoadDevice: (timeless(check_load_device),),
        LedgerQuery: (timeless(check_ledger_query),),
        AggregateResource: (timeless(check_resource),),
        GridNode: (timeless(check_node),),
        GridParameter: (timeless(check_parameter),),
        GridTraceQuery: (timeless(check_trace_query),),
        VehicleInfo: (check_vehicle,),
        ConsentInfo: (check_consent,),
        PolicyNotice: (timeless(check_period),),
        PriceSignal: (timeless(check_period), timeless(check_prices)),
        MaintenanceApplication: (timeless(check_new), check_times),
        AccessApplication: (timeless(check_new),),
        Sanction: (timeless(check_sanction),),
        OutageRecord: (timeless(check_outage),),
        ChargeStatus: (check_status,),
        StartChargeResult: (check_start_result,),
        ChargeOrder: (check_order,),
        OrderCheck: (timeless(check_order_check),),
        StationStatsQuery: (timeless(check_stats_query),),
        AssessmentResult: (timeless(check_assessment),),
        TelemetryQuery: (timeless(check_range),),
        AlarmQuery: (timeless(check_alarm_query),),
        AuditQuery: (timeless(check_audit_query),),
        IncomeQuery: (timeless(check_income_query),),
        EvaluationQuery: (timeless(check_evaluation_query),),
    }
)
