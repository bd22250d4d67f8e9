"""Cases of capability, plans, withdrawal, demand response and edges."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from hypothesis import strategies as st
from msgspec.structs import replace

from tests.cases.case import Builder, Case, Change, Draw, step
from tests.cases.first import curve, polarity_of, power, station
from tests.cases.worlds import AGGREGATOR, DISPATCH, NOW, OPERATOR, OTHER
from tests.strategies import objects_of
from vgigw import operations as ops
from vgigw.objects import (
    AdjustCapability,
    CommandCancel,
    DREvent,
    DROpt,
    EdgeSync,
    PlanCurve,
    PlanQuery,
    PolarityMode,
    StationInfo,
)
from vgigw.objects.capability import CapabilityBasis, CapabilityPoint
from vgigw.objects.edge import EdgeEvent, EdgeLogEntry
from vgigw.objects.operating_enumerations import RunState
from vgigw.objects.plans import PlanKind, PlanPoint
from vgigw.objects.response_events import DRInterval, EventState, SignalType
from vgigw.operations import Operation
from vgigw.rules.plan import begin_of, day_of

_NOTHING = Decimal("0.000")
_VALUES = {
    SignalType.LEVEL: "level",
    SignalType.PRICE: "price",
    SignalType.LOAD: "target_power",
}


def capability(draw: Draw, target: StationInfo) -> AdjustCapability:
    """PLT-8.4, PLT-7.4 hold: within the rating, in its polarity, none where nothing can be done."""
    drawn: AdjustCapability = draw(objects_of(AdjustCapability))
    present = power(draw, target)
    room = target.max_charge_power - abs(present)
    load = polarity_of(target) is PolarityMode.LOAD
    up_consumes = (
        load
        if drawn.capability_basis is CapabilityBasis.REPORTED_SIGN
        else (drawn.capability_basis is CapabilityBasis.LOAD_INCREASE)
    )
    more, less = (room, abs(present)) if up_consumes else (abs(present), room)
    if drawn.run_state in (RunState.FAULT, RunState.EXIT):
        more = less = _NOTHING
    return replace(
        drawn,
        resource_id=target.station_id,
        data_time=min(drawn.data_time, NOW),
        active_power=present,
        up_capability=more,
        down_capability=less,
        capability_curve=_gapless(drawn.capability_curve),
    )


def _gapless(points: tuple[CapabilityPoint, ...]) -> tuple[CapabilityPoint, ...]:
    hour = timedelta(hours=1)
    return tuple(
        replace(point, start_time=NOW + place * hour, end_time=NOW + (place + 1) * hour)
        for place, point in enumerate(points)
    )


def plan(draw: Draw, target: StationInfo) -> PlanCurve:
    """PLT-8.3 holds: on the grid, of the whole time, within the rating, before its gate."""
    drawn: PlanCurve = draw(objects_of(PlanCurve))
    day = day_of(NOW + timedelta(days=draw(st.integers(1, 300))))
    begin, count = begin_of(day), 24
    interval = draw(st.sampled_from((1, 5, 15, 30, 60)))
    if drawn.plan_kind is PlanKind.DAY_AHEAD:
        interval = 60
    else:
        begin += timedelta(minutes=interval) * draw(st.integers(0, 23))
        count = 60 // interval if drawn.plan_kind is PlanKind.ROLLING else 1
    step_time = timedelta(minutes=interval)
    point: PlanPoint = draw(objects_of(PlanPoint))
    kw = power(draw, target)
    low = None if point.quantile_low is None else kw
    high = None if point.quantile_high is None else kw
    point = replace(point, power=kw, quantile_low=low, quantile_high=high)
    points = tuple(
        replace(
            point, start_time=begin + place * step_time, end_time=begin + (place + 1) * step_time
        )
        for place in range(count)
    )
    return replace(
        drawn,
        resource_id=target.station_id,
        aggregator_id=OPERATOR,
        plan_date=day,
        start_time=begin,
        end_time=points[-1].end_time,
        interval_min=interval,
        polarity_mode=polarity_of(target),
        points=points,
    )


def event(draw: Draw) -> DREvent:
    """JES-6.5.1.5 holds: in order, with the value that is named, for parties there are."""
    drawn: DREvent = draw(objects_of(DREvent))
    named = _VALUES[drawn.signal_type]
    values = {"level": 1, "price": Decimal("0.5000"), "target_power": Decimal("10.000")}
    at, intervals = NOW + timedelta(hours=1), []
    for _ in drawn.intervals:
        end = at + timedelta(minutes=draw(st.integers(1, 120)))
        intervals.append(
            DRInterval(start_time=at, end_time=end, **{named: values[named]})  # type: ignore[arg-type]
        )
        at = end + timedelta(minutes=draw(st.integers(0, 30)))
    others = draw(st.sets(st.sampled_from((OTHER, AGGREGATOR))))
    soon = NOW + timedelta(minutes=draw(st.integers(1, 59)))
    return replace(
        drawn,
        intervals=tuple(intervals),
        opt_deadline=draw(st.sampled_from((None, soon))),
        audience=draw(st.sampled_from(((), (OPERATOR, *sorted(others))))),
        issued_by=DISPATCH,
        issue_time=min(drawn.issue_time, NOW),
    )


def _capability(operation: Operation, draw: Draw) -> Case:
    held = station(draw)
    push = step(OPERATOR, ops.PUSH_ARCHIVE, held)
    return Case((push,), step(OPERATOR, operation, capability(draw, held)))


def _plans(operation: Operation, draw: Draw) -> Case:
    held = station(draw)
    made = plan(draw, held)
    push = step(OPERATOR, ops.PUSH_ARCHIVE, held)
    submit = step(OPERATOR, ops.SUBMIT_PLAN, made)
    if operation is ops.SUBMIT_PLAN:
        return Case((push,), submit)
    query = PlanQuery(
        resource_id=made.resource_id,
        plan_date=made.plan_date,
        plan_kind=draw(st.sampled_from((None, made.plan_kind))),
        curve_kind=made.curve_kind,
    )
    return Case((push, submit), step(DISPATCH, operation, query))


def _commands(operation: Operation, draw: Draw) -> Case:
    held = station(draw)
    command = curve(draw, held)
    push = step(OPERATOR, ops.PUSH_ARCHIVE, held)
    issue = step(DISPATCH, ops.ISSUE_CONTROL, command)
    if operation is ops.SYNC_EDGE:
        return Case((push, issue), step(OPERATOR, operation, draw(objects_of(EdgeSync))))
    drawn: CommandCancel = draw(objects_of(CommandCancel))
    version = max(drawn.version, command.version)
    named = draw(st.sampled_from((None, DISPATCH)))
    cancel = replace(drawn, command_id=command.command_id, version=version, issued_by=named)
    return Case((push, issue), step(DISPATCH, operation, cancel))


def _events(operation: Operation, draw: Draw) -> Case:
    made = event(draw)
    if operation is ops.PUSH_DR_EVENT:
        return Case((), step(DISPATCH, operation, made))
    far = step(DISPATCH, ops.PUSH_DR_EVENT, replace(made, event_state=EventState.FAR))
    drawn: DROpt = draw(objects_of(DROpt))
    opt_time = NOW - timedelta(seconds=draw(st.integers(0, 3600)))
    opt = replace(drawn, event_id=made.event_id, party_id=OPERATOR, opt_time=opt_time)
    return Case((far,), step(OPERATOR, operation, opt))


CASES: dict[str, Builder] = {
    ops.REPORT_CAPABILITY.name: _capability,
    **{row.name: _plans for row in (ops.SUBMIT_PLAN, ops.QUERY_PLAN)},
    **{row.name: _commands for row in (ops.CANCEL_CONTROL, ops.SYNC_EDGE)},
    **{row.name: _events for row in (ops.PUSH_DR_EVENT, ops.RESPOND_DR_EVENT)},
}


AN_ENTRY = EdgeLogEntry(time=NOW, event=EdgeEvent.LINK_LOST, detail="never drawn")

CHANGED: dict[str, Change] = {
    "ReportCapability": {"up_rate": Decimal("999999.999")},
    "SubmitPlan": {"resource_id": "another resource"},
    "CancelControl": {"reason": "for another reason"},
    "PushDREvent": {"issue_time": NOW - timedelta(days=9)},
    "RespondDREvent": {"opt_time": NOW + timedelta(days=9)},
    "SyncEdge": {"log_entries": (AN_ENTRY,)},
}
