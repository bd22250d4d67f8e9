"""What goes round every message: envelope, header, fault 消息主体. ACC-5.3."""

from __future__ import annotations

from typing import ClassVar

from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.values import (
    Cipher,
    Fixed4,
    Fixed14,
    OperatorCode,
    Prose,
    ReturnCode,
    Sealed,
    Text16,
    Text32,
    Text64,
    Text128,
    Text200,
    Text256,
    Text1024,
)


class Envelope(InformationObject, forbid_unknown_fields=False):
    """T/CEC 102 request 请求消息主体. ACC-5.3."""

    operator_id: OperatorCode = member("OperatorID", "运营商标识", "Caller.", "ACC-5.3")
    data: Cipher = member("Data", "参数内容", "Sealed payload, base64.", "ACC-5.4")
    time_stamp: Fixed14 = member("TimeStamp", "时间戳", "yyyyMMddHHmmss, Beijing.", "102")
    seq: Fixed4 = member("Seq", "自增序列", "0001 to 9999 in its second.", "102")
    sig: Text1024 = member("Sig", "数字签名", "Over OperatorID+Data+TimeStamp+Seq.", "ACC-5.5")


class EnvelopeReply(InformationObject, forbid_unknown_fields=False, omit_defaults=False):
    """T/CEC 102 answer 返回参数. ACC-5.3."""

    ret: ReturnCode = member("Ret", "返回码", "Return code.", "102")
    msg: Prose = member("Msg", "返回信息", "In words.", "102", default="")
    data: Cipher = member("Data", "参数内容", "Sealed payload, or empty.", "102", default="")
    sig: str = member("Sig", "数字签名", "Over Ret+Msg+Data.", "ACC-5.5", default="")


class MessageHeader(InformationObject):
    """SOAP header block 消息头, signed together with the Body. ACC-5.3, ACC-5.5."""

    operator_id: OperatorCode = member("OperatorID", "运营商标识", "Sender.", "ACC-5.3")
    time_stamp: Fixed14 = member("TimeStamp", "时间戳", "yyyyMMddHHmmss, Beijing.", "102")
    seq: Fixed4 = member("Seq", "自增序列", "0001 to 9999 in its second.", "102")
    trace_id: Text32 | None = member(
        "TraceID", "追踪号", "Follows a message through.", "PLT-7.9a", default=None
    )
    key_id: Text32 | None = member("KeyID", "密钥号", "Key used.", "ACC-5.8", default=None)
    suite: Text16 | None = member("Suite", "套件", "Suite used.", "ACC-5.4", default=None)
    access_token: Text128 | None = member(
        "AccessToken", "令牌", "Token.", "ACC-5.7", default=None, sensitive=True
    )
    sig: Text1024 | None = member(
        "Sig",
        "数字签名",
        "Over the other members and the Body; absent with WS-Security, or unsigned by leave.",
        "ACC-5.5",
        default=None,
    )


class FaultItem(InformationObject):
    """One thing that is wrong 差错项."""

    path: Text256 = member("Path", "位置", "Where, from the root of the object.")
    code: Text32 = member("Code", "代码", "What kind of fault.")
    message: Text200 = member("Message", "说明", "In words.")


class Refusal(InformationObject):
    """Why a message was refused 拒绝; the same on every door."""

    ret: ReturnCode = member("Ret", "返回码", "Return code.", "102")
    msg: Text200 = member("Msg", "返回信息", "In words.", "102")
    details: tuple[FaultItem, ...] = member("Details", "差错项", "Everything wrong.", default=())
    trace_id: Text64 | None = member("TraceID", "追踪号", "To quote in a call.", default=None)
    secured_data: Sealed | None = member(
        "SecuredData",
        "密文",
        "The whole refusal, sealed, base64, where the request was.",
        "ACC-5.4",
        default=None,
    )


class SecuredRequest(InformationObject):
    """A request with its body encrypted 加密请求. ACC-5.4, ACC-5.6."""

    grade: ClassVar[Grade] = Grade.SEN

    operation: Text64 = member("Operation", "操作", "The operation inside, as on SOAP.", "ACC-5.6")
    secured_data: Sealed = member("SecuredData", "密文", "Sealed request, base64.", "ACC-5.4")


class SecuredAnswer(InformationObject):
    """The answer to it, encrypted as well 加密应答. ACC-5.4, ACC-5.6."""

    grade: ClassVar[Grade] = Grade.SEN

    secured_data: Sealed = member("SecuredData", "密文", "Sealed answer, base64.", "ACC-5.4")
