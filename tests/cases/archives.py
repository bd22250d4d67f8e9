"""Cases of customers, load devices, parties, resources and the ledger."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from tests.cases.case import Builder, Case, Change, Draw, Step, step
from tests.cases.first import a_station, polarity_of
from tests.cases.worlds import AGGREGATOR, DISPATCH, NOW, OPERATOR, PLATFORM, SUPERVISOR
from tests.strategies import objects_of
from vgigw import operations as ops
from vgigw.objects import (
    AgentOperator,
    AggregateResource,
    CustomerInfo,
    CustomerQuery,
    LedgerQuery,
    LoadDevice,
    LoadDeviceQuery,
    OperatorInfo,
    OperatorQuery,
    PolarityMode,
    ResourceQuery,
    StationInfo,
)
from vgigw.objects.enumerations import ObjectKind, OperatorRole
from vgigw.objects.ledger import LedgerKind
from vgigw.objects.resources import ResourceMember
from vgigw.operations import Operation

_SMALLEST = Decimal("0.001")
A_CREDIT_CODE = "91350100M000100Y43"


def customer(draw: Draw) -> CustomerInfo:
    drawn: CustomerInfo = draw(objects_of(CustomerInfo))
    return replace(drawn, operator_id=draw(st.sampled_from((None, OPERATOR))))


def load_device(draw: Draw, station: StationInfo) -> LoadDevice:
    """PLT-7.4b holds: what reaches into delivery has generation polarity, and so has what stands
    at a charger that can deliver."""
    drawn: LoadDevice = draw(objects_of(LoadDevice))
    low, high = sorted((drawn.min_power, drawn.max_power))
    polarity = drawn.polarity_mode
    place = {"station_id": drawn.station_id, "equipment_id": None}
    if draw(st.booleans()):
        polarity = polarity_of(station)
        charger = station.equipment_infos[0].equipment_id
        place = {
            "station_id": draw(st.sampled_from((None, station.station_id))),
            "equipment_id": charger,
        }
    if polarity is PolarityMode.LOAD:
        low, high = sorted((abs(low), abs(high)))
    else:
        high = max(high, _SMALLEST)
    return replace(drawn, min_power=low, max_power=high, polarity_mode=polarity, **place)


def party(draw: Draw, operator_id: str) -> OperatorInfo:
    """PLT-8.2 holds: an aggregator only acts for others, and once for each."""
    drawn: OperatorInfo = draw(objects_of(OperatorInfo))
    roles = [each for each in OperatorRole if each is not OperatorRole.AGGREGATOR]
    role = draw(st.sampled_from(roles))
    agented: tuple[AgentOperator, ...] = ()
    if operator_id == AGGREGATOR:
        role, agented = OperatorRole.AGGREGATOR, _agented(draw)
    return replace(
        drawn,
        operator_id=operator_id,
        operator_uscid=draw(st.sampled_from((None, A_CREDIT_CODE))),
        operator_role=role,
        agent_operators=agented,
    )


def _agented(draw: Draw) -> tuple[AgentOperator, ...]:
    names = draw(st.lists(st.sampled_from((OPERATOR, "987654321")), unique=True))
    found: list[AgentOperator] = []
    for name in names:
        drawn: AgentOperator = draw(objects_of(AgentOperator))
        begins, ends = drawn.agent_from, drawn.agent_to
        if begins is not None and ends is not None and ends <= begins:
            ends = None
        found.append(replace(drawn, operator_id=name, agent_to=ends))
    return tuple(found)


def resource(draw: Draw, station: StationInfo) -> AggregateResource:
    """PLT-6.4a and PLT-7.4b hold: no member twice, and its polarity is that of what it counts."""
    drawn: AggregateResource = draw(objects_of(AggregateResource))
    counted = (
        ResourceMember(member_kind=ObjectKind.STATION, member_id=station.station_id),
        ResourceMember(
            member_kind=ObjectKind.EQUIPMENT, member_id=station.equipment_infos[0].equipment_id
        ),
        *drawn.members,
    )
    polarity = polarity_of(station)
    delivers = drawn.rated_discharge_power if polarity is PolarityMode.GENERATION else Decimal(0)
    return replace(
        drawn,
        aggregator_id=OPERATOR,
        polarity_mode=polarity,
        rated_discharge_power=delivers,
        members=(draw(st.sampled_from(counted)),),
    )


def _customers(operation: Operation, draw: Draw) -> Case:
    made = customer(draw)
    push = step(OPERATOR, ops.PUSH_CUSTOMER, made)
    if operation is ops.PUSH_CUSTOMER:
        return Case((), push)
    drawn: CustomerQuery = draw(objects_of(CustomerQuery))
    named = draw(st.sampled_from((None, made.customer_no)))
    return Case((push,), step(OPERATOR, operation, replace(_first(drawn), customer_no=named)))


def _devices(operation: Operation, draw: Draw) -> Case:
    station = a_station()
    made = load_device(draw, station)
    archive = step(OPERATOR, ops.PUSH_ARCHIVE, station)
    push = step(OPERATOR, ops.PUSH_LOAD_DEVICE, made)
    if operation is ops.PUSH_LOAD_DEVICE:
        return Case((archive,), push)
    drawn: LoadDeviceQuery = draw(objects_of(LoadDeviceQuery))
    named = draw(st.sampled_from((None, made.load_device_id)))
    asked = replace(_first(drawn), load_device_id=named)
    return Case((archive, push), step(OPERATOR, operation, asked))


def _parties(operation: Operation, draw: Draw) -> Case:
    who = draw(st.sampled_from((OPERATOR, AGGREGATOR)))
    push = step(who, ops.PUSH_OPERATOR, party(draw, who))
    if operation is ops.PUSH_OPERATOR:
        return Case((), push)
    drawn: OperatorQuery = draw(objects_of(OperatorQuery))
    asked = replace(_first(drawn), operator_id=draw(st.sampled_from((None, who))))
    return Case((push,), step(draw(st.sampled_from((who, DISPATCH))), operation, asked))


def _resources(operation: Operation, draw: Draw) -> Case:
    station = a_station()
    made = resource(draw, station)
    archive = step(OPERATOR, ops.PUSH_ARCHIVE, station)
    push = step(OPERATOR, ops.PUSH_RESOURCE, made)
    if operation is ops.PUSH_RESOURCE:
        return Case((archive,), push)
    drawn: ResourceQuery = draw(objects_of(ResourceQuery))
    asked = replace(_first(drawn), resource_id=draw(st.sampled_from((None, made.resource_id))))
    return Case(
        (archive, push), step(draw(st.sampled_from((OPERATOR, DISPATCH))), operation, asked)
    )


def _ledger(operation: Operation, draw: Draw) -> Case:
    station = a_station()
    counted, device = resource(draw, station), load_device(draw, station)
    before: tuple[Step, ...] = (
        step(OPERATOR, ops.PUSH_ARCHIVE, station),
        step(OPERATOR, ops.PUSH_RESOURCE, counted),
        step(OPERATOR, ops.PUSH_LOAD_DEVICE, device),
        step(AGGREGATOR, ops.PUSH_OPERATOR, party(draw, AGGREGATOR)),
    )
    roots = (
        (None, None),
        (LedgerKind.PLATFORM, PLATFORM),
        (LedgerKind.AGGREGATOR, AGGREGATOR),
        (LedgerKind.OPERATOR, OPERATOR),
        (LedgerKind.STATION, station.station_id),
        (LedgerKind.EQUIPMENT, station.equipment_infos[0].equipment_id),
        (LedgerKind.RESOURCE, counted.resource_id),
        (LedgerKind.LOAD_DEVICE, device.load_device_id),
    )
    kind, root = draw(st.sampled_from(roots))
    drawn: LedgerQuery = draw(objects_of(LedgerQuery))
    asked = replace(drawn, root=root, root_kind=kind, root_owner_id=None)
    asked = replace(asked, page_no=draw(st.sampled_from((None, 1, 2))))
    return Case(before, step(draw(st.sampled_from((DISPATCH, SUPERVISOR))), operation, asked))


def _first(query: Any) -> Any:
    """``query`` for a page that has something on it."""
    since = query.last_query_time
    return replace(query, page_no=1, last_query_time=None if since is None else min(since, NOW))


CASES: dict[str, Builder] = {
    **{row.name: _customers for row in (ops.PUSH_CUSTOMER, ops.QUERY_CUSTOMERS)},
    **{row.name: _devices for row in (ops.PUSH_LOAD_DEVICE, ops.QUERY_LOAD_DEVICES)},
    **{row.name: _parties for row in (ops.PUSH_OPERATOR, ops.QUERY_OPERATORS)},
    **{row.name: _resources for row in (ops.PUSH_RESOURCE, ops.QUERY_RESOURCES)},
    ops.QUERY_LEDGER.name: _ledger,
}

CHANGED: dict[str, Change] = {
    "PushCustomer": {"customer_name": "of another name"},
    "PushLoadDevice": {"load_device_name": "of another name"},
    "PushOperator": {"operator_name": "of another name"},
    "PushResource": {"resource_name": "of another name"},
}
