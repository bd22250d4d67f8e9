"""Declaration, clearing, assessment and appeal: whose, in time, to whom, and to nobody else.

PLT-7.8, PLT-8.7b, PLT-8.8.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from tests.cases.trading import (
    HOUR,
    MIDNIGHT,
    SITE,
    TRADED,
    a_clearing,
    a_declaration,
    an_appeal,
    an_assessment,
    call,
    cleared,
    commanded,
    declared,
    faults,
    refusal,
    sent,
)
from tests.cases.worlds import (
    AGGREGATOR,
    DISPATCH,
    EXCHANGE,
    NOW,
    OPERATOR,
    OTHER,
    PLATFORM,
    ROLES,
    World,
    identity_of,
)
from vgigw import operations as ops
from vgigw.codec.convention import Convention
from vgigw.errors import IllegalState, InvalidObject, NotAllowed, PeerRefused
from vgigw.gateway import Gateway
from vgigw.handlers import builtin
from vgigw.objects import DeclarationSegment, PolarityMode
from vgigw.objects.market import ClearState, RegulationDirection
from vgigw.operations import Role
from vgigw.ports import Functions, Identity

SECOND = "500000055"
LATE = timedelta(milliseconds=1)
SUBMIT, CLEAR = ops.SUBMIT_DECLARATION, ops.PUBLISH_CLEARING
ASSESS, APPEAL = ops.PUBLISH_ASSESSMENT, ops.SUBMIT_APPEAL


@pytest.fixture
def world() -> World:
    return World()


def served_as(world: World, identity: Identity, functions: Functions | None = None) -> World:
    """``world`` with another identity or other functions, on an empty store."""
    gateway: Gateway = world._gateway(identity, {})
    if functions is not None:
        gateway = Gateway(
            identity=identity,
            store=gateway.store,
            duties=builtin(identity, functions=functions),
            couriers={},
            sender=world.net,
        )
    world.served = gateway
    world.net.join("served", gateway)
    return world


def without(*parties: str, **more: Any) -> Identity:
    """The platform as it is without a way to ``parties``."""
    identity = identity_of(PLATFORM)
    peers = {
        name: replace(peer, paths=()) if name in parties else peer
        for name, peer in identity.peers.items()
    }
    return replace(identity, peers={**peers, **more})


def test_plt_7_8b_a_declaration_goes_up_to_the_exchange_and_nowhere_else(world: World) -> None:
    declared(world)
    assert sent(world, SUBMIT) == [(EXCHANGE, a_declaration())]


def test_plt_7_8a_a_market_that_is_an_exchange_is_told_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(ROLES, SECOND, Role.EXCHANGE)
    world = World()
    call(world, OPERATOR, ops.PUSH_ARCHIVE, SITE)
    call(world, OPERATOR, SUBMIT, a_declaration(market_id=SECOND))
    assert [party for party, _ in sent(world, SUBMIT)] == [SECOND]
    assert refusal(world, EXCHANGE, CLEAR, a_clearing()) == 4201
    call(world, SECOND, CLEAR, a_clearing())
    other = a_declaration(declaration_id="D2", resource_id="ST2")
    call(world, OPERATOR, ops.PUSH_ARCHIVE, replace(SITE, station_id="ST2"))
    call(world, OPERATOR, SUBMIT, other)
    assert [party for party, _ in sent(world, SUBMIT)][1:] == [EXCHANGE, SECOND]


def test_plt_7_8_a_foreign_resource_and_none_are_one_answer(world: World) -> None:
    foreign = a_declaration(aggregator_id=OTHER)
    assert refusal(world, OTHER, SUBMIT, foreign) == 4201
    call(world, OPERATOR, ops.PUSH_ARCHIVE, SITE)
    assert refusal(world, OTHER, SUBMIT, foreign) == 4201


def test_acc_g_4_nobody_declares_for_another_party(world: World) -> None:
    call(world, OPERATOR, ops.PUSH_ARCHIVE, SITE)
    assert refusal(world, OTHER, SUBMIT, a_declaration()) == 4301


def test_plt_7_8b_the_gate_is_open_until_its_time_and_not_after(world: World) -> None:
    call(world, OPERATOR, ops.PUSH_ARCHIVE, SITE)
    world.clock.move_to(NOW + HOUR)
    call(world, OPERATOR, SUBMIT, a_declaration(submit_time=NOW + HOUR))
    world.clock.move_to(NOW + HOUR + LATE)
    late = a_declaration(declaration_id="D2")
    assert refusal(world, OPERATOR, SUBMIT, late) == 4406
    assert refusal(world, OPERATOR, SUBMIT, replace(late, submit_time=NOW + 2 * HOUR)) == 4406


@pytest.mark.parametrize("days", [-20, 0])
def test_plt_7_8b_a_gate_of_ones_own_does_not_open_a_day_that_has_begun_4406(
    world: World, days: int
) -> None:
    call(world, OPERATOR, ops.PUSH_ARCHIVE, SITE)
    there = MIDNIGHT + days * 24 * HOUR
    begun = a_declaration(
        trade_date=TRADED + timedelta(days=days),
        trade_start=there + 10 * HOUR,
        trade_end=there + 11 * HOUR,
        gate_time=MIDNIGHT + 2 * HOUR,
    )
    world.clock.move_to(max(MIDNIGHT + LATE, NOW))
    closed = replace(begun, gate_time=there, submit_time=there - HOUR)
    for late in (begun, closed):
        with pytest.raises(PeerRefused) as refused:
            call(world, OPERATOR, SUBMIT, late)
        assert refused.value.code == 4406
        assert [detail.path for detail in refused.value.details] == ["/GateTime"]
    assert sent(world, SUBMIT) == []


def test_plt_7_8b_the_gate_of_the_market_counts_whatever_the_declaration_says(
    world: World,
) -> None:
    gate = NOW + timedelta(minutes=1)
    served_as(world, identity_of(PLATFORM), Functions(gate=lambda _: gate))
    call(world, OPERATOR, ops.PUSH_ARCHIVE, SITE)
    world.clock.move_to(gate)
    call(world, OPERATOR, SUBMIT, a_declaration())
    world.clock.move_to(gate + LATE)
    assert refusal(world, OPERATOR, SUBMIT, a_declaration(declaration_id="D2")) == 4406


def test_plt_7_8b_more_than_the_rating_is_4403(world: World) -> None:
    call(world, OPERATOR, ops.PUSH_ARCHIVE, SITE)
    most = SITE.max_charge_power
    price = Decimal("0.3")
    one = DeclarationSegment(seg_no=1, quantity=most + Decimal("0.001"), price=price)
    assert refusal(world, OPERATOR, SUBMIT, a_declaration(segments=(one,))) == 4403
    call(world, OPERATOR, SUBMIT, a_declaration(segments=(replace(one, quantity=most),)))


def test_plt_7_8b_prices_that_turn_are_4004_with_the_path(world: World) -> None:
    call(world, OPERATOR, ops.PUSH_ARCHIVE, SITE)
    first, second = a_declaration().segments
    third = replace(second, seg_no=3, price=first.price)
    wrong = a_declaration(segments=(first, second, third))
    assert faults(world, OPERATOR, SUBMIT, wrong) == ["/Segments"]


def test_plt_7_8b_versions_of_a_declaration_only_rise(world: World) -> None:
    declared(world, version=2)
    assert refusal(world, OPERATOR, SUBMIT, a_declaration(version=1)) == 4204
    call(world, OPERATOR, SUBMIT, a_declaration(version=3))
    assert [sent_.version for _, sent_ in sent(world, SUBMIT)] == [2, 3]  # type: ignore[attr-defined]


def test_plt_7_8b_no_declaration_after_its_clearing(world: World) -> None:
    declared(world)
    cleared(world)
    assert refusal(world, OPERATOR, SUBMIT, a_declaration(version=2)) == 4203
    assert refusal(world, OPERATOR, SUBMIT, a_declaration(declaration_id="D2")) == 4203
    moved: dict[str, Any] = {
        "trade_date": TRADED + timedelta(days=1),
        "trade_start": a_declaration().trade_start + 24 * HOUR,
        "trade_end": a_declaration().trade_end + 24 * HOUR,
    }
    assert refusal(world, OPERATOR, SUBMIT, a_declaration(version=2, **moved)) == 4203
    call(world, OPERATOR, SUBMIT, a_declaration(declaration_id="D2", **moved))


def test_plt_7_4_an_exchange_of_the_other_polarity_hears_and_says_it_its_own_way(
    world: World,
) -> None:
    generation = Convention(polarity=PolarityMode.GENERATION)
    exchange = replace(identity_of(PLATFORM).peers[EXCHANGE], convention=generation)
    served_as(world, without(**{EXCHANGE: exchange}))
    declared(world)
    ((_, told),) = sent(world, SUBMIT)
    assert [s.quantity for s in told.segments] == [-10, -20]  # type: ignore[attr-defined]
    assert told.direction is RegulationDirection.DOWN  # type: ignore[attr-defined]
    (segment,) = a_clearing().cleared_segments
    theirs = replace(segment, quantity=-segment.quantity)
    cleared(world, cleared_segments=(theirs,), direction=RegulationDirection.DOWN)
    assert sent(world, CLEAR) == [(OPERATOR, a_clearing(direction=RegulationDirection.UP))]


def test_plt_7_8c_a_clearing_goes_to_who_declared_and_to_nobody_else(world: World) -> None:
    declared(world)
    cleared(world)
    assert sent(world, CLEAR) == [(OPERATOR, a_clearing())]


@pytest.mark.parametrize(
    "changes", [{"declaration_id": "D9"}, {"aggregator_id": OTHER}, {"aggregator_id": "999999999"}]
)
def test_plt_7_8c_a_clearing_of_what_was_not_declared_is_4201(
    world: World, changes: dict[str, Any]
) -> None:
    declared(world)
    assert refusal(world, EXCHANGE, CLEAR, a_clearing(**changes)) == 4201


def test_plt_7_8c_who_was_not_told_of_a_declaration_cannot_clear_it(world: World) -> None:
    declared(world)
    assert refusal(world, DISPATCH, CLEAR, a_clearing()) == 4201


def test_plt_7_8c_dispatch_clears_where_there_is_no_exchange(world: World) -> None:
    served_as(world, without(EXCHANGE))
    declared(world)
    assert sent(world, SUBMIT) == []
    assert refusal(world, EXCHANGE, CLEAR, a_clearing()) == 4201
    call(world, DISPATCH, CLEAR, a_clearing())
    assert [party for party, _ in sent(world, CLEAR)] == [OPERATOR]


def test_plt_7_8c_an_aggregator_that_cannot_be_reached_is_unknown(world: World) -> None:
    served_as(world, without(OPERATOR))
    declared(world)
    assert refusal(world, EXCHANGE, CLEAR, a_clearing()) == 4201


def test_plt_7_8c_what_contradicts_the_declaration_is_4004(world: World) -> None:
    declared(world)
    (segment,) = a_clearing().cleared_segments
    too_much = a_clearing(cleared_segments=(replace(segment, quantity=Decimal(31)),))
    assert faults(world, EXCHANGE, CLEAR, too_much) == ["/ClearedSegments/0/Quantity"]
    none = a_clearing(clear_state=ClearState.NONE)
    assert faults(world, EXCHANGE, CLEAR, none) == ["/ClearedSegments"]
    other = a_clearing(resource_id="another")
    assert faults(world, EXCHANGE, CLEAR, other) == ["/ResourceID"]


def test_plt_7_8c_another_result_of_a_declaration_clears_only_what_is_left(world: World) -> None:
    declared(world)
    (segment,) = a_clearing().cleared_segments
    cleared(world, cleared_segments=(replace(segment, quantity=Decimal(25)),))
    more = a_clearing("C2", cleared_segments=(replace(segment, quantity=Decimal(6)),))
    assert faults(world, EXCHANGE, CLEAR, more) == ["/ClearedSegments/0/Quantity"]
    rest = replace(segment, quantity=Decimal(5))
    call(world, EXCHANGE, CLEAR, a_clearing("C2", cleared_segments=(rest,)))
    assert len(sent(world, CLEAR)) == 2


def test_plt_7_8c_an_aggregator_takes_its_own_clearing_only() -> None:
    world = World(AGGREGATOR)
    world.act(PLATFORM, SUBMIT, a_declaration(aggregator_id=AGGREGATOR))
    mine = a_clearing(aggregator_id=AGGREGATOR)
    call(world, PLATFORM, CLEAR, mine)
    assert refusal(world, PLATFORM, CLEAR, a_clearing("C2")) == 4201
    (segment,) = mine.cleared_segments
    wrong = replace(segment, quantity=Decimal(31))
    assert faults(
        world, PLATFORM, CLEAR, replace(mine, clearing_id="C3", cleared_segments=(wrong,))
    )
    with pytest.raises(IllegalState):
        world.act(PLATFORM, SUBMIT, a_declaration(2, aggregator_id=AGGREGATOR))


def test_plt_7_8b_an_aggregator_does_not_send_what_would_be_refused() -> None:
    world = World(AGGREGATOR)
    wrong = a_declaration(aggregator_id=AGGREGATOR, trade_date=TRADED + timedelta(days=1))
    with pytest.raises(InvalidObject):
        world.act(PLATFORM, SUBMIT, wrong)
    assert sent(world, SUBMIT) == []


def test_plt_7_8c_an_exchange_keeps_declarations_and_clears_them_in_their_order() -> None:
    world = World(EXCHANGE)
    call(world, PLATFORM, SUBMIT, a_declaration())
    world.act(PLATFORM, CLEAR, a_clearing())
    assert refusal(world, PLATFORM, SUBMIT, a_declaration(2)) == 4203


def test_plt_8_8c_an_assessment_goes_to_who_is_assessed_and_to_nobody_else(world: World) -> None:
    commanded(world)
    call(world, DISPATCH, ASSESS, an_assessment())
    assert sent(world, ASSESS) == [(OPERATOR, an_assessment())]


@pytest.mark.parametrize(
    "changes",
    [
        {"command_id": "K9"},
        {"aggregator_id": OTHER},
        {"aggregator_id": "999999999"},
        {"resource_id": "another"},
    ],
)
def test_plt_8_8c_an_assessment_of_no_such_command_is_4201(
    world: World, changes: dict[str, Any]
) -> None:
    commanded(world)
    assert refusal(world, DISPATCH, ASSESS, an_assessment(**changes)) == 4201


def test_plt_8_8c_dispatch_assesses_its_own_commands_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ROLES, SECOND, Role.DISPATCH)
    world = World()
    commanded(world)
    assert refusal(world, SECOND, ASSESS, an_assessment()) == 4201
    call(world, DISPATCH, ASSESS, an_assessment())


def test_plt_8_12_two_dispatches_may_choose_the_same_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of commands and of assessments; neither is told that the other has one."""
    monkeypatch.setitem(ROLES, SECOND, Role.DISPATCH)
    world = World()
    commanded(world)
    command: Any = sent(world, ops.ISSUE_CONTROL)[0][1]
    call(world, SECOND, ops.ISSUE_CONTROL, replace(command, issued_by=SECOND))
    for dispatch in (DISPATCH, SECOND):
        reply: Any = call(world, dispatch, ASSESS, an_assessment())
        assert reply.object_id == an_assessment().assessment_id
    told: list[Any] = [each for _, each in sent(world, ASSESS)]
    first, second = told
    assert first == an_assessment()
    assert second.assessment_id != first.assessment_id
    curves: list[Any] = [each for _, each in sent(world, ops.ISSUE_CONTROL)]
    issued = {each.command_id for each in curves}
    assert {first.command_id, second.command_id} == issued
    assert len(issued) == 2
    call(world, OPERATOR, APPEAL, an_appeal(assessment_id=second.assessment_id))


