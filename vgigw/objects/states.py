"""State changes of devices and the answer to a state query 设备状态. ACC-7.3, ACC-7.8."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.operating_enumerations import BayStatus, ConnectorStatus, Success
from vgigw.objects.values import (
    Count,
    Instant,
    MeasuredAmpere,
    MeasuredVolt,
    OperatorCode,
    StateOfCharge,
    Text16,
    Text20,
    Text26,
    Text40,
)


class ConnectorStatusInfo(InformationObject):
    """State change of a connector 设备状态变化. ACC-7.3, PLT-8.4."""

    grade: ClassVar[Grade] = Grade.INT

    event_id: Text40 = member("EventID", "事件ID", "Idempotency key.")
    operator_id: OperatorCode | None = member(
        "OperatorID",
        "运营商ID",
        "Whose connector it is; the sender's where absent.",
        "ACC-7.3",
        default=None,
    )
    connector_id: Text26 = member("ConnectorID", "接口编码", "Connector.", "102")
    status: ConnectorStatus = member("Status", "状态", "State.", "ACC-7.3")
    prev_status: ConnectorStatus | None = member(
        "PrevStatus", "前状态", "Former state.", default=None
    )
    change_time: Instant = member("ChangeTime", "变化时间", "Happened at.", "ACC-7.3")
    park_status: BayStatus | None = member(
        "ParkStatus", "车位状态", "Parking bay.", "102", default=None
    )
    lock_status: BayStatus | None = member(
        "LockStatus", "地锁状态", "Bay lock.", "102", default=None
    )
    current_a: MeasuredAmpere | None = member(
        "CurrentA", "A相电流", "Current.", "102", default=None
    )
    current_b: MeasuredAmpere | None = member(
        "CurrentB", "B相电流", "Current.", "102", default=None
    )
    current_c: MeasuredAmpere | None = member(
        "CurrentC", "C相电流", "Current.", "102", default=None
    )
    voltage_a: MeasuredVolt | None = member("VoltageA", "A相电压", "Voltage.", "102", default=None)
    voltage_b: MeasuredVolt | None = member("VoltageB", "B相电压", "Voltage.", "102", default=None)
    voltage_c: MeasuredVolt | None = member("VoltageC", "C相电压", "Voltage.", "102", default=None)
    soc: StateOfCharge | None = member("SOC", "剩余电量", "State of charge.", "102", default=None)
    fault_code: Text16 | None = member(
        "FaultCode", "故障码", "Fault code when the state is 255.", default=None
    )


class StatusReceipt(InformationObject):
    """Answer to a push 推送结果: 0 accepted, 1 dropped, do not retry."""

    status: Success = member("Status", "状态", "0 accepted, 1 dropped.", "102")


class StationStatusQuery(InformationObject):
    """Query of connector states 设备接口状态查询. ACC-7.8."""

    station_ids: Annotated[tuple[Text20, ...], Meta(min_length=1, max_length=50)] = member(
        "StationIDs", "充电站ID列表", "Stations, at most 50.", "102"
    )


class StationStatusInfo(InformationObject):
    """Connector states of one station 站点状态. ACC-7.8."""

    station_id: Text20 = member("StationID", "充电站ID", "Station.", "102")
    connector_status_infos: tuple[ConnectorStatusInfo, ...] = member(
        "ConnectorStatusInfos", "接口状态列表", "Last known states.", "102", default=()
    )


class StationStatusList(InformationObject):
    """Answer to a state query 状态查询结果. ACC-7.8."""

    total: Count = member("Total", "总数", "Stations found.", "102")
    station_status_infos: tuple[StationStatusInfo, ...] = member(
        "StationStatusInfos", "站点状态列表", "States by station.", "102", default=()
    )
