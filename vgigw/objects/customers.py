"""Electricity customers 用电客户 and questions about them. ACC-6.1, PLT-8.2."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.values import (
    AreaCode,
    Count,
    Instant,
    KilovoltAmpereMagnitude,
    OperatorCode,
    Page,
    PageSize,
    Text30,
    Text32,
    Text50,
    Text100,
    Version,
)

MAX_METERS = 1000


class CustomerType(IntEnum):
    """Kind of supply 客户类别: 公用/专变/居民/其他."""

    PUBLIC = 1
    DEDICATED = 2
    RESIDENTIAL = 3
    OTHER = 255


class VoltageLevel(StrEnum):
    """Supply voltage 供电电压等级."""

    V_220 = "220V"
    V_380 = "380V"
    KV_10 = "10kV"
    KV_35 = "35kV"
    KV_110 = "110kV"


class CustomerInfo(InformationObject):
    """Electricity customer 用电客户. ACC-6.1."""

    grade: ClassVar[Grade] = Grade.IMP

    customer_no: Text32 = member(
        "CustomerNo", "用电户号", "Account at the utility.", "ACC-6.1", sensitive=True
    )
    customer_name: Text100 = member("CustomerName", "客户名称", "Name.", "ACC-6.1", sensitive=True)
    customer_type: CustomerType = member("CustomerType", "客户类别", "Kind of supply.")
    operator_id: OperatorCode | None = member(
        "OperatorID", "所属运营商", "Operator that holds the account.", "102", default=None
    )
    address: Text100 = member("Address", "用电地址", "Supply address.", "PLT-8.2", sensitive=True)
    area_code: AreaCode = member("AreaCode", "行政区划", "Area, GB/T 2260.", "PLT-8.2")
    voltage_level: VoltageLevel | None = member(
        "VoltageLevel", "供电电压等级", "Supply voltage.", default=None
    )
    contract_capacity: KilovoltAmpereMagnitude | None = member(
        "ContractCapacity", "合同容量", "Contract capacity.", default=None
    )
    transformer_area_id: Text32 | None = member(
        "TransformerAreaID", "台区标识", "Transformer area.", "PLT-6.10", default=None
    )
    feeder_id: Text32 | None = member("FeederID", "线路标识", "Line.", "PLT-6.10", default=None)
    meter_nos: Annotated[tuple[Text32, ...], Meta(max_length=MAX_METERS)] = member(
        "MeterNos", "计量表号", "Settlement meters.", "JES-6.5.2", default=()
    )
    contact_name: Text50 | None = member(
        "ContactName", "联系人", "Contact person.", "PLT-8.2", default=None, sensitive=True
    )
    contact_phone: Text30 | None = member(
        "ContactPhone",
        "联系方式",
        "Way to reach the contact.",
        "PLT-8.2",
        default=None,
        sensitive=True,
    )
    version: Version = member("Version", "版本", "Version, rises with each change.")
    update_time: Instant = member("UpdateTime", "更新时间", "Time of the change.")


class CustomerQuery(InformationObject):
    """Query of customers 用电客户查询. ACC-7.1."""

    customer_no: Text32 | None = member(
        "CustomerNo", "用电户号", "One customer; absent = all.", default=None, sensitive=True
    )
    last_query_time: Instant | None = member(
        "LastQueryTime", "上次查询时间", "Changed since; absent = all.", "102", default=None
    )
    page_no: Page | None = member(
        "PageNo", "页码", "Page, from 1; 1 where absent.", "102", default=None
    )
    page_size: PageSize | None = member(
        "PageSize", "每页条数", "Customers a page; 10 where absent.", "102", default=None
    )


class CustomerPage(InformationObject):
    """One page of customers 用电客户列表. ACC-7.1."""

    grade: ClassVar[Grade] = Grade.IMP

    page_no: Page = member("PageNo", "页码", "Page.", "102")
    page_count: Count = member("PageCount", "总页数", "Pages in all.", "102")
    item_size: Count = member("ItemSize", "总条数", "Customers in all.", "102")
    customer_infos: tuple[CustomerInfo, ...] = member(
        "CustomerInfos", "用电客户信息", "Customers.", "ACC-7.1", default=()
    )
