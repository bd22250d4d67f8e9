"""Aggregated resources 聚合资源 and questions about them. PLT-5.2c, PLT-6.4a, VGI-D.13."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.enumerations import (
    ControlPlace,
    Dimension,
    ObjectKind,
    PolarityMode,
    ResourceLevel,
    Scene,
)
from vgigw.objects.values import (
    AreaCode,
    Count,
    Instant,
    KilowattMagnitude,
    OperatorCode,
    Page,
    PageSize,
    Share,
    SmallestStep,
    Text32,
    Text64,
    Version,
)


class ResourceMember(InformationObject):
    """One member of an aggregated resource 成员. PLT-6.4a."""

    member_kind: ObjectKind = member("MemberKind", "成员类别", "Kind of member.", "PLT-6.4a")
    member_id: Text32 = member("MemberID", "成员标识", "Identifier.", "PLT-6.4a")
    share: Share | None = member(
        "Share", "份额", "Share that counts here, 1 where absent.", "PLT-6.4a", default=None
    )


class AggregateResource(InformationObject):
    """Aggregated resource 聚合资源 that dispatch sees and controls. PLT-5.2c, VGI-D.14."""

    grade: ClassVar[Grade] = Grade.IMP

    resource_id: Text32 = member("ResourceID", "资源识别码", "Identification code.", "VGI-D.13")
    resource_name: Text64 = member("ResourceName", "名称", "Name.", "PLT-7.2a")
    aggregator_id: OperatorCode = member("AggregatorID", "聚合商", "Owner.", "PLT-6.9")
    resource_level: ResourceLevel = member("ResourceLevel", "层级", "Level.", "JES-6.2.3.2")
    dimension: Dimension = member("Dimension", "聚合维度", "Aggregation dimension.", "PLT-5.2c")
    scene: Scene = member("Scene", "调控场景", "Control scene.", "PLT-5.2c")
    polarity_mode: PolarityMode = member("PolarityMode", "极性", "Polarity.", "PLT-7.4")
    polarity_from: Instant = member("PolarityFrom", "极性生效时间", "Polarity since.", "PLT-7.4c")
    members: Annotated[tuple[ResourceMember, ...], Meta(min_length=1)] = member(
        "Members", "成员", "Members, none twice in one scene.", "PLT-6.4a"
    )
    rated_charge_power: KilowattMagnitude = member(
        "RatedChargePower", "总充电容量", "Sum of charge ratings.", "VGI-D.14"
    )
    rated_discharge_power: KilowattMagnitude = member(
        "RatedDischargePower", "总放电容量", "Sum of discharge ratings.", "VGI-D.14"
    )
    min_control_unit: SmallestStep = member(
        "MinControlUnit", "最小调节尺度", "Smallest step.", "JES-6.5.2b"
    )
    area_codes: tuple[AreaCode, ...] = member(
        "AreaCodes", "区域", "Regions.", "JES-6.1.2", default=()
    )
    control_mode: ControlPlace | None = member(
        "ControlMode", "本地/中央", "Where control sits.", "VGI-5.1", default=None
    )
    version: Version = member("Version", "版本", "Version, rises with each change.")
    update_time: Instant = member("UpdateTime", "更新时间", "Time of the change.")


class ResourceQuery(InformationObject):
    """Query of resources 聚合资源查询. ACC-7.1."""

    resource_id: Text32 | None = member(
        "ResourceID", "资源识别码", "One resource; absent = all.", default=None
    )
    last_query_time: Instant | None = member(
        "LastQueryTime", "上次查询时间", "Changed since; absent = all.", "102", default=None
    )
    page_no: Page | None = member(
        "PageNo", "页码", "Page, from 1; 1 where absent.", "102", default=None
    )
    page_size: PageSize | None = member(
        "PageSize", "每页条数", "Resources a page; 10 where absent.", "102", default=None
    )


class ResourcePage(InformationObject):
    """One page of aggregated resources 聚合资源列表. ACC-7.1."""

    grade: ClassVar[Grade] = Grade.IMP

    page_no: Page = member("PageNo", "页码", "Page.", "102")
    page_count: Count = member("PageCount", "总页数", "Pages in all.", "102")
    item_size: Count = member("ItemSize", "总条数", "Resources in all.", "102")
    aggregate_resources: tuple[AggregateResource, ...] = member(
        "AggregateResources", "聚合资源", "Resources.", "ACC-7.1", default=()
    )
