"""Policy and market notices, their receipts, price signals 公告与价格. PLT-8.6, VGI-D.12."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from vgigw.objects.control import MAX_POINTS
from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.values import (
    Instant,
    OperatorCode,
    Text18,
    Text40,
    Text200,
    Text256,
    Text65536,
    UnitPrice,
)

EVERYBODY = "all"
"""Stands in an audience for everybody."""

MAX_AUDIENCE = 1000
MAX_ATTACHMENTS = 50


class NoticeKind(IntEnum):
    """Kind of notice 公告类别. PLT-8.6, PLT-8.7b."""

    ANCILLARY_POLICY = 1
    MARKET_INFORMATION = 2
    PRICE = 3
    SANCTION = 4
    DEMAND_RESPONSE_INVITATION = 5


class PriceKind(IntEnum):
    """Kind of price 价格类别: by time of use 分时, or dynamic 动态. VGI-D.12."""

    TIME_OF_USE = 1
    DYNAMIC = 2


class Reading(InformationObject):
    """Who has read a notice, and when 回执. PLT-8.6."""

    party_id: OperatorCode = member("PartyID", "接收方", "Who read it.", "PLT-8.6")
    time: Instant = member("Time", "阅读时间", "When.", "PLT-8.6")


class PolicyNotice(InformationObject):
    """Policy or market notice 政策与市场信息. PLT-8.6."""

    grade: ClassVar[Grade] = Grade.PUB

    notice_id: Text40 = member("NoticeID", "公告标识", "Idempotency key.", "PLT-8.6")
    notice_kind: NoticeKind = member("NoticeKind", "类别", "Kind.", "PLT-8.6")
    title: Text200 = member("Title", "标题", "Title.", "PLT-8.6")
    content: Text65536 = member("Content", "内容", "Text.", "PLT-8.6")
    attachment_refs: Annotated[tuple[Text256, ...], Meta(max_length=MAX_ATTACHMENTS)] = member(
        "AttachmentRefs", "附件", "References to attachments.", "PLT-8.6", default=()
    )
    effective_from: Instant = member("EffectiveFrom", "生效时间", "Effective from.", "PLT-8.6")
    effective_to: Instant | None = member(
        "EffectiveTo", "失效时间", "Effective until; open where absent.", "PLT-8.6", default=None
    )
    audience: Annotated[tuple[Text18, ...], Meta(min_length=1, max_length=MAX_AUDIENCE)] = member(
        "Audience", "对象", "Operators addressed, or the word all.", "PLT-8.6"
    )
    receipt_required: bool = member(
        "ReceiptRequired", "是否需回执", "Must be confirmed as read.", "PLT-8.6"
    )
    receipt_deadline: Instant | None = member(
        "ReceiptDeadline", "回执期限", "Alarm if unread by then.", "PLT-8.6", default=None
    )
    receipts: Annotated[tuple[Reading, ...], Meta(max_length=MAX_AUDIENCE)] = member(
        "Receipts", "回执", "Who has read it.", "PLT-8.6", default=()
    )


class NoticeReceipt(InformationObject):
    """Confirmation that a notice was read 公告回执. PLT-8.6."""

    notice_id: Text40 = member("NoticeID", "公告标识", "Notice.", "PLT-8.6")
    party_id: OperatorCode = member("PartyID", "接收方", "Who read it.", "PLT-8.6")
    read_time: Instant = member("ReadTime", "阅读时间", "When.", "PLT-8.6")


class PricePoint(InformationObject):
    """Price in one interval 价格段. VGI-D.12."""

    start_time: Instant = member("StartTime", "开始时间", "Start, inclusive.", "VGI-D.12")
    end_time: Instant = member("EndTime", "结束时间", "End, exclusive.", "VGI-D.12")
    price: UnitPrice = member("Price", "价格", "Price.", "VGI-D.12")
    kind: PriceKind = member("Kind", "价格类别", "Kind.", "VGI-D.12")


class PriceSignal(InformationObject):
    """Price signal 价格信号. VGI-D.12."""

    grade: ClassVar[Grade] = Grade.PUB

    notice_id: Text40 = member("NoticeID", "公告标识", "Idempotency key.", "PLT-8.6")
    title: Text200 | None = member("Title", "标题", "Title.", "PLT-8.6", default=None)
    effective_from: Instant = member("EffectiveFrom", "生效时间", "Effective from.", "PLT-8.6")
    effective_to: Instant | None = member(
        "EffectiveTo", "失效时间", "Effective until; open where absent.", "PLT-8.6", default=None
    )
    audience: Annotated[tuple[Text18, ...], Meta(min_length=1, max_length=MAX_AUDIENCE)] = member(
        "Audience", "对象", "Operators addressed, or the word all.", "PLT-8.6"
    )
    price_points: Annotated[tuple[PricePoint, ...], Meta(min_length=1, max_length=MAX_POINTS)] = (
        member("PricePoints", "价格曲线", "Prices, in order, no overlap.", "VGI-D.12")
    )
