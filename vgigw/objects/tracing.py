"""The chain that one message went through 全链路追踪. PLT-7.9a."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.values import Count, Instant, OperatorCode, ReturnCode, Text32, Text64

MAX_HOPS = 1000


class HopEvent(IntEnum):
    """What happened to a message at a hop 链路事件. PLT-7.9a."""

    RECEIVED = 1
    STORED = 2
    QUEUED = 3
    SENT = 4
    ANSWERED = 5
    GIVEN_UP = 6


class TraceHop(InformationObject):
    """One hop of a chain 链路节点. PLT-7.9a."""

    grade: ClassVar[Grade] = Grade.IMP

    trace_id: Text32 = member("TraceID", "追踪号", "Chain.", "PLT-7.9a")
    hop_no: Count = member("HopNo", "跳序号", "Place in the chain.", "PLT-7.9a")
    node: Text64 = member("Node", "节点", "Where.", "PLT-7.9a")
    event: HopEvent = member("Event", "事件", "What happened.", "PLT-7.9a")
    time: Instant = member("Time", "时间", "When, to the millisecond.", "PLT-7.9a")
    peer_id: OperatorCode = member("PeerID", "对端", "With whom.", "PLT-7.9a")
    interface: Text64 = member("Interface", "接口", "Operation.", "PLT-7.9a")
    bytes: Count = member("Bytes", "字节数", "Size of the message.", "PLT-7.9b")
    ret: ReturnCode = member("Ret", "返回码", "Return code, 0 = done.", "PLT-7.9b")


class TraceQuery(InformationObject):
    """Query of a chain 链路查询. PLT-7.9a."""

    trace_id: Text32 = member("TraceID", "追踪号", "Chain.", "PLT-7.9a")


class Trace(InformationObject):
    """A chain with all its hops 链路. PLT-7.9a."""

    grade: ClassVar[Grade] = Grade.IMP

    trace_id: Text32 = member("TraceID", "追踪号", "Chain.", "PLT-7.9a")
    hops: Annotated[tuple[TraceHop, ...], Meta(max_length=MAX_HOPS)] = member(
        "Hops", "链路节点", "Hops, in order.", "PLT-7.9a", default=()
    )
