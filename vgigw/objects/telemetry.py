"""Telemetry: one wide record per object and instant, many records a batch. PLT-7.5, PLT-8.4."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.enumerations import ObjectKind, PolarityMode, UnitProfile
from vgigw.objects.operating_enumerations import ReportMode, ReportTrigger, RunState
from vgigw.objects.values import (
    Count,
    Instant,
    Measured,
    MeasuredCurrent,
    MeasuredDirectedPower,
    MeasuredFactor,
    MeasuredFrequency,
    MeasuredMagnitude,
    MeasuredPercent,
    MeasuredPower,
    MeasuredRate,
    MeasuredReactive,
    MeasuredTemperature,
    MeasuredVoltage,
    MeterReading,
    Minutes,
    Page,
    PageSize,
    Period,
    QualityBits,
    RawValues,
    Sequence,
    Text16,
    Text32,
    Text40,
    Text200,
    Watermark,
)

MAX_RECORDS = 5000


class OperatingRecord(InformationObject):
    """One object at one instant 运行记录; absent means unchanged (CHANGE) or no value. PLT-8.4."""

    grade: ClassVar[Grade] = Grade.IMP

    object_kind: ObjectKind = member("ObjectKind", "对象类别", "Kind of object.", "PLT-9.5")
    object_id: Text32 = member("ObjectID", "对象", "Object.", "PLT-9.5")
    data_time: Instant = member("DataTime", "采样时间", "Measured at.", "PLT-9.5")
    quality: QualityBits = member("Quality", "品质", "Quality bits, 0 = good.", "PLT-6.8d")
    run_state: RunState | None = member("RunState", "当前状态", "State.", "PLT-8.4", default=None)
    active_power: MeasuredPower | None = member(
        "ActivePower", "有功", "Active power, signed by PolarityMode.", "PLT-8.4", default=None
    )
    reactive_power: MeasuredReactive | None = member(
        "ReactivePower", "无功", "Reactive power, signed likewise.", "PLT-8.4", default=None
    )
    charge_power: MeasuredMagnitude | None = member(
        "ChargePower", "充电功率", "Charge power.", "JES-3.4", default=None
    )
    discharge_power: MeasuredMagnitude | None = member(
        "DischargePower", "放电功率", "Discharge power.", "JES-3.4", default=None
    )
    voltage_a: MeasuredVoltage | None = member(
        "VoltageA", "A相电压", "Voltage.", "PLT-6.8c", default=None
    )
    voltage_b: MeasuredVoltage | None = member(
        "VoltageB", "B相电压", "Voltage.", "PLT-6.8c", default=None
    )
    voltage_c: MeasuredVoltage | None = member(
        "VoltageC", "C相电压", "Voltage.", "PLT-6.8c", default=None
    )
    current_a: MeasuredCurrent | None = member(
        "CurrentA", "A相电流", "Current.", "PLT-6.8c", default=None
    )
    current_b: MeasuredCurrent | None = member(
        "CurrentB", "B相电流", "Current.", "PLT-6.8c", default=None
    )
    current_c: MeasuredCurrent | None = member(
        "CurrentC", "C相电流", "Current.", "PLT-6.8c", default=None
    )
    soc: MeasuredPercent | None = member(
        "SOC", "荷电状态", "State of charge.", "JES-3.15", default=None
    )
    battery_temperature: MeasuredTemperature | None = member(
        "BatteryTemperature", "电池温度", "Battery temperature.", "PLT-6.8c", default=None
    )
    frequency: MeasuredFrequency | None = member(
        "Frequency", "频率", "Frequency.", "VGI-D.11", default=None
    )
    power_factor: MeasuredFactor | None = member(
        "PowerFactor", "功率因数", "Power factor.", "VGI-D.11", default=None
    )
    charge_energy: MeterReading | None = member(
        "ChargeEnergy", "充电量", "Charge meter reading.", "JES-6.5.2a", default=None
    )
    discharge_energy: MeterReading | None = member(
        "DischargeEnergy", "放电量", "Discharge meter reading.", "JES-6.5.2a", default=None
    )
    up_capability: MeasuredMagnitude | None = member(
        "UpCapability",
        "上调节能力",
        "Ability up.",
        "PLT-8.4",
        default=None,
        mirror="DownCapability",
    )
    up_rate: MeasuredRate | None = member(
        "UpRate", "上调节速率", "Rate up.", "PLT-8.4", default=None, mirror="DownRate"
    )
    up_duration: Minutes | None = member(
        "UpDuration",
        "上调节持续时间",
        "Duration up.",
        "PLT-8.4",
        default=None,
        mirror="DownDuration",
    )
    down_capability: MeasuredMagnitude | None = member(
        "DownCapability",
        "下调节能力",
        "Ability down.",
        "PLT-8.4",
        default=None,
        mirror="UpCapability",
    )
    down_rate: MeasuredRate | None = member(
        "DownRate", "下调节速率", "Rate down.", "PLT-8.4", default=None, mirror="UpRate"
    )
    down_duration: Minutes | None = member(
        "DownDuration",
        "下调节持续时间",
        "Duration down.",
        "PLT-8.4",
        default=None,
        mirror="UpDuration",
    )
    online_count: Count | None = member(
        "OnlineCount", "在线数", "Devices online.", "PLT-8.4", default=None
    )
    charging_count: Count | None = member(
        "ChargingCount", "充电数", "Devices charging.", "PLT-8.4", default=None
    )
    baseline_power: MeasuredPower | None = member(
        "BaselinePower", "基线", "Baseline.", "JES-A", default=None
    )
    non_charging_load: MeasuredDirectedPower | None = member(
        "NonChargingLoad", "非充电负荷", "Load that is not charging.", "JES-A", default=None
    )
    res_power: MeasuredDirectedPower | None = member(
        "RESPower", "新能源出力", "Renewable output.", "JES-A", default=None
    )
    raw: RawValues | None = member(
        "Raw", "原始值", "Values before a filter or set value.", "PLT-6.8d6", default=None
    )
    extra: dict[Text40, Measured] | None = member(
        "Extra", "计算量与扩展量", "Calculated and regional quantities.", "PLT-6.11", default=None
    )


class TelemetryBatch(InformationObject):
    """Real-time data batch 实时数据批; one sequence number a record. PLT-7.5, PLT-9.6c."""

    grade: ClassVar[Grade] = Grade.IMP

    batch_id: Text40 = member("BatchID", "批次号", "Batch identifier.")
    source_id: Text32 = member("SourceID", "数据来源", "Source of the data.", "PLT-6.4b")
    stream_id: Text32 = member("StreamID", "流水号", "Stream.", "PLT-9.6c")
    seq_from: Sequence = member("SeqFrom", "起始序号", "Sequence of the first record.", "PLT-9.6c")
    seq_to: Sequence = member("SeqTo", "终止序号", "Sequence of the last record.", "PLT-9.6c")
    report_mode: ReportMode = member("ReportMode", "上送模式", "Mode.", "PLT-7.5b")
    trigger: ReportTrigger = member("Trigger", "触发方式", "Reason.", "PLT-7.3c")
    period_sec: Period | None = member(
        "PeriodSec", "周期", "Period; full <= 30, general <= 60.", "PLT-7.3d", default=None
    )
    expected_count: Count = member("ExpectedCount", "应有记录数", "Records expected.", "PLT-7.7a")
    actual_count: Count = member("ActualCount", "实有记录数", "Records present.", "PLT-7.7a")
    polarity_mode: PolarityMode = member("PolarityMode", "极性", "Polarity.", "PLT-7.4")
    unit_profile: UnitProfile = member("UnitProfile", "单位", "Power unit.", "PLT-7.4")
    send_time: Instant = member("SendTime", "发送时间", "Sent at.", "PLT-9.7")
    records: Annotated[tuple[OperatingRecord, ...], Meta(min_length=1, max_length=MAX_RECORDS)] = (
        member("Records", "运行记录", "Records.")
    )


class RejectedRecord(InformationObject):
    """A record that was not taken over 被拒记录. PLT-7.7b."""

    seq: Sequence = member("Seq", "序号", "Sequence of the record.", "PLT-7.7b")
    code: Text16 = member("Code", "代码", "Why.", "PLT-7.7b")
    message: Text200 = member("Message", "说明", "In words.", "PLT-7.7b")


class TelemetryReceipt(InformationObject):
    """Receipt of a batch 接收回执. PLT-7.6b."""

    ack_seq: Watermark = member(
        "AckSeq", "确认序号", "Stored for good up to here; 0 = the first is missing.", "PLT-7.6b"
    )
    rejected_points: tuple[RejectedRecord, ...] = member(
        "RejectedPoints", "被拒记录", "Records not taken over.", "PLT-7.7b", default=()
    )


class DataRange(InformationObject):
    """Which stored records are meant 数据范围: by sequence, time, objects. PLT-7.6d."""

    object_ids: tuple[Text32, ...] = member(
        "ObjectIDs", "对象列表", "Objects, empty = all.", "PLT-7.6d", default=()
    )
    time_from: Instant | None = member(
        "TimeFrom", "开始时间", "From, inclusive.", "PLT-7.6d", default=None
    )
    time_to: Instant | None = member(
        "TimeTo", "结束时间", "To, exclusive.", "PLT-7.6d", default=None
    )
    stream_id: Text32 | None = member("StreamID", "流水号", "Stream.", "PLT-7.6d", default=None)
    seq_from: Sequence | None = member(
        "SeqFrom", "起始序号", "First sequence.", "PLT-7.6d", default=None
    )
    seq_to: Sequence | None = member(
        "SeqTo", "终止序号", "Last sequence.", "PLT-7.6d", default=None
    )


class TelemetryQuery(DataRange):
    """Query of stored records 实时数据查询, by objects and time or by sequence. PLT-7.6d."""

    page_no: Page | None = member("PageNo", "页码", "Page, from 1; 1 where absent.", default=None)
    page_size: PageSize | None = member(
        "PageSize", "每页条数", "Records a page; 1000 where absent.", default=None
    )


class TelemetryPage(InformationObject):
    """One page of stored records 实时数据查询结果. PLT-7.6d."""

    grade: ClassVar[Grade] = Grade.IMP

    page_no: Page = member("PageNo", "页码", "Page.")
    page_count: Count = member("PageCount", "总页数", "Pages in all.")
    item_size: Count = member("ItemSize", "总条数", "Records in all.")
    records: tuple[OperatingRecord, ...] = member("Records", "运行记录", "Records.", default=())
