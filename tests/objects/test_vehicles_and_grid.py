"""Vehicles, consents and grid nodes against the catalogue. VGI-D.1 to VGI-D.13, JES-5."""

from __future__ import annotations

from enum import Enum

import pytest

from tests.objects.catalogue import declared, objects_in, survives_json_and_xml, written
from vgigw.codec.shape import shape_of
from vgigw.objects import consents, grid, vehicles
from vgigw.objects.consents import ConsentInfo, ConsentQuery, ConsentReceipt, ConsentWithdrawal
from vgigw.objects.declaration import Grade, InformationObject
from vgigw.objects.grid import (
    AttachedResource,
    GridNode,
    GridParameter,
    GridTrace,
    GridTraceQuery,
    LoadPoint,
)
from vgigw.objects.vehicles import (
    Position,
    PreferenceInfo,
    TripInfo,
    VehicleInfo,
    WillingnessPoint,
)

CATALOGUE: dict[type[InformationObject], tuple[Grade, str]] = {
    VehicleInfo: (
        Grade.SEN,
        """
        VehicleID S(64) R
        VIN C(17) O SEN
        VehicleClass E<VehicleClass> R
        OEMID S(9..18) O
        BatteryCapacity D(1)(0,) kWh R
        RatedChargePower D(1)[0,) kW R
        RatedDischargePower D(1)[0,) kW C
        ChargeEfficiency D(3)(0,1] O
        DischargeEfficiency D(3)(0,1] O
        MaxChargeCurrent D(1)[0,) A C
        MaxDischargeCurrent D(1)[0,) A C
        MinChargeCurrent D(1)[0,) A O
        MinDischargeCurrent D(1)[0,) A O
        MaxChargePower D(1)[0,) kW O
        MaxDischargePower D(1)[0,) kW O
        MinChargePower D(1)[0,) kW O
        MinDischargePower D(1)[0,) kW O
        SOCFloor D(1)[0,100] % R
        SOCCeil D(1)[0,100] % R
        InitialSOC D(1)[0,100] % C
        TargetSOC D(1)[0,100] % C
        MinEnergy D(1)[0,) kWh O
        MaxEnergy D(1)[0,) kWh O
        DepartureTime T O SEN
        SelectedService E<SupportedService> C
        GridConnectState E<GridConnectState> O
        ConsumptionPerKm D(3)(0,) kWh/km O
        MaxAcceleration D(2)(0,) m/s² O
        MaxSpeed D(2)(0,) km/h O
        BodyLength D(2)(0,) m O
        Preference O<PreferenceInfo> O
        DataSource E<DataSource> R
        ConsentID S(32) R
        Version I[0,) R
        UpdateTime T R
        """,
    ),
    PreferenceInfo: (
        Grade.SEN,
        """
        DistanceWeight D(2)[0,1] O
        PriceWeight D(2)[0,1] O
        ChargeWillingnessCurve L<O<WillingnessPoint>>[0,1001] O
        MinDischargePrice D(4)[0,) CNY/kWh O
        DataSource E<DataSource> R
        """,
    ),
    WillingnessPoint: (
        Grade.INT,
        """
        SOC D(1)[0,100] % R
        Probability D(4)[0,1] R
        """,
    ),
    TripInfo: (
        Grade.SEN,
        """
        TripID S(32) R
        VehicleID S(64) R
        TripStartTime T R SEN
        Origin O<Position> R SEN
        Destination O<Position> R SEN
        DataSource E<DataSource> R
        ConsentID S(32) R
        """,
    ),
    Position: (
        Grade.SEN,
        """
        Lng D(6)[-180,180] ° R SEN
        Lat D(6)[-90,90] ° R SEN
        """,
    ),
    ConsentInfo: (
        Grade.SEN,
        """
        ConsentID S(32) R
        VehicleID S(64) R
        ConsentScope L<E<ConsentScope>>[1,7] R
        GrantedAt T R
        ValidTo T O
        WithdrawnAt T O
        ConsentState E<ConsentState> R
        """,
    ),
    ConsentQuery: (Grade.SEN, "ConsentID S(32) R"),
    ConsentWithdrawal: (
        Grade.SEN,
        """
        ConsentID S(32) R
        Reason S(200) O
        """,
    ),
    ConsentReceipt: (
        Grade.SEN,
        """
        ConsentID S(32) R
        ConsentState E<ConsentState> R
        EffectiveTime T R
        CancelledCommands L<S(40)> O
        """,
    ),
    GridNode: (
        Grade.IMP,
        """
        GridNodeID S(32) R
        NodeKind E<NodeKind> R
        ParentNodeID S(32) O SEN
        FromBusID S(32) C SEN
        ToBusID S(32) C SEN
        Resistance D(6)[0,) Ω C SEN
        Reactance D(6)[0,) Ω C SEN
        MaxCurrent D(1)(0,) A C
        VoltageMax D(4)[0,) C
        VoltageMin D(4)[0,) C
        VoltageUnit E<VoltageUnit> C
        RatedCapacity D(1)(0,) kVA O
        LoadLimit D(3)[0,) kW O
        PowerFactorMin D(3)[0,1] O
        AttachedResources L<O<AttachedResource>>[0,5000] O SEN
        NonChargingLoadCurve L<O<LoadPoint>>[0,1440] O
        DataKind E<DataKind> R
        Extension map O
        Version I[0,) R
        UpdateTime T R
        """,
    ),
    AttachedResource: (
        Grade.INT,
        """
        Kind E<AttachedKind> R
        ID S(32) R
        """,
    ),
    LoadPoint: (
        Grade.INT,
        """
        StartTime T R
        EndTime T R
        Power D(3) kW R
        """,
    ),
    GridParameter: (
        Grade.IMP,
        """
        NodeID S(32) R
        LoadLimit D(3)[0,) kW O
        ReactiveTarget D(3) kvar O
        PowerFactor D(3)[-1,1] O
        FrequencyDeadband D(3)[0,) Hz O
        Droop D(2)[0,100] % O
        Source E<ParameterSource> R
        ValidFrom T R
        ValidTo T O
        IssueTime T R
        Version I[0,) R
        """,
    ),
    GridTraceQuery: (
        Grade.INT,
        """
        EquipmentID S(23) O
        OperatorID S(9..18) O
        NodeID S(32) O
        """,
    ),
    GridTrace: (Grade.IMP, "Nodes L<O<GridNode>> O SEN"),
}

