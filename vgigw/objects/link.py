"""The link itself: tokens, heartbeat, time, services 令牌/心跳/对时/服务. ACC-5.7, PLT-9.4."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.operating_enumerations import ChannelRole, LinkState, Success, TokenFailReason
from vgigw.objects.values import (
    Count,
    Instant,
    OperatorCode,
    Sequence,
    Text32,
    Text64,
    Text100,
    Text128,
    Text200,
)


class TokenRequest(InformationObject):
    """Asks for a token 令牌申请. ACC-5.7."""

    grade: ClassVar[Grade] = Grade.SEN

    operator_id: OperatorCode = member("OperatorID", "运营商标识", "Who asks.", "ACC-5.7")
    operator_secret: Text64 = member(
        "OperatorSecret", "运营商密钥", "Identity secret.", "ACC-5.7", sensitive=True
    )


class Token(InformationObject):
    """A token, or why there is none 令牌. ACC-5.7."""

    grade: ClassVar[Grade] = Grade.SEN

    operator_id: OperatorCode = member("OperatorID", "运营商标识", "Who asked.", "ACC-5.7")
    succ_stat: Success = member("SuccStat", "成功标志", "0 given, 1 refused.", "102")
    access_token: Text128 | None = member(
        "AccessToken", "令牌", "The token.", "102", default=None, sensitive=True
    )
    token_available_time: Annotated[int, Meta(ge=0, le=604_800, extra={"unit": "s"})] = member(
        "TokenAvailableTime", "有效期", "Seconds it lives from now.", "102"
    )
    fail_reason: TokenFailReason = member("FailReason", "失败原因", "Why refused.", "102")


class StreamHeight(InformationObject):
    """Highest sequence sent on a stream 流水最高序号; finds a lost tail. PLT-7.6b."""

    stream_id: Text32 = member("StreamID", "流水号", "Stream.", "PLT-9.6c")
    seq_highest: Sequence = member("SeqHighest", "最高序号", "Highest sent.", "PLT-9.6c")


class Heartbeat(InformationObject):
    """Heartbeat 心跳 of a link. PLT-9.4."""

    grade: ClassVar[Grade] = Grade.INT

    link_id: Text32 = member("LinkID", "链路标识", "Link.", "PLT-9.4")
    seq: Sequence = member("Seq", "序号", "Counts the beats.", "PLT-9.4")
    time: Instant = member("Time", "时间", "Sender's clock.", "PLT-9.4")
    channel_role: ChannelRole = member("ChannelRole", "通道角色", "Main or standby.", "PLT-9.4")
    streams: Annotated[tuple[StreamHeight, ...], Meta(max_length=10_000)] = member(
        "Streams", "流水", "Highest sequences, for idle streams.", "PLT-7.6b", default=()
    )


class HeartbeatAnswer(InformationObject):
    """Answer to a heartbeat 心跳应答. PLT-9.4."""

    seq: Sequence = member("Seq", "序号", "Beat answered.", "PLT-9.4")
    time: Instant = member("Time", "时间", "Answerer's clock.", "PLT-9.4")
    state: LinkState = member("State", "链路状态", "How the answerer sees the link.", "PLT-9.4")


class TimeQuery(InformationObject):
    """Clock comparison 对时."""

    t1: Instant = member("T1", "发送时刻", "Asker's clock when sending.")


class TimeAnswer(InformationObject):
    """Clock comparison, answered 对时应答."""

    t1: Instant = member("T1", "发送时刻", "As asked.")
    t2: Instant = member("T2", "接收时刻", "Answerer's clock on receipt.")
    t3: Instant = member("T3", "应答时刻", "Answerer's clock when answering.")


class ServiceQuery(InformationObject):
    """Asks which operations are served 服务发现."""

    grade: ClassVar[Grade] = Grade.PUB


class ServiceEntry(InformationObject):
    """One operation that is served 服务项."""

    grade: ClassVar[Grade] = Grade.PUB
    xml_item_name: ClassVar[str] = "ServiceItem"

    name: Text64 = member("Name", "名称", "Operation, as on SOAP.")
    rest: Text100 = member("Rest", "REST资源", "Method and path.")
    cec102: tuple[Text200, ...] = member(
        "Cec102", "102接口名", "Names on T/CEC 102 for the peer that asks.", default=()
    )
    security_class: Text32 = member("SecurityClass", "安全级别", "PUB, INT, IMP or SEN.")


class ServiceLimit(InformationObject):
    """One limit 限值."""

    name: Text64 = member("Name", "名称", "Which.")
    value: Count = member("Value", "值", "How much.")


class ServiceList(InformationObject):
    """Operations, versions, suites and limits 服务列表."""

    grade: ClassVar[Grade] = Grade.PUB

    versions: tuple[Text32, ...] = member("Versions", "版本", "Contract versions.")
    suites: tuple[Text32, ...] = member("Suites", "算法套件", "Suites at hand.")
    operations: tuple[ServiceEntry, ...] = member("Operations", "服务项", "Operations.")
    limits: tuple[ServiceLimit, ...] = member("Limits", "限值", "Limits.", default=())
