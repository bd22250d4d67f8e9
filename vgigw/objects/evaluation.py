"""Evaluation, scores, response library, formulas, services 评价. PLT-6.5, PLT-6.8, JES-6.5.1."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.operating_enumerations import CommandState
from vgigw.objects.values import (
    ExactNumber,
    Instant,
    Measured,
    Money,
    Score,
    ScoreContribution,
    Text16,
    Text32,
    Text40,
    Text64,
    Text128,
    Text1024,
    Version,
)

MAX_INDICES = 100
MAX_INPUTS = 1000


class SubjectKind(IntEnum):
    """Who or what is evaluated 评价对象类别. PLT-6.5, PLT-6.8a."""

    AGGREGATOR = 1
    CHARGER_COMPANY = 2
    RESOURCE = 3


class TimeScale(IntEnum):
    """In which time a service acts: ms to s, minutes, hours, days 时间尺度. JES-6.5.1.3."""

    SECOND = 1
    MINUTE = 2
    HOUR = 3
    DAY = 4


class EvaluationIndex(InformationObject):
    """One index of an evaluation 评价指标. PLT-6.5."""

    name: Text64 = member("Name", "指标名称", "Name.", "PLT-6.5")
    value: ExactNumber | None = member(
        "Value", "指标值", "Value; absent where the formula gives none.", "PLT-6.5", default=None
    )
    unit: Text16 | None = member(
        "Unit", "单位", "Unit; absent for a pure number.", "PLT-6.5", default=None
    )
    formula_ref: Text32 | None = member(
        "FormulaRef", "公式", "Formula that gave it.", "PLT-6.11", default=None
    )


class EvaluationQuery(InformationObject):
    """Query of an evaluation 评价查询. PLT-6.5, PLT-6.8a."""

    subject_kind: SubjectKind = member("SubjectKind", "对象类别", "Kind of subject.", "PLT-6.5")
    subject_id: Text32 = member("SubjectID", "评价对象", "Subject.", "PLT-6.5")
    period_start: Instant = member("PeriodStart", "周期开始", "Start, inclusive.", "PLT-6.5")
    period_end: Instant = member("PeriodEnd", "周期结束", "End, exclusive.", "PLT-6.5")


class EvaluationReport(InformationObject):
    """Evaluation of an aggregator, a charger company or a resource 评价. PLT-6.5, PLT-6.8a."""

    grade: ClassVar[Grade] = Grade.INT

    subject_kind: SubjectKind = member("SubjectKind", "对象类别", "Kind of subject.", "PLT-6.5")
    subject_id: Text32 = member("SubjectID", "评价对象", "Subject.", "PLT-6.5")
    period_start: Instant = member("PeriodStart", "周期开始", "Start, inclusive.", "PLT-6.5")
    period_end: Instant = member("PeriodEnd", "周期结束", "End, exclusive.", "PLT-6.5")
    indices: Annotated[tuple[EvaluationIndex, ...], Meta(min_length=1, max_length=MAX_INDICES)] = (
        member("Indices", "指标", "Indices.", "PLT-6.5")
    )
    score: Score = member("Score", "得分", "Score, 0 to 100.", "PLT-6.8a")
    inputs: Annotated[tuple[Text128, ...], Meta(max_length=MAX_INPUTS)] = member(
        "Inputs", "输入", "References to what it rests on.", "PLT-6.8a", default=()
    )


class ScoreFactor(InformationObject):
    """What one quantity does to a score 评分因子. PLT-6.8c."""

    name: Text64 = member("Name", "因子名称", "Quantity.", "PLT-6.8c")
    value: Measured = member("Value", "值", "Its value.", "PLT-6.8c")
    unit: Text16 | None = member(
        "Unit", "单位", "Unit; absent for a pure number.", "PLT-6.8c", default=None
    )
    contribution: ScoreContribution = member(
        "Contribution", "贡献分", "What it adds; negative takes off.", "PLT-6.8c"
    )


class BatteryScore(InformationObject):
    """Score of a battery 电池安全评分; informs, not for a safety interlock. PLT-6.8c."""

    grade: ClassVar[Grade] = Grade.SEN

    vehicle_id: Text64 = member("VehicleID", "车辆身份", "Vehicle, as a pseudonym.", "PLT-6.8c")
    time: Instant = member("Time", "评分时间", "When.", "PLT-6.8c")
    score: Score = member("Score", "得分", "Score, 0 to 100, 100 = sound.", "PLT-6.8c")
    factors: Annotated[tuple[ScoreFactor, ...], Meta(min_length=1, max_length=MAX_INDICES)] = (
        member("Factors", "因子", "What made the score.", "PLT-6.8c")
    )


class ResponseHistory(InformationObject):
    """One response of a resource in the response library 响应资源库. JES-6.5.1.5c."""

    grade: ClassVar[Grade] = Grade.IMP

    resource_id: Text32 = member("ResourceID", "资源识别码", "Resource.", "JES-6.5.1.5c")
    command_id: Text40 = member("CommandID", "指令标识", "Command.", "JES-6.5.1.5c")
    result: CommandState = member("Result", "结果", "How it ended.", "JES-6.5.1.5c")
    compensation: Money | None = member(
        "Compensation", "补偿", "Paid to the resource; absent until settled.", "JES-6.5.1.5c",
        default=None,
    )  # fmt: skip


class FormulaDef(InformationObject):
    """Formula that a user defined 自定义公式. PLT-6.11."""

    formula_id: Text32 = member("FormulaID", "公式标识", "Formula.", "PLT-6.11")
    expression: Text1024 = member("Expression", "表达式", "Expression.", "PLT-6.11")
    inputs: Annotated[tuple[Text128, ...], Meta(min_length=1, max_length=MAX_INPUTS)] = member(
        "Inputs", "输入", "Quantities it reads.", "PLT-6.11"
    )
    output: Text128 = member("Output", "输出", "Quantity it gives.", "PLT-6.11")
    version: Version = member("Version", "版本", "Version, rises with each change.", "PLT-6.11")


class ServiceItem(InformationObject):
    """Service of the market with its formulas and rule 服务品种. JES-6.5.1."""

    code: Text16 = member("Code", "品种编码", "Code, as in ControlCurve.", "JES-6.5.1")
    name: Text64 = member("Name", "名称", "Name.", "JES-6.5.1")
    time_scale: TimeScale = member("TimeScale", "时间尺度", "How fast it acts.", "JES-6.5.1.3")
    formula_refs: Annotated[tuple[Text32, ...], Meta(min_length=1, max_length=MAX_INDICES)] = (
        member("FormulaRefs", "公式", "Formulas that measure it.", "JES-6.5.1")
    )
    rule_version: Text16 = member("RuleVersion", "规则版本", "Rule it follows.", "JES-6.5.1a")
