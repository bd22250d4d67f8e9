"""Demand response: an event and the answer of a party 需求响应事件. JES-6.5.1.5, VGI-T1.OADR."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from vgigw.objects.control import MAX_POINTS
from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.values import (
    AreaCode,
    DirectedKilowatt,
    Instant,
    KilowattMagnitude,
    OperatorCode,
    SignalLevel,
    Text40,
    UnitPrice,
)

MAX_AUDIENCE = 1000


class EventState(IntEnum):
    """State of an event 事件状态, as OpenADR tells them apart. VGI-T1.OADR, VGI-T1.1867."""

    NONE = 0
    FAR = 1
    NEAR = 2
    ACTIVE = 3
    COMPLETED = 4
    CANCELLED = 5


class SignalType(IntEnum):
    """What the intervals of an event carry 信号类型: 等级/价格/负荷. JES-6.5.1.5."""

    LEVEL = 1
    PRICE = 2
    LOAD = 3


class OptType(IntEnum):
    """Whether a party takes part 参与意愿. VGI-T1.OADR."""

    OPT_IN = 1
    OPT_OUT = 2


class DRInterval(InformationObject):
    """One interval of an event 事件时段, with the one value that SignalType names. JES-6.5.1.5."""

    start_time: Instant = member("StartTime", "开始时间", "Start, inclusive.", "JES-6.5.1.5")
    end_time: Instant = member("EndTime", "结束时间", "End, exclusive.", "JES-6.5.1.5")
    level: SignalLevel | None = member(
        "Level", "等级", "0 normal, 1 moderate, 2 high, 3 special.", "VGI-T1.OADR", default=None
    )
    price: UnitPrice | None = member("Price", "价格", "Price.", "VGI-T1.OADR", default=None)
    target_power: DirectedKilowatt | None = member(
        "TargetPower", "目标功率", "Target, consumption positive.", "VGI-T1.OADR", default=None
    )


class DREvent(InformationObject):
    """Demand response event 需求响应事件. JES-6.5.1.5, VGI-T1.1867."""

    grade: ClassVar[Grade] = Grade.IMP

    event_id: Text40 = member("EventID", "事件标识", "Idempotency key.", "JES-6.5.1.5")
    event_state: EventState = member("EventState", "事件状态", "State.", "JES-6.5.1.5")
    signal_type: SignalType = member(
        "SignalType", "信号类型", "What the intervals carry.", "JES-6.5.1.5"
    )
    intervals: Annotated[tuple[DRInterval, ...], Meta(min_length=1, max_length=MAX_POINTS)] = (
        member("Intervals", "时段", "Intervals, in order, no overlap.", "JES-6.5.1.5")
    )
    target_area: AreaCode | None = member(
        "TargetArea", "目标区域", "Region; absent = wherever.", "JES-6.5.1.5", default=None
    )
    opt_deadline: Instant | None = member(
        "OptDeadline",
        "响应截止时间",
        "Answer before; absent = until the first interval.",
        "JES-6.5.1.5",
        default=None,
    )
    audience: Annotated[tuple[OperatorCode, ...], Meta(max_length=MAX_AUDIENCE)] = member(
        "Audience", "对象", "Parties invited, empty = all.", default=()
    )
    issued_by: OperatorCode = member("IssuedBy", "下发方", "Who issued it.")
    issue_time: Instant = member("IssueTime", "下发时间", "When.")


class DROpt(InformationObject):
    """Answer of a party to an event 需求响应参与意愿. JES-6.5.1.5, VGI-T1.OADR."""

    grade: ClassVar[Grade] = Grade.IMP

    event_id: Text40 = member("EventID", "事件标识", "Event.", "JES-6.5.1.5")
    party_id: OperatorCode = member("PartyID", "参与方", "Who answers.", "JES-6.5.1.5")
    opt_type: OptType = member("OptType", "参与意愿", "In or out.", "VGI-T1.OADR")
    quantity: KilowattMagnitude | None = member(
        "Quantity", "响应量", "Power offered.", "JES-6.5.1.5", default=None
    )
    opt_time: Instant = member("OptTime", "响应时间", "When.")
