"""A supervision platform asks what its rows of the table name, and writes little. ACC-1.2."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases import cases
from tests.cases.worlds import DOORS, PLATFORM, ROLES, SUPERVISOR
from tests.matrix.test_permissions import ONE
from vgigw.errors import PeerRefused
from vgigw.operations import OPERATIONS, Operation, Role

ITS_ROWS = [row for row in OPERATIONS if row.may_call(Role.SUPERVISOR, Role.PLATFORM)]
ITS_OWN_WRITES = {
    "QueryToken",
    "NotifyKeyChange",
    "Heartbeat",
    "PublishEnergyStatement",
    "PushAlarm",
    "ClearAlarm",
    "SubmitSupplyScheme",
}
NOTHING_THERE = 4201


def test_acc_1_2_what_a_supervisor_writes_is_its_link_its_keys_and_its_own_objects() -> None:
    assert {row.name for row in ITS_ROWS if row.writes} == ITS_OWN_WRITES
    assert len(ITS_ROWS) > 2 * len(ITS_OWN_WRITES)


@pytest.mark.parametrize("row", [row for row in ITS_ROWS if not row.writes], ids=lambda r: r.name)
@pytest.mark.parametrize("door", DOORS)
@ONE
@given(data=st.data())
def test_acc_1_2_a_supervisor_is_answered_by_each_query_that_names_it(
    row: Operation, door: str, data: st.DataObject
) -> None:
    """With the object that it asks for, or that there is none for it; never that it may not ask."""
    case = data.draw(cases(row).filter(lambda made: made.served == PLATFORM))
    world, replies = case.prepared(door)
    try:
        answer: Any = world.call(door, SUPERVISOR, row, case.last.asked(replies))
    except PeerRefused as refused:
        answer = refused.code
    concerned = ROLES[case.last.party] is Role.SUPERVISOR
    assert isinstance(answer, row.response) or (answer == NOTHING_THERE and not concerned)
