"""Power supply scheme of one step of a distribution network 供电方案. JES-3.10, JES-7."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.values import (
    DirectedKilovar,
    Instant,
    KilowattMagnitude,
    Measured,
    Ratio,
    SchemeStep,
    Text32,
    Text40,
    Version,
)

MAX_ENTRIES = 10_000


class SchemeSourceKind(IntEnum):
    """Kind of injection 注入类别. JES-3.10, JES-7.1.1."""

    GENERATOR = 1
    STORAGE = 2
    V2G = 3
    GRID = 4


class SchemeLoadKind(IntEnum):
    """Kind of load 负荷类别. JES-7.1.2."""

    GRID_EXPORT = 1
    CONVENTIONAL = 2
    STORAGE_CHARGING = 3
    STATION_CHARGING = 4


class ViolationKind(IntEnum):
    """Constraint that is broken, in kW, p.u., A, kW/min, kW 约束类别. JES-7.1.3, JES-7.2.2b."""

    BALANCE = 1
    VOLTAGE = 2
    CURRENT = 3
    RAMP = 4
    STATION_LOAD = 5


class SchemeObjective(IntEnum):
    """What the optimum is of 优化目标. JES-7.2.3."""

    GENERATION_COST = 1
    LOSSES = 2
    VOLTAGE_DEVIATION = 3
    WEIGHTED = 4


class SchemeMethod(IntEnum):
    """Power flow 潮流计算 or optimal power flow 最优潮流. JES-7.1.4b."""

    POWER_FLOW = 1
    OPTIMAL_POWER_FLOW = 2


class SchemeSource(InformationObject):
    """What one source gives 电源出力. JES-7.1.1."""

    kind: SchemeSourceKind = member("Kind", "类别", "Kind of source.", "JES-7.1.1")
    id: Text32 = member("ID", "标识", "Source.", "JES-7.1.1")
    node_id: Text32 | None = member(
        "NodeID", "节点", "Grid node where it feeds in.", "JES-7.1.3", default=None
    )
    p: KilowattMagnitude = member("P", "有功", "Active power that it gives.", "JES-3.10")
    q: DirectedKilovar | None = member(
        "Q", "无功", "Reactive power, delivery positive.", "JES-3.10", default=None
    )


class SchemeLoad(InformationObject):
    """What one load takes 负荷. JES-7.1.2."""

    kind: SchemeLoadKind = member("Kind", "类别", "Kind of load.", "JES-7.1.2")
    id: Text32 = member("ID", "标识", "Load.", "JES-7.1.2")
    node_id: Text32 | None = member(
        "NodeID", "节点", "Grid node where it takes.", "JES-7.1.3", default=None
    )
    p: KilowattMagnitude = member("P", "有功", "Active power that it takes.", "JES-7.1.2")
    q: DirectedKilovar | None = member(
        "Q", "无功", "Reactive power, absorption positive.", "JES-7.1.2", default=None
    )


class SchemeViolation(InformationObject):
    """One constraint that the scheme breaks 越限. JES-7.1.3."""

    kind: ViolationKind = member("Kind", "约束类别", "Constraint; fixes the unit.", "JES-7.1.3")
    id: Text32 = member("ID", "标识", "Grid node, source or load where.", "JES-7.1.3")
    value: Measured = member("Value", "值", "Value found.", "JES-7.1.3")
    limit: Measured = member("Limit", "限值", "Limit it breaks.", "JES-7.1.3")


class ObjectiveWeight(InformationObject):
    """Weight of one objective among several 目标权重. JES-7.2.3."""

    objective: SchemeObjective = member("Objective", "目标", "Objective.", "JES-7.2.3")
    weight: Ratio = member("Weight", "权重", "Weight.", "JES-7.2.3")


class SupplyScheme(InformationObject):
    """Power supply scheme 供电方案: who feeds whom in one step. JES-3.10, JES-7."""

    grade: ClassVar[Grade] = Grade.IMP

    scheme_id: Text40 = member("SchemeID", "方案标识", "Key, with Version.", "JES-3.10")
    version: Version = member("Version", "版本", "Version, rises with each change.")
    step_time: Instant = member("StepTime", "时刻", "Start of the step.", "JES-7.1.4a")
    step_min: SchemeStep = member("StepMin", "步长", "Its length, as 15 or 30.", "JES-7.1.4a")
    sources: Annotated[tuple[SchemeSource, ...], Meta(min_length=1, max_length=MAX_ENTRIES)] = (
        member("Sources", "电源", "Sources; they sum to loads and losses.", "JES-3.10")
    )
    loads: Annotated[tuple[SchemeLoad, ...], Meta(min_length=1, max_length=MAX_ENTRIES)] = member(
        "Loads", "负荷", "Loads.", "JES-7.1.2"
    )
    losses: KilowattMagnitude = member("Losses", "网损", "Line losses.", "JES-7.1.3")
    violations: Annotated[tuple[SchemeViolation, ...], Meta(max_length=MAX_ENTRIES)] = member(
        "Violations", "越限", "Constraints it breaks.", "JES-7.1.3", default=()
    )
    method: SchemeMethod = member("Method", "方法", "How it was found.", "JES-7.1.4b")
    objective: SchemeObjective | None = member(
        "Objective", "目标", "Objective of the optimal power flow.", "JES-7.2.3", default=None
    )
    weights: Annotated[tuple[ObjectiveWeight, ...], Meta(max_length=10)] = member(
        "Weights", "权重", "Weights, for the objective WEIGHTED.", "JES-7.2.3", default=()
    )


class SupplySchemeQuery(InformationObject):
    """Query of a power supply scheme 供电方案查询. JES-3.10."""

    scheme_id: Text40 = member("SchemeID", "方案标识", "Scheme.", "JES-3.10")
