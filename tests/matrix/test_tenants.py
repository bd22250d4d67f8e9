"""Every operation, every party, own or foreign object: what is another's does not exist.

A party that an object does not concern gets, in a world that holds it, the very answer that it gets
in a world that does not; and what is kept of the others stays as it was. There are two parties of
each role, so that a second dispatch is as foreign as a second operator. PLT-6.9, ACC-G.4.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.cases import cases
from tests.cases.case import Case, Step, taken
from tests.cases.worlds import DOORS, EVERYBODY, OEM, OPERATOR, World
from tests.matrix.test_permissions import each_operation
from tests.operations.catalogue import TABLE
from vgigw.errors import PeerRefused
from vgigw.objects import InformationObject
from vgigw.operations import BY_NAME, Operation, Role

FEW = settings(
    max_examples=3,
    phases=[Phase.generate],
    database=None,
    suppress_health_check=list(HealthCheck),
)
NORTH = frozenset({Role.DISPATCH, Role.EXCHANGE, Role.SUPERVISOR})
DISPATCHES = frozenset(party for party, role in EVERYBODY.items() if role is Role.DISPATCH)

SEEN_BY_ALL = {
    "QueryStationsInfo": "class PUB: the map of chargers",
    "QueryStationStatus": "class PUB: whether a charger is free",
}
SEEN_IN_THE_NORTH = {
    "QueryLedger": "PLT-6.9: dispatch and supervision see the whole ledger",
    "QueryOperators": "PLT-8.2: archives go up",
    "QueryResources": "PLT-7.2a: archives go up",
    "QueryTelemetry": "PLT-7.6d: what was measured goes up",
    "QueryStationStats": "102: supervision counts every station",
    "QueryMaintenance": "PLT-8.10: dispatch knows what is out of service",
    "QueryEvaluation": "PLT-6.5: supervision evaluates everybody",
    "QueryAlarms": "PLT-7.9c: alarms go up",
    "QueryTrace": "PLT-7.9a: supervision follows every chain",
    "QueryGridTrace": "PLT-6.10: the grid is the north's own",
    "QueryPlan": "PLT-8.3: plans go up",
    "RecallData": "PLT-7.6d: what was measured goes up",
    "ApproveMaintenance": "PLT-8.10: dispatch decides on what an operator applied for",
    "DecideAccess": "PLT-8.11: dispatch decides on what a party applied for",
    "QueryAssets": "PLT-10.4: supervision sees the whole register",
    "QueryAudit": "PLT-7.10d: supervision sees the whole audit",
}
NOBODY_IS_FOREIGN = SEEN_BY_ALL.keys() | {
    "QueryLedger",
    "QueryStationStats",
    "QueryTrace",
    "QueryGridTrace",
    "QueryPlan",
    "RecallData",
    "QueryAssets",
    "QueryAudit",
    "ApproveMaintenance",
    "DecideAccess",
    "NotifySanction",
    "PublishSettlement",
}
"""Operations whose cases leave nobody to whom the object would be foreign: class PUB; a platform is
asked by the north alone, which sees the object (the reason stands above); or the one caller of the
callee in the table is the platform, and there is one (NotifySanction; PublishSettlement as it comes
to an aggregator)."""

CONCERNED = {
    "QueryIncome": frozenset({OPERATOR, OEM}),
    "ClearAlarm": DISPATCHES,
}
"""Parties that an object concerns though they take no step of the case: whoever the cases give a
share of an income, and dispatch, which is told of every alarm."""


def answer(
    world: World, door: str, party: str, operation: Operation, request: InformationObject
) -> Any:
    """The reply, or the refusal with its words and details."""
    try:
        return world.call(door, party, operation, request)
    except PeerRefused as refused:
        return (refused.code, refused.message, refused.details)


def foreign_to(case: Case, operation: Operation) -> list[str]:
    """Parties that may call, and that the objects of the case do not concern."""
    concerned = {each.party for each in (*case.before, case.last)} | {
        each.to for each in case.before if each.to
    }
    concerned |= CONCERNED.get(operation.name, frozenset())
    if operation.name in SEEN_BY_ALL:
        return []
    return [
        party
        for party, role in EVERYBODY.items()
        if party not in concerned
        and party != case.served
        and (role, EVERYBODY[case.served]) in TABLE[operation.name].cells
        and not (role in NORTH and operation.name in SEEN_IN_THE_NORTH)
    ]


def without(case: Case, party: str, door: str) -> World:
    """A world without the object. To the south it is an empty one; the north sees what the south
    said before, and of its own kind nothing."""
    world = World(case.served, EVERYBODY)
    if EVERYBODY[party] in NORTH:
        taken(world, door, tuple(itertools.takewhile(_is_of_the_south, case.before)))
    return world


def _is_of_the_south(step: Step) -> bool:
    return not step.to and EVERYBODY[step.party] not in NORTH


def test_the_exceptions_name_operations() -> None:
    assert set(BY_NAME) >= {*SEEN_BY_ALL, *SEEN_IN_THE_NORTH, *NOBODY_IS_FOREIGN}


@each_operation
def test_a_foreign_object_is_answered_as_one_that_does_not_exist(operation: Operation) -> None:
    looked_at: set[str] = set()

    @FEW
    @given(data=st.data())
    def holds(data: st.DataObject) -> None:
        case, door = data.draw(cases(operation)), data.draw(st.sampled_from(DOORS))
        parties = foreign_to(case, operation)
        looked_at.update(parties)
        for party in parties:
            _is_answered_alike(case, operation, party, door)

    holds()
    assert (not looked_at) == (operation.name in NOBODY_IS_FOREIGN), looked_at


def _in_the_name_of(party: str, request: Any, issuer: str) -> InformationObject:
    """``request`` as ``party`` would say it: nobody issues in the name of another."""
    if getattr(request, "issued_by", None) != issuer:
        return request  # type: ignore[no-any-return]
    return replace(request, issued_by=party)  # type: ignore[no-any-return]


def _is_answered_alike(case: Case, operation: Operation, party: str, door: str) -> None:
    held, replies = case.prepared(door, EVERYBODY)
    request = case.last.asked(replies)
    if operation.writes:
        held.call(door, case.last.party, operation, request)
    before = held.kept()

    said = _in_the_name_of(party, request, case.last.party)
    there = answer(held, door, party, operation, said)
    assert there == answer(without(case, party, door), door, party, operation, said), party
    after = held.kept()
    of_others = [each for each in before["documents"] if each["owner"] != party]
    assert [each for each in after["documents"] if each in of_others] == of_others, party
    assert after["rows"][: len(before["rows"])] == before["rows"]


@each_operation
@FEW
@given(data=st.data())
def test_whom_it_concerns_is_answered(operation: Operation, data: st.DataObject) -> None:
    case = data.draw(cases(operation))
    world = World(case.served)
    replies = taken(world, "rest", case.before)

    reply = world.call("rest", case.last.party, operation, case.last.asked(replies))
    assert isinstance(reply, operation.response)


@pytest.mark.parametrize("name", [*SEEN_BY_ALL, *SEEN_IN_THE_NORTH])
def test_an_exception_is_a_read_a_recall_or_a_decision(name: str) -> None:
    decisions = {"ApproveMaintenance", "DecideAccess"}
    assert not BY_NAME[name].writes or name in decisions | {"RecallData"}
