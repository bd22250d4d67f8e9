"""Alarms and events: raised, cleared, asked for 告警. PLT-6.8b, PLT-7.9c."""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar

from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.values import (
    Count,
    ExactNumber,
    Instant,
    Page,
    PageSize,
    Text16,
    Text32,
    Text40,
    Text64,
    Text1024,
)


class AlarmDomain(IntEnum):
    """What an alarm endangers 告警领域; the first four are the safety domains. PLT-6.8b."""

    PERSON = 1
    VEHICLE = 2
    GRID = 3
    INFORMATION_SECURITY = 4
    CHANNEL = 5
    DATA_QUALITY = 6
    BUSINESS = 7
    PERFORMANCE = 8


class AlarmLevel(IntEnum):
    """How grave an alarm is 告警级别. PLT-7.9c."""

    INFO = 1
    WARNING = 2
    MAJOR = 3
    CRITICAL = 4


class AlarmState(IntEnum):
    """State of an alarm 告警状态. PLT-7.9c."""

    RAISED = 1
    CLEARED = 2


class AlarmObjectKind(IntEnum):
    """What an alarm speaks of 告警对象类别; the first six as in ObjectKind. PLT-6.8d7."""

    RESOURCE = 1
    STATION = 2
    EQUIPMENT = 3
    CONNECTOR = 4
    VEHICLE = 5
    GRID_NODE = 6
    PARTY = 7
    CHANNEL = 8
    STREAM = 9
    COMMAND = 10
    MESSAGE = 11
    PLATFORM = 12


class ChannelDirection(IntEnum):
    """Direction of the channel concerned 通道方向. PLT-6.8d7."""

    UP = 1
    DOWN = 2


class AlarmEvent(InformationObject):
    """Alarm or event 告警. PLT-7.9c."""

    grade: ClassVar[Grade] = Grade.INT

    alarm_id: Text40 = member("AlarmID", "告警标识", "Idempotency key with the state.", "PLT-7.9c")
    alarm_state: AlarmState | None = member(
        "AlarmState", "告警状态", "State; RAISED where absent.", "PLT-7.9c", default=None
    )
    alarm_domain: AlarmDomain = member("AlarmDomain", "领域", "Domain.", "PLT-6.8b")
    alarm_code: Text16 = member("AlarmCode", "告警编码", "Code.", "PLT-7.9c")
    alarm_level: AlarmLevel = member("AlarmLevel", "告警级别", "Level.", "PLT-7.9c")
    object_kind: AlarmObjectKind = member("ObjectKind", "对象类别", "Kind of object.", "PLT-6.8d7")
    object_id: Text64 = member("ObjectID", "对象标识", "Object.", "PLT-6.8d7")
    direction: ChannelDirection | None = member(
        "Direction", "方向", "Direction of the channel.", "PLT-6.8d7", default=None
    )
    occur_time: Instant = member("OccurTime", "发生时间", "Happened at.")
    clear_time: Instant | None = member("ClearTime", "恢复时间", "Over at.", default=None)
    ack_by: Text64 | None = member(
        "AckBy", "确认人", "Who acknowledged it.", default=None, sensitive=True
    )
    ack_time: Instant | None = member("AckTime", "确认时间", "Acknowledged at.", default=None)
    value: ExactNumber | None = member("Value", "告警值", "Value found.", default=None)
    threshold: ExactNumber | None = member("Threshold", "门限", "Limit it passed.", default=None)
    detail: Text1024 | None = member("Detail", "详情", "In words.", default=None)
    repeat_count: Count | None = member(
        "RepeatCount", "重复次数", "How often it came again.", "PLT-7.9c", default=None
    )
    trace_id: Text32 | None = member(
        "TraceID", "追踪号", "Trace of the message.", "PLT-7.9a", default=None
    )


class AlarmClear(InformationObject):
    """End of an alarm, or its acknowledgement 告警恢复. PLT-7.9c."""

    alarm_id: Text40 = member("AlarmID", "告警标识", "Alarm.", "PLT-7.9c")
    clear_time: Instant = member("ClearTime", "恢复时间", "Over at.", "PLT-7.9c")
    ack_by: Text64 | None = member(
        "AckBy", "确认人", "Who acknowledged it.", default=None, sensitive=True
    )
    ack_time: Instant | None = member("AckTime", "确认时间", "Acknowledged at.", default=None)
    detail: Text1024 | None = member("Detail", "详情", "In words.", default=None)


class AlarmQuery(InformationObject):
    """Query of alarms 告警查询. PLT-7.9c."""

    alarm_domain: AlarmDomain | None = member("AlarmDomain", "领域", "Domain.", default=None)
    alarm_level: AlarmLevel | None = member(
        "AlarmLevel", "告警级别", "This level and graver.", default=None
    )
    object_id: Text64 | None = member("ObjectID", "对象标识", "Object.", default=None)
    time_from: Instant | None = member(
        "TimeFrom", "开始时间", "Happened from, inclusive.", default=None
    )
    time_to: Instant | None = member(
        "TimeTo", "结束时间", "Happened until, exclusive.", default=None
    )
    open_only: bool | None = member("OpenOnly", "仅未恢复", "Only what is not over.", default=None)
    page_no: Page | None = member("PageNo", "页码", "Page, from 1; 1 where absent.", default=None)
    page_size: PageSize | None = member(
        "PageSize", "每页条数", "Alarms a page; 10 where absent.", default=None
    )


class AlarmPage(InformationObject):
    """One page of alarms 告警列表. PLT-7.9c."""

    page_no: Page = member("PageNo", "页码", "Page.")
    page_count: Count = member("PageCount", "总页数", "Pages in all.")
    item_size: Count = member("ItemSize", "总条数", "Alarms in all.")
    alarm_events: tuple[AlarmEvent, ...] = member("AlarmEvents", "告警", "Alarms.", default=())