ENUMERATIONS: dict[type[Enum], str] = {
    vehicles.VehicleClass: "1 CAR, 2 BUS, 3 LOGISTICS, 4 TAXI, 255 OTHER",
    vehicles.GridConnectState: "0 OFF, 1 ON, 2 FAULT",
    vehicles.DataSource: "1 PROTOCOL, 2 OEM, 3 APP, 4 SURVEY, 5 ESTIMATE, 6 MEASURED",
    consents.ConsentScope: (
        "1 IDENTITY, 2 BATTERY, 3 TRIP, 4 PREFERENCE, 5 CHARGE_CONTROL, 6 DISCHARGE_CONTROL,"
        " 7 SETTLEMENT"
    ),
    consents.ConsentState: "1 ACTIVE, 2 WITHDRAWN, 3 EXPIRED",
    grid.NodeKind: "1 SUBSTATION, 2 FEEDER, 3 TRANSFORMER_AREA, 4 BUS, 5 LINE_SEGMENT",
    grid.AttachedKind: "1 CHARGER, 2 GENERATOR, 3 STORAGE",
    grid.VoltageUnit: "1 PER_UNIT, 2 VOLT",
    grid.DataKind: "1 REAL, 2 SIMPLIFIED, 3 TYPICAL",
    grid.ParameterSource: "1 LOCAL_METER, 2 DISPATCH",
}


@pytest.mark.parametrize("cls", CATALOGUE, ids=lambda cls: cls.__name__)
def test_an_object_has_the_members_limits_and_class_of_the_catalogue(
    cls: type[InformationObject],
) -> None:
    grade, table = CATALOGUE[cls]
    assert declared(cls) == written(table)
    assert cls.grade is grade


def test_no_object_stands_outside_the_catalogue() -> None:
    assert objects_in(vehicles, consents, grid) == {cls.__name__ for cls in CATALOGUE}


@pytest.mark.parametrize("enumeration", ENUMERATIONS, ids=lambda cls: cls.__name__)
def test_an_enumeration_has_the_numbers_of_the_catalogue(enumeration: type[Enum]) -> None:
    choices = ", ".join(f"{choice.value} {choice.name}" for choice in enumeration)
    assert choices == ENUMERATIONS[enumeration]


@pytest.mark.parametrize("cls", CATALOGUE, ids=lambda cls: cls.__name__)
def test_an_object_survives_json_and_xml(cls: type[InformationObject]) -> None:
    survives_json_and_xml(cls)


def test_what_parties_may_see_of_a_node_holds_no_topology() -> None:
    """VGI-D.16: only ceilings and curves leave, so all that tells of the network is marked."""
    shown = {m.wire for m in shape_of(GridNode).members if not m.described.sensitive}
    topology = {"ParentNodeID", "FromBusID", "ToBusID", "Resistance", "Reactance"}
    assert not shown & (topology | {"AttachedResources"})
    assert {"LoadLimit", "NonChargingLoadCurve", "RatedCapacity"} <= shown
