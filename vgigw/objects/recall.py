"""Recall (补召) and backfill (补传). PLT-7.6d, PLT-7.9d."""

from __future__ import annotations

from typing import ClassVar

from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.operating_enumerations import JobState, RecallCause, UnavailableReason
from vgigw.objects.telemetry import DataRange
from vgigw.objects.values import (
    Count,
    MessageRate,
    OperatorCode,
    Sequence,
    Text40,
    Text64,
)


class RecallRequest(DataRange):
    """Asks for data of a range again 补召请求, by sequence or by time. PLT-7.6d."""

    grade: ClassVar[Grade] = Grade.INT

    recall_id: Text40 = member("RecallID", "补召标识", "Idempotency key.", "PLT-7.6d")
    requester_id: OperatorCode = member("RequesterID", "请求方", "Who asks.", "PLT-7.6d")
    point_types: tuple[Text40, ...] = member(
        "PointTypes", "量类型", "Members wanted, empty = all.", "PLT-7.6d", default=()
    )
    cause: RecallCause = member("Cause", "原因", "Cause.", "PLT-7.9d")
    rate_limit: MessageRate | None = member(
        "RateLimit", "限速", "So that live data is not starved.", "PLT-7.9d", default=None
    )


class UnavailableRange(InformationObject):
    """A range that cannot be delivered 无法补传区间."""

    seq_from: Sequence = member("From", "起", "First sequence.")
    seq_to: Sequence = member("To", "止", "Last sequence, inclusive.")
    reason: UnavailableReason = member("Reason", "原因", "Why.")


class RecallReceipt(InformationObject):
    """Receipt of a recall 补召回执: what was found in one snapshot. PLT-7.6d."""

    recall_id: Text40 = member("RecallID", "补召标识", "Recall.", "PLT-7.6d")
    job_id: Text40 = member("JobID", "任务标识", "Job that delivers it.", "PLT-7.9d")
    count: Count = member("Count", "记录数", "Records that will come.", "PLT-7.6d")
    unavailable_ranges: tuple[UnavailableRange, ...] = member(
        "UnavailableRanges", "无法补传", "What cannot be delivered.", "PLT-7.9d", default=()
    )
    seq_first: Sequence | None = member(
        "SeqFirst", "首序号", "Lowest that will come, of one stream.", "PLT-7.6d", default=None
    )
    seq_last: Sequence | None = member(
        "SeqLast", "末序号", "Highest that will come, of one stream.", "PLT-7.6d", default=None
    )


class Progress(InformationObject):
    """How far a job is, in records 进度. PLT-7.9d."""

    total: Count = member("Total", "总数", "Records in all.", "PLT-7.9d")
    sent: Count = member("Sent", "已发", "Sent.", "PLT-7.9d")
    acked: Count = member("Acked", "已确认", "Acknowledged.", "PLT-7.9d")
    missing: Count = member("Missing", "缺失", "Not to be had.", "PLT-7.9d")


class BackfillJob(DataRange):
    """A backfill job and its progress 补传任务. PLT-7.9d."""

    grade: ClassVar[Grade] = Grade.INT

    job_id: Text40 = member("JobID", "任务标识", "Job.", "PLT-7.9d")
    recall_id: Text40 | None = member(
        "RecallID", "补召标识", "Recall it answers.", "PLT-7.6d", default=None
    )
    requester_id: OperatorCode = member("RequesterID", "请求方", "Who asked.", "PLT-7.6d")
    point_types: tuple[Text40, ...] = member(
        "PointTypes", "量类型", "Members wanted, empty = all.", "PLT-7.6d", default=()
    )
    cause: RecallCause = member("Cause", "原因", "Cause.", "PLT-7.9d")
    state: JobState = member("State", "状态", "State.", "PLT-7.9d")
    progress: Progress = member("Progress", "进度", "Progress.", "PLT-7.9d")
    rate_limit: MessageRate | None = member(
        "RateLimit", "限速", "So that live data is not starved.", "PLT-7.9d", default=None
    )
    unavailable_ranges: tuple[UnavailableRange, ...] = member(
        "UnavailableRanges", "无法补传", "What cannot be delivered.", default=()
    )
    seq_first: Sequence | None = member(
        "SeqFirst", "首序号", "Lowest that is brought, of one stream.", "PLT-7.6d", default=None
    )
    seq_last: Sequence | None = member(
        "SeqLast", "末序号", "Highest that is brought, of one stream.", "PLT-7.6d", default=None
    )
    records_digest: Text64 | None = member(
        "RecordsDigest",
        "记录摘要",
        "Sum modulo 2^256 of the SHA-256 of each record sent.",
        "PLT-7.6d",
        default=None,
    )


class BackfillQuery(InformationObject):
    """Query of a backfill job 补传任务查询."""

    job_id: Text40 = member("JobID", "任务标识", "Job.", "PLT-7.9d")
