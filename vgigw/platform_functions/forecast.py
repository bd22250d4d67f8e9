"""A forecast where nobody reported one: tomorrow will be as today was. PLT-6.1, JES-6.2.1c."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from typing import Final

from msgspec.structs import replace

from vgigw.codec import json
from vgigw.codec.packing import unpack
from vgigw.objects import PlanCurve, PlanQuery
from vgigw.objects.plans import CurveKind, PlanKind
from vgigw.ports import View
from vgigw.rules.plan import day_before, plan_group

_DAY: Final = timedelta(days=1)
_FORESEEN: Final = frozenset({None, CurveKind.PLAN, CurveKind.FORECAST})
_ID_LENGTH: Final = 40


def forecast(query: PlanQuery, view: View, now: datetime) -> PlanCurve | None:
    """Persistence: the newest curve that covers the day before, a day later, as a FORECAST.

    The day before is taken from the day-ahead plan, or else from a day-ahead forecast, of the same
    resource. It has no quantiles: persistence does not know its own error. None where neither is
    kept, and for a baseline or a bound, which are no expectation.
    """
    if query.curve_kind not in _FORESEEN or query.plan_kind not in (None, PlanKind.DAY_AHEAD):
        return None
    for kind in (CurveKind.PLAN, CurveKind.FORECAST):
        before = _newest(query.resource_id, day_before(query.plan_date), kind, view)
        if before is not None:
            return _a_day_later(before, query, now)
    return None


def _newest(resource_id: str, day: date, kind: CurveKind, view: View) -> PlanCurve | None:
    found = view.documents(PlanCurve.__name__, group=plan_group(resource_id, day, kind))
    for document in sorted(found, key=lambda each: each.at, reverse=True):
        plan = json.decode(PlanCurve, unpack(document.payload))
        if plan.plan_kind is PlanKind.DAY_AHEAD:
            return plan
    return None


def _a_day_later(before: PlanCurve, query: PlanQuery, now: datetime) -> PlanCurve:
    name = "\x1f".join((before.plan_id, str(before.version), query.plan_date.isoformat()))
    points = tuple(
        replace(
            point,
            start_time=point.start_time + _DAY,
            end_time=point.end_time + _DAY,
            quantile_low=None,
            quantile_high=None,
        )
        for point in before.points
    )
    return replace(
        before,
        plan_id=hashlib.sha256(name.encode()).hexdigest()[:_ID_LENGTH],
        plan_date=query.plan_date,
        start_time=before.start_time + _DAY,
        end_time=before.end_time + _DAY,
        curve_kind=CurveKind.FORECAST,
        points=points,
        submit_time=now.replace(microsecond=now.microsecond // 1000 * 1000),
    )
