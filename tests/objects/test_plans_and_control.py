"""Capability, plans, demand response and control against the catalogue. PLT-8.3 to PLT-8.5."""

from __future__ import annotations

from enum import Enum

import pytest

from tests.objects.catalogue import declared, objects_in, survives_json_and_xml, written
from vgigw.objects import capability, control, plans, response_events
from vgigw.objects import operating_enumerations as operating
from vgigw.objects.capability import AdjustCapability, CapabilityPoint
from vgigw.objects.control import (
    ActualPoint,
    CommandAck,
    CommandCancel,
    CommandQuery,
    CommandReceipt,
    CommandStatus,
    ControlCurve,
    ControlPoint,
    ExecutionReport,
    Fallback,
    SocOverride,
)
from vgigw.objects.declaration import Grade, InformationObject
from vgigw.objects.plans import PlanCurve, PlanPoint, PlanQuery
from vgigw.objects.response_events import DREvent, DRInterval, DROpt

CATALOGUE: dict[type[InformationObject], tuple[Grade, str]] = {
    AdjustCapability: (
        Grade.IMP,
        """
        CapabilityID S(40) R
        ResourceID S(32) R
        DataTime T R
        RunState E<RunState> R
        ActivePower D(3) kW R
        UpCapability D(3)[0,) kW R
        DownCapability D(3)[0,) kW R
        UpRate D(3)[0,) kW/min R
        DownRate D(3)[0,) kW/min R
        UpDuration I[0,10080] min R
        DownDuration I[0,10080] min R
        CapabilityBasis E<CapabilityBasis> R
        AvailableEnergyUp D(1)[0,) kWh O
        AvailableEnergyDown D(1)[0,) kWh O
        CapabilityCurve L<O<CapabilityPoint>>[0,1440] O
        """,
    ),
    CapabilityPoint: (
        Grade.INT,
        """
        StartTime T R
        EndTime T R
        Up D(3)[0,) kW R
        Down D(3)[0,) kW R
        Confidence D(4)[0,1] O
        """,
    ),
    PlanCurve: (
        Grade.IMP,
        """
        PlanID S(40) R
        ResourceID S(32) R
        AggregatorID S(9..18) R
        PlanKind E<PlanKind> R
        PlanDate DAY R
        StartTime T R
        EndTime T R
        IntervalMin I[1,60] min R
        PolarityMode E<PolarityMode> R
        CurveKind E<CurveKind> R
        Points L<O<PlanPoint>>[1,1440] R
        Version I[0,) R
        SubmitTime T R
        """,
    ),
    PlanPoint: (
        Grade.INT,
        """
        StartTime T R
        EndTime T R
        Power D(3) kW R
        QuantileLow D(3) kW O
        QuantileHigh D(3) kW O
        """,
    ),
    PlanQuery: (
        Grade.INT,
        """
        ResourceID S(32) R
        PlanDate DAY R
        PlanKind E<PlanKind> O
        CurveKind E<CurveKind> O
        """,
    ),
    DREvent: (
        Grade.IMP,
        """
        EventID S(40) R
        EventState E<EventState> R
        SignalType E<SignalType> R
        Intervals L<O<DRInterval>>[1,1440] R
        TargetArea S(6..20) O
        OptDeadline T O
        Audience L<S(9..18)>[0,1000] O
        IssuedBy S(9..18) R
        IssueTime T R
        """,
    ),
    DRInterval: (
        Grade.INT,
        """
        StartTime T R
        EndTime T R
        Level I[0,3] C
        Price D(4) CNY/kWh C
        TargetPower D(3) kW C
        """,
    ),
    DROpt: (
        Grade.IMP,
        """
        EventID S(40) R
        PartyID S(9..18) R
        OptType E<OptType> R
        Quantity D(3)[0,) kW O
        OptTime T R
        """,
    ),
    ControlCurve: (
        Grade.SEN,
        """
        CommandID S(40) R
        ParentCommandID S(40) O
        ResourceID S(32) R
        AggregatorID S(9..18) R
        Scene E<Scene> R
        ServiceItem S(16) R
        CommandKind E<CommandKind> R
        TriggerType E<TriggerType> R
        Priority E<Priority> R
        ControlQuantity E<ControlQuantity> R
        PolarityMode E<PolarityMode> R
        IntervalMin I[1,15] min R
        Points L<O<ControlPoint>>[1,1440] R
        Tolerance D(3)[0,) kW O
        RampLimit D(3)[0,) kW/min O
        LoadLimit D(3) kW O
        SOCFloor D(1)[0,100] % O
        SOCOverride O<SocOverride> O
        Fallback O<Fallback> O
        AckDeadline T R
        ValidUntil T R
        SupersedesCommandID S(40) O
        Version I[0,) R
        IssuedBy S(9..18) R
        IssueTime T R
        OriginSignature S(1024) R
        """,
    ),
    ControlPoint: (
        Grade.INT,
        """
        TargetPower D(3) kW R
        StartTime T R
        EndTime T R
        TargetReactive D(3) kvar O
        PowerFactor D(3)[-1,1] O
        Price D(4) CNY/kWh O
        """,
    ),
    Fallback: (
        Grade.INT,
        """
        Mode E<FallbackMode> R
        Power D(3) kW O
        HoldMin I[0,10080] min O
        """,
    ),
    SocOverride: (Grade.INT, "Reason S(200) R\nApprovedBy S(64) R SEN"),
    CommandCancel: (
        Grade.SEN,
        """
        CommandID S(40) R
        Version I[0,) R
        Reason S(200) R
        CancelTime T R
        IssuedBy S(9..18) O
        """,
    ),
    CommandReceipt: (Grade.INT, "CommandID S(40) R\nState E<CommandState> R"),
    CommandAck: (
        Grade.IMP,
        """
        CommandID S(40) R
        AckParty S(9..18) O
        AckResult E<AckResult> R
        AcceptedPower D(3) kW C
        RefuseReason E<RefuseReason> C
        AckTime T R
        """,
    ),
    ExecutionReport: (
        Grade.IMP,
        """
        CommandID S(40) R
        ReportID S(40) R
        ExecState E<ExecState> R
        ActualStartTime T R
        ActualEndTime T R
        ResponseQuantity D(3) kWh R
        ResponseAccuracy D(2)[0,100] % R
        MeanAbsError D(3)[0,) kW O
        DelaySec D(1)[0,) s R
        ActualPoints L<O<ActualPoint>>[0,1440] O
        """,
    ),
    ActualPoint: (Grade.INT, "StartTime T R\nEndTime T R\nPower D(3) kW R"),
    CommandQuery: (Grade.INT, "CommandID S(40) R"),
    CommandStatus: (
        Grade.IMP,
        """
        Command O<ControlCurve> R
        State E<CommandState> R
        Acks L<O<CommandAck>> O
        Reports L<O<ExecutionReport>> O
        """,
    ),
}

