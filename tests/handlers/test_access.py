"""Access: applied for, approved by two sides, held after a change; 4304 until then. PLT-8.11."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cases.applied import HOUR, a_decision, an_access
from tests.cases.trading import call, refusal, sent
from tests.cases.worlds import AGGREGATOR, DISPATCH, NOW, OEM, PLATFORM, World
from tests.cases.worlds import OTHER as STRANGER
from tests.trio import DISPATCH as TRIO_DISPATCH
from tests.trio import OPERATOR, Trio, batch, station
from vgigw import operations as ops
from vgigw.errors import IllegalState, NotAllowed, PeerRefused, UnknownObject
from vgigw.handlers.standing import hold_access, standing_of
from vgigw.objects import (
    AccessKind,
    ApplicationState,
    ApprovalRole,
    Decision,
    InformationObject,
)
from vgigw.objects.operating_enumerations import ReportMode
from vgigw.operations import Operation
from vgigw.rules.access import AccessStage

SUBMIT, DECIDE = ops.SUBMIT_ACCESS, ops.DECIDE_ACCESS
CHANGE = AccessKind.NETWORK_CHANGE
SUBMITTED, APPROVED = ApplicationState.SUBMITTED, ApplicationState.APPROVED
LATER = NOW + HOUR
SECURITY, INFORMATION = ApprovalRole.NETWORK_SECURITY, ApprovalRole.INFORMATION


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def trio() -> Trio:
    """The platform's configuration does not approve the operator."""
    return Trio(platform_sees={OPERATOR: {"approved": False}})


def stage(trio: Trio) -> AccessStage:
    identity = trio.platform.identity
    return trio.platform.store.read(lambda view: standing_of(view, identity, OPERATOR).stage)


def code(trio: Trio, operation: Operation, request: InformationObject) -> int:
    """What the platform answers to the operator; 0 where it is accepted."""
    try:
        trio.call(OPERATOR, operation, request)
    except PeerRefused as refused:
        return refused.code
    return 0


def apply(trio: Trio, application_id: str = "X1", **changes: Any) -> None:
    trio.operator.send(PLATFORM, SUBMIT, an_access(application_id, **changes), trio.now)
    trio.tick(3, step_s=1)


def decide(trio: Trio, role: ApprovalRole, by: str, name: str = "X1", **changes: Any) -> None:
    """Dispatch sends a decision to the platform, which tells the applicant."""
    decision = a_decision(name, role, by, **changes)
    trio.dispatch.send(PLATFORM, DECIDE, decision, trio.now)
    trio.tick(3, step_s=1)


def application_at(trio: Trio, party: str, owner: str) -> Any:
    """What ``party`` keeps of the application ``X1``."""
    from tests.trio import kept
    from vgigw.objects import AccessApplication

    held = trio.stores[party].read(lambda view: view.document("AccessApplication", owner, "X1"))
    assert held is not None
    return kept(AccessApplication, held.payload)


def test_plt_8_11a_who_has_no_access_is_4304_until_two_sides_approved(trio: Trio) -> None:
    assert code(trio, ops.PUSH_ARCHIVE, station()) == 4304
    assert code(trio, ops.UPLOAD_TELEMETRY, batch(1, 2)) == 4304
    apply(trio)
    assert stage(trio) is AccessStage.HELD_APPLIED
    assert code(trio, ops.PUSH_ARCHIVE, station()) == 4304

    decide(trio, ApprovalRole.DISPATCH, "Li")
    assert stage(trio) is AccessStage.HELD_ONE_APPROVAL
    assert code(trio, ops.PUSH_ARCHIVE, station()) == 4304
    decide(trio, SECURITY, "Wang")
    assert stage(trio) is AccessStage.APPROVED
    assert code(trio, ops.PUSH_ARCHIVE, station()) == 0

    mine = application_at(trio, OPERATOR, PLATFORM)
    assert mine.state is APPROVED
    assert [(each.role, each.by) for each in mine.approvals] == [
        (ApprovalRole.DISPATCH, "Li"),
        (SECURITY, "Wang"),
    ]
    assert application_at(trio, TRIO_DISPATCH, PLATFORM).state is APPROVED


