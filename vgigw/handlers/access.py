"""Access: applied for by the south, approved by two roles and two persons. PLT-8.11.

An application goes up to dispatch with its documents; each decision comes back down to its
applicant. What its approval means for the party's link stands in its standing.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from vgigw.errors import Conflict, UnknownObject
from vgigw.handlers.marks import authors, handles
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
from vgigw.ports import Call, Identity, Transaction, View
from vgigw.rules.access import ACCESS, AccessStage, applied, decided, event_of
from vgigw.rules.decision import check_new, check_role
from vgigw.rules.distrust import DistrustEvent

APPLICATIONS = Shelf(AccessApplication, key="application_id", version=None)


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
        applicant = self._routes.owner(call, application.applicant_id)
        held = APPLICATIONS.everywhere(tx, application.application_id)
        if any(owner != applicant for owner, _ in held):
            raise Conflict("the application identifier is taken")
        if self._identity.role is Role.PLATFORM:
            self._applied(application, applicant, tx, call.now)
        APPLICATIONS.take(call, tx, applicant)
        self._routes.pass_on(call, tx)
        return _status(application)

    @authors(SUBMIT_ACCESS)
    def keep_own(
        self, application: AccessApplication, _: str, tx: Transaction, now: datetime
    ) -> None:
        check_new(application)
        APPLICATIONS.keep(application, self._identity.operator_id, tx, now)

    @handles(DECIDE_ACCESS)
    def decide(self, call: Call, tx: Transaction) -> ApplicationStatus:
        """Dispatch decides in one of its roles, and the applicant is told; or an applicant is told
        what was decided."""
        decision: ApplicationDecision = call.request
        platform = self._identity.role is Role.PLATFORM
        if platform:
            check_role(decision, call.peer.role)
        applicant, application = self._meant(decision.application_id, tx)
        after = self._decided(applicant, application, decision, tx, call.now)
        self._routes.pass_on(call, tx, to=(applicant,))
        return _status(after)

    @authors(DECIDE_ACCESS)
    def decide_ourselves(
        self, decision: ApplicationDecision, to: str, tx: Transaction, now: datetime
    ) -> None:
        """Our own decision: a platform's is sent to the applicant, a dispatch's to the platform."""
        check_role(decision, self._identity.role)
        applicant, application = self._meant(decision.application_id, tx)
        if self._identity.role is Role.PLATFORM and applicant != to:
            raise UnknownObject()
        self._decided(applicant, application, decision, tx, now)

    def _meant(self, application_id: str, view: View) -> tuple[str, AccessApplication]:
        for applicant, application in APPLICATIONS.everywhere(view, application_id):
            return applicant, application
        raise UnknownObject()

    def _decided(
        self,
        applicant: str,
        application: AccessApplication,
        decision: ApplicationDecision,
        tx: Transaction,
        now: datetime,
    ) -> AccessApplication:
        """The application after the decision, kept, and on a platform what it means."""
        after = decided(application, decision)
        APPLICATIONS.renew(after, applicant, tx, now)
        if self._identity.role is not Role.PLATFORM:
            return after
        standing = standing_of(tx, applicant)
        stage = ACCESS.advance(standing.stage, event_of(after))
        save_standing(replace(standing, stage=stage), tx, now)
        if stage is AccessStage.APPROVED:
            distrust(applicant, DistrustEvent.READMIT, tx, now)
        return after

    def _applied(
        self, application: AccessApplication, applicant: str, tx: Transaction, now: datetime
    ) -> None:
        """The stage after the application; one that it takes the place of is withdrawn."""
        standing = standing_of(tx, applicant)
        stage = applied(standing.stage, application.access_kind)
        before = APPLICATIONS.find(tx, applicant, standing.application_id)
        if before is not None and before.state is ApplicationState.SUBMITTED:
            withdrawn = replace(before, state=ApplicationState.WITHDRAWN)
            APPLICATIONS.renew(withdrawn, applicant, tx, now)
        after = replace(standing, stage=stage, application_id=application.application_id)
        save_standing(after, tx, now)


def _status(application: AccessApplication) -> ApplicationStatus:
    return ApplicationStatus(
        application_id=application.application_id,
        state=application.state,
        approvals=application.approvals,
    )
