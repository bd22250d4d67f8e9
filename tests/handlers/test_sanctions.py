"""Sanctions and distrust: notice, disconnection, defence, release or removal. PLT-8.7b, 3.2(7)."""

from __future__ import annotations

import pytest

from tests.cases.applied import (
    HOUR,
    a_decision,
    a_notice,
    a_reading,
    a_sanction,
    an_access,
    an_alarm,
    an_outage,
)
from tests.cases.trading import (
    an_appeal,
    an_assessment,
    call,
    commanded,
    faults,
    refusal,
    sent,
)
from tests.cases.worlds import (
    AGGREGATOR,
    DISPATCH,
    NOW,
    OEM,
    OPERATOR,
    OTHER,
    PLATFORM,
    SECRET,
    World,
)
from tests.trio import batch, station
from vgigw import operations as ops
from vgigw.errors import IllegalState, InvalidObject, PeerRefused
from vgigw.handlers.sanctions import SANCTIONS
from vgigw.handlers.standing import Standing, distrust, standing_of
from vgigw.objects import (
    AccessState,
    AlarmQuery,
    Appeal,
    ApprovalRole,
    Confirmation,
    ConsentWithdrawal,
    Heartbeat,
    InformationObject,
    SanctionKind,
    ServiceQuery,
    StationQuery,
    TimeQuery,
    TokenRequest,
)
from vgigw.objects.operating_enumerations import ChannelRole, LinkState
from vgigw.operations import Operation
from vgigw.rules.access import AccessStage
from vgigw.rules.distrust import Distrust, DistrustEvent

NOTIFY = ops.NOTIFY_SANCTION
NONE, NOTICE, PENALTY, DISCONNECT, REMOVE = SanctionKind
BEAT = Heartbeat(link_id="L1", seq=1, time=NOW, channel_role=ChannelRole.MAIN)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def cut(world: World) -> World:
    """``OPERATOR`` was given notice, then cut off."""
    impose(world, NOTICE, DISCONNECT)
    return world


def impose(world: World, *kinds: SanctionKind) -> None:
    for kind in kinds:
        world.act(OPERATOR, NOTIFY, a_sanction(kind))


def standing(world: World, party: str = OPERATOR) -> Standing:
    identity = world.served.identity
    return world.served.store.read(lambda view: standing_of(view, identity, party))


def code(world: World, party: str, operation: Operation, request: InformationObject) -> int:
    """What is answered; 0 where it is accepted."""
    try:
        call(world, party, operation, request)
    except PeerRefused as refused:
        return refused.code
    return 0


def test_plt_8_7b_each_step_needs_the_one_before_it(world: World) -> None:
    for kind in (DISCONNECT, REMOVE):
        with pytest.raises(IllegalState):
            impose(world, kind)
    impose(world, NOTICE)
    with pytest.raises(IllegalState):
        impose(world, REMOVE)
    impose(world, PENALTY, DISCONNECT)
    with pytest.raises(IllegalState):
        world.act(OPERATOR, NOTIFY, a_sanction(DISCONNECT, "again"))
    assert standing(world).distrust is Distrust.DISCONNECTED
    assert [party for party, _ in sent(world, NOTIFY)] == [OPERATOR] * 3


def test_plt_8_7b_what_is_suspected_is_no_sanction_by_itself(world: World) -> None:
    identity = world.served.identity
    world.served.store.write(
        lambda tx: distrust(identity, OPERATOR, DistrustEvent.SUSPECT, tx, NOW)
    )
    assert standing(world).distrust is Distrust.SUSPECT
    assert code(world, OPERATOR, ops.PUSH_ARCHIVE, station()) == 0
    with pytest.raises(IllegalState):
        impose(world, DISCONNECT)
    impose(world, NOTICE)
    assert code(world, OPERATOR, ops.PUSH_ARCHIVE, station(version=2)) == 0


def test_plt_8_7b_a_disconnected_party_is_4303_and_nobody_else_is(cut: World) -> None:
    kept = cut.kept()
    for operation, request in (
        (ops.PUSH_ARCHIVE, station()),
        (ops.UPLOAD_TELEMETRY, batch(1, 2)),
        (ops.QUERY_STATIONS_INFO, StationQuery()),
        (ops.QUERY_ALARMS, AlarmQuery()),
    ):
        assert code(cut, OPERATOR, operation, request) == 4303, operation.name
    assert cut.kept() == kept
    assert code(cut, OTHER, ops.UPLOAD_TELEMETRY, batch(1, 2)) == 0
    assert code(cut, DISPATCH, ops.QUERY_SERVICES, ServiceQuery()) == 0