def test_plt_8_8c_a_platform_sends_its_own_assessment_to_who_is_assessed_only(
    world: World,
) -> None:
    world.act(OPERATOR, ASSESS, an_assessment())
    with pytest.raises(NotAllowed):
        world.act(OTHER, ASSESS, an_assessment("A2"))
    assert sent(world, ASSESS) == [(OPERATOR, an_assessment())]


def test_plt_8_7b_only_who_was_assessed_may_appeal_and_none_is_as_foreign(world: World) -> None:
    world.act(OPERATOR, ASSESS, an_assessment())
    assert refusal(world, OTHER, APPEAL, an_appeal(appeal_party=OTHER)) == 4201
    unknown = an_appeal(appeal_party=OTHER, assessment_id="A9")
    assert refusal(world, OTHER, APPEAL, unknown) == 4201
    assert refusal(world, OTHER, APPEAL, an_appeal()) == 4301
    call(world, OPERATOR, APPEAL, an_appeal())
    assert sent(world, APPEAL) == []


def test_plt_8_7b_an_appeal_arrives_before_its_deadline(world: World) -> None:
    world.act(OPERATOR, ASSESS, an_assessment())
    world.act(OPERATOR, ASSESS, an_assessment("A2", appeal_deadline=None))
    world.clock.move_to(NOW + 24 * HOUR)
    assert refusal(world, OPERATOR, APPEAL, an_appeal()) == 4406
    call(world, OPERATOR, APPEAL, an_appeal(assessment_id="A2"))


def test_plt_8_7b_an_appeal_a_moment_before_the_deadline_is_heard(world: World) -> None:
    world.act(OPERATOR, ASSESS, an_assessment())
    world.clock.move_to(NOW + 24 * HOUR - LATE)
    call(world, OPERATOR, APPEAL, an_appeal())


def test_plt_8_8c_an_aggregator_takes_its_own_assessment_only() -> None:
    world = World(AGGREGATOR)
    call(world, PLATFORM, ASSESS, an_assessment(aggregator_id=AGGREGATOR))
    assert refusal(world, PLATFORM, ASSESS, an_assessment("A2")) == 4201
    world.act(PLATFORM, APPEAL, an_appeal(appeal_party=AGGREGATOR))
    assert [party for party, _ in sent(world, APPEAL)] == [PLATFORM]
