"""Every operation, caller and callee: who may call whom, and nobody else. ACC-5.2, ACC-G.4.

Who may is told by the catalogue that was written out by hand, not by what the gateway asks.
"""

from __future__ import annotations

import functools
import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.cases import WALKED, cases
from tests.cases.worlds import EVERYBODY, ROLES, World, identity_of
from tests.operations.catalogue import TABLE
from vgigw.errors import PeerRefused
from vgigw.handlers import builtin
from vgigw.operations import Operation, Role

ONE = settings(
    max_examples=1,
    phases=[Phase.generate],
    database=None,
    suppress_health_check=list(HealthCheck),
)
PARTIES = {role: next(p for p, each in ROLES.items() if each is role) for role in Role}
each_operation = pytest.mark.parametrize("operation", WALKED, ids=lambda row: row.name)


OTHER_PLATFORM = "100000011"
AROUND = EVERYBODY | {OTHER_PLATFORM: Role.PLATFORM}
CALLED = {
    role: next(p for p, each in AROUND.items() if each is role and p != PARTIES[role])
    for role in Role
}
"""A second party of each role, so that a role is a caller of its own, too."""


def test_every_role_has_a_party_in_the_matrix() -> None:
    assert set(PARTIES) == set(CALLED) == set(Role)
    assert not set(PARTIES.values()) & set(CALLED.values())


@each_operation
def test_whoever_is_a_callee_serves_the_operation(operation: Operation) -> None:
    callees = {callee for _, callee in TABLE[operation.name].cells}
    for role in Role:
        handlers = builtin(identity_of(PARTIES[role])).handlers
        assert (operation.name in handlers) == (role in callees), role


@functools.cache
def world_of(served: str) -> World:
    """One that refuses only, so that it may serve every operation."""
    return World(served, AROUND)


@each_operation
@ONE
@given(data=st.data())
def test_whoever_the_table_does_not_name_is_refused_4301_and_nothing_is_kept(
    operation: Operation, data: st.DataObject
) -> None:
    case = data.draw(cases(operation))
    _, replies = case.prepared("rest")
    request: Any = case.last.asked(replies)
    allowed = TABLE[operation.name].cells
    looked_at = 0
    for (caller_role, caller), (served_role, served) in itertools.product(
        PARTIES.items(), CALLED.items()
    ):
        if (caller_role, served_role) in allowed:
            continue
        world = world_of(served)
        kept = world.kept()
        with pytest.raises(PeerRefused) as refused:
            world.call("rest", caller, operation, request)
        assert refused.value.code == 4301, (caller_role, served_role)
        assert world.kept() == kept
        looked_at += 1
    assert looked_at == len(Role) ** 2 - len(allowed)