def test_plt_8_7b_what_leads_back_and_what_is_no_business_data_stays_open(cut: World) -> None:
    call(cut, DISPATCH, ops.PUBLISH_NOTICE, a_notice())
    asked = TokenRequest(operator_id=OPERATOR, operator_secret=SECRET)
    for operation, request in (
        (ops.QUERY_TOKEN, asked),
        (ops.SUBMIT_OUTAGE_EXPLANATION, an_outage()),
        (ops.PUSH_ALARM, an_alarm()),
        (ops.CONFIRM_NOTICE, a_reading()),
        (ops.QUERY_SERVICES, ServiceQuery()),
        (ops.QUERY_TIME, TimeQuery(t1=NOW)),
        (ops.SUBMIT_ACCESS, an_access()),
    ):
        assert code(cut, OPERATOR, operation, request) == 0, operation.name
    assert call(cut, OPERATOR, ops.HEARTBEAT, BEAT).state is LinkState.SUSPENDED
    assert call(cut, OTHER, ops.HEARTBEAT, BEAT).state is LinkState.UP


def test_jes_6_4_1c_a_user_withdraws_at_any_time(cut: World) -> None:

    withdrawal = ConsentWithdrawal(consent_id="nobody's")
    assert code(cut, OPERATOR, ops.WITHDRAW_CONSENT, withdrawal) == 4201
    impose(cut, REMOVE)
    assert code(cut, OPERATOR, ops.WITHDRAW_CONSENT, withdrawal) == 4201


def test_plt_8_7b_nothing_but_a_release_connects_again(cut: World) -> None:
    call(cut, OPERATOR, ops.SUBMIT_OUTAGE_EXPLANATION, an_outage())
    assert standing(cut).distrust is Distrust.EXPLAINED
    appeal = Appeal(
        assessment_id="S-DISCONNECT", appeal_party=OPERATOR, text="a meter failed", appeal_time=NOW
    )
    call(cut, OPERATOR, ops.SUBMIT_APPEAL, appeal)
    assert standing(cut).distrust is Distrust.APPEALED
    cut.clock.move_to(NOW + 24 * HOUR)
    cut.served.do_chores(cut.clock.now())
    assert code(cut, OPERATOR, ops.PUSH_ARCHIVE, station()) == 4303

    impose(cut, NONE)
    assert standing(cut).distrust is Distrust.TRUSTED
    assert code(cut, OPERATOR, ops.PUSH_ARCHIVE, station()) == 0


def test_plt_8_7b_an_appeal_against_an_assessment_is_heard_for_a_party_that_is_cut_off(
    world: World,
) -> None:
    commanded(world)
    call(world, DISPATCH, ops.PUBLISH_ASSESSMENT, an_assessment())
    impose(world, NOTICE, DISCONNECT)
    call(world, OPERATOR, ops.SUBMIT_APPEAL, an_appeal())
    assert standing(world).distrust is Distrust.APPEALED


def test_plt_8_7b_an_appeal_without_a_sanction_changes_no_standing(world: World) -> None:
    commanded(world)
    call(world, DISPATCH, ops.PUBLISH_ASSESSMENT, an_assessment())
    call(world, OPERATOR, ops.SUBMIT_APPEAL, an_appeal())
    assert standing(world) == Standing(party_id=OPERATOR)


def test_plt_8_7b_nobody_appeals_against_what_was_imposed_on_another(cut: World) -> None:
    appeal = an_appeal(assessment_id="S-NOTICE", appeal_party=OTHER)
    assert refusal(cut, OTHER, ops.SUBMIT_APPEAL, appeal) == 4201


def test_plt_8_8b_a_removed_party_comes_back_by_a_new_access_only(cut: World) -> None:
    impose(cut, REMOVE)
    assert (standing(cut).distrust, standing(cut).stage) == (Distrust.REMOVED, AccessStage.REMOVED)
    with pytest.raises(IllegalState):
        impose(cut, NONE)
    assert code(cut, OPERATOR, ops.PUSH_ARCHIVE, station()) == 4304
    assert code(cut, OPERATOR, ops.PUSH_ALARM, an_alarm()) == 4304

    call(cut, OPERATOR, ops.SUBMIT_ACCESS, an_access())
    for role, by in ((ApprovalRole.NETWORK_SECURITY, "Li"), (ApprovalRole.DISPATCH, "Wang")):
        assert code(cut, OPERATOR, ops.PUSH_ARCHIVE, station()) == 4304
        call(cut, DISPATCH, ops.DECIDE_ACCESS, a_decision("X1", role, by))
    assert standing(cut).distrust is Distrust.TRUSTED
    assert code(cut, OPERATOR, ops.PUSH_ARCHIVE, station()) == 0


