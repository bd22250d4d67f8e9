"""Customers, load devices, parties, resources and the ledger against the catalogue. ACC-6.1."""

from __future__ import annotations

from enum import Enum

import pytest

from tests.objects.catalogue import declared, objects_in, survives_json_and_xml, written
from vgigw.objects import customers, devices, ledger, parties, resources
from vgigw.objects.customers import CustomerInfo, CustomerPage, CustomerQuery
from vgigw.objects.declaration import Grade, InformationObject
from vgigw.objects.devices import LoadDevice, LoadDevicePage, LoadDeviceQuery
from vgigw.objects.ledger import LedgerNode, LedgerPage, LedgerQuery
from vgigw.objects.parties import AgentOperator, OperatorInfo, OperatorPage, OperatorQuery
from vgigw.objects.resources import (
    AggregateResource,
    ResourceMember,
    ResourcePage,
    ResourceQuery,
)

VERSIONED = """
Version I[0,) R
UpdateTime T R
"""
PAGED = """
PageNo I[1,1000000] O
PageSize I[1,1000] O
"""
INCREMENTAL = "LastQueryTime T O\n" + PAGED
PAGE = """
PageNo I[1,1000000] R
PageCount I[0,) R
ItemSize I[0,) R
"""

# CustomerNo, the account of a customer at the utility, is told to no log: own decision.
# AreaCode is C(6) in the catalogue and 20 wide in T/CEC 102; one name has one type (ACC-6.5).
CATALOGUE: dict[type[InformationObject], tuple[Grade, str]] = {
    CustomerInfo: (
        Grade.IMP,
        """
        CustomerNo S(32) R SEN
        CustomerName S(100) R SEN
        CustomerType E<CustomerType> R
        OperatorID S(9..18) C
        Address S(100) R SEN
        AreaCode S(6..20) R
        VoltageLevel E<VoltageLevel> O
        ContractCapacity D(3)[0,) kVA O
        TransformerAreaID S(32) O
        FeederID S(32) O
        MeterNos L<S(32)>[0,1000] O
        ContactName S(50) O SEN
        ContactPhone S(30) O SEN
        """
        + VERSIONED,
    ),
    CustomerQuery: (Grade.INT, "CustomerNo S(32) O SEN\n" + INCREMENTAL),
    CustomerPage: (Grade.IMP, "CustomerInfos L<O<CustomerInfo>> O\n" + PAGE),
    OperatorInfo: (
        Grade.INT,
        """
        OperatorID S(9..18) R
        OperatorName S(64) R
        OperatorUSCID C(18) O
        OperatorTel1 S(32) O
        OperatorTel2 S(32) O
        OperatorNote S(255) O
        RegAddress S(100) R
        ContactName S(50) R SEN
        ContactPhone S(30) R SEN
        OperatorRole E<OperatorRole> R
        AgentOperators L<O<AgentOperator>> C
        AccessState E<AccessState> R
        QualificationNo S(64) O
        AccountRef S(64) O SEN
        """
        + VERSIONED,
    ),
    AgentOperator: (
        Grade.INT,
        """
        OperatorID S(9..18) R
        OperatorName S(64) R
        AgentFrom T O
        AgentTo T O
        """,
    ),
    OperatorQuery: (Grade.INT, "OperatorID S(9..18) O\n" + INCREMENTAL),
    OperatorPage: (Grade.INT, "OperatorInfos L<O<OperatorInfo>> O\n" + PAGE),
    LoadDevice: (
        Grade.INT,
        """
        LoadDeviceID S(32) R
        LoadDeviceName S(50) R
        DeviceKind E<DeviceKind> R
        CustomerNo S(32) C SEN
        StationID S(20) C
        EquipmentID S(23) C
        RatedPower D(3)(0,) kW R
        PolarityMode E<PolarityMode> R
        ControlMode E<ControlMethod> R
        MinPower D(3) kW R
        MaxPower D(3) kW R
        MinStep D(3)[0,) kW O
        RampUp D(3)[0,) kW/min O
        RampDown D(3)[0,) kW/min O
        GridNodeID S(32) O
        """
        + VERSIONED,
    ),
    LoadDeviceQuery: (Grade.INT, "LoadDeviceID S(32) O\n" + INCREMENTAL),
    LoadDevicePage: (Grade.INT, "LoadDevices L<O<LoadDevice>> O\n" + PAGE),
    AggregateResource: (
        Grade.IMP,
        """
        ResourceID S(32) R
        ResourceName S(64) R
        AggregatorID S(9..18) R
        ResourceLevel E<ResourceLevel> R
        Dimension E<Dimension> R
        Scene E<Scene> R
        PolarityMode E<PolarityMode> R
        PolarityFrom T R
        Members L<O<ResourceMember>>[1,) R
        RatedChargePower D(3)[0,) kW R
        RatedDischargePower D(3)[0,) kW R
        MinControlUnit D(3)[0,1] kW R
        AreaCodes L<S(6..20)> O
        ControlMode E<ControlPlace> O
        """
        + VERSIONED,
    ),
    ResourceMember: (
        Grade.INT,
        """
        MemberKind E<ObjectKind> R
        MemberID S(32) R
        Share D(6)(0,1] O
        """,
    ),
    ResourceQuery: (Grade.INT, "ResourceID S(32) O\n" + INCREMENTAL),
    ResourcePage: (Grade.IMP, "AggregateResources L<O<AggregateResource>> O\n" + PAGE),
    LedgerQuery: (
        Grade.INT,
        """
        Root S(64) O
        RootKind E<LedgerKind> O
        RootOwnerID S(9..18) O
        Depth I[0,32] O
        """
        + PAGED,
    ),
    LedgerNode: (
        Grade.INT,
        """
        NodeKind E<LedgerKind> R
        NodeID S(64) R
        ParentID S(64) O
        OwnerID S(9..18) R
        Name S(100) O
        Depth I[0,32] R
        """,
    ),
    LedgerPage: (Grade.INT, "LedgerNodes L<O<LedgerNode>> O\n" + PAGE),
}

