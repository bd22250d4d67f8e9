"""Maintenance: applied for by the south, decided by platform or dispatch, run by its times.

PLT-8.10. On a platform an application belongs to its applicant, and dispatch knows it by an
identifier that is free; anywhere else it belongs to the platform that it was sent to.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from vgigw.errors import UnknownObject
from vgigw.handlers.marks import authors, chore, handles
from vgigw.handlers.names_told import NamesTold
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
_NAMES = NamesTold("MaintenanceName")
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
        APPLICATIONS.take(call, tx, applicant)
        _NAMES.give(applicant, application.application_id, tx, call.now)
        return _status(application, application.application_id)

    @authors(SUBMIT_MAINTENANCE)
    def keep_own(
        self, application: MaintenanceApplication, to: str, tx: Transaction, now: datetime
    ) -> None:
        check_new(application)
        check_times(application, now)
        APPLICATIONS.keep(application, to, tx, now)

    @handles(APPROVE_MAINTENANCE)
    def decide(self, call: Call, tx: Transaction) -> ApplicationStatus:
        """Dispatch decides, and the applicant is told; or an applicant is told what was decided."""
        decision: ApplicationDecision = call.request
        owner, own_name = call.peer.operator_id, decision.application_id
        if self._identity.role is Role.PLATFORM:
            check_role(decision, call.peer.role)
            owner, own_name = self._meant(own_name, tx)
        after = decided(APPLICATIONS.get(tx, owner, own_name), decision)
        APPLICATIONS.renew(after, owner, tx, call.now)
        told = replace(decision, application_id=own_name)
        self._routes.pass_on(call, tx, to=(owner,), request=told)
        return _status(after, decision.application_id)

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
        owner: str | None = call.peer.operator_id
        key = query.application_id
        if call.peer.role in NORTH:
            owner, key = (None, None) if key is None else _NAMES.meant(key, tx) or (None, key)
        found = APPLICATIONS.page(tx, query, owner, key=key)
        items: tuple[MaintenanceApplication, ...] = found.items
        if call.peer.role in NORTH:
            items = tuple(_as_told(each, tx) for each in items)
        return MaintenancePage(
            page_no=found.page_no,
            page_count=found.page_count,
            item_size=found.item_size,
            maintenance_applications=items,
        )

    @chore
    def run_by_the_clock(self, tx: Transaction, now: datetime) -> None:
        """Chore: approved work begins and ends at its times."""
        for state in _RUN_BY_THE_CLOCK:
            for owner, application in APPLICATIONS.everywhere(tx, group=str(int(state))):
                after = by_the_clock(application, now)
                if after is not application:
                    APPLICATIONS.renew(after, owner, tx, now)

    def _meant(self, name: str, view: View) -> tuple[str, str]:
        meant = _NAMES.meant(name, view)
        if meant is None:
            raise UnknownObject()
        return meant


def _as_told(application: MaintenanceApplication, view: View) -> MaintenanceApplication:
    """As dispatch, which decides on it, knows it; on a platform the applicant is its owner."""
    name = _NAMES.told(application.applicant_id, application.application_id, view)
    return replace(application, application_id=name)


def _status(application: MaintenanceApplication, name: str) -> ApplicationStatus:
    return ApplicationStatus(
        application_id=name, state=application.state, approvals=application.approvals
    )