def test_plt_8_7b_an_access_approved_anew_does_not_lift_a_disconnection(cut: World) -> None:
    call(cut, OPERATOR, ops.SUBMIT_ACCESS, an_access())
    for role, by in ((ApprovalRole.NETWORK_SECURITY, "Li"), (ApprovalRole.DISPATCH, "Wang")):
        call(cut, DISPATCH, ops.DECIDE_ACCESS, a_decision("X1", role, by))
    assert code(cut, OPERATOR, ops.PUSH_ARCHIVE, station()) == 4303


@pytest.mark.parametrize("kind", [NONE, DISCONNECT, REMOVE])
@pytest.mark.parametrize(
    "names", [(), ("Li",), ("Li", "Li"), ("Li", " LI "), ("Li", "\uff2ci"), ("Li", " ")]
)
def test_plt_8_7b_what_cuts_or_restores_a_link_needs_two_persons(
    world: World, kind: SanctionKind, names: tuple[str, ...]
) -> None:
    impose(world, NOTICE)
    if kind is REMOVE:
        impose(world, DISCONNECT)
    before = standing(world)
    confirmed = tuple(Confirmation(by=each, time=NOW) for each in names)
    with pytest.raises(InvalidObject) as refused:
        world.act(OPERATOR, NOTIFY, a_sanction(kind, confirmations=confirmed))
    assert [detail.path for detail in refused.value.details] == ["/Confirmations"]
    assert standing(world) == before


@pytest.mark.parametrize("kind", [NOTICE, PENALTY])
def test_plt_8_7b_a_warning_is_one_persons_act(world: World, kind: SanctionKind) -> None:
    world.act(OPERATOR, NOTIFY, a_sanction(kind, confirmations=()))
    assert code(world, OPERATOR, ops.PUSH_ARCHIVE, station()) == 0


def test_plt_8_7b_a_sanction_is_sent_to_whom_it_concerns(world: World) -> None:
    with pytest.raises(InvalidObject):
        world.act(OTHER, NOTIFY, a_sanction(NOTICE))
    with pytest.raises(InvalidObject):
        world.act(OPERATOR, NOTIFY, a_sanction(DISCONNECT, access_state=AccessState.ACTIVE))
    assert sent(world, NOTIFY) == []


def test_plt_8_7b_the_same_sanction_again_is_one_step(world: World) -> None:
    impose(world, NOTICE, DISCONNECT, DISCONNECT)
    impose(world, NONE)
    with pytest.raises(IllegalState):
        world.act(OPERATOR, NOTIFY, a_sanction(DISCONNECT, "without notice"))


def test_plt_8_7b_a_party_hears_of_its_own_sanctions_only() -> None:
    world = World(OPERATOR)
    assert call(world, PLATFORM, NOTIFY, a_sanction(DISCONNECT)).object_id == "S-DISCONNECT"
    foreign = a_sanction(DISCONNECT, "S2", party_id=OTHER)
    assert refusal(world, PLATFORM, NOTIFY, foreign) == 4301
    other = a_sanction(DISCONNECT, reason="another")
    assert refusal(world, PLATFORM, NOTIFY, other) == 4202
    wrong = a_sanction(REMOVE, access_state=AccessState.ACTIVE)
    assert faults(world, PLATFORM, NOTIFY, wrong) == ["/AccessState"]
    # Steps may overtake one another on their way; each is kept.
    for kind in (REMOVE, NOTICE, NONE):
        call(world, PLATFORM, NOTIFY, a_sanction(kind))
    held = world.served.store.read(lambda view: SANCTIONS.all(view, owner=PLATFORM))
    assert {each.sanction_kind for each in held} == {NONE, NOTICE, DISCONNECT, REMOVE}


@pytest.mark.parametrize("stranger", [DISPATCH, OTHER])
def test_plt_8_7b_nobody_but_a_platform_sanctions(stranger: str) -> None:
    assert refusal(World(OPERATOR), stranger, NOTIFY, a_sanction(NOTICE)) == 4301
    assert refusal(World(), AGGREGATOR, NOTIFY, a_sanction(NOTICE, party_id=OEM)) == 4301