def test_plt_8_11a_the_steps_after_the_approval_are_seen_in_what_is_sent(trio: Trio) -> None:
    apply(trio)
    decide(trio, SECURITY, "Wang")
    decide(trio, INFORMATION, "Zhao")
    full = batch(1, 2, report_mode=ReportMode.FULL, period_sec=30)
    stages = [stage(trio)]
    for operation, request in (
        (ops.UPLOAD_TELEMETRY, full),
        (ops.PUSH_ARCHIVE, station()),
        (ops.UPLOAD_TELEMETRY, batch(3, 4)),
        (ops.UPLOAD_TELEMETRY, batch(5, 6, report_mode=ReportMode.FULL, period_sec=30)),
    ):
        assert code(trio, operation, request) == 0
        stages.append(stage(trio))
    assert stages == [
        AccessStage.APPROVED,
        AccessStage.CONNECTED,
        AccessStage.ARCHIVED,
        AccessStage.ARCHIVED,
        AccessStage.ACTIVE,
    ]


def test_plt_8_11a_asking_for_a_token_shows_the_keys_and_no_more(trio: Trio) -> None:
    trio.token()
    assert stage(trio) is AccessStage.HELD
    apply(trio)
    decide(trio, SECURITY, "Wang")
    decide(trio, INFORMATION, "Zhao")
    trio.token()
    assert stage(trio) is AccessStage.KEYED
    trio.token()
    assert stage(trio) is AccessStage.KEYED


def test_plt_8_11a_a_message_that_is_refused_shows_nothing(trio: Trio) -> None:
    apply(trio)
    decide(trio, SECURITY, "Wang")
    decide(trio, INFORMATION, "Zhao")
    before = stage(trio)
    wrong = batch(1, 2, actual_count=1)
    assert code(trio, ops.UPLOAD_TELEMETRY, wrong) != 0
    assert stage(trio) is before is AccessStage.APPROVED


def test_plt_8_11a_without_the_security_side_there_is_no_access(trio: Trio) -> None:
    apply(trio)
    decide(trio, ApprovalRole.DISPATCH, "Li")
    own = a_decision("X1", ApprovalRole.PLATFORM, "Zhao")
    trio.platform.send(OPERATOR, DECIDE, own, trio.now)
    trio.tick(3, step_s=1)
    assert stage(trio) is AccessStage.HELD_ONE_APPROVAL
    assert application_at(trio, OPERATOR, PLATFORM).state is SUBMITTED
    decide(trio, INFORMATION, "Wang")
    assert stage(trio) is AccessStage.APPROVED
    assert application_at(trio, OPERATOR, PLATFORM).state is APPROVED


def test_plt_8_11a_one_refusal_shuts_the_door_until_a_new_application(trio: Trio) -> None:
    apply(trio)
    decide(trio, SECURITY, "Wang", decision=Decision.REFUSED)
    assert stage(trio) is AccessStage.REFUSED
    assert code(trio, ops.PUSH_ARCHIVE, station()) == 4304
    apply(trio, "X2")
    assert stage(trio) is AccessStage.HELD_APPLIED
    decide(trio, SECURITY, "Wang", "X2")
    decide(trio, INFORMATION, "Li", "X2")
    assert code(trio, ops.PUSH_ARCHIVE, station()) == 0


def test_plt_8_11b_a_change_of_the_network_holds_the_link_until_it_is_approved() -> None:
    trio = Trio()
    assert code(trio, ops.PUSH_ARCHIVE, station()) == 0
    apply(trio, access_kind=CHANGE)
    assert stage(trio) is AccessStage.HELD_APPLIED
    assert code(trio, ops.UPLOAD_TELEMETRY, batch(1, 2)) == 4304
    decide(trio, SECURITY, "Wang")
    decide(trio, ApprovalRole.DISPATCH, "Li")
    assert code(trio, ops.UPLOAD_TELEMETRY, batch(1, 2)) == 0


def test_plt_8_11b_what_is_held_stays_held_after_a_restart() -> None:
    trio = Trio()
    identity = trio.platform.identity
    trio.platform.store.write(lambda tx: hold_access(identity, OPERATOR, tx, trio.now))
    assert code(trio, ops.PUSH_ARCHIVE, station()) == 4304
    trio.restart(PLATFORM)
    assert code(trio, ops.PUSH_ARCHIVE, station()) == 4304
    apply(trio)
    assert stage(trio) is AccessStage.HELD_APPLIED


def test_plt_8_11b_from_another_network_nothing_is_open_but_the_way_back() -> None:
    trio = Trio(platform_sees={OPERATOR: {"networks": ("10.1.0.0/16",)}})
    assert code(trio, ops.PUSH_ARCHIVE, station()) == 4304
    apply(trio, access_kind=CHANGE)
    assert stage(trio) is AccessStage.HELD_APPLIED
    same = Trio(platform_sees={OPERATOR: {"networks": ("10.1.0.0/16", "127.0.0.0/8")}})
    assert code(same, ops.PUSH_ARCHIVE, station()) == 0


