"""Every operation, caller and callee: who may call whom, and nobody else. ACC-5.2, ACC-G.4."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.cases import WALKED, cases
from tests.cases.worlds import ROLES, World, identity_of
from vgigw.errors import PeerRefused
from vgigw.handlers import builtin
from vgigw.operations import Operation, Role

ONE = settings(
    max_examples=1,
    phases=[Phase.generate],
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
PARTIES = {role: next(p for p, each in ROLES.items() if each is role) for role in Role}
each_operation = pytest.mark.parametrize("operation", WALKED, ids=lambda row: row.name)


def test_every_role_has_a_party_in_the_matrix() -> None:
    assert set(PARTIES) == set(Role)


@each_operation
def test_whoever_is_a_callee_serves_the_operation(operation: Operation) -> None:
    callees = {role for each in operation.directions for role in each.callees}
    for role in Role:
        handlers = builtin(identity_of(PARTIES[role])).handlers
        assert (operation.name in handlers) == (role in callees), role


@functools.cache
def world_of(served: str) -> World:
    """One that refuses only, so that it may serve every operation."""
    return World(served)


@each_operation
@ONE
@given(data=st.data())
def test_whoever_the_table_does_not_name_is_refused_4301_and_nothing_is_kept(
    operation: Operation, data: st.DataObject
) -> None:
    case = data.draw(cases(operation))
    _, replies = case.prepared("rest")
    request: Any = case.last.asked(replies)
    looked_at = 0
    for served, served_role in ROLES.items():
        for caller, caller_role in ROLES.items():
            if caller == served or operation.may_call(caller_role, served_role):
                continue
            world = world_of(served)
            kept = world.kept()
            with pytest.raises(PeerRefused) as refused:
                world.call("rest", caller, operation, request)
            assert refused.value.code == 4301, (caller_role, served_role)
            assert world.kept() == kept
            looked_at += 1
    allowed = [
        (a, b) for a in ROLES for b in ROLES if a != b and operation.may_call(ROLES[a], ROLES[b])
    ]
    assert looked_at == len(ROLES) * (len(ROLES) - 1) - len(allowed)
