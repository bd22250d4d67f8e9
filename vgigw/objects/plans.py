"""Plan curves: plan, baseline, forecast 计划曲线. PLT-8.3, PLT-6.1."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from vgigw.objects.control import MAX_POINTS
from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.enumerations import PolarityMode
from vgigw.objects.values import (
    Day,
    Instant,
    Kilowatt,
    OperatorCode,
    PlanInterval,
    Text32,
    Text40,
    Version,
)


class PlanKind(IntEnum):
    """What a plan covers 计划类型: the next day, the next hour, or a revision. PLT-8.3a."""

    DAY_AHEAD = 1
    ROLLING = 2
    REVISED = 3


class CurveKind(IntEnum):
    """What a curve means 曲线类别: 计划/基线/预测/上界/下界. PLT-6.1, JES-A."""

    PLAN = 1
    BASELINE = 2
    FORECAST = 3
    UPPER_BOUND = 4
    LOWER_BOUND = 5

    @property
    def mirrored(self) -> CurveKind:
        """The same in the other polarity."""
        bounds = {self.UPPER_BOUND: self.LOWER_BOUND, self.LOWER_BOUND: self.UPPER_BOUND}
        return CurveKind(bounds.get(self, self))


class PlanPoint(InformationObject):
    """One step of a plan curve 计划曲线段. PLT-8.3b, JES-6.2.1b."""

    start_time: Instant = member("StartTime", "开始时间", "Start, inclusive.", "PLT-8.3b")
    end_time: Instant = member("EndTime", "结束时间", "End, exclusive.", "PLT-8.3b")
    power: Kilowatt = member("Power", "功率", "Mean power, signed by PolarityMode.", "PLT-8.3b")
    quantile_low: Kilowatt | None = member(
        "QuantileLow",
        "下分位数",
        "Low quantile, signed likewise.",
        "JES-6.2.1b",
        default=None,
        mirror="QuantileHigh",
    )
    quantile_high: Kilowatt | None = member(
        "QuantileHigh",
        "上分位数",
        "High quantile, signed likewise.",
        "JES-6.2.1b",
        default=None,
        mirror="QuantileLow",
    )


class PlanCurve(InformationObject):
    """Plan curve 计划曲线 of one resource. PLT-8.3, PLT-6.1."""

    grade: ClassVar[Grade] = Grade.IMP

    plan_id: Text40 = member("PlanID", "计划标识", "Idempotency key.")
    resource_id: Text32 = member("ResourceID", "资源识别码", "Resource.", "PLT-8.3")
    aggregator_id: OperatorCode = member("AggregatorID", "聚合商", "Its owner.", "PLT-8.3")
    plan_kind: PlanKind = member("PlanKind", "类型", "Kind of plan.", "PLT-8.3a")
    plan_date: Day = member("PlanDate", "计划日期", "Day, in Beijing time.", "PLT-8.3a")
    start_time: Instant = member("StartTime", "开始时间", "Covers from, inclusive.", "PLT-8.3a")
    end_time: Instant = member("EndTime", "结束时间", "Covers to, exclusive.", "PLT-8.3a")
    interval_min: PlanInterval = member(
        "IntervalMin", "间隔", "Step: 1, 5, 15, 30 or, where a market asks, 60.", "PLT-8.3b"
    )
    polarity_mode: PolarityMode = member("PolarityMode", "极性", "Polarity.", "PLT-7.4")
    curve_kind: CurveKind = member("CurveKind", "曲线类别", "What it means.", "PLT-6.1")
    points: Annotated[tuple[PlanPoint, ...], Meta(min_length=1, max_length=MAX_POINTS)] = member(
        "Points", "曲线值", "Segments of the whole time, no gap, no overlap.", "PLT-8.3b"
    )
    version: Version = member("Version", "版本", "Version, rises with each change.")
    submit_time: Instant = member("SubmitTime", "报送时间", "Submitted at.")


class PlanQuery(InformationObject):
    """Query of a plan curve 计划曲线查询. PLT-8.3."""

    resource_id: Text32 = member("ResourceID", "资源识别码", "Resource.", "PLT-8.3")
    plan_date: Day = member("PlanDate", "计划日期", "Day, in Beijing time.", "PLT-8.3a")
    plan_kind: PlanKind | None = member(
        "PlanKind", "类型", "Kind; absent = the one in force.", "PLT-8.3a", default=None
    )
    curve_kind: CurveKind | None = member(
        "CurveKind", "曲线类别", "Meaning; absent = the plan.", "PLT-6.1", default=None
    )
