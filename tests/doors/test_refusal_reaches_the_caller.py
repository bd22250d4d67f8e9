"""A refusal reaches our own callers whole: code and list of details, on every door."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.cases.first import a_curve, a_station
from tests.cases.worlds import DISPATCH, DOORS, OPERATOR, World
from vgigw.errors import PeerRefused
from vgigw.operations import ISSUE_CONTROL, PUSH_ARCHIVE


@pytest.mark.parametrize("door", DOORS)
def test_a_caller_is_told_what_is_wrong_and_where_acc_5_3(door: str) -> None:
    world = World()
    station = a_station()
    world.call(door, OPERATOR, PUSH_ARCHIVE, station)

    with pytest.raises(PeerRefused) as refused:
        world.call(door, DISPATCH, ISSUE_CONTROL, replace(a_curve(station), interval_min=7))

    assert refused.value.code == 4405
    assert [detail.path for detail in refused.value.details] == ["/IntervalMin"]
