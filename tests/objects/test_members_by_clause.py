"""What a clause names is declared: members by object, choices by enumeration. PLT-1.1, ACC-2.1.

The table is written by hand after the clauses, a second source beside the declarations. ``!``
marks a member that must be required.
"""

from __future__ import annotations

import importlib
import pkgutil
from enum import Enum

import pytest

import vgigw.objects
from vgigw.codec.shape import Member, shape_of
from vgigw.objects.declaration import InformationObject

NAMED = {
    "ACC-6.1": "CustomerInfo: CustomerNo! CustomerName! CustomerType! Address! Version!",
    "ACC-6.2": "StationInfo: StationID! StationName! StationStatus! EquipmentInfos! Version!",
    "ACC-6.3": """LoadDevice: LoadDeviceID! DeviceKind! RatedPower! MinPower! MaxPower! Version!;
        DeviceKind: CHARGER STORAGE AIR_CONDITIONING OTHER_LOAD""",
    "ACC-G.2": """Scene: RESERVE REACTIVE_VOLTAGE;
        AdjustCapability: UpRate! UpDuration! DownRate! DownDuration!""",
    "ACC-G.3": "ShareLevel: USER; DistributionShare: Level! Amount!; PriceSignal: PricePoints!",
    "EXP-1.1": "OperatorRole: OEM; VehicleInfo: VehicleID! OEMID; TripInfo: TripID! VehicleID!",
    "EXP-1.2": "DeviceKind: PHOTOVOLTAIC WIND STORAGE OTHER_LOAD CHARGER; ObjectKind: VEHICLE",
    "EXP-1.3": "ShareLevel: USER OPERATOR AGGREGATOR",
    "EXP-1.7": """OperatingRecord: ActivePower ReactivePower VoltageA VoltageB VoltageC PowerFactor
        Frequency Extra""",
    "PLT-3.1": "AggregateResource: AggregatorID! Members!; ObjectKind: STATION CONNECTOR VEHICLE",
    "PLT-4.7": "DREvent: EventID! Intervals!; NoticeKind: DEMAND_RESPONSE_INVITATION",
    "PLT-5.2c": "AggregateResource: Dimension! Scene! Members!",
    "PLT-6.5": "EvaluationReport: SubjectKind! SubjectID! Indices! Score!",
    "PLT-6.6": "EnergyStatement: VerifyRuleID! VerifyRuleVersion VerifySource! InputRefs",
    "PLT-6.7": "SettlementStatement: CompensationAmount! PenaltyAmount! NetAmount!",
    "PLT-6.8a": "SubjectKind: AGGREGATOR CHARGER_COMPANY; EvaluationReport: Inputs",
    "PLT-6.8b": "AlarmDomain: PERSON VEHICLE GRID INFORMATION_SECURITY; AlarmEvent: AlarmDomain!",
    "PLT-6.8c": """OperatingRecord: CurrentA VoltageA BatteryTemperature SOC;
        BatteryScore: Score! Factors!""",
    "PLT-6.8d2": "ControlPoint: TargetPower! StartTime! EndTime!",
    "PLT-6.9": "LedgerKind: PLATFORM AGGREGATOR OPERATOR STATION EQUIPMENT CONNECTOR",
    "PLT-7.2a": """OperatorInfo: OperatorName! OperatorRole! AccessState!;
        StationInfo: RatedCapacity! EquipmentInfos!; AggregateResource: Members!""",
    "PLT-7.2b": """OperatingRecord: RunState ChargePower DischargePower UpCapability DownCapability;
        AdjustCapability: UpCapability! DownCapability!; PlanCurve: Points! PlanKind!""",
    "PLT-7.2c": """Declaration: Segments!; ControlPoint: TargetPower! StartTime! EndTime!;
        AssessmentResult: Qualified! PenaltyAmount!; IncomeShare: Amount!;
        SettlementStatement: NetAmount!; AlarmEvent: AlarmCode!""",
    "PLT-7.3c": "TelemetryBatch: Trigger!; ReportTrigger: PERIODIC EVENT REQUEST",
    "PLT-7.4c": "AggregateResource: PolarityMode! PolarityFrom!; TelemetryBatch: PolarityMode!",
    "PLT-7.5b": "ReportMode: CHANGE FULL; TelemetryBatch: ReportMode!",
    "PLT-7.8b": """Declaration: TradeDate! TradeStart! TradeEnd! Segments!;
        DeclarationSegment: Quantity! Price!""",
    "PLT-8.2": """OperatorInfo: OperatorName! RegAddress! ContactName! ContactPhone! AgentOperators;
        AgentOperator: OperatorID! OperatorName!;
        StationInfo: StationName! StationID! RatedCapacity! Address! StationLng! StationLat!""",
    "PLT-8.4": """OperatingRecord: RunState ChargePower DischargePower UpCapability UpRate
        UpDuration DownCapability DownRate DownDuration; RunState: RUNNING SUSPENDED""",
    "PLT-8.5a": """ControlCurve: Points! IntervalMin!;
        ControlPoint: TargetPower! StartTime! EndTime!""",
    "PLT-8.6": "PolicyNotice: EffectiveFrom! Audience! ReceiptRequired! Receipts",
    "PLT-8.9a": "OutageRecord: OutageStart! OutageEnd! Cause! ExplanationRef!",
    "PLT-8.10": "MaintenanceApplication: ApplyTime! WorkStart! WorkEnd! State! Approvals",
    "PLT-8.11a": """AccessApplication: NetworkPolicy! NetworkTopologyRef! SecurityPlanRef! State!;
        ApprovalRole: PLATFORM DISPATCH INFORMATION NETWORK_SECURITY""",
    "JES-3.1": "StationInfo: AreaCode! GridNodeID",
    "JES-3.4": "OperatingRecord: ChargePower DischargePower ChargeEnergy DischargeEnergy",
    "JES-3.7": "OperatingRecord: NonChargingLoad; GridNode: NonChargingLoadCurve",
    "JES-3.10": "SupplyScheme: Sources! Losses!; SchemeSourceKind: GENERATOR STORAGE V2G GRID",
    "JES-3.11": """DirectionCapability: CHARGE_ONLY BIDIRECTIONAL;
        EquipmentInfo: DirectionCapability!""",
    "JES-3.13": "ChargeClass: FAST SLOW",
    "JES-3.15": "OperatingRecord: SOC DataTime!",
    "JES-3.16": "ControlQuantity: PRICE POWER_SET_POINT POWER_LIMIT START_STOP",
    "JES-5.1.2a": """VehicleInfo: BatteryCapacity! RatedChargePower! RatedDischargePower
        ChargeEfficiency DischargeEfficiency""",
    "JES-5.1.2b": "VehicleInfo: ConsumptionPerKm MaxAcceleration MaxSpeed BodyLength",
    "JES-5.1.2c": """PreferenceInfo: DistanceWeight PriceWeight ChargeWillingnessCurve DataSource!;
        DataSource: SURVEY ESTIMATE""",
    "JES-5.1.2d": "VehicleInfo: DataSource!; DataSource: OEM MEASURED ESTIMATE",
    "JES-5.1.3": "TripInfo: TripStartTime! Origin! Destination!",
    "JES-5.1.4a": "EquipmentInfo: EquipmentModel Power! MaxDischargePower",
    "JES-5.2.1": """GridNode: NodeKind! ParentNodeID FromBusID ToBusID AttachedResources;
        AttachedKind: CHARGER GENERATOR STORAGE""",
    "JES-5.2.2": "GridNode: VoltageMax VoltageMin NonChargingLoadCurve",
    "JES-5.2.3": "GridNode: Resistance Reactance MaxCurrent",
    "JES-5.2.4": "GridNode: DataKind!; DataKind: REAL TYPICAL",
    "JES-5.3": "GridNode: Extension",
    "JES-6.1.1b": "VehicleInfo: VehicleClass!; VehicleClass: CAR BUS LOGISTICS OTHER",
    "JES-6.1.2a": "StationInfo: AreaCode! Construction!; Construction: MOTORWAY_SERVICE_AREA",
    "JES-6.1.2b": "AggregateResource: AreaCodes; ResourceLevel: CITY REGION STATION",
    "JES-6.1.3b": """StationType: PRIVATE; Construction: RESIDENTIAL ENTERPRISE INDUSTRIAL_PARK;
        StationInfo: StationType! Construction!""",
    "JES-6.1.3c": "ChargeClass: FAST SLOW; EquipmentType: WIRELESS; ConnectorType: WIRELESS",
    "JES-6.1.5": "ControlCurve: SOCFloor SOCOverride; SocOverride: Reason! ApprovedBy!",
    "JES-6.2.1b": "PlanPoint: QuantileLow QuantileHigh; CapabilityPoint: Confidence",
    "JES-6.2.3.2b": "Scene: FREQUENCY PEAK DEMAND_RESPONSE; ControlCurve: Scene!",
    "JES-6.3.1": "DeviceKind: WIND PHOTOVOLTAIC STORAGE OTHER_LOAD CHARGER",
    "JES-6.3.3": """ControlCurve: Fallback RampLimit ValidUntil!; FallbackMode: DEFAULT_LIMIT;
        EdgeSync: LogEntries""",
    "JES-6.4.1c": "ConsentInfo: ConsentScope! ConsentState!; ConsentReceipt: EffectiveTime!",
    "JES-6.5.1.2": "ControlPoint: TargetReactive; EquipmentInfo: MaxReactivePower",
    "JES-6.5.1.3c": "ExecState: AUTO_EXIT",
    "JES-6.5.1.5a": "TriggerType: PRICE DISPATCH EVENT; Priority: EMERGENCY",
    "JES-6.5.2b": "AggregateResource: MinControlUnit!",
    "JES-6.5.3": """ExecutionReport: ActualStartTime! ActualEndTime! ResponseQuantity!
        ResponseAccuracy! DelaySec!""",
    "JES-6.5.4a": "ShareLevel: AGGREGATOR OPERATOR USER; SettlementStatement: Shares!",
    "JES-6.5.4b": "SettlementCycle: MONTHLY REAL_TIME; DistributionShare: AccountRef",
    "JES-6.5.4c": """SettlementStatement: InvoiceNo InvoiceURL; Invoice: InvoiceNo!;
        ReconcileResult: Differences; IncomePage: Incomes""",
    "JES-7.1.1": "SchemeSourceKind: GENERATOR STORAGE V2G GRID; SchemeSource: Kind! P!",
    "JES-7.1.2": """SchemeLoadKind: GRID_EXPORT CONVENTIONAL STORAGE_CHARGING STATION_CHARGING;
        SchemeLoad: Kind! P!""",
    "JES-7.1.4a": "SupplyScheme: StepMin!",
    "JES-7.2.2b": "StationInfo: SiteLoadLimit",
    "JES-7.2.3": """SchemeObjective: GENERATION_COST LOSSES VOLTAGE_DEVIATION WEIGHTED;
        SupplyScheme: Objective Weights""",
    "VGI-T1.CCS": "ConnectorType: CCS CHADEMO CHAOJI",
    "VGI-T7": """ControlCurve: Points! LoadLimit; OperatingRecord: SOC; GridParameter: LoadLimit;
        VehicleInfo: VehicleID! DepartureTime MinChargeCurrent InitialSOC""",
    "VGI-D.1": """ConnectorInfo: SupportedServices; VehicleInfo: SelectedService;
        SupportedService: CHARGE ORDERED_CHARGE V2G""",
    "VGI-D.2": "VehicleInfo: VehicleID! VIN",
    "VGI-D.3": "VehicleInfo: InitialSOC BatteryCapacity! TargetSOC",
    "VGI-D.4": """VehicleInfo: MaxChargeCurrent MaxDischargeCurrent MaxChargePower
        MaxDischargePower""",
    "VGI-D.5": "VehicleInfo: DepartureTime",
    "VGI-D.6": "VehicleInfo: MinEnergy MaxEnergy",
    "VGI-D.7": "VehicleInfo: MinChargeCurrent MinDischargeCurrent MinChargePower MinDischargePower",
    "VGI-D.8": "VehicleInfo: GridConnectState",
    "VGI-D.9": "VehicleInfo: DataSource!; DataSource: PROTOCOL APP ESTIMATE",
    "VGI-D.10": "ControlQuantity: POWER_SET_POINT CURRENT_LIMIT; ControlCurve: ControlQuantity!",
    "VGI-D.11": "GridParameter: LoadLimit ReactiveTarget PowerFactor",
    "VGI-D.12": """PlanCurve: Points!; Scene: PEAK FREQUENCY; PriceSignal: PricePoints!;
        GridParameter: FrequencyDeadband Droop""",
    "VGI-D.13": """ControlCurve: ResourceID! Points! LoadLimit; ControlPoint: Price TargetReactive
        PowerFactor TargetPower!; DREvent: TargetArea; Scene: FREQUENCY""",
    "VGI-D.14": """AdjustCapability: ResourceID! UpCapability! DownCapability! UpRate! DownRate!
        UpDuration! DownDuration! DataTime!""",
    "VGI-D.17": "ControlCurve: OriginSignature! IssuedBy!",
    "VGI-5.1": "ControlPlace: LOCAL CENTRAL COMBINED; AggregateResource: ControlMode",
    "VGI-5.5": "CommandKind: CONTROL NOTICE; ControlCurve: CommandKind!; AckResult: OPTED_OUT",
    "VGI-5.6": "ResourceLevel: STATION DEVICE VEHICLE; AggregateResource: ResourceLevel!",
    "VGI-5.7": "GridParameter: Source! ValidFrom! LoadLimit; ParameterSource: LOCAL_METER DISPATCH",
}


