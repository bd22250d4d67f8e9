"""What waited goes out by turns, so that none of its kinds starves. PLT-7.9d."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tests.trio import batch
from vgigw.objects.operating_enumerations import ReportMode
from vgigw.operations import (
    BACKFILL_DATA,
    OPERATIONS,
    PUSH_DEVICE_STATE,
    UPLOAD_TELEMETRY,
    Lane,
)
from vgigw.rules.catch_up import LIVE, URGENT, in_turn

QUEUES = st.lists(st.lists(st.integers(), max_size=20), max_size=4)


@given(queues=QUEUES, most=st.integers(0, 90))
def test_plt_7_9d_each_queue_has_its_turn_and_keeps_its_order(
    queues: list[list[int]], most: int
) -> None:
    told = [[(which, n, each) for n, each in enumerate(q)] for which, q in enumerate(queues)]

    found = in_turn(told, most)

    assert len(found) == min(most, sum(map(len, queues)))
    taken = Counter(which for which, _, _ in found)
    for which, queue in enumerate(told):
        assert [each for each in found if each[0] == which] == queue[: taken[which]]
        for other, longer in enumerate(told):
            if taken[which] < len(queue) and len(longer) > taken[which]:
                assert taken[other] <= taken[which] + 1


def test_plt_7_9d_a_row_says_whether_what_waited_goes_newest_first() -> None:
    full = batch(1, 1, report_mode=ReportMode.FULL)
    assert UPLOAD_TELEMETRY.lane_of(full) is Lane.STATE
    assert UPLOAD_TELEMETRY.lane_of(batch(1, 1)) is Lane.LIVE
    assert BACKFILL_DATA.lane_of(full) is Lane.BULK
    states = [row.name for row in OPERATIONS if row.state is True]
    assert states == [PUSH_DEVICE_STATE.name]


def test_each_lane_is_urgent_live_or_bulk() -> None:
    assert {*URGENT, *LIVE, Lane.BULK} == set(Lane)
    assert URGENT == (Lane.EMERGENCY, Lane.CONTROL)