ENUMERATIONS: dict[type[Enum], str] = {
    customers.CustomerType: "1 PUBLIC, 2 DEDICATED, 3 RESIDENTIAL, 255 OTHER",
    customers.VoltageLevel: "220V V_220, 380V V_380, 10kV KV_10, 35kV KV_35, 110kV KV_110",
    devices.DeviceKind: (
        "1 CHARGER, 2 SWAP_STATION, 3 STORAGE, 4 PHOTOVOLTAIC, 5 WIND, 6 AIR_CONDITIONING,"
        " 7 OTHER_LOAD"
    ),
    devices.ControlMethod: "0 NONE, 1 START_STOP, 2 POWER_LIMIT, 3 SET_POINT, 4 PRICE",
    ledger.LedgerKind: (
        "1 PLATFORM, 2 AGGREGATOR, 3 OPERATOR, 4 STATION, 5 EQUIPMENT, 6 CONNECTOR, 7 VEHICLE,"
        " 8 RESOURCE, 9 LOAD_DEVICE, 10 CUSTOMER"
    ),
}


@pytest.mark.parametrize("cls", CATALOGUE, ids=lambda cls: cls.__name__)
def test_an_object_has_the_members_limits_and_class_of_the_catalogue(
    cls: type[InformationObject],
) -> None:
    grade, table = CATALOGUE[cls]
    assert declared(cls) == written(table)
    assert cls.grade is grade


def test_no_object_stands_outside_the_catalogue() -> None:
    declared_names = objects_in(customers, devices, parties, resources, ledger)
    assert declared_names == {cls.__name__ for cls in CATALOGUE}


@pytest.mark.parametrize("enumeration", ENUMERATIONS, ids=lambda cls: cls.__name__)
def test_an_enumeration_has_the_numbers_of_the_catalogue(enumeration: type[Enum]) -> None:
    choices = ", ".join(f"{choice.value} {choice.name}" for choice in enumeration)
    assert choices == ENUMERATIONS[enumeration]


@pytest.mark.parametrize("cls", CATALOGUE, ids=lambda cls: cls.__name__)
def test_an_object_survives_json_and_xml(cls: type[InformationObject]) -> None:
    survives_json_and_xml(cls)
