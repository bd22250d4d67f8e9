"""Enumerations of applications, outages and what follows from them. ACC-4.1."""

from __future__ import annotations

from enum import IntEnum


class ApplicationState(IntEnum):
    """State of an application 申请状态. PLT-8.10."""

    SUBMITTED = 1
    APPROVED = 2
    REFUSED = 3
    WITHDRAWN = 4
    RUNNING = 5
    FINISHED = 6


class WorkKind(IntEnum):
    """Kind of work 工作类别. PLT-8.10."""

    MAINTENANCE = 1
    UPGRADE = 2
    OTHER = 3


class AccessKind(IntEnum):
    """First access 首次接入, or a change of the network environment 变更. PLT-8.11b."""

    FIRST_ACCESS = 1
    NETWORK_CHANGE = 2


class ApprovalRole(IntEnum):
    """In which role somebody decides 审批角色; access needs two of them. PLT-8.11a."""

    PLATFORM = 1
    DISPATCH = 2
    INFORMATION = 3
    NETWORK_SECURITY = 4


class Decision(IntEnum):
    """Decision on an application 审批结论. PLT-8.10, PLT-8.11a."""

    APPROVED = 1
    REFUSED = 2


class OutageCause(IntEnum):
    """Why a resource could not be seen 中断原因. PLT-8.9a."""

    PLATFORM = 1
    NETWORK = 2
    DATA = 3
