"""A link as its beats show it: suspect, switching, standby, back after a while. PLT-9.4, 3.2(4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cases.trading import call
from tests.cases.worlds import NOW, OPERATOR, OTHER, World
from vgigw import operations as ops
from vgigw.handlers.links import link_of
from vgigw.objects import Heartbeat
from vgigw.objects.operating_enumerations import ChannelRole, LinkState
from vgigw.rules.link import BEAT_S, HOLD_S, MISSES, LinkStage

MAIN, STANDBY = ChannelRole.MAIN, ChannelRole.STANDBY
LOST_S = MISSES * BEAT_S


@pytest.fixture
def world() -> World:
    return World()


def beat(world: World, role: ChannelRole = MAIN, party: str = OPERATOR) -> LinkState:
    now = world.clock.now()
    sent = Heartbeat(link_id="L1", seq=1, time=now, channel_role=role)
    state: LinkState = call(world, party, ops.HEARTBEAT, sent).state
    return state


def after(world: World, seconds: float) -> LinkStage:
    """The stage of the operator's link so much later."""
    world.clock.move_to(world.clock.now() + timedelta(seconds=seconds))
    world.served.do_chores(world.clock.now())
    link = world.served.store.read(lambda view: link_of(view, OPERATOR))
    assert link is not None
    return link.stage


def test_plt_9_4_a_party_that_never_beat_has_no_link(world: World) -> None:
    world.served.do_chores(NOW + timedelta(days=1))
    assert world.served.store.read(lambda view: link_of(view, OPERATOR)) is None


def test_plt_9_4_one_missed_beat_is_suspect_three_are_a_loss(world: World) -> None:
    assert beat(world) is LinkState.UP
    assert after(world, 2 * BEAT_S - 0.001) is LinkStage.MAIN_UP
    assert after(world, 0.001) is LinkStage.SUSPECT
    assert after(world, LOST_S - 2 * BEAT_S - 0.001) is LinkStage.SUSPECT
    assert after(world, 0.001) is LinkStage.SWITCHING
    assert after(world, 3600) is LinkStage.SWITCHING


def test_plt_9_4_a_late_beat_lifts_the_suspicion(world: World) -> None:
    beat(world)
    assert after(world, 2 * BEAT_S) is LinkStage.SUSPECT
    assert beat(world) is LinkState.UP
    assert after(world, 1) is LinkStage.MAIN_UP


def test_plt_9_4_the_standby_takes_over_and_the_main_channel_must_hold_before_it_returns(
    world: World,
) -> None:
    beat(world)
    assert after(world, LOST_S) is LinkStage.SWITCHING
    assert beat(world, STANDBY) is LinkState.UP
    assert after(world, 1) is LinkStage.STANDBY_ACTIVE
    beat(world, MAIN)
    stages = []
    for _ in range(int(HOLD_S)):
        beat(world, MAIN)
        beat(world, STANDBY)
        stages.append(after(world, 1))
    assert stages == [LinkStage.REVERT] * (len(stages) - 1) + [LinkStage.MAIN_UP]


def test_plt_9_4_a_main_channel_that_fails_again_goes_back_to_standby(world: World) -> None:
    beat(world)
    after(world, LOST_S)
    beat(world, STANDBY)
    beat(world, MAIN)
    assert after(world, 1) is LinkStage.REVERT
    stages = []
    for _ in range(3):
        beat(world, STANDBY)
        stages.append(after(world, 2))
    assert stages[-1] is LinkStage.STANDBY_ACTIVE


def test_plt_9_4_a_standby_that_is_lost_too_leaves_no_link(world: World) -> None:
    beat(world)
    after(world, LOST_S)
    beat(world, STANDBY)
    assert after(world, LOST_S) is LinkStage.SWITCHING
    assert beat(world, MAIN) is LinkState.UP
    assert after(world, 0) is LinkStage.MAIN_UP


def test_plt_9_4_the_loss_is_seen_without_a_chore_by_the_next_beat(world: World) -> None:
    beat(world)
    world.clock.move_to(NOW + timedelta(seconds=LOST_S))
    assert beat(world, STANDBY) is LinkState.UP
    assert after(world, 0) is LinkStage.STANDBY_ACTIVE


def test_plt_9_4_the_beats_of_one_party_say_nothing_of_another(world: World) -> None:
    beat(world)
    world.clock.move_to(NOW + timedelta(seconds=LOST_S))
    beat(world, MAIN, OTHER)
    assert after(world, 0) is LinkStage.SWITCHING
