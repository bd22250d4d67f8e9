"""Parties: operators and aggregators 运营商/负荷聚合商, and questions about them. PLT-8.2."""

from __future__ import annotations

from typing import ClassVar

from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.enumerations import AccessState, OperatorRole
from vgigw.objects.values import (
    Count,
    Fixed18,
    Instant,
    OperatorCode,
    Page,
    PageSize,
    Text30,
    Text32,
    Text50,
    Text64,
    Text100,
    Text255,
    Version,
)


class AgentOperator(InformationObject):
    """An operator that an aggregator acts for 代理运营商. PLT-8.2."""

    operator_id: OperatorCode = member("OperatorID", "运营商ID", "Operator.", "PLT-8.2")
    operator_name: Text64 = member("OperatorName", "运营商名称", "Name.", "PLT-8.2")
    agent_from: Instant | None = member(
        "AgentFrom", "代理开始", "Agency begins.", "PLT-8.2", default=None
    )
    agent_to: Instant | None = member(
        "AgentTo", "代理结束", "Agency ends.", "PLT-8.2", default=None
    )


class OperatorInfo(InformationObject):
    """Operator or aggregator 运营商/聚合商. PLT-8.2, ACC-G.4."""

    grade: ClassVar[Grade] = Grade.INT

    operator_id: OperatorCode = member("OperatorID", "组织机构代码", "Identifier.", "102")
    operator_name: Text64 = member("OperatorName", "主体名称", "Subject name.", "PLT-8.2")
    operator_uscid: Fixed18 | None = member(
        "OperatorUSCID", "统一社会信用代码", "Unified social credit code.", "102", default=None
    )
    operator_tel1: Text32 | None = member(
        "OperatorTel1", "客服电话一", "Telephone 1.", "102", default=None
    )
    operator_tel2: Text32 | None = member(
        "OperatorTel2", "客服电话二", "Telephone 2.", "102", default=None
    )
    operator_note: Text255 | None = member("OperatorNote", "备注信息", "Note.", "102", default=None)
    reg_address: Text100 = member("RegAddress", "地址", "Address.", "PLT-8.2")
    contact_name: Text50 = member(
        "ContactName", "联系人", "Contact person.", "PLT-8.2", sensitive=True
    )
    contact_phone: Text30 = member(
        "ContactPhone", "联系方式", "Way to reach the contact.", "PLT-8.2", sensitive=True
    )
    operator_role: OperatorRole = member("OperatorRole", "角色", "Role.", "ACC-G.4")
    agent_operators: tuple[AgentOperator, ...] = member(
        "AgentOperators", "代理运营商", "Operators acted for (aggregator).", "PLT-8.2", default=()
    )
    access_state: AccessState = member("AccessState", "接入状态", "Access state.", "PLT-8.11")
    qualification_no: Text64 | None = member(
        "QualificationNo", "市场注册号", "Market registration.", "PLT-7.8", default=None
    )
    account_ref: Text64 | None = member(
        "AccountRef",
        "结算账户",
        "Settlement account reference.",
        "JES-6.5.4b",
        default=None,
        sensitive=True,
    )
    version: Version = member("Version", "版本", "Version, rises with each change.")
    update_time: Instant = member("UpdateTime", "更新时间", "Time of the change.")


class OperatorQuery(InformationObject):
    """Query of parties 运营商查询. ACC-7.1."""

    operator_id: OperatorCode | None = member(
        "OperatorID", "组织机构代码", "One party; absent = all.", default=None
    )
    last_query_time: Instant | None = member(
        "LastQueryTime", "上次查询时间", "Changed since; absent = all.", "102", default=None
    )
    page_no: Page | None = member(
        "PageNo", "页码", "Page, from 1; 1 where absent.", "102", default=None
    )
    page_size: PageSize | None = member(
        "PageSize", "每页条数", "Parties a page; 10 where absent.", "102", default=None
    )


class OperatorPage(InformationObject):
    """One page of parties 运营商信息列表. ACC-7.1."""

    grade: ClassVar[Grade] = Grade.INT

    page_no: Page = member("PageNo", "页码", "Page.", "102")
    page_count: Count = member("PageCount", "总页数", "Pages in all.", "102")
    item_size: Count = member("ItemSize", "总条数", "Parties in all.", "102")
    operator_infos: tuple[OperatorInfo, ...] = member(
        "OperatorInfos", "运营商信息", "Parties.", "ACC-7.1", default=()
    )
