"""Adjustable capability of a resource, now and ahead 可调节能力. PLT-8.4, JES-6.2.1."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from vgigw.objects.control import MAX_POINTS
from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.operating_enumerations import RunState
from vgigw.objects.values import (
    Instant,
    Kilowatt,
    KilowattHourAbility,
    KilowattMagnitude,
    KilowattPerMinute,
    Minutes,
    Probability,
    Text32,
    Text40,
)


class CapabilityBasis(IntEnum):
    """What "up" means 方向基准: the reported value, the load or the generation rises. PLT-8.4."""

    REPORTED_SIGN = 1
    LOAD_INCREASE = 2
    GENERATION_INCREASE = 3

    @property
    def follows_polarity(self) -> bool:
        """Whether up becomes down in the other polarity. 2.0(7)."""
        return self is CapabilityBasis.REPORTED_SIGN


class CapabilityPoint(InformationObject):
    """One step of a capability curve 可调容量曲线段. JES-6.2.1."""

    start_time: Instant = member("StartTime", "开始时间", "Start, inclusive.", "JES-6.2.1")
    end_time: Instant = member("EndTime", "结束时间", "End, exclusive.", "JES-6.2.1")
    up: KilowattMagnitude = member("Up", "上调节能力", "Ability up.", "JES-6.2.1", mirror="Down")
    down: KilowattMagnitude = member(
        "Down", "下调节能力", "Ability down.", "JES-6.2.1", mirror="Up"
    )
    confidence: Probability | None = member(
        "Confidence", "置信度", "Probability that it is there.", "JES-6.2.1b", default=None
    )


class AdjustCapability(InformationObject):
    """Adjustable capability 可调节能力 of one resource. PLT-8.4, VGI-D.14."""

    grade: ClassVar[Grade] = Grade.IMP

    capability_id: Text40 = member("CapabilityID", "标识", "Idempotency key.")
    resource_id: Text32 = member("ResourceID", "资源识别码", "Resource.", "VGI-D.14")
    data_time: Instant = member("DataTime", "时间", "Valid at.", "PLT-8.4")
    run_state: RunState = member("RunState", "当前状态", "State.", "PLT-8.4")
    active_power: Kilowatt = member(
        "ActivePower", "充/放电功率", "Present power, signed by PolarityMode.", "PLT-8.4"
    )
    up_capability: KilowattMagnitude = member(
        "UpCapability", "上调节能力", "Ability up.", "PLT-8.4", mirror="DownCapability"
    )
    down_capability: KilowattMagnitude = member(
        "DownCapability", "下调节能力", "Ability down.", "PLT-8.4", mirror="UpCapability"
    )
    up_rate: KilowattPerMinute = member(
        "UpRate", "上调节速率", "Rate up.", "PLT-8.4", mirror="DownRate"
    )
    down_rate: KilowattPerMinute = member(
        "DownRate", "下调节速率", "Rate down.", "PLT-8.4", mirror="UpRate"
    )
    up_duration: Minutes = member(
        "UpDuration", "上调节持续时间", "Duration up.", "PLT-8.4", mirror="DownDuration"
    )
    down_duration: Minutes = member(
        "DownDuration", "下调节持续时间", "Duration down.", "PLT-8.4", mirror="UpDuration"
    )
    capability_basis: CapabilityBasis = member("CapabilityBasis", "方向基准", "What up means.")
    available_energy_up: KilowattHourAbility | None = member(
        "AvailableEnergyUp",
        "上调可用电量",
        "Energy bound up.",
        "JES-6.2.1a",
        default=None,
        mirror="AvailableEnergyDown",
    )
    available_energy_down: KilowattHourAbility | None = member(
        "AvailableEnergyDown",
        "下调可用电量",
        "Energy bound down.",
        "JES-6.2.1a",
        default=None,
        mirror="AvailableEnergyUp",
    )
    capability_curve: Annotated[tuple[CapabilityPoint, ...], Meta(max_length=MAX_POINTS)] = member(
        "CapabilityCurve", "可调容量曲线", "Forecast, at most 24 h.", "JES-6.2.1c", default=()
    )
