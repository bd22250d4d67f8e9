"""Keys, audit, data assets and watermarks 密钥/审计/数据资产/水印. ACC-5.8, PLT-7.10, PLT-10.4."""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar

from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.values import (
    Count,
    Days,
    Instant,
    OperatorCode,
    Page,
    PageSize,
    ReturnCode,
    RiskScore,
    Text32,
    Text40,
    Text64,
    Text128,
    Text4096,
)


class KeyPurpose(IntEnum):
    """What a key is for 密钥用途. ACC-5.8."""

    IDENTITY = 1
    DATA = 2
    SIGNING = 3
    STORAGE = 4
    WATERMARK = 5


class KeyState(IntEnum):
    """State of a key 密钥状态. ACC-5.8."""

    PENDING = 1
    ACTIVE = 2
    RETIRING = 3
    REVOKED = 4


class DataCategory(IntEnum):
    """Category of a data asset 数据类别. PLT-8.1, PLT-10.3b, PLT-10.4."""

    LEDGER = 1
    OPERATING = 2
    PLAN = 3
    CONTROL = 4
    SETTLEMENT = 5
    IDENTITY = 6
    PERSONAL = 7
    LOG = 8
    OTHER = 255


class KeyRecord(InformationObject):
    """Key record 密钥记录; material only wrapped. ACC-5.8."""

    grade: ClassVar[Grade] = Grade.SEN

    key_id: Text32 = member("KeyID", "密钥号", "Key.", "ACC-5.8")
    owner_id: OperatorCode = member("OwnerID", "所有者", "Whose key.", "ACC-5.8")
    purpose: KeyPurpose = member("Purpose", "用途", "What it is for.", "ACC-5.8")
    algorithm: Text32 = member("Algorithm", "算法", "Algorithm, as SM4 or SM2.", "ACC-5.8")
    not_before: Instant = member("NotBefore", "生效时间", "Valid from.", "ACC-5.8")
    not_after: Instant = member("NotAfter", "失效时间", "Valid until.", "ACC-5.8")
    state: KeyState = member("State", "状态", "State.", "ACC-5.8")
    fingerprint: Text128 = member("Fingerprint", "指纹", "Hash that names the key.", "ACC-5.8")
    wrapped_key: Text4096 | None = member(
        "WrappedKey", "加密的密钥", "Material, wrapped, Base64.", "ACC-5.8", default=None,
        sensitive=True,
    )  # fmt: skip


class AuditRecord(InformationObject):
    """One entry of the append-only audit 审计记录. JES-6.4.2b, PLT-7.10d."""

    grade: ClassVar[Grade] = Grade.SEN

    audit_id: Text40 = member("AuditID", "审计标识", "Entry.", "JES-6.4.2b")
    actor: Text64 = member("Actor", "操作者", "Who acted.", "JES-6.4.2b", sensitive=True)
    actor_role: Text32 = member("ActorRole", "角色", "In which role.", "JES-6.4.2b")
    action: Text64 = member("Action", "操作", "Operation or act.", "JES-6.4.2b")
    object_ref: Text128 = member("ObjectRef", "对象", "What it was done to.", "JES-6.4.2b")
    result: ReturnCode = member("Result", "结果", "Return code, 0 = done.", "JES-6.4.2b")
    time: Instant = member("Time", "时间", "When.", "JES-6.4.2b")
    client_addr: Text64 = member(
        "ClientAddr", "客户端地址", "From where.", "JES-6.4.2b", sensitive=True
    )
    prev_hash: Text128 = member(
        "PrevHash", "前一杂凑", "Hash of the entry before, zeros for the first.", "PLT-7.10d"
    )
    hash: Text128 = member("Hash", "杂凑", "Hash over PrevHash and this entry.", "PLT-7.10d")


