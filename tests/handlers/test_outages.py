"""Outages: explained in writing, after they are over, once. PLT-8.9a."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cases.applied import HOUR, an_outage
from tests.cases.trading import call, faults, refusal
from tests.cases.worlds import AGGREGATOR, NOW, OEM, OPERATOR, OTHER, PLATFORM, World
from vgigw import operations as ops
from vgigw.errors import Conflict, InvalidObject
from vgigw.handlers.outages import OUTAGES

EXPLAIN = ops.SUBMIT_OUTAGE_EXPLANATION


@pytest.fixture
def world() -> World:
    return World()


def test_plt_8_9a_an_explanation_closes_the_outage(world: World) -> None:
    receipt = call(world, OPERATOR, EXPLAIN, an_outage())
    assert (receipt.object_id, receipt.receive_time) == ("O1", NOW)
    held = world.served.store.read(lambda view: OUTAGES.find(view, OPERATOR, "O1"))
    assert held == an_outage()


def test_plt_8_9a_what_was_explained_is_not_explained_in_other_words_4203(world: World) -> None:
    call(world, OPERATOR, EXPLAIN, an_outage())
    other = an_outage(explanation_ref="other.pdf")
    assert refusal(world, OPERATOR, EXPLAIN, other) == 4202
    world.clock.move_to(NOW + timedelta(days=8))
    world.served.do_chores(world.clock.now())
    # Its answer is forgotten by now, the outage is not.
    assert refusal(world, OPERATOR, EXPLAIN, other) == 4203
    assert call(world, OPERATOR, EXPLAIN, an_outage()).object_id == "O1"


def test_plt_8_9a_an_outage_that_lasts_is_not_explained_4203(world: World) -> None:
    lasting = an_outage(outage_end=NOW + HOUR)
    assert refusal(world, OPERATOR, EXPLAIN, lasting) == 4203
    world.clock.move_to(NOW + HOUR)
    assert call(world, OPERATOR, EXPLAIN, lasting).object_id == "O1"


@pytest.mark.parametrize("length", [timedelta(0), -HOUR])
def test_plt_8_9a_an_outage_without_length_is_4004(world: World, length: timedelta) -> None:
    wrong = an_outage(outage_start=NOW - 2 * HOUR, outage_end=NOW - 2 * HOUR + length)
    assert faults(world, OPERATOR, EXPLAIN, wrong) == ["/OutageEnd"]
    with pytest.raises(InvalidObject):
        World(OPERATOR).act(PLATFORM, EXPLAIN, wrong)


def test_plt_8_12_an_outage_is_ones_own_and_two_may_bear_one_name(world: World) -> None:
    assert refusal(world, OTHER, EXPLAIN, an_outage(aggregator_id=OPERATOR)) == 4301
    call(world, OPERATOR, EXPLAIN, an_outage())
    other = an_outage(explanation_ref="other.pdf")
    assert call(world, AGGREGATOR, EXPLAIN, other).object_id == "O1"
    assert refusal(world, OEM, EXPLAIN, other) == 4301


def test_plt_8_9a_what_we_explain_is_kept_for_each_platform() -> None:
    world = World(OPERATOR)
    world.act(PLATFORM, EXPLAIN, an_outage())
    with pytest.raises(Conflict):
        world.act(PLATFORM, EXPLAIN, an_outage(explanation_ref="other.pdf"))
