"""Maintenance: three days ahead by Beijing dates, decided once, run by the clock. PLT-8.10."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases.applied import DAY, HOUR, a_decision, a_maintenance
from tests.cases.trading import call, faults, refusal, sent
from tests.cases.worlds import (
    AGGREGATOR,
    DISPATCH,
    NOW,
    OEM,
    OPERATOR,
    OTHER,
    PLATFORM,
    SUPERVISOR,
    World,
)
from vgigw import operations as ops
from vgigw.errors import IllegalState, NotAllowed, TooLate, UnknownObject
from vgigw.objects import (
    ApplicationState,
    ApprovalRole,
    Decision,
    MaintenanceApplication,
    MaintenanceQuery,
)
from vgigw.rules.maintenance import LONGEST_ON_ITS_WAY, check_times

SUBMIT, DECIDE, QUERY = ops.SUBMIT_MAINTENANCE, ops.APPROVE_MAINTENANCE, ops.QUERY_MAINTENANCE
BEIJING = timezone(timedelta(hours=8))
SUBMITTED, APPROVED, REFUSED = (
    ApplicationState.SUBMITTED,
    ApplicationState.APPROVED,
    ApplicationState.REFUSED,
)


@pytest.fixture
def world() -> World:
    return World()


def found(world: World, party: str, application_id: str | None = None) -> list[Any]:
    query = MaintenanceQuery(application_id=application_id)
    return list(call(world, party, QUERY, query).maintenance_applications)


def begins(at: datetime) -> MaintenanceApplication:
    return a_maintenance(work_start=at, work_end=at + HOUR)


def test_plt_8_10_two_days_ahead_is_4406_and_three_are_enough(world: World) -> None:
    midnight = datetime(2026, 11, 24, tzinfo=BEIJING)
    too_late = begins(midnight - timedelta(milliseconds=1))
    assert refusal(world, OPERATOR, SUBMIT, too_late) == 4406
    assert call(world, OPERATOR, SUBMIT, begins(midnight)).state is SUBMITTED


def test_plt_8_10_the_day_is_that_of_beijing(world: World) -> None:
    world.clock.move_to(datetime(2026, 11, 21, 16, tzinfo=NOW.tzinfo))
    midnight = datetime(2026, 11, 24, tzinfo=BEIJING)
    late = a_maintenance(apply_time=world.clock.now(), work_start=midnight, work_end=NOW + 9 * DAY)
    assert refusal(world, OPERATOR, SUBMIT, late) == 4406


def test_plt_8_10_nobody_applies_in_the_past(world: World) -> None:
    month_ago = a_maintenance(
        apply_time=NOW - 30 * DAY, work_start=NOW + HOUR, work_end=NOW + 2 * HOUR
    )
    assert refusal(world, OPERATOR, SUBMIT, month_ago) == 4406


@given(
    applied=st.integers(0, 365 * 86_400),
    ahead=st.timedeltas(timedelta(0), timedelta(days=6)),
    on_its_way=st.timedeltas(timedelta(0), LONGEST_ON_ITS_WAY),
)
def test_plt_8_10_the_rule_is_the_difference_of_dates(
    applied: int, ahead: timedelta, on_its_way: timedelta
) -> None:
    at = datetime(2026, 1, 1, tzinfo=BEIJING) + timedelta(seconds=applied)
    start = at + ahead
    application = a_maintenance(apply_time=at, work_start=start, work_end=start + HOUR)
    if (start.date() - at.date()).days >= 3:
        check_times(application, at + on_its_way)
        return
    with pytest.raises(TooLate) as refused:
        check_times(application, at + on_its_way)
    assert [detail.path for detail in refused.value.details] == ["/WorkStart"]


def test_plt_8_10_work_without_length_is_4004(world: World) -> None:
    assert faults(world, OPERATOR, SUBMIT, a_maintenance(work_end=NOW + 4 * DAY)) == ["/WorkEnd"]


@pytest.mark.parametrize("changes", [{"state": APPROVED}, {"approvals": "one"}])
def test_plt_8_10_nobody_approves_its_own_4203(world: World, changes: dict[str, Any]) -> None:
    if "approvals" in changes:
        call(world, OPERATOR, SUBMIT, a_maintenance("M0"))
        call(world, DISPATCH, DECIDE, a_decision("M0"))
        changes = {"approvals": found(world, OPERATOR)[0].approvals}
    assert refusal(world, OPERATOR, SUBMIT, a_maintenance(**changes)) == 4203


def test_plt_8_10_nobody_applies_for_another_party(world: World) -> None:
    assert refusal(world, OTHER, SUBMIT, a_maintenance()) == 4301


def test_plt_8_10_dispatch_decides_and_the_applicant_is_told(world: World) -> None:
    call(world, OPERATOR, SUBMIT, a_maintenance())
    status = call(world, DISPATCH, DECIDE, a_decision("M1"))
    assert (status.application_id, status.state) == ("M1", APPROVED)
    assert [each.by for each in status.approvals] == ["Li"]
    assert sent(world, DECIDE) == [(OPERATOR, a_decision("M1"))]
    assert found(world, OPERATOR)[0].state is APPROVED


@pytest.mark.parametrize("decision", list(Decision))
def test_plt_8_10_what_is_decided_is_not_decided_again_4203(
    world: World, decision: Decision
) -> None:
    call(world, OPERATOR, SUBMIT, a_maintenance())
    call(world, DISPATCH, DECIDE, a_decision("M1", decision=decision))
    again = a_decision("M1", ApprovalRole.INFORMATION, "Wang")
    assert refusal(world, DISPATCH, DECIDE, again) == 4203
    with pytest.raises(IllegalState):
        world.act(OPERATOR, DECIDE, a_decision("M1", ApprovalRole.PLATFORM, "Zhao"))


def test_plt_8_10_what_nobody_applied_for_is_4201(world: World) -> None:
    assert refusal(world, DISPATCH, DECIDE, a_decision("M9")) == 4201
    call(world, OPERATOR, SUBMIT, a_maintenance())
    with pytest.raises(UnknownObject):
        world.act(OTHER, DECIDE, a_decision("M1", ApprovalRole.PLATFORM))


def test_plt_8_11a_a_decision_is_made_in_a_role_of_ones_own(world: World) -> None:
    call(world, OPERATOR, SUBMIT, a_maintenance())
    assert refusal(world, DISPATCH, DECIDE, a_decision("M1", ApprovalRole.PLATFORM)) == 4301
    with pytest.raises(NotAllowed):
        world.act(OPERATOR, DECIDE, a_decision("M1", ApprovalRole.DISPATCH))
    world.act(OPERATOR, DECIDE, a_decision("M1", ApprovalRole.PLATFORM))
    assert found(world, OPERATOR)[0].state is APPROVED


def test_plt_8_10_approved_work_begins_and_ends_by_its_times(world: World) -> None:
    call(world, OPERATOR, SUBMIT, a_maintenance())
    call(world, OPERATOR, SUBMIT, a_maintenance("M2"))
    call(world, DISPATCH, DECIDE, a_decision("M1"))
    states = []
    for at in (4 * DAY - HOUR, 4 * DAY, 4 * DAY + 4 * HOUR, 9 * DAY):
        world.clock.move_to(NOW + at)
        world.served.do_chores(world.clock.now())
        states.append([each.state for each in found(world, OPERATOR)])
    assert states == [
        [APPROVED, SUBMITTED],
        [ApplicationState.RUNNING, SUBMITTED],
        [ApplicationState.FINISHED, SUBMITTED],
        [ApplicationState.FINISHED, SUBMITTED],
    ]


def test_plt_8_12_two_applicants_may_choose_one_identifier(world: World) -> None:
    call(world, OPERATOR, SUBMIT, a_maintenance())
    other = a_maintenance(applicant_id=OTHER, work_content="of another")
    assert call(world, OTHER, SUBMIT, other).application_id == "M1"
    names = {each.applicant_id: each.application_id for each in found(world, DISPATCH)}
    assert names[OPERATOR] == "M1" != names[OTHER]
    assert [each.application_id for each in found(world, OTHER)] == ["M1"]
    assert [each.applicant_id for each in found(world, DISPATCH, names[OTHER])] == [OTHER]

    status = call(world, DISPATCH, DECIDE, a_decision(names[OTHER]))
    assert status.application_id == names[OTHER]
    assert sent(world, DECIDE) == [(OTHER, a_decision("M1"))]
    assert found(world, OPERATOR)[0].state is SUBMITTED


def test_plt_8_12_an_applicant_sees_its_own_only(world: World) -> None:
    call(world, OPERATOR, SUBMIT, a_maintenance())
    assert found(world, OTHER) == found(world, AGGREGATOR, "M1") == []
    for stranger in (OEM, SUPERVISOR):
        assert refusal(world, stranger, QUERY, MaintenanceQuery()) == 4301


def test_plt_8_10_an_applicant_hears_the_decision_of_the_platform_it_asked() -> None:
    world = World(OPERATOR)
    world.act(PLATFORM, SUBMIT, a_maintenance())
    with pytest.raises(TooLate):
        world.act(PLATFORM, SUBMIT, begins(NOW + DAY))
    status = call(world, PLATFORM, DECIDE, a_decision("M1"))
    assert status.state is APPROVED
    assert refusal(world, PLATFORM, DECIDE, a_decision("M1", time=NOW + HOUR)) == 4203
    assert refusal(world, PLATFORM, DECIDE, a_decision("M2")) == 4201
    world.clock.move_to(NOW + 5 * DAY)
    world.served.do_chores(world.clock.now())
    ended = [each for each in world.kept()["documents"] if each["owner"] == PLATFORM]
    assert max(each["version"] for each in ended) == 3
