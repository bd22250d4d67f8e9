"""Assessment of a carried-out command and the appeal against it 考核与申诉. PLT-8.8b, PLT-8.8c."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.values import (
    ExactNumber,
    Instant,
    MoneyMagnitude,
    OperatorCode,
    Text16,
    Text32,
    Text40,
    Text64,
    Text256,
    Text1024,
)

MAX_INDICES = 100
MAX_OUTAGES = 1000
MAX_EVIDENCE = 50


class SanctionKind(IntEnum):
    """What follows from an assessment 处置. PLT-8.7b, PLT-8.8b."""

    NONE = 0
    NOTICE = 1
    PENALTY = 2
    DISCONNECT = 3
    REMOVE = 4


class AssessmentIndex(InformationObject):
    """One index of an assessment 考核指标. JES-A."""

    name: Text64 = member("Name", "指标名称", "Name.", "JES-A")
    value: ExactNumber | None = member(
        "Value", "指标值", "Value; absent where the formula gives none.", "JES-A", default=None
    )
    unit: Text16 | None = member(
        "Unit", "单位", "Unit; absent for a pure number.", "JES-A", default=None
    )
    formula_ref: Text32 = member("FormulaRef", "公式", "Formula that gave it.", "JES-A")


class OutageShare(InformationObject):
    """An outage and who bears the loss that it caused 中断责任. PLT-8.9b."""

    outage_id: Text40 = member("OutageID", "中断标识", "Outage.", "PLT-8.9b")
    start: Instant = member("Start", "开始时间", "Start, inclusive.", "PLT-8.9b")
    end: Instant = member("End", "结束时间", "End, exclusive.", "PLT-8.9b")
    party: OperatorCode = member("Party", "责任方", "Who bears the loss.", "PLT-8.9b")


class AssessmentResult(InformationObject):
    """Result of assessing one command 考核结果. PLT-8.8b, PLT-8.8c."""

    grade: ClassVar[Grade] = Grade.IMP

    assessment_id: Text40 = member("AssessmentID", "考核标识", "Idempotency key.", "PLT-8.8b")
    command_id: Text40 = member("CommandID", "指令标识", "Command assessed.", "PLT-8.8c")
    aggregator_id: OperatorCode = member("AggregatorID", "聚合商", "Who is assessed.", "PLT-8.8c")
    resource_id: Text32 = member("ResourceID", "资源识别码", "Resource.", "PLT-8.8c")
    rule_id: Text32 = member("RuleID", "考核规则", "Regional rule used.", "PLT-7.2")
    rule_version: Text16 = member("RuleVersion", "规则版本", "Its version.", "PLT-7.2")
    indices: Annotated[tuple[AssessmentIndex, ...], Meta(min_length=1, max_length=MAX_INDICES)] = (
        member("Indices", "指标", "Indices.", "JES-A")
    )
    qualified: bool = member("Qualified", "是否合格", "Passed.", "PLT-8.8b")
    outage_attribution: Annotated[tuple[OutageShare, ...], Meta(max_length=MAX_OUTAGES)] = member(
        "OutageAttribution", "中断责任", "Losses by outage.", "PLT-8.9b", default=()
    )
    penalty_amount: MoneyMagnitude = member(
        "PenaltyAmount", "考核费用", "Assessment fee, to be deducted.", "PLT-6.7"
    )
    sanction: SanctionKind = member("Sanction", "处置", "Sanction.", "PLT-8.8b")
    appeal_deadline: Instant | None = member(
        "AppealDeadline", "申诉期限", "Appeal before.", default=None
    )


class Appeal(InformationObject):
    """Appeal against an assessment or its sanction 申诉. PLT-8.7b."""

    grade: ClassVar[Grade] = Grade.IMP

    assessment_id: Text40 = member("AssessmentID", "考核标识", "Assessment.", "PLT-8.7b")
    appeal_party: OperatorCode = member("AppealParty", "申诉方", "Who appeals.", "PLT-8.7b")
    text: Text1024 = member("Text", "申诉内容", "Reasons.", "PLT-8.7b")
    evidence_refs: Annotated[tuple[Text256, ...], Meta(max_length=MAX_EVIDENCE)] = member(
        "EvidenceRefs", "证据", "References to evidence.", "PLT-8.7b", default=()
    )
    appeal_time: Instant = member("AppealTime", "申诉时间", "When.", "PLT-8.7b")
