"""Cases of maintenance, access and outages: requests that the business rules accept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from tests.cases.case import Builder, Case, Change, Draw, step
from tests.cases.worlds import DISPATCH, NOW, OEM, OPERATOR, OTHER
from tests.strategies import objects_of
from vgigw import operations as ops
from vgigw.objects import (
    AccessApplication,
    ApplicationDecision,
    ApplicationState,
    ApprovalRole,
    MaintenanceApplication,
    MaintenanceQuery,
    OutageRecord,
)
from vgigw.operations import Operation

_DISPATCH_ROLES = st.sampled_from(
    (ApprovalRole.DISPATCH, ApprovalRole.INFORMATION, ApprovalRole.NETWORK_SECURITY)
)


def _new(drawn: Any, applicant: str) -> Any:
    return replace(drawn, applicant_id=applicant, state=ApplicationState.SUBMITTED, approvals=())


def maintenance(draw: Draw, applicant: str = OPERATOR) -> MaintenanceApplication:
    """PLT-8.10 holds: three days ahead by Beijing dates, and it ends after it begins."""
    starts = NOW + timedelta(days=draw(st.integers(4, 400)))
    made: MaintenanceApplication = _new(draw(objects_of(MaintenanceApplication)), applicant)
    return replace(
        made,
        apply_time=NOW - timedelta(minutes=draw(st.integers(0, 100_000))),
        work_start=starts,
        work_end=starts + timedelta(minutes=draw(st.integers(1, 10_000))),
    )


def access(draw: Draw, applicant: str = OPERATOR) -> AccessApplication:
    made: AccessApplication = _new(draw(objects_of(AccessApplication)), applicant)
    return made


def decision(draw: Draw, application_id: str) -> ApplicationDecision:
    """PLT-8.11a holds: dispatch decides in a role of its own."""
    drawn: ApplicationDecision = draw(objects_of(ApplicationDecision))
    return replace(drawn, application_id=application_id, role=draw(_DISPATCH_ROLES))


def _maintenance(operation: Operation, draw: Draw) -> Case:
    made = maintenance(draw)
    submit = step(OPERATOR, ops.SUBMIT_MAINTENANCE, made)
    if operation is ops.SUBMIT_MAINTENANCE:
        return Case((), submit)
    decide = step(DISPATCH, ops.APPROVE_MAINTENANCE, decision(draw, made.application_id))
    if operation is ops.APPROVE_MAINTENANCE:
        return Case((submit,), decide)
    other = maintenance(draw, OTHER)
    other = replace(other, application_id=f"{made.application_id[:39]}#")
    before = (submit, step(OTHER, ops.SUBMIT_MAINTENANCE, other), decide)
    drawn: MaintenanceQuery = draw(objects_of(MaintenanceQuery))
    of_one = replace(drawn, application_id=made.application_id, page_no=1)
    query = draw(st.sampled_from((MaintenanceQuery(), drawn, of_one)))
    by = draw(st.sampled_from((OPERATOR, DISPATCH)))
    distinct = other.application_id != made.application_id
    return Case(before if distinct else (submit, decide), step(by, operation, query))


def _access(operation: Operation, draw: Draw) -> Case:
    applicant = draw(st.sampled_from((OPERATOR, OEM)))
    made = access(draw, applicant)
    submit = step(applicant, ops.SUBMIT_ACCESS, made)
    if operation is ops.SUBMIT_ACCESS:
        return Case((), submit)
    return Case((submit,), step(DISPATCH, operation, decision(draw, made.application_id)))


def _outage(operation: Operation, draw: Draw) -> Case:
    """PLT-8.9a holds: it is over, and ends after it begins."""
    drawn: OutageRecord = draw(objects_of(OutageRecord))
    owner = draw(st.sampled_from((None, OPERATOR)))
    end = min(max(drawn.outage_end, drawn.outage_start + timedelta(milliseconds=1)), NOW)
    start = min(drawn.outage_start, end - timedelta(milliseconds=1))
    over = replace(drawn, aggregator_id=owner, outage_start=start, outage_end=end)
    return Case((), step(OPERATOR, operation, over))


CASES: dict[str, Builder] = {
    **{row.name: _maintenance for row in (ops.SUBMIT_MAINTENANCE, ops.APPROVE_MAINTENANCE)},
    ops.QUERY_MAINTENANCE.name: _maintenance,
    **{row.name: _access for row in (ops.SUBMIT_ACCESS, ops.DECIDE_ACCESS)},
    ops.SUBMIT_OUTAGE_EXPLANATION.name: _outage,
}

CHANGED: dict[str, Change] = {
    "SubmitMaintenance": {"work_content": "other work"},
    "ApproveMaintenance": {"opinion": "another opinion"},
    "SubmitAccess": {"network_topology_ref": "another document"},
    "DecideAccess": {"opinion": "another opinion"},
    "SubmitOutageExplanation": {"explanation": "in other words"},
}
