"""Applications for maintenance and for access 检修申请/接入申请. PLT-8.10, PLT-8.11."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from vgigw.objects.application_enumerations import (
    AccessKind,
    ApplicationState,
    ApprovalRole,
    Decision,
    WorkKind,
)
from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.values import (
    Count,
    Instant,
    NetworkPort,
    OperatorCode,
    Page,
    PageSize,
    Text16,
    Text32,
    Text40,
    Text64,
    Text200,
    Text256,
    Text1024,
)

MAX_APPROVALS = 50
MAX_AFFECTED = 10_000
MAX_RULES = 1000
MAX_DOCUMENTS = 50


class Approval(InformationObject):
    """What one role decided on an application 审批意见. PLT-8.10, PLT-8.11a."""

    role: ApprovalRole = member("Role", "审批角色", "Role.", "PLT-8.11a")
    by: Text64 = member("By", "审批人", "Who decided.", "PLT-8.10", sensitive=True)
    time: Instant = member("Time", "审批时间", "When.", "PLT-8.10")
    opinion: Text1024 | None = member(
        "Opinion", "审批意见", "Opinion in words.", "PLT-8.10", default=None
    )
    decision: Decision = member("Decision", "审批结论", "Decision.", "PLT-8.10")


Approvals = Annotated[tuple[Approval, ...], Meta(max_length=MAX_APPROVALS)]


class MaintenanceApplication(InformationObject):
    """Application for maintenance or upgrade 检修申请, 3 days ahead. PLT-8.10."""

    grade: ClassVar[Grade] = Grade.INT

    application_id: Text40 = member("ApplicationID", "申请单号", "Idempotency key.", "PLT-8.10")
    applicant_id: OperatorCode = member("ApplicantID", "申请方", "Applicant.", "PLT-8.10")
    apply_time: Instant = member("ApplyTime", "申请时间", "Applied at.", "PLT-8.10")
    work_kind: WorkKind = member("WorkKind", "工作类别", "Kind of work.", "PLT-8.10")
    work_content: Text1024 = member("WorkContent", "工作内容", "Work in words.", "PLT-8.10")
    affected_objects: Annotated[tuple[Text32, ...], Meta(min_length=1, max_length=MAX_AFFECTED)] = (
        member("AffectedObjects", "影响对象", "Identifiers of what it affects.", "PLT-8.10")
    )
    work_start: Instant = member(
        "WorkStart", "工作开始", "Work begins; its Beijing date 3 days after ApplyTime.", "PLT-8.10"
    )
    work_end: Instant = member("WorkEnd", "工作结束", "Work ends.", "PLT-8.10")
    state: ApplicationState = member("State", "状态", "State.", "PLT-8.10")
    approvals: Approvals = member("Approvals", "审批", "Decisions so far.", "PLT-8.10", default=())


class NetworkRule(InformationObject):
    """One connection that is applied for 网络策略. PLT-8.11a."""

    grade: ClassVar[Grade] = Grade.SEN

    src_ip: Text64 = member(
        "SrcIP", "源地址", "From: address or prefix.", "PLT-8.11a", sensitive=True
    )
    dst_ip: Text64 = member(
        "DstIP", "目的地址", "To: address or prefix.", "PLT-8.11a", sensitive=True
    )
    port: NetworkPort = member("Port", "端口", "Port at the destination.", "PLT-8.11a")
    protocol: Text16 = member("Protocol", "协议", "Transport protocol, as TCP.", "PLT-8.11a")
    purpose: Text200 = member("Purpose", "用途", "What for.", "PLT-8.11a")


class AccessApplication(InformationObject):
    """Application for access or for a change of the network 接入申请. PLT-8.11."""

    grade: ClassVar[Grade] = Grade.SEN

    application_id: Text40 = member("ApplicationID", "申请单号", "Idempotency key.", "PLT-8.11")
    applicant_id: OperatorCode = member("ApplicantID", "申请方", "Applicant.", "PLT-8.11")
    apply_time: Instant = member("ApplyTime", "申请时间", "Applied at.", "PLT-8.11")
    access_kind: AccessKind = member("AccessKind", "类别", "First access or change.", "PLT-8.11b")
    network_policy: Annotated[tuple[NetworkRule, ...], Meta(min_length=1, max_length=MAX_RULES)] = (
        member("NetworkPolicy", "网络策略", "Policy applied for.", "PLT-8.11a", sensitive=True)
    )
    network_topology_ref: Text256 = member(
        "NetworkTopologyRef", "网络结构", "Document of the network.", "PLT-8.11a", sensitive=True
    )
    security_plan_ref: Text256 = member(
        "SecurityPlanRef", "安全防护资料", "Document of security.", "PLT-8.11a", sensitive=True
    )
    certificates: Annotated[tuple[Text256, ...], Meta(min_length=1, max_length=MAX_DOCUMENTS)] = (
        member("Certificates", "证书", "References to certificates.", "PLT-8.11a", sensitive=True)
    )
    standards_declared: Annotated[
        tuple[Text64, ...], Meta(min_length=1, max_length=MAX_DOCUMENTS)
    ] = member("StandardsDeclared", "符合标准", "As GB/T 36572, DL/T 2473.2.", "PLT-8.11c")
    state: ApplicationState = member("State", "状态", "State.", "PLT-8.11a")
    approvals: Approvals = member("Approvals", "审批", "Decisions so far.", "PLT-8.11a", default=())


class ApplicationDecision(InformationObject):
    """Decides an application in one role 申请审批. PLT-8.10, PLT-8.11a."""

    application_id: Text40 = member("ApplicationID", "申请单号", "Application.", "PLT-8.10")
    decision: Decision = member("Decision", "审批结论", "Decision.", "PLT-8.10")
    role: ApprovalRole = member("Role", "审批角色", "Role.", "PLT-8.11a")
    by: Text64 = member("By", "审批人", "Who decided.", "PLT-8.10", sensitive=True)
    time: Instant = member("Time", "审批时间", "When.", "PLT-8.10")
    opinion: Text1024 | None = member(
        "Opinion", "审批意见", "Opinion in words.", "PLT-8.10", default=None
    )


class ApplicationStatus(InformationObject):
    """Where an application stands 申请状态. PLT-8.10, PLT-8.11a."""

    application_id: Text40 = member("ApplicationID", "申请单号", "Application.", "PLT-8.10")
    state: ApplicationState = member("State", "状态", "State.", "PLT-8.10")
    approvals: Approvals = member("Approvals", "审批", "Decisions so far.", "PLT-8.10", default=())


class MaintenanceQuery(InformationObject):
    """Query of maintenance applications 检修申请查询. PLT-8.10."""

    application_id: Text40 | None = member(
        "ApplicationID", "申请单号", "Application; absent = all.", "PLT-8.10", default=None
    )
    page_no: Page | None = member(
        "PageNo", "页码", "Page, from 1; 1 where absent.", "102", default=None
    )
    page_size: PageSize | None = member(
        "PageSize", "每页条数", "Applications a page; 10 where absent.", "102", default=None
    )


class MaintenancePage(InformationObject):
    """One page of maintenance applications 检修申请列表. PLT-8.10."""

    page_no: Page = member("PageNo", "页码", "Page.", "102")
    page_count: Count = member("PageCount", "总页数", "Pages in all.", "102")
    item_size: Count = member("ItemSize", "总条数", "Applications in all.", "102")
    maintenance_applications: tuple[MaintenanceApplication, ...] = member(
        "MaintenanceApplications", "检修申请", "Applications.", "PLT-8.10", default=()
    )
