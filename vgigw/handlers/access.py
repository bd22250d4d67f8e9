"""Access: applied for by the south, approved by two roles and two persons. PLT-8.11.

An application goes up to dispatch with its documents; each decision comes back down to its
applicant. What its approval means for the party's link stands in its standing. On a platform an
application belongs to its applicant, and dispatch knows it by an identifier that is free; anywhere
else it belongs to the platform that it was sent to or came from.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from vgigw.errors import UnknownObject
from vgigw.handlers.endpoints import approve
from vgigw.handlers.marks import authors, handles
from vgigw.handlers.names_told import NamesTold
from vgigw.handlers.routes import Routes
from vgigw.handlers.shelf import Shelf
from vgigw.handlers.standing import distrust, save_standing, standing_of
from vgigw.objects import (
    AccessApplication,
    ApplicationDecision,
    ApplicationState,
    ApplicationStatus,
)
from vgigw.operations import DECIDE_ACCESS, SUBMIT_ACCESS, Role
from vgigw.ports import Call, Identity, Transaction
from vgigw.rules.access import ACCESS, AccessStage, applied, decided, event_of
from vgigw.rules.decision import check_new, check_role
from vgigw.rules.distrust import DistrustEvent
from vgigw.rules.network_change import certificates_applied_for, networks_applied_for

APPLICATIONS = Shelf(AccessApplication, key="application_id", version=None)
_NAMES = NamesTold("AccessName")


class Access:
    """Handlers of access applications."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._routes = Routes(identity)

    @handles(SUBMIT_ACCESS)
    def apply(self, call: Call, tx: Transaction) -> ApplicationStatus:
        """Keep it and hand it on to dispatch. Raises ``IllegalState`` where nothing is applied for:
        another one is on its way, or the party has access and its network is the same."""
        application: AccessApplication = call.request
        own_name, sender = application.application_id, call.peer.operator_id
        if self._identity.role is not Role.PLATFORM:
            APPLICATIONS.take(call, tx, sender)
            return _status(application, own_name)
        applicant = self._routes.owner(call, application.applicant_id)
        self._applied(application, applicant, tx, call.now)
        APPLICATIONS.take(call, tx, applicant)
        name = _NAMES.give(applicant, own_name, tx, call.now)
        self._routes.pass_on(call, tx, request=replace(application, application_id=name))
        return _status(application, own_name)

    @authors(SUBMIT_ACCESS)
    def keep_own(
        self, application: AccessApplication, to: str, tx: Transaction, now: datetime
    ) -> None:
        check_new(application)
        APPLICATIONS.keep(application, to, tx, now)

    @handles(DECIDE_ACCESS)
    def decide(self, call: Call, tx: Transaction) -> ApplicationStatus:
        """Dispatch decides in one of its roles, and the applicant is told; or an applicant is told
        what was decided."""
        decision: ApplicationDecision = call.request
        owner, own_name = call.peer.operator_id, decision.application_id
        if self._identity.role is Role.PLATFORM:
            check_role(decision, call.peer.role)
            meant = _NAMES.meant(own_name, tx)
            if meant is None:
                raise UnknownObject()
            owner, own_name = meant
        told = replace(decision, application_id=own_name)
        after = self._decided(owner, told, tx, call.now)
        self._routes.pass_on(call, tx, to=(owner,), request=told)
        return _status(after, decision.application_id)

    @authors(DECIDE_ACCESS)
    def decide_ourselves(
        self, decision: ApplicationDecision, to: str, tx: Transaction, now: datetime
    ) -> None:
        """Our own decision: a platform's is sent to the applicant, a dispatch's to the platform."""
        check_role(decision, self._identity.role)
        self._decided(to, decision, tx, now)

    def _decided(
        self, owner: str, decision: ApplicationDecision, tx: Transaction, now: datetime
    ) -> AccessApplication:
        """The application after the decision, kept, and on a platform what it means."""
        after = decided(APPLICATIONS.get(tx, owner, decision.application_id), decision)
        APPLICATIONS.renew(after, owner, tx, now)
        if self._identity.role is not Role.PLATFORM:
            return after
        standing = standing_of(tx, self._identity, owner)
        stage = ACCESS.advance(standing.stage, event_of(after))
        standing = replace(standing, stage=stage)
        if stage is AccessStage.APPROVED:
            standing = replace(
                standing,
                networks=networks_applied_for(after),
                certificates=certificates_applied_for(after),
            )
            approve(self._identity, owner, tx, now)
        save_standing(standing, tx, now)
        if stage is AccessStage.APPROVED:
            distrust(self._identity, owner, DistrustEvent.READMIT, tx, now)
        return after

    def _applied(
        self, application: AccessApplication, applicant: str, tx: Transaction, now: datetime
    ) -> None:
        """The stage after the application; one that it takes the place of is withdrawn."""
        standing = standing_of(tx, self._identity, applicant)
        stage = applied(standing.stage, application.access_kind)
        before = APPLICATIONS.find(tx, applicant, standing.application_id)
        if before is not None and before.state is ApplicationState.SUBMITTED:
            withdrawn = replace(before, state=ApplicationState.WITHDRAWN)
            APPLICATIONS.renew(withdrawn, applicant, tx, now)
        after = replace(standing, stage=stage, application_id=application.application_id)
        save_standing(after, tx, now)


def _status(application: AccessApplication, name: str) -> ApplicationStatus:
    return ApplicationStatus(
        application_id=name, state=application.state, approvals=application.approvals
    )
