"""What peers of each dialect mean by members and values: understood, refused, answered."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.codec.examples import CONNECTOR, EQUIPMENT, STATION
from tests.doors.dialect_host import (
    CITY,
    CITY_OPERATOR,
    CITY_TOKEN,
    EVCS,
    OTHER,
    SHEVCS,
    STATE,
    STRICT,
    TOLERANT,
    XIAOJU,
    ZHEJIANG,
    Answer,
    Host,
    push_state,
    refused,
)
from vgigw.objects.enumerations import ConnectorType, DirectionCapability, EquipmentType
from vgigw.objects.operating_enumerations import ConnectorStatus

ORDER = {
    "ConnectorID": "C1",
    "StartTime": "2026-11-21 14:00:00",
    "EndTime": "2026-11-21 15:00:00",
    "TotalPower": 30.25,
    "TotalElecMoney": 20.5,
    "TotalMoney": 25.5,
    "StopReason": 0,
}
SEQ = "123456789012345678901234567"


@pytest.fixture
def host() -> Host:
    return Host()


# What one peer means by a state -------------------------------------------------------------


def test_a_state_is_read_wrapped_and_bare_from_everybody(host: Host) -> None:
    assert push_state(host, STRICT, STATE).ret == 0
    assert push_state(host, STRICT).ret == 0


def test_a_wrapper_that_holds_a_list_is_for_the_dialect_that_says_so(host: Host) -> None:
    assert push_state(host, TOLERANT, {"ConnectorStatusInfo": [STATE]}).ret == 0
    assert push_state(host, STRICT, {"ConnectorStatusInfo": [STATE]}).ret == 4004
    assert push_state(host, TOLERANT, {"ConnectorStatusInfo": [STATE, STATE]}).ret == 4004
    assert push_state(host, TOLERANT, {"ConnectorStatusInfo": []}).ret == 4004
    assert len(host.got) == 1


def test_numbers_in_text_are_for_the_dialect_that_says_so(host: Host) -> None:
    texts = STATE | {"Status": "3", "ParkStatus": "50", "CurrentA": "12.5", "SOC": "80"}
    assert push_state(host, TOLERANT, texts).ret == 0
    assert host.got[0].status is ConnectorStatus.CHARGING
    assert (host.got[0].current_a, host.got[0].soc) == (Decimal("12.5"), Decimal("80.0"))
    answer = push_state(host, STRICT, texts)
    assert answer.ret == 4004
    assert ("/Status", "type") in answer.paths
    assert refused(
        push_state(host, TOLERANT, STATE | {"Status": "busy"}), 4004, ("/Status", "type")
    )


def test_the_state_of_the_province_has_its_own_members(host: Host) -> None:
    path = f"{EVCS}/supervise_notification_station_status"
    state = STATE | {"StatusDesc": "充电中", "UpdateTime": "2026-11-21 15:59:00"}
    assert host.post(ZHEJIANG, path, {"ConnectorStatusInfo": state}).ret == 0
    assert host.got[0].change_time.isoformat() == "2026-11-21T07:59:00+00:00"
    answer = push_state(host, STRICT, state)
    assert refused(answer, 4004, ("/StatusDesc", "unknown"), ("/UpdateTime", "unknown"))
    answer = host.post(ZHEJIANG, path, STATE | {"ChangeTime": "2026-11-21 15:59:00"})
    assert refused(answer, 4004, ("/ChangeTime", "unknown"))


def city_state(**changes: Any) -> dict[str, Any]:
    phases = {f"{kind}{phase}": 1.5 for kind in ("Current", "Voltage") for phase in "ABC"}
    beyond = {"ConnectorTemp": 30, "ConnectorLock": 1, "DischargeElectricity": 4.5}
    return {**STATE, **phases, **beyond, **changes}


def test_the_city_asks_more_of_a_state_than_the_standard(host: Host) -> None:
    def push(state: Any) -> Answer:
        path = f"{SHEVCS}/notification_stationStatus"
        return host.post(CITY_OPERATOR, path, state, token_path=CITY_TOKEN)

    assert push(city_state()).ret == 0
    lacking = {name: v for name, v in city_state().items() if name not in ("CurrentA", "VoltageC")}
    assert refused(push(lacking), 4004, ("/CurrentA", "required"), ("/VoltageC", "required"))
    answer = push_state(host, STRICT, city_state())
    assert [path for path, code in answer.paths if code == "unknown"] == [
        "/ConnectorLock",
        "/ConnectorTemp",
        "/DischargeElectricity",
    ]


# What one peer means by a value -------------------------------------------------------------


def city_station(equipment_type: int, connector_type: int) -> dict[str, Any]:
    connector = {n: v for n, v in CONNECTOR.items() if n != "NationalStandard"}
    equipment = {n: v for n, v in EQUIPMENT.items() if n != "DirectionCapability"}
    equipment |= {"ManufacturerID": "123456789", "EquipmentType": equipment_type}
    equipment["ConnectorInfos"] = [connector | {"ConnectorType": connector_type, "Voltage": 750}]
    gone = ("Version", "UpdateTime", "RatedCapacity", "MaxChargePower")
    station = {name: value for name, value in STATION.items() if name not in gone}
    more = {"StationTel": "025-1", "Pictures": ["https://x/1.png"], "ParkFree": 0, "OpratorType": 1}
    return station | more | {"EquipmentInfos": [equipment]}


@pytest.mark.parametrize(
    ("theirs", "ours", "direction"),
    [
        (5, EquipmentType.OTHER, DirectionCapability.BIDIRECTIONAL),
        (255, EquipmentType.OTHER, DirectionCapability.CHARGE_ONLY),
        (1, EquipmentType.DC, DirectionCapability.CHARGE_ONLY),
    ],
)
def test_the_city_has_a_type_for_devices_that_discharge(
    host: Host, theirs: int, ours: EquipmentType, direction: DirectionCapability
) -> None:
    path = f"{SHEVCS}/notification_stationInfo"
    answer = host.post(CITY_OPERATOR, path, city_station(theirs, 5), token_path=CITY_TOKEN)
    assert answer.ret == 0
    equipment = host.got[0].equipment_infos[0]
    assert (equipment.equipment_type, equipment.direction_capability) == (ours, direction)
    assert equipment.connector_infos[0].connector_type is ConnectorType.OTHER


def test_in_the_standard_5_is_any_other_and_255_is_nothing(host: Host) -> None:
    path = f"{EVCS}/notification_stationInfo"
    one = STATION | {"EquipmentInfos": [EQUIPMENT | {"EquipmentType": 5}]}
    assert host.post(STRICT, path, one).ret == 0
    assert host.got[0].equipment_infos[0].equipment_type is EquipmentType.OTHER
    one = STATION | {"EquipmentInfos": [EQUIPMENT | {"EquipmentType": 255}]}
    answer = host.post(STRICT, path, one)
    assert refused(answer, 4004, ("/EquipmentInfos/0/EquipmentType", "not_in_enumeration"))


# What one peer calls a member ---------------------------------------------------------------


def test_an_order_of_the_province_is_an_order(host: Host) -> None:
    path = f"{EVCS}/supervise_notification_charge_order_info"
    order = ORDER | {"OrderNo": SEQ, "TotalServiceMoney": 5, "LicensePlate": "苏A12345",
                     "Phone": "13800000000", "PeakElect": 10.5, "PayChannel": 1}  # fmt: skip
    answer = host.post(ZHEJIANG, path, order)
    assert answer.data == {"OrderNo": SEQ, "ConfirmResult": 0}
    assert (host.got[0].start_charge_seq, host.got[0].plate_no) == (SEQ, "苏A12345")
    assert host.got[0].total_sevice_money == Decimal("5.00")
    again = order | {"OrderNo": SEQ[::-1], "TotalServiceMoney": "x"}
    assert refused(host.post(ZHEJIANG, path, again), 4004, ("/TotalServiceMoney", "type"))


@pytest.mark.parametrize("spelling", ["TotalSeviceMoney", "TotalServiceMoney"])
@pytest.mark.parametrize("who", [STRICT, XIAOJU])
def test_both_spellings_of_service_are_read_from_everybody(
    host: Host, who: str, spelling: str
) -> None:
    path = (
        "/notification_charge_order_info"
        if who == XIAOJU
        else f"{EVCS}/notification_charge_order_info"
    )
    answer = host.post(who, path, ORDER | {"StartChargeSeq": SEQ, spelling: 5})
    assert answer.data == {"StartChargeSeq": SEQ, "ConnectorID": "C1", "ConfirmResult": 0}
    assert host.got[0].total_sevice_money == Decimal("5.00")


def test_attack_a_member_in_both_spellings_is_named_twice(host: Host) -> None:
    both = ORDER | {"StartChargeSeq": SEQ, "TotalSeviceMoney": 5, "TotalServiceMoney": 1}
    answer = host.post(STRICT, f"{EVCS}/notification_charge_order_info", both)
    assert (answer.ret, answer.msg) == (4003, "a member is named twice")


def test_a_number_of_an_order_is_no_name_of_the_standard(host: Host) -> None:
    order = ORDER | {"OrderNo": SEQ, "TotalSeviceMoney": 5}
    answer = host.post(STRICT, f"{EVCS}/notification_charge_order_info", order)
    assert refused(answer, 4004, ("/OrderNo", "unknown"), ("/StartChargeSeq", "required"))


# What one peer is answered ------------------------------------------------------------------


def test_the_city_asks_for_stations_and_gets_states_as_it_knows_them(host: Host) -> None:
    asked = {"StationIDs": ["S1"]}
    answer = host.post(CITY, f"{SHEVCS}/query_stations_status", asked, token_path=CITY_TOKEN)
    assert answer.data == {
        "Total": 1,
        "StationStatusInfos": [
            {"StationID": "S1", "ConnectorStatusInfos": [{"ConnectorID": "C1", "Status": 3}]}
        ],
    }
    answer = host.post(OTHER, f"{EVCS}/query_station_status", asked)
    (state,) = answer.data["StationStatusInfos"][0]["ConnectorStatusInfos"]
    assert (state["Status"], state["EventID"]) == (5, "E1")
    assert host.post(CITY, f"{SHEVCS}/query_station_status", asked).ret == 4003


def test_the_city_is_told_charge_and_discharge_apart(host: Host) -> None:
    asked = {"StationID": "S1", "StartTime": "2026-11-21", "EndTime": "2026-11-21"}

    def told(who: str, path: str, **more: Any) -> Any:
        return host.post(who, path, asked, **more).data["StationStats"]

    stem = {"StationID": "S1", "StartTime": "2026-11-21", "EndTime": "2026-11-21"}
    charge = told(CITY, f"{SHEVCS}/query_station_charge_stats", token_path=CITY_TOKEN)
    connector: dict[str, Any] = {"ConnectorID": "C1", "ConnectorChargeElectricity": 12.5}
    equipment = {"EquipmentID": "E1", "EquipmentChargeElectricity": 12.5}
    equipment["ConnectorStatsInfos"] = [connector]
    assert charge == stem | {
        "StationChargeElectricity": 12.5,
        "EquipmentStatsInfos": [equipment],
    }
    discharge = told(CITY, f"{SHEVCS}/query_station_discharge_stats")
    connector = {"ConnectorID": "C1", "ConnectorDischargeElectricity": 4.5}
    equipment = {"EquipmentID": "E1", "EquipmentDischargeElectricity": 4.5}
    equipment["ConnectorDischargeStatsInfos"] = [connector]
    assert discharge == stem | {
        "StationDischargeElectricity": 4.5,
        "EquipmentDischargeStatsInfos": [equipment],
    }
    assert told(OTHER, f"{EVCS}/query_station_stats")["SessionCount"] == 3


def test_a_repeat_in_any_dialect_is_one_message(host: Host) -> None:
    first = push_state(host, TOLERANT, seq="7")
    again = push_state(host, TOLERANT, seq="7")
    assert (first.data, again.data) == ({"Status": 0}, {"Status": 0})
    assert len(host.got) == 1
