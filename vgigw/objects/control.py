"""Load regulation: control curve, acknowledgement, execution report 负荷调控. ACC-7.4, PLT-8.5."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.enumerations import PolarityMode, Scene
from vgigw.objects.operating_enumerations import (
    AckResult,
    CommandKind,
    CommandState,
    ControlQuantity,
    ExecState,
    FallbackMode,
    Priority,
    RefuseReason,
    TriggerType,
)
from vgigw.objects.values import (
    ControlInterval,
    Delay,
    DirectedKilowatt,
    DischargeFloor,
    Instant,
    Kilovar,
    Kilowatt,
    KilowattHour,
    KilowattMagnitude,
    KilowattPerMinute,
    Minutes,
    OperatorCode,
    Percent,
    PowerFactor,
    Text16,
    Text32,
    Text40,
    Text64,
    Text200,
    Text1024,
    UnitPrice,
    Version,
)

MAX_POINTS = 1440


class ControlPoint(InformationObject):
    """One step of a control curve 控制曲线段. PLT-8.5a."""

    start_time: Instant = member("StartTime", "控制开始时间", "Start, inclusive.", "PLT-6.8d2")
    end_time: Instant = member("EndTime", "控制结束时间", "End, exclusive.", "PLT-6.8d2")
    target_power: Kilowatt = member(
        "TargetPower", "目标功率", "Target, signed by PolarityMode.", "PLT-6.8d2"
    )
    target_reactive: Kilovar | None = member(
        "TargetReactive", "目标无功", "Reactive target.", "VGI-D.11", default=None
    )
    power_factor: PowerFactor | None = member(
        "PowerFactor", "功率因数", "Power factor.", "VGI-D.11", default=None
    )
    price: UnitPrice | None = member("Price", "价格", "Price.", "VGI-D.12", default=None)


class Fallback(InformationObject):
    """What to do on a lost link 失联策略. JES-6.3.3."""

    mode: FallbackMode = member("Mode", "方式", "Behaviour.", "JES-6.3.3")
    power: Kilowatt | None = member("Power", "功率", "Default limit.", "JES-6.3.3", default=None)
    hold_min: Minutes | None = member("HoldMin", "保持时间", "How long.", "JES-6.3.3", default=None)


class SocOverride(InformationObject):
    """Leave to discharge below 20 % 放电下限豁免. JES-6.1.5."""

    reason: Text200 = member("Reason", "原因", "Why, in words.", "JES-6.1.5")
    approved_by: Text64 = member(
        "ApprovedBy", "批准人", "Who allowed it.", "JES-6.1.5", sensitive=True
    )


class ControlCurve(InformationObject):
    """Control curve 控制曲线 for one resource. PLT-6.3a, PLT-8.5a."""

    grade: ClassVar[Grade] = Grade.SEN

    command_id: Text40 = member("CommandID", "指令标识", "Idempotency key, globally unique.")
    parent_command_id: Text40 | None = member(
        "ParentCommandID", "上级指令", "Command it stems from.", "PLT-6.3a", default=None
    )
    resource_id: Text32 = member("ResourceID", "资源识别码", "Target.", "VGI-D.13")
    aggregator_id: OperatorCode = member("AggregatorID", "聚合商", "Its owner.", "VGI-D.13")
    scene: Scene = member("Scene", "场景", "Control scene.", "JES-6.5.1")
    service_item: Text16 = member("ServiceItem", "辅助服务品种", "Service.", "JES-6.5.1")
    command_kind: CommandKind = member("CommandKind", "类型", "May it be declined.", "VGI-5.5")
    trigger_type: TriggerType = member("TriggerType", "触发", "Trigger.", "JES-6.5.1.5a")
    priority: Priority = member("Priority", "优先级", "Priority.", "JES-6.5.1.5a")
    control_quantity: ControlQuantity = member(
        "ControlQuantity", "控制量", "What is controlled.", "VGI-D.10"
    )
    polarity_mode: PolarityMode = member("PolarityMode", "极性", "Polarity.", "PLT-7.4")
    interval_min: ControlInterval = member("IntervalMin", "间隔", "Step: 1, 5 or 15.", "PLT-8.5a")
    points: Annotated[tuple[ControlPoint, ...], Meta(min_length=1, max_length=MAX_POINTS)] = member(
        "Points", "曲线段", "Segments, in order, no gap, no overlap.", "PLT-8.5a"
    )
    tolerance: KilowattMagnitude | None = member(
        "Tolerance", "跟踪容差", "Tracking tolerance.", "JES-A.6", default=None
    )
    ramp_limit: KilowattPerMinute | None = member(
        "RampLimit", "爬坡", "Ramp.", "JES-6.3.3", default=None
    )
    load_limit: DirectedKilowatt | None = member(
        "LoadLimit", "负荷上限", "Load ceiling.", "VGI-D.11", default=None
    )
    soc_floor: DischargeFloor | None = member(
        "SOCFloor", "放电SOC下限", "Discharge floor, 20 where absent.", "JES-6.1.5", default=None
    )
    soc_override: SocOverride | None = member(
        "SOCOverride", "放电下限豁免", "A floor below 20 needs it.", "JES-6.1.5", default=None
    )
    fallback: Fallback | None = member(
        "Fallback",
        "失联策略",
        "On a lost link; it runs to its end where absent.",
        "JES-6.3.3",
        default=None,
    )
    ack_deadline: Instant = member("AckDeadline", "确认时限", "Answer before.", "PLT-8.8a")
    valid_until: Instant = member("ValidUntil", "有效期", "Never execute after.", "PLT-8.8a")
    supersedes_command_id: Text40 | None = member(
        "SupersedesCommandID", "替代指令", "Command it replaces.", "PLT-8.5b", default=None
    )
    version: Version = member("Version", "版本", "Version.", "PLT-8.5b")
    issued_by: OperatorCode = member("IssuedBy", "下发方", "Who issued it.", "VGI-D.17")
    issue_time: Instant = member("IssueTime", "下发时间", "When.", "VGI-D.17")
    origin_signature: Text1024 = member(
        "OriginSignature", "签名", "Signature of the origin.", "VGI-D.17"
    )


class CommandCancel(InformationObject):
    """Withdrawal of a command 指令撤销. PLT-8.5b."""

    grade: ClassVar[Grade] = Grade.SEN

    command_id: Text40 = member("CommandID", "指令标识", "Command withdrawn.", "PLT-8.5b")
    version: Version = member("Version", "版本", "Version of the withdrawal.", "PLT-8.5b")
    reason: Text200 = member("Reason", "原因", "Why, in words.", "PLT-8.5b")
    cancel_time: Instant = member("CancelTime", "撤销时间", "When.", "PLT-8.5b")
    issued_by: OperatorCode | None = member(
        "IssuedBy", "下发方", "Who withdraws; the sender where absent.", "VGI-D.17", default=None
    )


class CommandReceipt(InformationObject):
    """Receipt of a command 指令回执. PLT-8.8a."""

    command_id: Text40 = member("CommandID", "指令标识", "Command.")
    state: CommandState = member("State", "指令状态", "Where it stands.")


class CommandAck(InformationObject):
    """Acknowledgement of a command 指令确认. PLT-8.8a, PLT-6.3b."""

    grade: ClassVar[Grade] = Grade.IMP

    command_id: Text40 = member("CommandID", "指令标识", "Command.", "PLT-8.8a")
    ack_party: OperatorCode | None = member(
        "AckParty", "确认方", "Who decided; the sender where absent.", default=None
    )
    ack_result: AckResult = member("AckResult", "确认结果", "Decision.", "PLT-8.8a")
    accepted_power: Kilowatt | None = member(
        "AcceptedPower", "接受量", "Amount accepted.", "PLT-6.3b", default=None
    )
    refuse_reason: RefuseReason | None = member(
        "RefuseReason", "拒绝原因", "Why refused.", "PLT-6.3b", default=None
    )
    ack_time: Instant = member("AckTime", "确认时间", "When.", "PLT-8.8a")


class ActualPoint(InformationObject):
    """One step of what was carried out 实际曲线段. JES-6.5.3."""

    start_time: Instant = member("StartTime", "开始时间", "Start, inclusive.", "JES-6.5.3")
    end_time: Instant = member("EndTime", "结束时间", "End, exclusive.", "JES-6.5.3")
    power: Kilowatt = member("Power", "功率", "Mean power.", "JES-6.5.3")


class ExecutionReport(InformationObject):
    """Execution report 执行报告. JES-6.5.3."""

    grade: ClassVar[Grade] = Grade.IMP

    command_id: Text40 = member("CommandID", "指令标识", "Command.", "PLT-8.8a")
    report_id: Text40 = member("ReportID", "报告标识", "Idempotency key.")
    exec_state: ExecState = member("ExecState", "执行状态", "State.", "JES-6.5.1.3c")
    actual_start_time: Instant = member("ActualStartTime", "开始时间", "Began.", "JES-6.5.3")
    actual_end_time: Instant = member("ActualEndTime", "结束时间", "Ended.", "JES-6.5.3")
    response_quantity: KilowattHour = member(
        "ResponseQuantity", "响应量", "Response amount.", "JES-6.5.3"
    )
    response_accuracy: Percent = member("ResponseAccuracy", "响应精度", "Accuracy.", "JES-A.6")
    mean_abs_error: KilowattMagnitude | None = member(
        "MeanAbsError", "平均跟踪误差", "Mean absolute error.", "JES-A.5", default=None
    )
    delay_sec: Delay = member("DelaySec", "延迟时间", "Delay.", "JES-6.5.3")
    actual_points: Annotated[tuple[ActualPoint, ...], Meta(max_length=MAX_POINTS)] = member(
        "ActualPoints", "实际曲线", "Actual curve.", "JES-6.5.3", default=()
    )


class CommandQuery(InformationObject):
    """Query of a command 指令状态查询."""

    command_id: Text40 = member("CommandID", "指令标识", "Command.")


class CommandStatus(InformationObject):
    """A command with everything that came of it 指令状态. PLT-8.8a."""

    grade: ClassVar[Grade] = Grade.IMP

    command: ControlCurve = member("Command", "指令", "The command.")
    state: CommandState = member("State", "指令状态", "Where it stands.")
    acks: tuple[CommandAck, ...] = member("Acks", "确认", "Acknowledgements.", default=())
    reports: tuple[ExecutionReport, ...] = member(
        "Reports", "报告", "The report of its end, and the last one before.", default=()
    )