ENUMERATIONS: dict[type[Enum], str] = {
    capability.CapabilityBasis: "1 REPORTED_SIGN, 2 LOAD_INCREASE, 3 GENERATION_INCREASE",
    plans.PlanKind: "1 DAY_AHEAD, 2 ROLLING, 3 REVISED",
    plans.CurveKind: "1 PLAN, 2 BASELINE, 3 FORECAST, 4 UPPER_BOUND, 5 LOWER_BOUND",
    response_events.EventState: "0 NONE, 1 FAR, 2 NEAR, 3 ACTIVE, 4 COMPLETED, 5 CANCELLED",
    response_events.SignalType: "1 LEVEL, 2 PRICE, 3 LOAD",
    response_events.OptType: "1 OPT_IN, 2 OPT_OUT",
    operating.RunState: "1 RUNNING, 2 SUSPENDED, 3 MAINTENANCE, 4 FAULT, 5 EXIT",
    operating.CommandKind: "1 CONTROL, 2 NOTICE",
    operating.TriggerType: "1 PRICE, 2 DISPATCH, 3 EVENT",
    operating.Priority: "0 NORMAL, 1 HIGH, 9 EMERGENCY",
    operating.ControlQuantity: (
        "1 POWER_SET_POINT, 2 POWER_LIMIT, 3 REACTIVE_POWER, 4 POWER_FACTOR, 5 CURRENT_LIMIT,"
        " 6 START_STOP, 7 PRICE"
    ),
    operating.FallbackMode: "1 HOLD, 2 DEFAULT_LIMIT, 3 RELEASE",
    operating.AckResult: "1 ACCEPTED, 2 PARTLY, 3 REFUSED, 4 OPTED_OUT",
    operating.RefuseReason: (
        "1 CAPABILITY, 2 USER_NEED, 3 SOC_FLOOR, 4 MAINTENANCE, 5 EXPIRED, 6 OTHER"
    ),
    operating.ExecState: "1 RECEIVED, 2 EXECUTING, 3 DONE, 4 FAILED, 5 CANCELLED, 6 AUTO_EXIT",
}


@pytest.mark.parametrize("cls", CATALOGUE, ids=lambda cls: cls.__name__)
def test_an_object_has_the_members_limits_and_class_of_the_catalogue(
    cls: type[InformationObject],
) -> None:
    grade, table = CATALOGUE[cls]
    assert declared(cls) == written(table)
    assert cls.grade is grade


def test_no_object_stands_outside_the_catalogue() -> None:
    found = objects_in(capability, plans, response_events, control)
    assert found == {cls.__name__ for cls in CATALOGUE}


@pytest.mark.parametrize("enumeration", ENUMERATIONS, ids=lambda cls: cls.__name__)
def test_an_enumeration_has_the_numbers_of_the_catalogue(enumeration: type[Enum]) -> None:
    choices = ", ".join(f"{choice.value} {choice.name}" for choice in enumeration)
    assert choices == ENUMERATIONS[enumeration]


@pytest.mark.parametrize("cls", CATALOGUE, ids=lambda cls: cls.__name__)
def test_an_object_survives_json_and_xml(cls: type[InformationObject]) -> None:
    survives_json_and_xml(cls)
