"""Maintenance: applied for by the south, decided by platform or dispatch, run by its times.

PLT-8.10.
"""

from __future__ import annotations

from datetime import datetime

from vgigw.errors import Conflict, UnknownObject
from vgigw.handlers.marks import authors, chore, handles
from vgigw.handlers.routes import NORTH, Routes
from vgigw.handlers.shelf import Shelf
from vgigw.objects import (
    ApplicationDecision,
    ApplicationState,
    ApplicationStatus,
    MaintenanceApplication,
    MaintenancePage,
    MaintenanceQuery,
)
from vgigw.operations import APPROVE_MAINTENANCE, QUERY_MAINTENANCE, SUBMIT_MAINTENANCE, Role
from vgigw.ports import Call, Identity, Transaction, View
from vgigw.rules.decision import check_new, check_role
from vgigw.rules.maintenance import by_the_clock, check_times, decided

APPLICATIONS = Shelf(MaintenanceApplication, key="application_id", version=None, group="state")
_RUN_BY_THE_CLOCK = (ApplicationState.APPROVED, ApplicationState.RUNNING)


class Maintenance:
    """Handlers of maintenance applications."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._routes = Routes(identity)

    @handles(SUBMIT_MAINTENANCE)
    def apply(self, call: Call, tx: Transaction) -> ApplicationStatus:
        """Keep it; who decides finds it there."""
        application: MaintenanceApplication = call.request
        applicant = self._routes.owner(call, application.applicant_id)
        held = APPLICATIONS.everywhere(tx, application.application_id)
        if any(owner != applicant for owner, _ in held):
            raise Conflict("the application identifier is taken")
        APPLICATIONS.take(call, tx, applicant)
        return _status(application)

    @authors(SUBMIT_MAINTENANCE)
    def keep_own(
        self, application: MaintenanceApplication, _: str, tx: Transaction, now: datetime
    ) -> None:
        check_new(application)
        check_times(application, now)
        APPLICATIONS.keep(application, self._identity.operator_id, tx, now)

    @handles(APPROVE_MAINTENANCE)
    def decide(self, call: Call, tx: Transaction) -> ApplicationStatus:
        """Dispatch decides, and the applicant is told; or an applicant is told what was decided."""
        decision: ApplicationDecision = call.request
        if self._identity.role is Role.PLATFORM:
            check_role(decision, call.peer.role)
        applicant, application = self._meant(decision.application_id, tx)
        after = decided(application, decision)
        APPLICATIONS.renew(after, applicant, tx, call.now)
        self._routes.pass_on(call, tx, to=(applicant,))
        return _status(after)

    @authors(APPROVE_MAINTENANCE)
    def decide_ourselves(
        self, decision: ApplicationDecision, to: str, tx: Transaction, now: datetime
    ) -> None:
        """The platform's own decision, sent to the applicant. Dispatch holds no applications: what
        it sends is decided where they are."""
        check_role(decision, self._identity.role)
        if self._identity.role is not Role.PLATFORM:
            return
        application = APPLICATIONS.get(tx, to, decision.application_id)
        APPLICATIONS.renew(decided(application, decision), to, tx, now)

    @handles(QUERY_MAINTENANCE)
    def query(self, call: Call, tx: Transaction) -> MaintenancePage:
        """An applicant sees its own, dispatch all."""
        query: MaintenanceQuery = call.request
        owner = None if call.peer.role in NORTH else call.peer.operator_id
        found = APPLICATIONS.page(tx, query, owner, key=query.application_id)
        return MaintenancePage(
            page_no=found.page_no,
            page_count=found.page_count,
            item_size=found.item_size,
            maintenance_applications=found.items,
        )

    @chore
    def run_by_the_clock(self, tx: Transaction, now: datetime) -> None:
        """Chore: approved work begins and ends at its times."""
        for state in _RUN_BY_THE_CLOCK:
            for application in APPLICATIONS.all(tx, group=str(int(state))):
                after = by_the_clock(application, now)
                if after is not application:
                    APPLICATIONS.renew(after, application.applicant_id, tx, now)

    def _meant(self, application_id: str, view: View) -> tuple[str, MaintenanceApplication]:
        for applicant, application in APPLICATIONS.everywhere(view, application_id):
            return applicant, application
        raise UnknownObject()


def _status(application: MaintenanceApplication) -> ApplicationStatus:
    return ApplicationStatus(
        application_id=application.application_id,
        state=application.state,
        approvals=application.approvals,
    )
