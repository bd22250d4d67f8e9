"""Exchange by file: manifest and acknowledgement 文件交换. PLT-7.1a."""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar

from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.operating_enumerations import Success
from vgigw.objects.values import Count, Instant, Text32, Text64, Text128, Text200, Text255, Text1024


class HashAlgorithm(IntEnum):
    """Hash of a file 杂凑算法. PLT-7.1a, PLT-10.3b."""

    SHA_256 = 1
    SM3 = 2


class FileManifest(InformationObject):
    """What a file holds, and its proof 文件交换清单; the file's own class rules it. PLT-7.1a."""

    grade: ClassVar[Grade] = Grade.INT

    file_name: Text255 = member("FileName", "文件名", "File, without a folder.", "PLT-7.1a")
    object_kind: Text64 = member(
        "ObjectKind", "对象类别", "Information object that it holds, as PlanCurve.", "PLT-7.1a"
    )
    count: Count = member("Count", "对象数", "Objects in it.", "PLT-7.1a")
    hash_algorithm: HashAlgorithm = member("HashAlgorithm", "杂凑算法", "Hash used.", "PLT-7.1a")
    hash: Text128 = member("Hash", "杂凑值", "Hash of the file, lower-case hex.", "PLT-7.1a")
    signature: Text1024 = member("Signature", "签名", "Signature of the hash.", "PLT-7.1a")
    key_id: Text32 | None = member(
        "KeyID", "密钥号", "Key of the signature; the current one where absent.", default=None
    )
    ack_file: Text255 | None = member(
        "AckFile", "确认文件", "File that acknowledges it, where no call does.", "PLT-7.1a",
        default=None,
    )  # fmt: skip


class FileAck(InformationObject):
    """Acknowledgement of a file 文件确认. PLT-7.1a."""

    grade: ClassVar[Grade] = Grade.INT

    file_name: Text255 = member("FileName", "文件名", "File.", "PLT-7.1a")
    hash: Text128 = member("Hash", "杂凑值", "Hash of what arrived.", "PLT-7.1a")
    result: Success = member("Result", "结果", "0 taken, 1 refused.", "PLT-7.1a")
    ack_time: Instant = member("AckTime", "确认时间", "When.", "PLT-7.1a")
    message: Text200 | None = member("Message", "说明", "In words.", default=None)
