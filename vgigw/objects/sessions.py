"""Charging sessions: their status, and the statistics of stations 充电状态/统计. 102, VGI-T6."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.operating_enumerations import ConnectorStatus, Success
from vgigw.objects.values import (
    Count,
    Day,
    Instant,
    MeasuredAmpere,
    MeasuredVolt,
    Money,
    OperatorCode,
    SessionEnergy,
    StateOfCharge,
    StatisticEnergy,
    TariffPeriodCount,
    Text20,
    Text23,
    Text26,
    Text27,
    Text64,
    UnitPrice,
)

MAX_TARIFF_PERIODS = 32
MAX_EQUIPMENT = 5000
MAX_CONNECTORS = 100


class SessionState(IntEnum):
    """State of a charging session 充电订单状态: 启动中/充电中/停止中/已结束/未知. 102."""

    STARTING = 1
    CHARGING = 2
    STOPPING = 3
    ENDED = 4
    UNKNOWN = 5


class ChargeDetail(InformationObject):
    """Energy and fees of one tariff period of a session 充电明细. 102."""

    # "Sevice" is how the 2016 text of T/CEC 102 spells it, here and in all its fees.
    detail_start_time: Instant = member("DetailStartTime", "开始时间", "Start, inclusive.", "102")
    detail_end_time: Instant = member("DetailEndTime", "结束时间", "End, exclusive.", "102")
    elec_price: UnitPrice | None = member(
        "ElecPrice", "时段电价", "Price of energy.", "102", default=None
    )
    sevice_price: UnitPrice | None = member(
        "SevicePrice", "时段服务费价格", "Price of service.", "102", default=None
    )
    detail_power: SessionEnergy = member("DetailPower", "时段充电量", "Energy.", "102")
    detail_elec_money: Money | None = member(
        "DetailElecMoney", "时段电费", "Fee for energy.", "102", default=None
    )
    detail_sevice_money: Money | None = member(
        "DetailSeviceMoney", "时段服务费", "Fee for service.", "102", default=None
    )


class ChargeStatus(InformationObject):
    """Status of a charging session 充电状态, pushed or asked for. 102, JES-6.1.4."""

    grade: ClassVar[Grade] = Grade.SEN

    start_charge_seq: Text27 = member("StartChargeSeq", "充电订单号", "Session.", "102")
    start_charge_seq_stat: SessionState = member(
        "StartChargeSeqStat", "充电订单状态", "State of the session.", "102"
    )
    connector_id: Text26 = member("ConnectorID", "接口编码", "Connector.", "102")
    connector_status: ConnectorStatus = member(
        "ConnectorStatus", "接口状态", "State of the connector.", "102"
    )
    current_a: MeasuredAmpere = member(
        "CurrentA", "A相电流", "Current; the output's where it is DC.", "102"
    )
    current_b: MeasuredAmpere | None = member(
        "CurrentB", "B相电流", "Current.", "102", default=None
    )
    current_c: MeasuredAmpere | None = member(
        "CurrentC", "C相电流", "Current.", "102", default=None
    )
    voltage_a: MeasuredVolt = member(
        "VoltageA", "A相电压", "Voltage; the output's where it is DC.", "102"
    )
    voltage_b: MeasuredVolt | None = member("VoltageB", "B相电压", "Voltage.", "102", default=None)
    voltage_c: MeasuredVolt | None = member("VoltageC", "C相电压", "Voltage.", "102", default=None)
    soc: StateOfCharge = member(
        "Soc", "剩余电量", "State of charge, 0 where it is not known.", "102"
    )
    start_time: Instant = member("StartTime", "开始充电时间", "Charging began.", "102")
    end_time: Instant = member("EndTime", "本次采样时间", "Sampled at.", "102")
    total_power: SessionEnergy = member("TotalPower", "累计充电量", "Energy so far.", "102")
    total_discharge_power: SessionEnergy | None = member(
        "TotalDischargePower",
        "累计放电量",
        "Energy discharged so far, never netted.",
        "JES-6.5.2a",
        default=None,
    )
    elec_money: Money | None = member(
        "ElecMoney", "累计电费", "Fee for energy so far.", "102", default=None
    )
    sevice_money: Money | None = member(
        "SeviceMoney", "累计服务费", "Fee for service so far.", "102", default=None
    )
    total_money: Money | None = member(
        "TotalMoney", "累计总金额", "Fees so far.", "102", default=None
    )
    sum_period: TariffPeriodCount | None = member(
        "SumPeriod", "时段数", "Tariff periods in ChargeDetails.", "102", default=None
    )
    charge_details: Annotated[tuple[ChargeDetail, ...], Meta(max_length=MAX_TARIFF_PERIODS)] = (
        member("ChargeDetails", "充电明细", "One a tariff period.", "102", default=())
    )
    vehicle_id: Text64 | None = member(
        "VehicleID", "车辆身份", "Pseudonym of the vehicle.", "VGI-D.15", default=None
    )


class ChargeStatusReceipt(InformationObject):
    """Receipt of a session's status 充电状态推送结果. 102."""

    start_charge_seq: Text27 = member("StartChargeSeq", "充电订单号", "Session.", "102")
    succ_stat: Success = member("SuccStat", "操作结果", "0 accepted, 1 failed.", "102")