def classes() -> dict[str, type]:
    """Every object and enumeration by its name."""
    modules = [
        importlib.import_module(f"vgigw.objects.{found.name}")
        for found in pkgutil.iter_modules(vgigw.objects.__path__)
    ]
    return {
        name: each
        for module in modules
        for name, each in vars(module).items()
        if isinstance(each, type) and each.__module__ == module.__name__
    }


CLASSES = classes()


def missing(row: str) -> list[str]:
    """What of ``row`` is not declared, or not required though it must be."""
    found = []
    for part in row.split(";"):
        name, _, wanted = part.strip().partition(":")
        cls = CLASSES[name]
        assert wanted.split(), name
        found += [f"{name}.{each}" for each in wanted.split() if not _declares(cls, each)]
    return found


def _declares(cls: type, wanted: str) -> bool:
    if issubclass(cls, Enum):
        return wanted in cls.__members__
    assert issubclass(cls, InformationObject)
    members: dict[str, Member] = {member.wire: member for member in shape_of(cls).members}
    member = members.get(wanted.rstrip("!"))
    return member is not None and (member.required or not wanted.endswith("!"))


@pytest.mark.parametrize("clause", NAMED)
def test_what_a_clause_names_is_declared(clause: str) -> None:
    assert missing(NAMED[clause]) == []


@pytest.mark.parametrize(
    "row", ["StationInfo: Nothing", "StationInfo: GridNodeID!", "Scene: PEAK NOTHING"]
)
def test_what_is_not_declared_or_not_required_is_noticed(row: str) -> None:
    assert len(missing(row)) == 1
