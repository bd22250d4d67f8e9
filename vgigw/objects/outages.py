"""Outages with their written explanation, and sanctions 中断记录/处置. PLT-8.9a, PLT-8.7b."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from vgigw.objects.application_enumerations import OutageCause
from vgigw.objects.assessment import SanctionKind
from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.enumerations import AccessState
from vgigw.objects.values import (
    Instant,
    OperatorCode,
    Text32,
    Text40,
    Text64,
    Text200,
    Text256,
    Text1024,
)

MAX_RESOURCES = 10_000
MAX_CONFIRMATIONS = 10


class OutageRecord(InformationObject):
    """An outage and its written explanation 中断记录/书面说明. PLT-8.9a."""

    grade: ClassVar[Grade] = Grade.INT

    outage_id: Text40 = member("OutageID", "中断标识", "Idempotency key.", "PLT-8.9a")
    aggregator_id: OperatorCode | None = member(
        "AggregatorID", "聚合商", "Whose outage; the sender's where absent.", default=None
    )
    resource_ids: Annotated[tuple[Text32, ...], Meta(max_length=MAX_RESOURCES)] = member(
        "ResourceIDs", "资源", "Resources not seen, empty = all.", default=()
    )
    outage_start: Instant = member("OutageStart", "中断开始", "Start, inclusive.", "PLT-8.9a")
    outage_end: Instant = member("OutageEnd", "中断结束", "End, exclusive.", "PLT-8.9a")
    cause: OutageCause = member("Cause", "原因", "Cause.", "PLT-8.9a")
    explanation_ref: Text256 = member(
        "ExplanationRef", "书面说明", "Document that explains it.", "PLT-8.9a"
    )
    explanation: Text1024 | None = member(
        "Explanation", "说明", "Explanation in words.", "PLT-8.9a", default=None
    )


class Confirmation(InformationObject):
    """A person who stands for a sanction 处置确认. PLT-8.7b."""

    by: Text64 = member("By", "确认人", "Who confirmed.", "PLT-8.7b", sensitive=True)
    time: Instant = member("Time", "确认时间", "When.", "PLT-8.7b")


class Sanction(InformationObject):
    """Sanction on a party's link, or its release 处置/恢复. PLT-8.7b, PLT-8.8b."""

    grade: ClassVar[Grade] = Grade.INT

    sanction_id: Text40 = member("SanctionID", "处置标识", "Idempotency key.")
    party_id: OperatorCode = member("PartyID", "被处置方", "Whom it concerns.", "PLT-8.7b")
    sanction_kind: SanctionKind = member(
        "SanctionKind", "处置类别", "Kind; NONE releases.", "PLT-8.7b"
    )
    access_state: AccessState = member(
        "AccessState", "接入状态", "Access state from now on.", "PLT-8.7b"
    )
    reason: Text200 = member("Reason", "原因", "Why, in words.", "PLT-8.7b")
    issue_time: Instant = member("IssueTime", "下发时间", "When.", "PLT-8.7b")
    command_id: Text40 | None = member(
        "CommandID", "指令标识", "Command that gave rise to it.", "PLT-8.8b", default=None
    )
    assessment_id: Text40 | None = member(
        "AssessmentID", "考核标识", "Assessment that gave rise to it.", "PLT-8.8b", default=None
    )
    confirmations: Annotated[tuple[Confirmation, ...], Meta(max_length=MAX_CONFIRMATIONS)] = member(
        "Confirmations",
        "确认",
        "Who stands for it; two persons for DISCONNECT, REMOVE and NONE.",
        "PLT-8.7b",
        default=(),
    )
