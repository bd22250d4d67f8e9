"""Market declaration and clearing 市场申报与出清. PLT-7.8, PLT-8.1."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.values import (
    Day,
    Instant,
    KilowattMagnitude,
    MarketQuantity,
    OperatorCode,
    SegmentNo,
    Text16,
    Text32,
    Text40,
    UnitPrice,
    Version,
)

MAX_DECLARED_SEGMENTS = 10
MAX_CLEARED_SEGMENTS = 1440


class RegulationDirection(IntEnum):
    """Direction of regulation 调节方向; up: the reported signed value rises. PLT-8.4."""

    UP = 1
    DOWN = 2
    BOTH = 3

    @property
    def mirrored(self) -> RegulationDirection:
        """The same in the other polarity."""
        ways = {self.UP: self.DOWN, self.DOWN: self.UP}
        return RegulationDirection(ways.get(self, self))


class QuantityUnit(IntEnum):
    """Unit of declared and cleared quantities 申报量单位. PLT-7.8b."""

    KW = 1
    KWH = 2


class ClearState(IntEnum):
    """Result of clearing 出清结果. PLT-7.8c."""

    FULL = 1
    PARTIAL = 2
    NONE = 3


class DeclarationSegment(InformationObject):
    """One segment of a declaration 申报段; prices are monotone over segments. PLT-7.8b."""

    seg_no: SegmentNo = member("SegNo", "段号", "Number of the segment, from 1.", "PLT-7.8b")
    quantity: MarketQuantity = member("Quantity", "申报量", "Declared quantity.", "PLT-7.8b")
    price: UnitPrice = member("Price", "申报价格", "Declared price.", "PLT-7.8b")


class Declaration(InformationObject):
    """Declaration of one resource to a market 申报. PLT-7.8a, PLT-7.8b."""

    grade: ClassVar[Grade] = Grade.IMP

    declaration_id: Text40 = member(
        "DeclarationID", "申报标识", "Idempotency key together with Version."
    )
    aggregator_id: OperatorCode = member("AggregatorID", "聚合商", "Who declares.", "PLT-7.8")
    resource_id: Text32 = member("ResourceID", "资源识别码", "Resource.", "PLT-7.8")
    market_id: Text32 = member("MarketID", "市场", "Market.", "PLT-7.8a")
    service_item: Text16 = member("ServiceItem", "品种", "Service.", "PLT-7.8a")
    trade_date: Day = member("TradeDate", "交易日", "Day of delivery.", "PLT-7.8b")
    trade_start: Instant = member(
        "TradeStart", "交易开始时间", "Delivery begins, inclusive.", "PLT-7.8b"
    )
    trade_end: Instant = member("TradeEnd", "交易结束时间", "Delivery ends, exclusive.", "PLT-7.8b")
    direction: RegulationDirection = member("Direction", "方向", "Direction.", "PLT-8.4")
    quantity_unit: QuantityUnit | None = member(
        "QuantityUnit", "申报量单位", "Unit of quantities, kW where absent.", default=None
    )
    segments: Annotated[
        tuple[DeclarationSegment, ...], Meta(min_length=1, max_length=MAX_DECLARED_SEGMENTS)
    ] = member("Segments", "申报段", "Declared quantities and prices.", "PLT-7.8b")
    min_clear_quantity: KilowattMagnitude | None = member(
        "MinClearQuantity", "最小出清量", "Smallest acceptance.", default=None
    )
    plan_id: Text40 | None = member(
        "PlanID", "申报计划", "Declared plan.", "PLT-7.2c", default=None
    )
    gate_time: Instant = member("GateTime", "截止时间", "Gate closes.")
    submit_time: Instant = member("SubmitTime", "报送时间", "Submitted, before the gate.")
    version: Version = member("Version", "版本", "Version, rises with each change.")


class ClearedSegment(InformationObject):
    """One cleared segment 出清段. PLT-8.1."""

    start_time: Instant = member("StartTime", "开始时间", "Start, inclusive.", "PLT-8.1")
    end_time: Instant = member("EndTime", "结束时间", "End, exclusive.", "PLT-8.1")
    quantity: MarketQuantity = member("Quantity", "出清量", "Cleared quantity.", "PLT-8.1")
    price: UnitPrice = member("Price", "出清价", "Clearing price.", "PLT-8.1")


class ClearingResult(InformationObject):
    """Clearing of one declaration 出清. PLT-7.8c."""

    grade: ClassVar[Grade] = Grade.IMP

    clearing_id: Text40 = member("ClearingID", "出清标识", "Idempotency key.", "PLT-7.8c")
    declaration_id: Text40 = member("DeclarationID", "申报标识", "Declaration cleared.")
    aggregator_id: OperatorCode = member("AggregatorID", "聚合商", "Whose.", "PLT-7.8")
    resource_id: Text32 = member("ResourceID", "资源识别码", "Resource.", "PLT-7.8")
    market_id: Text32 | None = member("MarketID", "市场", "Market.", "PLT-7.8a", default=None)
    trade_date: Day | None = member(
        "TradeDate", "交易日", "Day of delivery.", "PLT-7.8b", default=None
    )
    direction: RegulationDirection | None = member(
        "Direction", "方向", "Direction; that of the declaration where absent.", default=None
    )
    quantity_unit: QuantityUnit | None = member(
        "QuantityUnit", "出清量单位", "Unit of quantities, kW where absent.", default=None
    )
    clear_state: ClearState = member("ClearState", "出清结果", "Result.", "PLT-7.8c")
    cleared_segments: Annotated[
        tuple[ClearedSegment, ...], Meta(max_length=MAX_CLEARED_SEGMENTS)
    ] = member("ClearedSegments", "出清段", "What was cleared, if any.", "PLT-8.1", default=())
    publish_time: Instant = member("PublishTime", "发布时间", "Published.", "PLT-7.8c")
