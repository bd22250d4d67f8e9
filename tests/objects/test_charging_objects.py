"""Sessions, orders and the user's side of charging against T/CEC 102. 102, VGI-T6."""

from __future__ import annotations

from enum import Enum

import pytest

from tests.objects.catalogue import declared, objects_in, survives_json_and_xml, written
from vgigw.codec.shape import shape_of
from vgigw.objects import charging, orders, sessions
from vgigw.objects.charging import (
    BusinessPolicy,
    BusinessPolicyQuery,
    ChargeStatusQuery,
    EquipAuth,
    EquipAuthQuery,
    PolicyInfo,
    StartChargeAnswer,
    StartChargeRequest,
    StartChargeResult,
    StartChargeResultReceipt,
    StopChargeAnswer,
    StopChargeRequest,
    StopChargeResult,
    StopChargeResultReceipt,
)
from vgigw.objects.declaration import Grade, InformationObject
from vgigw.objects.orders import (
    ChargeOrder,
    ChargeOrderReceipt,
    DisputeOrder,
    OrderCheck,
    OrderCheckItem,
    OrderCheckResult,
)
from vgigw.objects.sessions import (
    ChargeDetail,
    ChargeStatus,
    ChargeStatusReceipt,
    ConnectorStatsInfo,
    EquipmentStatsInfo,
    StationStats,
    StationStatsInfo,
    StationStatsQuery,
)

RESULT = """
    SuccStat E<Success> R
    FailReason I[0,99] R
"""

CATALOGUE: dict[type[InformationObject], tuple[Grade, str]] = {
    ChargeStatus: (
        Grade.SEN,
        """
        StartChargeSeq S(27) R
        StartChargeSeqStat E<SessionState> R
        ConnectorID S(26) R
        ConnectorStatus E<ConnectorStatus> R
        CurrentA D(1) A R
        CurrentB D(1) A O
        CurrentC D(1) A O
        VoltageA D(1) V R
        VoltageB D(1) V O
        VoltageC D(1) V O
        Soc D(1)[0,100] % R
        StartTime T R
        EndTime T R
        TotalPower D(2)[0,) kWh R
        TotalDischargePower D(2)[0,) kWh O
        ElecMoney D(2) CNY O
        SeviceMoney D(2) CNY O
        TotalMoney D(2) CNY O
        SumPeriod I[0,32] O
        ChargeDetails L<O<ChargeDetail>>[0,32] O
        VehicleID S(64) O
        """,
    ),
    ChargeDetail: (
        Grade.INT,
        """
        DetailStartTime T R
        DetailEndTime T R
        ElecPrice D(4) CNY/kWh O
        SevicePrice D(4) CNY/kWh O
        DetailPower D(2)[0,) kWh R
        DetailElecMoney D(2) CNY O
        DetailSeviceMoney D(2) CNY O
        """,
    ),
    ChargeStatusReceipt: (
        Grade.INT,
        """
        StartChargeSeq S(27) R
        SuccStat E<Success> R
        """,
    ),
    StationStatsQuery: (
        Grade.INT,
        """
        StationID S(20) R
        StartTime DAY R
        EndTime DAY R
        OwnerID S(9..18) O
        """,
    ),
    StationStats: (Grade.INT, "StationStats O<StationStatsInfo> R"),
    StationStatsInfo: (
        Grade.INT,
        """
        StationID S(20) R
        StartTime DAY R
        EndTime DAY R
        StationElectricity D(1)[0,) kWh R
        StationDischargeElectricity D(1)[0,) kWh O
        SessionCount I[0,) O
        EquipmentStatsInfos L<O<EquipmentStatsInfo>>[0,5000] O
        """,
    ),
    EquipmentStatsInfo: (
        Grade.INT,
        """
        EquipmentID S(23) R
        EquipmentElectricity D(1)[0,) kWh R
        EquipmentDischargeElectricity D(1)[0,) kWh O
        ConnectorStatsInfos L<O<ConnectorStatsInfo>>[0,100] O
        """,
    ),
    ConnectorStatsInfo: (
        Grade.INT,
        """
        ConnectorID S(26) R
        ConnectorElectricity D(1)[0,) kWh R
        ConnectorDischargeElectricity D(1)[0,) kWh O
        """,
    ),
    ChargeOrder: (
        Grade.SEN,
        """
        StartChargeSeq S(27) R
        ConnectorID S(26) R
        StartTime T R
        EndTime T R
        TotalPower D(2)[0,) kWh R
        TotalDischargePower D(2)[0,) kWh O
        TotalElecMoney D(2) CNY R
        TotalSeviceMoney D(2) CNY R
        TotalMoney D(2) CNY R
        StopReason I[0,99] R
        SumPeriod I[0,32] O
        ChargeDetails L<O<ChargeDetail>>[0,32] O
        Vin C(17) O SEN
        PlateNo S(16) O SEN
        VehicleID S(64) O
        """,
    ),
    ChargeOrderReceipt: (
        Grade.INT,
        """
        StartChargeSeq S(27) R
        ConnectorID S(26) R
        ConfirmResult I[0,99] R
        """,
    ),
    OrderCheck: (
        Grade.SEN,
        """
        CheckOrderSeq S(27) R
        StartTime T R
        EndTime T R
        OrderCount I[0,) R
        TotalOrderPower D(2)[0,) kWh R
        TotalOrderMoney D(2) CNY R
        ChargeOrders L<O<OrderCheckItem>>[0,5000] O
        """,
    ),
    OrderCheckItem: (
        Grade.INT,
        """
        StartChargeSeq S(27) R
        TotalPower D(2)[0,) kWh R
        TotalMoney D(2) CNY R
        """,
    ),
    OrderCheckResult: (
        Grade.SEN,
        """
        CheckOrderSeq S(27) R
        StartTime T R
        EndTime T R
        TotalDisputeOrder I[0,) R
        TotalDisputePower D(2)[0,) kWh R
        TotalDisputeMoney D(2) CNY R
        DisputeOrders L<O<DisputeOrder>>[0,5000] O
        """,
    ),
    DisputeOrder: (
        Grade.INT,
        """
        StartChargeSeq S(27) R
        TotalPower D(2)[0,) kWh R
        TotalMoney D(2) CNY R
        DisputeReason I[0,99] R
        """,
    ),
    EquipAuthQuery: (Grade.INT, "EquipAuthSeq S(27) R\nConnectorID S(26) R"),
    EquipAuth: (Grade.INT, "EquipAuthSeq S(27) R\nConnectorID S(26) R" + RESULT),
    BusinessPolicyQuery: (Grade.INT, "EquipBizSeq S(27) R\nConnectorID S(26) R"),
    BusinessPolicy: (
        Grade.INT,
        """
        EquipBizSeq S(27) R
        ConnectorID S(26) R
        SumPeriod I[0,32] R
        PolicyInfos L<O<PolicyInfo>>[0,32] O
        """
        + RESULT,
    ),
    PolicyInfo: (
        Grade.INT,
        """
        StartTime C(6) R
        ElecPrice D(4) CNY/kWh R
        SevicePrice D(4) CNY/kWh R
        """,
    ),
    StartChargeRequest: (
        Grade.SEN,
        """
        StartChargeSeq S(27) R
        ConnectorID S(26) R
        QRCode S(255) O SEN
        """,
    ),
    StartChargeAnswer: (
        Grade.SEN,
        """
        StartChargeSeq S(27) R
        StartChargeSeqStat E<SessionState> R
        ConnectorID S(26) R
        """
        + RESULT,
    ),
    StartChargeResult: (
        Grade.SEN,
        """
        StartChargeSeq S(27) R
        StartChargeSeqStat E<SessionState> R
        ConnectorID S(26) R
        StartTime T R
        IdentCode S(32) O SEN
        """,
    ),
    StartChargeResultReceipt: (Grade.INT, "StartChargeSeq S(27) R" + RESULT),
    ChargeStatusQuery: (Grade.INT, "StartChargeSeq S(27) R"),
    StopChargeRequest: (Grade.SEN, "StartChargeSeq S(27) R\nConnectorID S(26) R"),
    StopChargeAnswer: (
        Grade.SEN,
        """
        StartChargeSeq S(27) R
        StartChargeSeqStat E<SessionState> R
        """
        + RESULT,
    ),
    StopChargeResult: (
        Grade.SEN,
        """
        StartChargeSeq S(27) R
        StartChargeSeqStat E<SessionState> R
        ConnectorID S(26) R
        """
        + RESULT,
    ),
    StopChargeResultReceipt: (Grade.INT, "StartChargeSeq S(27) R" + RESULT),
}

