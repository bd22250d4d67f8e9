"""An act of class SEN leaves one audit entry, the same one by whichever door it came. CARD-12."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.cases import WALKED, cases
from tests.cases.case import Case
from tests.cases.worlds import DOORS, World
from vgigw.handlers.audit import AUDIT
from vgigw.objects import AuditRecord, Grade
from vgigw.operations import Operation

FEW = settings(
    max_examples=3,
    phases=[Phase.generate],
    database=None,
    suppress_health_check=list(HealthCheck),
)
WITNESSED = [row for row in WALKED if row.grade is Grade.SEN]
TRIED_AGAIN = {"QueryStartCharge", "QueryStopCharge"}
"""Turned down in these worlds, where nobody charges: each fresh envelope is a try of its own."""

each_operation = pytest.mark.parametrize("operation", WITNESSED, ids=lambda row: row.name)


def entries(world: World, operation: Operation) -> list[AuditRecord]:
    """What the audit says of one operation, but for the number and the hashes of its chain, in
    which the door's own token stands, too."""
    found: list[Any] = world.served.store.read(lambda view: list(AUDIT.all(view)))
    return [
        replace(each, audit_id="-", prev_hash="-", hash="-")
        for each in found
        if each.action == operation.name
    ]


def asked(case: Case, door: str, again: tuple[str, ...] = ()) -> list[AuditRecord]:
    """The entries of a world in which the case came by ``door``, and then once more by others."""
    world, replies = case.prepared(door)
    request = case.last.asked(replies)
    for each in (door, *again):
        world.call(each, case.last.party, case.last.operation, request)
    return entries(world, case.last.operation)


@each_operation
@FEW
@given(data=st.data())
def test_the_same_act_by_each_door_is_the_same_entry_card_12(
    operation: Operation, data: st.DataObject
) -> None:
    case = data.draw(cases(operation))
    by_door = [asked(case, door) for door in DOORS]
    assert by_door[0]
    assert by_door[1:] == by_door[:1] * 2


@pytest.mark.parametrize("operation", [row for row in WITNESSED if row.key], ids=lambda r: r.name)
@FEW
@given(data=st.data(), order=st.permutations(DOORS))
def test_an_act_that_comes_again_by_other_doors_stays_one_entry_card_12(
    operation: Operation, data: st.DataObject, order: list[str]
) -> None:
    case = data.draw(cases(operation))
    once = asked(case, order[0])
    times = len(DOORS) if operation.name in TRIED_AGAIN else 1
    assert asked(case, order[0], tuple(order[1:])) == once * times