class StationStatsQuery(InformationObject):
    """Query of a station's statistics 统计信息查询. 102, VGI-T6."""

    station_id: Text20 = member("StationID", "充电站ID", "Station.", "102")
    start_time: Day = member("StartTime", "统计开始日期", "First day.", "102")
    end_time: Day = member("EndTime", "统计结束日期", "Last day, inclusive.", "102")
    owner_id: OperatorCode | None = member(
        "OwnerID",
        "所属运营商",
        "Whose station; needed where two operators have one of that identifier.",
        default=None,
    )


class ConnectorStatsInfo(InformationObject):
    """Statistics of one connector 接口统计信息. 102."""

    connector_id: Text26 = member("ConnectorID", "接口编码", "Connector.", "102")
    connector_electricity: StatisticEnergy = member(
        "ConnectorElectricity", "接口充电量", "Energy charged.", "102"
    )
    connector_discharge_electricity: StatisticEnergy | None = member(
        "ConnectorDischargeElectricity", "接口放电量", "Energy discharged.", default=None
    )


class EquipmentStatsInfo(InformationObject):
    """Statistics of one charger 设备统计信息. 102."""

    equipment_id: Text23 = member("EquipmentID", "设备编码", "Device.", "102")
    equipment_electricity: StatisticEnergy = member(
        "EquipmentElectricity", "设备充电量", "Energy charged.", "102"
    )
    equipment_discharge_electricity: StatisticEnergy | None = member(
        "EquipmentDischargeElectricity", "设备放电量", "Energy discharged.", default=None
    )
    connector_stats_infos: Annotated[
        tuple[ConnectorStatsInfo, ...], Meta(max_length=MAX_CONNECTORS)
    ] = member("ConnectorStatsInfos", "接口统计信息列表", "By connector.", "102", default=())


class StationStatsInfo(InformationObject):
    """Statistics of one station 充电站统计信息. 102, VGI-T6."""

    station_id: Text20 = member("StationID", "充电站ID", "Station.", "102")
    start_time: Day = member("StartTime", "统计开始日期", "First day.", "102")
    end_time: Day = member("EndTime", "统计结束日期", "Last day, inclusive.", "102")
    station_electricity: StatisticEnergy = member(
        "StationElectricity", "充电站充电量", "Energy charged.", "102"
    )
    station_discharge_electricity: StatisticEnergy | None = member(
        "StationDischargeElectricity", "充电站放电量", "Energy discharged.", default=None
    )
    session_count: Count | None = member(
        "SessionCount", "充电次数", "Sessions ended.", "VGI-T6", default=None
    )
    equipment_stats_infos: Annotated[
        tuple[EquipmentStatsInfo, ...], Meta(max_length=MAX_EQUIPMENT)
    ] = member("EquipmentStatsInfos", "设备统计信息列表", "By device.", "102", default=())


class StationStats(InformationObject):
    """Answer to a query of statistics 统计信息查询结果. 102, VGI-T6."""

    station_stats: StationStatsInfo = member(
        "StationStats", "充电站统计信息", "Statistics of the station.", "102"
    )
