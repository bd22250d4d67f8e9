"""A command for a resource of the platform's own, told to its members. PLT-6.3a, JES-6.2.3.2a."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from tests.gateway.test_conventions_through_doors import GENERATION, LOAD, site
from tests.handlers.test_cancel import cancel, held, withdraw
from tests.handlers.test_capability import ability, asking
from tests.handlers.test_relay import curves_at, issue, refusal, refused_code, status
from tests.trio import BASES, DISPATCH, NOW, OPERATOR, OTHER, PLATFORM, Trio, curve, station
from vgigw.codec.convention import Convention
from vgigw.handlers.resources import RESOURCES
from vgigw.objects import (
    AggregateResource,
    CommandQuery,
    CommandState,
    ControlCurve,
    PolarityMode,
    StationInfo,
)
from vgigw.objects.enumerations import Dimension, ObjectKind, ResourceLevel, Scene
from vgigw.objects.operating_enumerations import ControlQuantity, Priority
from vgigw.objects.resources import ResourceMember
from vgigw.operations import (
    CANCEL_CONTROL,
    ISSUE_CONTROL,
    PUSH_ARCHIVE,
    PUSH_RESOURCE,
    QUERY_CONTROL,
    REPORT_CAPABILITY,
)
from vgigw.platform_functions import plain
from vgigw.ports import LetterState


@pytest.fixture(params=list(BASES))
def trio(request: pytest.FixtureRequest) -> Trio:
    return region_of(request.param)


def region_of(door: str = "rest", **given: Any) -> Trio:
    """``R1`` of the platform: ``ST1`` of the operator with 120 kW, ``ST2`` of the other with 40."""
    made = Trio(door, **{"functions": plain(), **given})
    made.call(OPERATOR, PUSH_ARCHIVE, station())
    made.call(OTHER, PUSH_ARCHIVE, theirs())
    aggregate(made)
    return made


def theirs(**changes: Any) -> StationInfo:
    plain_ = replace(station("ST2"), operator_id=OTHER, max_charge_power=Decimal(40))
    return replace(plain_, **changes)


def resource(*members: str, **changes: Any) -> AggregateResource:
    made = AggregateResource(
        resource_id="R1",
        resource_name="region",
        aggregator_id=PLATFORM,
        resource_level=ResourceLevel.REGION,
        dimension=Dimension(1),
        scene=Scene(1),
        polarity_mode=LOAD,
        polarity_from=NOW - timedelta(days=1),
        members=tuple(
            ResourceMember(member_kind=ObjectKind.STATION, member_id=each)
            for each in members or ("ST1", "ST2")
        ),
        rated_charge_power=Decimal(160),
        rated_discharge_power=Decimal(0),
        min_control_unit=Decimal(1),
        version=1,
        update_time=NOW,
    )
    return replace(made, **changes)


def aggregate(trio: Trio, *members: str, **changes: Any) -> None:
    """The platform keeps a resource of its own, and tells dispatch."""
    trio.platform.send(DISPATCH, PUSH_RESOURCE, resource(*members, **changes), trio.now)


def whole(power: str = "80", name: str = "W1", **changes: Any) -> ControlCurve:
    made = asking(power, name, resource_id="R1", aggregator_id=PLATFORM)
    return replace(made, **changes)


def parts(trio: Trio, name: str = "W1") -> dict[str, ControlCurve]:
    """The parts in force of a command, by what they are for, as the platform has them."""
    kept = {each.command_id: each for each in curves_at(trio, PLATFORM)}
    names = held(trio, PLATFORM, name).parts
    return {kept[each].resource_id: kept[each] for each in names}


def power_of(part: ControlCurve) -> str:
    return str(part.points[0].target_power)


def unissued(trio: Trio) -> bool:
    """Whether nothing of any command is kept or waits."""
    told = [each for each in trio.letters(PLATFORM) if each.operation == ISSUE_CONTROL.name]
    return curves_at(trio, PLATFORM) == [] and told == []


def test_plt_6_3a_each_owner_is_told_its_part_and_nobody_elses(trio: Trio) -> None:
    assert issue(trio, whole()) is CommandState.DECOMPOSED
    trio.tick()
    (ours,) = curves_at(trio, OPERATOR)
    (other,) = curves_at(trio, OTHER)
    assert (ours.resource_id, power_of(ours)) == ("ST1", "60.000")
    assert (other.resource_id, power_of(other)) == ("ST2", "20.000")
    for part, owner in ((ours, OPERATOR), (other, OTHER)):
        assert (part.parent_command_id, part.issued_by) == ("W1", PLATFORM)
        assert part.aggregator_id == owner
    assert status(trio, "W1").state is CommandState.ISSUED
    query = CommandQuery(command_id=ours.command_id)
    nowhere = refused_code(trio, OTHER, QUERY_CONTROL, CommandQuery(command_id="NONE"))
    assert refused_code(trio, OTHER, QUERY_CONTROL, query) == nowhere
    assert refused_code(trio, DISPATCH, QUERY_CONTROL, query) == nowhere
    assert refused_code(trio, OPERATOR, QUERY_CONTROL, CommandQuery(command_id="W1")) == nowhere


def both_ways(power: str) -> Trio:
    """``power`` for ``ST1``, which charges up to 120 kW, and ``ST2``, which does both, up to 60 and
    500 kW; their resource counts delivery."""
    trio = region_of()
    dual = replace(site(both_ways=True), max_charge_power=Decimal(60))
    trio.call(OTHER, PUSH_ARCHIVE, replace(dual, station_id="ST2", operator_id=OTHER))
    rated = {"rated_charge_power": Decimal(180), "rated_discharge_power": Decimal(500)}
    flip = trio.now + timedelta(minutes=1)
    aggregate(trio, version=2, polarity_mode=GENERATION, polarity_from=flip, **rated)
    trio.wait(61)
    points = tuple(
        replace(each, start_time=trio.now, end_time=trio.now + timedelta(minutes=15))
        for each in whole(power).points
    )
    later: dict[str, Any] = {"points": points, "ack_deadline": trio.now + timedelta(seconds=30)}
    assert issue(trio, whole(power, polarity_mode=GENERATION, **later)) is CommandState.DECOMPOSED
    return trio


@pytest.mark.parametrize(
    ("power", "loads", "both"), [("-90", "60.000", "-30.000"), ("30", "0.000", "30.000")]
)
def test_plt_7_4b_each_part_is_in_the_polarity_of_its_member(
    power: str, loads: str, both: str
) -> None:
    trio = both_ways(power)
    told = parts(trio)
    assert (told["ST1"].polarity_mode, power_of(told["ST1"])) == (LOAD, loads)
    assert (told["ST2"].polarity_mode, power_of(told["ST2"])) == (GENERATION, both)
    net = Decimal(power_of(told["ST1"])) - Decimal(power_of(told["ST2"]))
    assert net == -Decimal(power)
    trio.tick()
    assert curves_at(trio, OPERATOR) == [told["ST1"]]
    assert curves_at(trio, OTHER) == [told["ST2"]]


def test_plt_7_4c_a_whole_of_the_other_polarity_is_4402(trio: Trio) -> None:
    assert refusal(trio, whole(polarity_mode=PolarityMode.GENERATION)) == 4402
    assert unissued(trio)


def test_plt_6_3a_what_one_member_cannot_do_is_refused_for_all_4403(trio: Trio) -> None:
    fresh = ability(up_capability=Decimal(0), down_capability=Decimal(60))
    trio.call(OPERATOR, REPORT_CAPABILITY, fresh)  # 60 kW and no more
    assert refusal(trio, whole("80.010")) == 4403
    assert unissued(trio)
    assert issue(trio, whole("80")) is CommandState.DECOMPOSED


def test_plt_6_3a_beyond_the_sum_of_the_ratings_is_4403(trio: Trio) -> None:
    assert refusal(trio, whole("160.001")) == 4403
    assert issue(trio, whole("160")) is CommandState.DECOMPOSED


@pytest.mark.parametrize("members", [("ST1", "NONE"), ("ST1", "TWICE"), ("ST1", "R1")])
def test_plt_6_3a_a_member_that_cannot_be_told_from_others_is_4201(
    trio: Trio, members: tuple[str, ...]
) -> None:
    trio.call(OPERATOR, PUSH_ARCHIVE, station("TWICE"))
    trio.call(OTHER, PUSH_ARCHIVE, theirs(station_id="TWICE"))
    aggregate(trio, *members, version=2)
    assert refusal(trio, whole()) == 4201
    assert unissued(trio)


def test_2_0_12_a_member_is_named_with_its_operator_where_several_have_its_name(
    trio: Trio,
) -> None:
    trio.call(OTHER, PUSH_ARCHIVE, theirs(station_id="ST1"))
    aggregate(trio, f"{OPERATOR}ST1", f"{OTHER}ST1", version=2)
    assert issue(trio, whole()) is CommandState.DECOMPOSED
    trio.tick()
    assert [power_of(each) for each in curves_at(trio, OPERATOR)] == ["60.000"]
    assert [power_of(each) for each in curves_at(trio, OTHER)] == ["20.000"]


def test_plt_6_3a_a_member_whose_owner_cannot_be_called_is_4201(trio: Trio) -> None:
    trio.platform.identity.peers[OTHER] = replace(  # type: ignore[index]
        trio.platform.identity.peers[OTHER], paths=()
    )
    assert refusal(trio, whole()) == 4201
    assert unissued(trio)


def test_a_limit_that_would_have_to_turn_is_refused_before_anybody_has_it(trio: Trio) -> None:
    seen = trio.platform.identity.peers[OTHER]
    trio.platform.identity.peers[OTHER] = replace(  # type: ignore[index]
        seen, convention=Convention(polarity=GENERATION)
    )
    assert refusal(trio, whole(control_quantity=ControlQuantity.POWER_LIMIT)) == 4402
    assert unissued(trio)


def into_nothing(*_: object) -> tuple[ControlCurve, ...]:
    return ()


@pytest.mark.parametrize("given", ["nobody", "nothing"])
def test_acc_g_5_without_anybody_who_splits_it_a_whole_is_refused(given: str) -> None:
    functions = replace(plain(), decompose=into_nothing) if given == "nothing" else None
    trio = region_of(functions=functions)
    assert refusal(trio, whole("0")) == (4201 if given == "nobody" else 4403)
    assert unissued(trio)


def test_jes_6_5_1_5a_the_parts_of_an_emergency_are_emergencies(trio: Trio) -> None:
    issue(trio, whole(priority=Priority.EMERGENCY))
    assert {each.priority for each in parts(trio).values()} == {Priority.EMERGENCY}


# --- replaced and withdrawn ------------------------------------------------------------------


def states(trio: Trio, party: str) -> dict[str, CommandState]:
    """State by power, of the commands that a party has."""
    return {
        power_of(each): held(trio, party, each.command_id).state for each in curves_at(trio, party)
    }


def test_plt_8_5b_a_higher_version_replaces_every_part(trio: Trio) -> None:
    issue(trio, whole())
    trio.tick()
    issue(trio, whole("40", version=2))
    trio.tick()
    cancelled, received = CommandState.CANCELLED, CommandState.RECEIVED
    assert states(trio, OPERATOR) == {"60.000": cancelled, "30.000": received}
    assert states(trio, OTHER) == {"20.000": cancelled, "10.000": received}
    assert issue(trio, whole()) is CommandState.DECOMPOSED  # a repeat: its first receipt
    trio.tick()
    assert status(trio, "W1").command.version == 2
    assert states(trio, OPERATOR) == {"60.000": cancelled, "30.000": received}


def test_plt_8_5b_the_parts_of_a_replaced_version_leave_the_outbox(trio: Trio) -> None:
    trio.net.cut |= {OPERATOR, OTHER}
    issue(trio, whole())
    trio.tick()
    issue(trio, whole("40", version=2))
    trio.net.cut.clear()
    trio.tick(3, step_s=3)
    assert states(trio, OPERATOR) == {"30.000": CommandState.RECEIVED}
    assert states(trio, OTHER) == {"10.000": CommandState.RECEIVED}
    assert status(trio, "W1").state is CommandState.ISSUED


def test_plt_8_5b_a_member_that_left_is_withdrawn(trio: Trio) -> None:
    issue(trio, whole())
    trio.tick()
    aggregate(trio, "ST1", version=2)
    issue(trio, whole("90", version=2))
    trio.tick()
    assert states(trio, OTHER) == {"20.000": CommandState.CANCELLED}
    assert status(trio, "W1").state is CommandState.ISSUED


def test_plt_8_5b_a_withdrawn_whole_is_withdrawn_from_every_member(trio: Trio) -> None:
    trio.net.cut.add(OTHER)
    issue(trio, whole())
    trio.tick()
    assert withdraw(trio, cancel("W1")) is CommandState.CANCELLED
    trio.net.cut.clear()
    trio.tick(3, step_s=3)
    assert states(trio, OPERATOR) == {"60.000": CommandState.CANCELLED}
    assert states(trio, OTHER) == {}
    assert all(
        each.state is not LetterState.WAITING
        for each in trio.letters(PLATFORM)
        if each.operation == ISSUE_CONTROL.name
    )


def test_plt_6_3a_a_part_is_nobodys_to_withdraw_but_the_platforms(trio: Trio) -> None:
    issue(trio, whole())
    part = parts(trio)["ST1"].command_id
    assert refused_code(trio, DISPATCH, CANCEL_CONTROL, cancel(part))[0] == 4201
    issue(trio, curve(part, version=2))  # A command of its own, told under another name.
    assert parts(trio)["ST1"].version == 1


# --- resources of resources ------------------------------------------------------------------


def nested(trio: Trio) -> None:
    """``R1`` of ``ST1`` and ``R2``, which is ``ST2``."""
    inner = ResourceMember(member_kind=ObjectKind.STATION, member_id="ST2")
    members = (
        ResourceMember(member_kind=ObjectKind.STATION, member_id="ST1"),
        ResourceMember(member_kind=ObjectKind.RESOURCE, member_id="R2"),
    )
    within: dict[str, Any] = {"rated_charge_power": Decimal(40), "members": (inner,)}
    aggregate(trio, "ST1", version=2)
    aggregate(trio, resource_id="R2", **within)
    aggregate(trio, version=3, members=members)


def test_jes_6_2_3_2a_a_region_is_split_through_every_level(trio: Trio) -> None:
    nested(trio)
    assert issue(trio, whole()) is CommandState.DECOMPOSED
    trio.net.cut.add(OTHER)
    trio.tick()
    assert len(curves_at(trio, OPERATOR)) == 1
    assert status(trio, "W1").state is CommandState.DECOMPOSED
    trio.net.cut.clear()
    trio.tick(2, step_s=2)
    assert [power_of(each) for each in curves_at(trio, OTHER)] == ["20.000"]
    assert status(trio, "W1").state is CommandState.ISSUED


def test_a_resource_that_holds_itself_is_refused_however_it_came_to_do_so(trio: Trio) -> None:
    """The archives refuse a circle; a store that has one all the same makes no endless command."""
    nested(trio)
    again = (ResourceMember(member_kind=ObjectKind.RESOURCE, member_id="R1"),)
    circle = resource(resource_id="R2", version=2, members=again)
    trio.stores[PLATFORM].write(lambda tx: RESOURCES.keep(circle, PLATFORM, tx, trio.now))
    assert refusal(trio, whole()) == 4201
    assert unissued(trio)
