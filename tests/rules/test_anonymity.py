"""What is left of an object when its vehicle is forgotten: all but the vehicle. JES-6.4.1c, Q24."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.strategies import objects_of
from vgigw.codec import json
from vgigw.objects import (
    AdjustCapability,
    AggregateResource,
    AlarmEvent,
    AlarmObjectKind,
    AssessmentResult,
    ChargeOrder,
    ChargeStatus,
    ClearingResult,
    ControlCurve,
    Declaration,
    EdgeSync,
    OutageRecord,
    PlanCurve,
    SettlementStatement,
    TelemetryBatch,
)
from vgigw.objects.enumerations import ObjectKind
from vgigw.objects.settlement_enumerations import ShareLevel
from vgigw.rules.anonymity import ERASED, anonymous

VEHICLE, OWNER = "\x7fvehicle\x7f", "123456789"
"""Nothing that is drawn has this name."""
FEW = settings(max_examples=40)
NAMED = {
    Declaration: "resource_id",
    ClearingResult: "resource_id",
    AssessmentResult: "resource_id",
    ChargeStatus: "vehicle_id",
    ChargeOrder: "vehicle_id",
    ControlCurve: "resource_id",
    PlanCurve: "resource_id",
    AdjustCapability: "resource_id",
}


@pytest.mark.parametrize("cls", NAMED)
@FEW
@given(data=st.data())
def test_only_the_vehicle_goes_q24(cls: Any, data: st.DataObject) -> None:
    drawn = data.draw(objects_of(cls))
    if "aggregator_id" in cls.__struct_fields__:
        drawn = replace(drawn, aggregator_id=OWNER)
    blank = {each: None for each in ("vin", "plate_no") if each in cls.__struct_fields__}
    named = replace(drawn, **{NAMED[cls]: VEHICLE})
    assert anonymous(named, VEHICLE, OWNER) == replace(drawn, **{NAMED[cls]: ERASED}, **blank)
    assert anonymous(drawn, VEHICLE, OWNER) is drawn


@FEW
@given(objects_of(ControlCurve))
def test_a_thing_of_that_name_of_somebody_else_stays_plt_8_12(drawn: ControlCurve) -> None:
    curve = replace(drawn, resource_id=VEHICLE, aggregator_id="987654321")
    assert anonymous(curve, VEHICLE, OWNER) is curve


@FEW
@given(objects_of(TelemetryBatch), st.data())
def test_every_record_keeps_its_number_plt_9_6c(drawn: TelemetryBatch, data: st.DataObject) -> None:
    kinds = [data.draw(st.sampled_from(ObjectKind)) for _ in drawn.records]
    records = tuple(
        replace(each, object_kind=kind, object_id=VEHICLE)
        for each, kind in zip(drawn.records, kinds, strict=True)
    )
    said = anonymous(replace(drawn, records=records), VEHICLE, OWNER)
    assert said is not None
    for before, after, kind in zip(records, said.records, kinds, strict=True):
        hit = kind is ObjectKind.VEHICLE
        assert after == (replace(before, object_id=ERASED) if hit else before)


@FEW
@given(objects_of(AggregateResource), st.data())
def test_a_resource_keeps_its_other_members_or_ends_jes_6_4_1c(
    drawn: AggregateResource, data: st.DataObject
) -> None:
    others = data.draw(st.sampled_from(((), drawn.members)))
    own = replace(drawn.members[0], member_kind=ObjectKind.VEHICLE, member_id=VEHICLE)
    said = anonymous(replace(drawn, members=(own, *others)), VEHICLE, OWNER)
    assert said == (replace(drawn, members=others) if others else None)


@FEW
@given(objects_of(AlarmEvent))
def test_an_alarm_of_another_kind_of_thing_stays_jes_6_4_1c(drawn: AlarmEvent) -> None:
    alarm = replace(drawn, object_id=VEHICLE)
    said = anonymous(alarm, VEHICLE, OWNER)
    assert said is not None
    vehicle = drawn.object_kind is AlarmObjectKind.VEHICLE
    assert said.object_id == (ERASED if vehicle else VEHICLE)
    assert (VEHICLE.encode() in json.encode(said)) is not vehicle


@FEW
@given(objects_of(SettlementStatement), st.booleans())
def test_a_statement_keeps_every_amount_q24(drawn: SettlementStatement, concerned: bool) -> None:
    user = replace(drawn.shares[0], level=ShareLevel.USER, party_id=VEHICLE)
    aggregator = OWNER if concerned else "987654321"
    statement = replace(drawn, aggregator_id=aggregator, shares=(user, *drawn.shares))
    said = anonymous(statement, VEHICLE, OWNER)
    assert said is not None
    assert [each.amount for each in said.shares] == [each.amount for each in statement.shares]
    assert (said.shares[0].party_id == ERASED) is concerned
    assert said.shares[1:] == drawn.shares


@FEW
@given(objects_of(EdgeSync), objects_of(OutageRecord))
def test_logs_of_edges_and_outages_name_no_vehicle_jes_6_4_1c(
    edge: EdgeSync, outage: OutageRecord
) -> None:
    entries = tuple(replace(each, resource_id=VEHICLE) for each in edge.log_entries)
    told = replace(edge, log_entries=entries)
    said = anonymous(told, VEHICLE, OWNER)
    assert said is not None
    assert [each.resource_id for each in said.log_entries] == [ERASED] * len(entries)
    named = replace(outage, resource_ids=(*outage.resource_ids, VEHICLE))
    left = anonymous(named, VEHICLE, OWNER)
    assert left is not None
    assert left.resource_ids == (*outage.resource_ids, ERASED)