ENUMERATIONS: dict[type[Enum], str] = {
    sessions.SessionState: "1 STARTING, 2 CHARGING, 3 STOPPING, 4 ENDED, 5 UNKNOWN",
}


@pytest.mark.parametrize("cls", CATALOGUE, ids=lambda cls: cls.__name__)
def test_an_object_has_the_members_limits_and_class_of_the_catalogue(
    cls: type[InformationObject],
) -> None:
    grade, table = CATALOGUE[cls]
    assert declared(cls) == written(table)
    assert cls.grade is grade


def test_no_object_stands_outside_the_catalogue() -> None:
    assert objects_in(sessions, orders, charging) == {cls.__name__ for cls in CATALOGUE}


@pytest.mark.parametrize("enumeration", ENUMERATIONS, ids=lambda cls: cls.__name__)
def test_an_enumeration_has_the_numbers_of_the_catalogue(enumeration: type[Enum]) -> None:
    choices = ", ".join(f"{choice.value} {choice.name}" for choice in enumeration)
    assert choices == ENUMERATIONS[enumeration]


@pytest.mark.parametrize("cls", CATALOGUE, ids=lambda cls: cls.__name__)
def test_an_object_survives_json_and_xml(cls: type[InformationObject]) -> None:
    survives_json_and_xml(cls)


def test_the_fees_are_spelt_as_the_text_of_2016_prints_them() -> None:
    """102: tables 5, 11, 12, 13 and 19 of part 3 print Sevice; a peer's profile may differ."""
    wires = {m.wire for cls in CATALOGUE for m in shape_of(cls).members}

    assert {wire for wire in wires if "Sevice" in wire} == {
        "SevicePrice",
        "SeviceMoney",
        "DetailSeviceMoney",
        "TotalSeviceMoney",
    }
    assert not {wire for wire in wires if "Service" in wire}
