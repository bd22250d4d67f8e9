"""Cases of vehicles, trips and consents: each rests on an active consent of its user."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from tests.cases.case import Builder, Case, Change, Draw, step
from tests.cases.worlds import AGGREGATOR, NOW, OEM, OPERATOR
from tests.strategies import objects_of
from vgigw import operations as ops
from vgigw.objects import (
    ConsentInfo,
    ConsentQuery,
    ConsentWithdrawal,
    TripInfo,
    VehicleInfo,
)
from vgigw.objects.consents import ConsentScope, ConsentState
from vgigw.objects.vehicles import WillingnessPoint
from vgigw.operations import Operation

_PARTIES = st.sampled_from((OPERATOR, AGGREGATOR, OEM))
_LIMITS = ("charge_current", "discharge_current", "charge_power", "discharge_power", "energy")


def consent(draw: Draw) -> ConsentInfo:
    """JES-6.4.1c holds: a grant of every scope, in force now."""
    drawn: ConsentInfo = draw(objects_of(ConsentInfo))
    ends = draw(st.sampled_from((None, NOW + timedelta(minutes=1), NOW + timedelta(days=999))))
    return replace(
        drawn,
        consent_scope=tuple(draw(st.permutations(list(ConsentScope)))),
        granted_at=min(drawn.granted_at, NOW),
        valid_to=ends,
        withdrawn_at=None,
        consent_state=ConsentState.ACTIVE,
    )


def vehicle(draw: Draw, given: ConsentInfo) -> VehicleInfo:
    """VGI-D and JES-6.1.5 hold: limits in order, a departure to come, a service it can give."""
    drawn: VehicleInfo = draw(objects_of(VehicleInfo))
    limits: dict[str, Any] = {}
    for name in _LIMITS:
        low, high = getattr(drawn, f"min_{name}"), getattr(drawn, f"max_{name}")
        if low is not None and high is not None:
            limits[f"min_{name}"], limits[f"max_{name}"] = sorted((low, high))
    preference = drawn.preference
    if preference is not None:
        points = {each.soc: each for each in preference.charge_willingness_curve}
        rising: tuple[WillingnessPoint, ...] = tuple(points[soc] for soc in sorted(points))
        preference = replace(preference, price_weight=None, charge_willingness_curve=rising)
    leaves = NOW + timedelta(minutes=draw(st.integers(1, 10_000)))
    return replace(
        drawn,
        **limits,
        vehicle_id=given.vehicle_id,
        consent_id=given.consent_id,
        soc_floor=min(drawn.soc_floor, drawn.soc_ceil),
        soc_ceil=max(drawn.soc_floor, drawn.soc_ceil),
        departure_time=draw(st.sampled_from((None, leaves))),
        rated_discharge_power=Decimal("7.0"),
        preference=preference,
    )


def trip(draw: Draw, given: ConsentInfo) -> TripInfo:
    drawn: TripInfo = draw(objects_of(TripInfo))
    return replace(drawn, vehicle_id=given.vehicle_id, consent_id=given.consent_id)


def _pushes(operation: Operation, draw: Draw) -> Case:
    party, given = draw(_PARTIES), consent(draw)
    told = vehicle(draw, given) if operation is ops.PUSH_VEHICLE else trip(draw, given)
    return Case((step(party, ops.GRANT_CONSENT, given),), step(party, operation, told))


def _consents(operation: Operation, draw: Draw) -> Case:
    party, given = draw(_PARTIES), consent(draw)
    grant = step(party, ops.GRANT_CONSENT, given)
    if operation is ops.GRANT_CONSENT:
        return Case((), grant)
    before = (
        grant,
        step(party, ops.PUSH_VEHICLE, vehicle(draw, given)),
        step(party, ops.PUSH_TRIP, trip(draw, given)),
    )
    drawn: ConsentWithdrawal = draw(objects_of(ConsentWithdrawal))
    withdrawal = step(party, ops.WITHDRAW_CONSENT, replace(drawn, consent_id=given.consent_id))
    if operation is ops.WITHDRAW_CONSENT:
        return Case(before, withdrawal)
    query = step(party, operation, ConsentQuery(consent_id=given.consent_id))
    return Case(draw(st.sampled_from((before, (*before, withdrawal)))), query)


CASES: dict[str, Builder] = {
    **{row.name: _pushes for row in (ops.PUSH_VEHICLE, ops.PUSH_TRIP)},
    **{row.name: _consents for row in (ops.GRANT_CONSENT, ops.QUERY_CONSENT)},
    ops.WITHDRAW_CONSENT.name: _consents,
}

CHANGED: dict[str, Change] = {
    "PushVehicle": {"update_time": NOW + timedelta(days=60_000)},
    "PushTrip": {"trip_start_time": NOW + timedelta(days=60_000)},
    "GrantConsent": {"granted_at": NOW + timedelta(milliseconds=1)},
    "WithdrawConsent": {"reason": "for another reason"},
}
