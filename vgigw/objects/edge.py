"""What an edge that ran by itself tells, and the commands it gets back 边缘自治. JES-6.3.3."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from vgigw.objects.control import ControlCurve
from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.enumerations import PolarityMode
from vgigw.objects.values import Instant, Kilowatt, Sequence, Text32, Text40, Text200

MAX_LOG_ENTRIES = 5000
MAX_COMMANDS = 1000


class EdgeState(IntEnum):
    """Who leads an edge: the far side, itself, or its safe profile 边缘状态. JES-6.3.3."""

    COORDINATED = 1
    AUTONOMOUS = 2
    FALLBACK = 3


class EdgeEvent(IntEnum):
    """What happened at an edge 边缘事件. JES-6.3.3."""

    LINK_LOST = 1
    LINK_RESTORED = 2
    FALLBACK_BEGUN = 3
    COMMAND_BEGUN = 4
    COMMAND_ENDED = 5
    LOCAL_CHANGE = 6


class EdgeLogEntry(InformationObject):
    """One event while the edge was alone 边缘日志. JES-6.3.3."""

    time: Instant = member("Time", "时间", "When.", "JES-6.3.3")
    event: EdgeEvent = member("Event", "事件", "What happened.", "JES-6.3.3")
    command_id: Text40 | None = member(
        "CommandID", "指令标识", "Command concerned.", "JES-6.3.3", default=None
    )
    resource_id: Text32 | None = member(
        "ResourceID", "资源识别码", "Resource concerned.", "JES-6.3.3", default=None
    )
    polarity_mode: PolarityMode | None = member(
        "PolarityMode", "极性", "Polarity, beside Power.", "PLT-7.4", default=None
    )
    power: Kilowatt | None = member(
        "Power", "功率", "Power from then on, signed by PolarityMode.", "JES-6.3.3", default=None
    )
    detail: Text200 | None = member("Detail", "详情", "In words.", "JES-6.3.3", default=None)


class EdgeSync(InformationObject):
    """State and log of an edge after reconnection 边缘同步. JES-6.3.3."""

    grade: ClassVar[Grade] = Grade.IMP

    edge_id: Text32 = member("EdgeID", "边缘标识", "Edge.", "JES-6.3.3")
    seq: Sequence = member("Seq", "序号", "Counts the messages of the edge.", "JES-6.3.3")
    state: EdgeState = member("State", "状态", "State now.", "JES-6.3.3")
    log_entries: Annotated[tuple[EdgeLogEntry, ...], Meta(max_length=MAX_LOG_ENTRIES)] = member(
        "LogEntries", "日志", "What happened since the last, in order.", "JES-6.3.3", default=()
    )


class EdgeSyncReply(InformationObject):
    """Commands in force for an edge 边缘同步应答. JES-6.3.3."""

    grade: ClassVar[Grade] = Grade.IMP

    edge_id: Text32 = member("EdgeID", "边缘标识", "Edge.", "JES-6.3.3")
    seq: Sequence = member("Seq", "序号", "Message answered.", "JES-6.3.3")
    commands: Annotated[tuple[ControlCurve, ...], Meta(max_length=MAX_COMMANDS)] = member(
        "Commands", "指令", "Commands in force.", "JES-6.3.3", default=()
    )
