"""Plan curves: versioned by plan, passed up, found by resource, day and meaning. PLT-8.3."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec.structs import replace

from vgigw.errors import Conflict, UnknownObject
from vgigw.handlers.keeping import object_of
from vgigw.handlers.marks import authors, handles
from vgigw.handlers.names_told import NamesTold
from vgigw.handlers.polarity import aligned_call, check_sayable
from vgigw.handlers.receiving import receipt
from vgigw.handlers.routes import Routes
from vgigw.handlers.shelf import Shelf
from vgigw.handlers.targets import target_of
from vgigw.handlers.trading_day import advance_day, note_step
from vgigw.objects import PlanCurve, PlanQuery, Receipt
from vgigw.objects.plans import CurveKind, PlanKind
from vgigw.operations import QUERY_PLAN, SUBMIT_PLAN, Role
from vgigw.ports import Call, Functions, Identity, Transaction, View
from vgigw.rules.capability import check_planned
from vgigw.rules.checks import check
from vgigw.rules.day import DayEvent
from vgigw.rules.plan import check_gate, plan_deadline, plan_group

PLANS = Shelf(PlanCurve, key="plan_id")
NAMES: Final = NamesTold("PlanName")
"""A PlanID is chosen by whoever plans: two parties may choose the same one."""
_IN_FORCE_FIRST: Final = (PlanKind.REVISED, PlanKind.DAY_AHEAD, PlanKind.ROLLING)


class Plans:
    """Handlers of plan curves; ``functions.gate`` says when a region closes, ``functions.forecast``
    answers for days that nobody planned."""

    def __init__(self, identity: Identity, functions: Functions) -> None:
        self._identity = identity
        self._functions = functions
        self._routes = Routes(identity)

    @handles(SUBMIT_PLAN)
    def submit(self, call: Call, tx: Transaction) -> Receipt:
        """A platform takes it of a resource of the sender's, within its rating, before the gate,
        and tells dispatch.

        A plan never moves to another resource, day or meaning.
        """
        plan: PlanCurve = call.request
        owner = self._routes.owner(call, plan.aggregator_id)
        if self._identity.role is Role.PLATFORM:
            target = target_of(tx, plan.resource_id, owner, plan.start_time)
            call = aligned_call(call, target.polarity)
            plan = call.request
            check_planned(plan, target.rated)
            self._check_gate(plan, call.now)
            _keep_day(plan, owner, tx, call.now)
        group = plan_group(plan.resource_id, plan.plan_date, plan.curve_kind)
        held = PLANS.find(tx, owner, plan.plan_id)
        if held is not None and _identity(held) != _identity(plan):
            raise Conflict("the plan identifier is taken")
        PLANS.take(call, tx, owner, group=group)
        for destination in self._routes.receivers(SUBMIT_PLAN):
            check_sayable(plan, self._identity.peers[destination])
        name = NAMES.give(owner, plan.plan_id, tx, call.now)
        self._routes.pass_on(call, tx, request=replace(plan, plan_id=name))
        return receipt(call, plan.plan_id, plan.version)

    @authors(SUBMIT_PLAN)
    def keep_own(self, plan: PlanCurve, _: str, tx: Transaction, now: datetime) -> None:
        """What we plan ourselves, so that a query finds it here, too."""
        check(plan, now)
        group = plan_group(plan.resource_id, plan.plan_date, plan.curve_kind)
        PLANS.keep(plan, plan.aggregator_id, tx, now, group=group)

    @handles(QUERY_PLAN)
    def query(self, call: Call, tx: Transaction) -> PlanCurve:
        """The newest plan of that resource, day and kind, or else a forecast; where no kind is
        told, the revision, the day-ahead plan or the rolling one, whichever there is first."""
        query: PlanQuery = call.request
        owner = self._routes.visible(call.peer)
        found = _newest(query, owner, tx) or self._functions.forecast(query, tx, call.now)
        if found is None:
            raise UnknownObject()
        return found

    def _check_gate(self, plan: PlanCurve, now: datetime) -> None:
        """What arrives counts, not what it says of itself. PLT-8.3a."""
        region = self._functions.gate(plan)
        own = plan_deadline(plan)
        check_gate(own if region is None else min(own, region), now)


def _newest(query: PlanQuery, owner: str | None, view: View) -> PlanCurve | None:
    kind = query.curve_kind or CurveKind.PLAN
    group = plan_group(query.resource_id, query.plan_date, kind)
    kinds = _IN_FORCE_FIRST if query.plan_kind is None else (query.plan_kind,)
    found = view.documents(PLANS.kind, owner=owner, group=group)
    if len({document.owner for document in found}) > 1:
        raise UnknownObject("several parties have a resource of that name")
    ranked = [
        (-kinds.index(plan.plan_kind), document.at, plan.start_time, plan)
        for document in found
        if (plan := object_of(PlanCurve, document.payload)).plan_kind in kinds
    ]
    return max(ranked, key=lambda each: each[:3])[3] if ranked else None


def _identity(plan: PlanCurve) -> tuple[object, ...]:
    return plan.resource_id, plan.plan_date, plan.plan_kind, plan.curve_kind


def _keep_day(plan: PlanCurve, owner: str, tx: Transaction, now: datetime) -> None:
    """A day-ahead plan is fixed once the market has cleared; what changes later is another plan."""
    if plan.curve_kind is not CurveKind.PLAN:
        return
    if plan.plan_kind is PlanKind.DAY_AHEAD:
        advance_day(tx, owner, plan.resource_id, plan.plan_date, DayEvent.PLAN, now)
    else:
        note_step(tx, owner, plan.resource_id, plan.plan_date, DayEvent.REPLAN, now)