def test_plt_8_11a_a_running_party_keeps_its_access_while_it_applies() -> None:
    trio = Trio()
    apply(trio)
    assert stage(trio) is AccessStage.APPLIED
    assert code(trio, ops.PUSH_ARCHIVE, station()) == 0


def test_plt_8_11a_one_role_and_one_person_decide_once_4203(world: World) -> None:
    party = AGGREGATOR
    call(world, party, SUBMIT, an_access(applicant_id=party))
    status = call(world, DISPATCH, DECIDE, a_decision("X1", SECURITY, "Li"))
    assert status.state is SUBMITTED
    assert refusal(world, DISPATCH, DECIDE, a_decision("X1", SECURITY, "Wang", time=LATER)) == 4203
    assert refusal(world, DISPATCH, DECIDE, a_decision("X1", INFORMATION, "Li")) == 4203
    assert call(world, DISPATCH, DECIDE, a_decision("X1", INFORMATION, "Wang")).state is APPROVED
    assert refusal(world, DISPATCH, DECIDE, a_decision("X1", by="Zhao")) == 4203
    with pytest.raises(IllegalState):
        world.act(party, DECIDE, a_decision("X1", ApprovalRole.PLATFORM, "Zhao"))


@pytest.mark.parametrize("again", ["Zhang San", "ZHANG  SAN ", "\uff5ahang san", "zhang\u3000san"])
def test_plt_8_11a_another_spelling_is_no_other_person_4203(world: World, again: str) -> None:
    call(world, AGGREGATOR, SUBMIT, an_access(applicant_id=AGGREGATOR))
    call(world, DISPATCH, DECIDE, a_decision("X1", SECURITY, "zhang san"))
    assert refusal(world, DISPATCH, DECIDE, a_decision("X1", INFORMATION, again)) == 4203


def test_plt_8_11a_a_decision_is_made_in_a_role_of_ones_own(world: World) -> None:
    call(world, OEM, SUBMIT, an_access(applicant_id=OEM))
    assert refusal(world, DISPATCH, DECIDE, a_decision("X1", ApprovalRole.PLATFORM)) == 4301
    with pytest.raises(NotAllowed):
        world.act(OEM, DECIDE, a_decision("X1", SECURITY))


def test_plt_8_11a_an_application_is_ones_own_and_undecided(world: World) -> None:
    assert refusal(world, STRANGER, SUBMIT, an_access()) == 4301
    decided = an_access(applicant_id=STRANGER, state=APPROVED)
    assert refusal(world, STRANGER, SUBMIT, decided) == 4203


def test_plt_8_11a_what_nobody_applied_for_is_4201(world: World) -> None:
    assert refusal(world, DISPATCH, DECIDE, a_decision("X9")) == 4201
    call(world, STRANGER, SUBMIT, an_access(applicant_id=STRANGER))
    with pytest.raises(UnknownObject):
        world.act(OPERATOR, DECIDE, a_decision("X1", ApprovalRole.PLATFORM))


def test_plt_8_11_a_second_application_waits_for_the_first_4203(world: World) -> None:
    call(world, STRANGER, SUBMIT, an_access(applicant_id=STRANGER))
    assert refusal(world, STRANGER, SUBMIT, an_access("X2", applicant_id=STRANGER)) == 4203
    change = an_access("X3", applicant_id=STRANGER, access_kind=CHANGE)
    call(world, STRANGER, SUBMIT, change)
    # The one before it is withdrawn: nothing comes of a decision on it.
    assert refusal(world, DISPATCH, DECIDE, a_decision("X1")) == 4203
    assert call(world, DISPATCH, DECIDE, a_decision("X3")).state is SUBMITTED


def test_plt_8_12_two_applicants_may_choose_one_identifier(world: World) -> None:
    call(world, STRANGER, SUBMIT, an_access(applicant_id=STRANGER))
    assert call(world, OEM, SUBMIT, an_access(applicant_id=OEM)).application_id == "X1"
    names = [each.application_id for _, each in sent(world, SUBMIT)]  # type: ignore[attr-defined]
    assert names[0] == "X1" != names[1]
    status = call(world, DISPATCH, DECIDE, a_decision(names[1]))
    assert status.application_id == names[1]
    assert sent(world, DECIDE) == [(OEM, a_decision("X1"))]