class AuditQuery(InformationObject):
    """Query of the audit 审计查询. JES-6.4.2b."""

    grade: ClassVar[Grade] = Grade.SEN

    actor: Text64 | None = member(
        "Actor", "操作者", "Who acted.", "JES-6.4.2b", default=None, sensitive=True
    )
    action: Text64 | None = member("Action", "操作", "Act.", "JES-6.4.2b", default=None)
    object_ref: Text128 | None = member(
        "ObjectRef", "对象", "What it was done to.", "JES-6.4.2b", default=None
    )
    time_from: Instant | None = member(
        "TimeFrom", "起始时间", "From, inclusive.", "JES-6.4.2b", default=None
    )
    time_to: Instant | None = member(
        "TimeTo", "截止时间", "Until, exclusive.", "JES-6.4.2b", default=None
    )
    page_no: Page | None = member(
        "PageNo", "页码", "Page, from 1; 1 where absent.", "102", default=None
    )
    page_size: PageSize | None = member(
        "PageSize", "每页条数", "Entries a page; 10 where absent.", "102", default=None
    )


class AuditPage(InformationObject):
    """One page of the audit 审计列表. JES-6.4.2b."""

    grade: ClassVar[Grade] = Grade.SEN

    page_no: Page = member("PageNo", "页码", "Page.", "102")
    page_count: Count = member("PageCount", "总页数", "Pages in all.", "102")
    item_size: Count = member("ItemSize", "总条数", "Entries in all.", "102")
    audit_records: tuple[AuditRecord, ...] = member(
        "AuditRecords", "审计记录", "Entries.", "JES-6.4.2b", default=()
    )


class DataAsset(InformationObject):
    """Entry of the inventory of data 数据资产, classified, graded, with its risk. PLT-10.4."""

    grade: ClassVar[Grade] = Grade.SEN

    asset_name: Text64 = member("AssetName", "资产名称", "Name.", "PLT-10.4")
    category: DataCategory = member("Category", "类别", "Category.", "PLT-10.4")
    asset_grade: Grade = member("Grade", "级别", "Grade.", "PLT-10.4")
    owner: Text64 = member("Owner", "责任方", "Who answers for it.", "PLT-10.4")
    retention: Days = member("Retention", "保存期", "How long it is kept.", "PLT-10.4")
    risk_score: RiskScore = member("RiskScore", "风险", "Risk, 0 to 100.", "PLT-10.4")


class AssetQuery(InformationObject):
    """Query of the inventory of data 数据资产查询. PLT-10.4."""

    category: DataCategory | None = member(
        "Category", "类别", "Category.", "PLT-10.4", default=None
    )
    asset_grade: Grade | None = member("Grade", "级别", "Grade.", "PLT-10.4", default=None)
    owner: Text64 | None = member(
        "Owner", "责任方", "Who answers for it.", "PLT-10.4", default=None
    )
    page_no: Page | None = member(
        "PageNo", "页码", "Page, from 1; 1 where absent.", "102", default=None
    )
    page_size: PageSize | None = member(
        "PageSize", "每页条数", "Assets a page; 10 where absent.", "102", default=None
    )


class AssetPage(InformationObject):
    """One page of the inventory of data 数据资产列表. PLT-10.4."""

    grade: ClassVar[Grade] = Grade.SEN

    page_no: Page = member("PageNo", "页码", "Page.", "102")
    page_count: Count = member("PageCount", "总页数", "Pages in all.", "102")
    item_size: Count = member("ItemSize", "总条数", "Assets in all.", "102")
    data_assets: tuple[DataAsset, ...] = member(
        "DataAssets", "数据资产", "Assets.", "PLT-10.4", default=()
    )


class WatermarkRecord(InformationObject):
    """Who got which export under which mark 水印. PLT-7.10c."""

    grade: ClassVar[Grade] = Grade.IMP

    mark_id: Text40 = member("MarkID", "水印标识", "Mark.", "PLT-7.10c")
    recipient: Text64 = member("Recipient", "接收者", "Who got it.", "PLT-7.10c", sensitive=True)
    object_ref: Text128 = member("ObjectRef", "对象", "What was exported.", "PLT-7.10c")
    time: Instant = member("Time", "时间", "When.", "PLT-7.10c")
