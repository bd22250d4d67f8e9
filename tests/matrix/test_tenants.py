"""Every operation, every party, own or foreign object: what is another's does not exist.

A party that an object does not concern gets, in a world that holds it, the very answer that it gets
in a world that does not; and what is kept of the others stays as it was. PLT-6.9, ACC-G.4.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.cases import cases
from tests.cases.case import Case, taken
from tests.cases.worlds import DISPATCH, EXCHANGE, OEM, OPERATOR, ROLES, SUPERVISOR, World
from tests.matrix.test_permissions import each_operation
from vgigw.errors import PeerRefused
from vgigw.objects import InformationObject
from vgigw.operations import BY_NAME, Operation

FEW = settings(
    max_examples=3,
    phases=[Phase.generate],
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
NORTH = frozenset({DISPATCH, EXCHANGE, SUPERVISOR})

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
    "QueryControl": "PLT-8.8a: whoever issued it",
    "RecallData": "PLT-7.6d: what was measured goes up",
    "QueryBackfill": "PLT-7.9d: whoever asked for it",
}

CONCERNED = {
    "QueryIncome": frozenset({OPERATOR, OEM}),
    "ClearAlarm": frozenset({DISPATCH}),
}
"""Parties that an object concerns though they take no step of the case: whoever the cases give a
share of an income, and dispatch, which is told of every alarm."""


def answer(world: World, party: str, operation: Operation, request: InformationObject) -> Any:
    """The reply, or the refusal with its words and details."""
    try:
        return world.call("rest", party, operation, request)
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
        for party, role in ROLES.items()
        if party not in concerned
        and party != case.served
        and operation.may_call(role, ROLES[case.served])
        and not (party in NORTH and operation.name in SEEN_IN_THE_NORTH)
    ]


def test_the_exceptions_name_operations() -> None:
    assert set(BY_NAME) >= {*SEEN_BY_ALL, *SEEN_IN_THE_NORTH}


@each_operation
@FEW
@given(data=st.data())
def test_a_foreign_object_is_answered_as_one_that_does_not_exist(
    operation: Operation, data: st.DataObject
) -> None:
    case = data.draw(cases(operation))
    for party in foreign_to(case, operation):
        held, replies = case.prepared("rest")
        request = case.last.asked(replies)
        if not operation.writes:
            before = held.kept()
        else:
            held.call("rest", case.last.party, operation, request)
            before = held.kept()
        empty = World(case.served)

        assert answer(held, party, operation, request) == answer(
            empty, party, operation, request
        ), party
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
def test_an_exception_is_a_read_or_a_recall(name: str) -> None:
    assert not BY_NAME[name].writes or name == "RecallData"
