"""Who decides an application: in which role, once a role and once a person. PLT-8.10, PLT-8.11a."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from vgigw.errors import Detail, IllegalState, NotAllowed
from vgigw.objects import (
    AccessApplication,
    ApplicationDecision,
    ApplicationState,
    Approval,
    ApprovalRole,
    MaintenanceApplication,
)
from vgigw.operations import Role
from vgigw.rules.persons import person_of

ROLES_OF: Final = MappingProxyType(
    {
        Role.PLATFORM: frozenset({ApprovalRole.PLATFORM}),
        Role.DISPATCH: frozenset(
            {ApprovalRole.DISPATCH, ApprovalRole.INFORMATION, ApprovalRole.NETWORK_SECURITY}
        ),
    }
)
"""The grid company's own sides decide through dispatch, so that no platform approves alone."""

Application = MaintenanceApplication | AccessApplication


def check_new(application: Application) -> None:
    """Raise ``IllegalState`` for an application that says itself that it was decided."""
    details = []
    if application.state is not ApplicationState.SUBMITTED:
        details.append(Detail("/State", "rule", "must be SUBMITTED; PLT-8.10"))
    if application.approvals:
        details.append(Detail("/Approvals", "rule", "must be empty, others decide; PLT-8.10"))
    if details:
        raise IllegalState(details=tuple(details))


def check_role(decision: ApplicationDecision, decider: Role) -> None:
    """Raise ``NotAllowed`` where a party decides in a role that is not its own. PLT-8.11a."""
    if decision.role not in ROLES_OF.get(decider, frozenset()):
        words = "is no role that the sender decides in; PLT-8.11a"
        raise NotAllowed(details=(Detail("/Role", "rule", words),))


def check_not_yet(application: Application, decision: ApplicationDecision) -> None:
    """Raise ``IllegalState`` where the role or the person has decided already. PLT-8.11a."""
    for before in application.approvals:
        if before.role is decision.role:
            words = "has decided already; PLT-8.11a"
            raise IllegalState(details=(Detail("/Role", "rule", words),))
        if person_of(before.by) == person_of(decision.by):
            words = "has decided already in another role; PLT-8.11a"
            raise IllegalState(details=(Detail("/By", "rule", words),))


def approval_of(decision: ApplicationDecision) -> Approval:
    """A decision as it stands in its application."""
    return Approval(
        role=decision.role,
        by=decision.by,
        time=decision.time,
        opinion=decision.opinion,
        decision=decision.decision,
    )
