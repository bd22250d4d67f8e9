"""One object, one meaning: the three doors give the same reply, state and refusal. CARD-12."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.cases import CHANGED, WALKED, cases
from tests.cases.case import Case, Step, step
from tests.cases.first import a_curve, a_station
from tests.cases.worlds import DISPATCH, DOORS, NOW, OPERATOR, World
from tests.doors.sealing import Refused, read_refusal
from tests.stores import fresh
from vgigw import operations as ops
from vgigw.errors import PeerRefused
from vgigw.objects import (
    BackfillQuery,
    CommandAck,
    CommandQuery,
    ControlPoint,
    InformationObject,
    Token,
)
from vgigw.objects.operating_enumerations import AckResult
from vgigw.operations import Operation

EXAMPLES = settings(
    # What the doors have in common does not hang on the store.
    max_examples=2 if fresh.ASKED else 8,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
each_operation = pytest.mark.parametrize("operation", WALKED, ids=lambda row: row.name)


def comparable(reply: InformationObject) -> InformationObject:
    """Nobody can give the same token twice; that there is one, of one length, is the same."""
    if isinstance(reply, Token) and reply.access_token:
        return replace(reply, access_token="x" * len(reply.access_token))
    return reply


@each_operation
@EXAMPLES
@given(data=st.data())
def test_one_object_through_three_doors_has_one_reply_and_one_effect(
    operation: Operation, data: st.DataObject
) -> None:
    case = data.draw(cases(operation))
    outcomes: list[Any] = []
    for door in DOORS:
        world, replies = case.prepared(door)
        party, _, asked, _ = case.last
        reply = world.call(door, party, operation, asked(replies))
        outcomes.append((comparable(reply), world.kept()))

    assert outcomes[0] == outcomes[1]
    assert outcomes[0] == outcomes[2]


@pytest.mark.parametrize("operation", [row for row in WALKED if row.key], ids=lambda row: row.name)
@EXAMPLES
@given(data=st.data(), order=st.permutations(DOORS))
def test_the_same_object_over_every_door_has_one_effect_card_12(
    operation: Operation, data: st.DataObject, order: list[str]
) -> None:
    case = data.draw(cases(operation))
    world, replies = case.prepared(order[0])
    party, _, asked, _ = case.last
    request = asked(replies)

    first = world.call(order[0], party, operation, request)
    kept = world.kept()
    assert [world.call(door, party, operation, request) for door in order[1:]] == [first, first]
    assert world.kept() == kept

    other = replace(request, **CHANGED[operation.name])
    assume(other != request)
    assert [refused(world, door, party, operation, other).ret for door in order] == [4202] * 3
    assert world.kept() == kept


def refused(
    world: World, door: str, party: str, operation: Operation, request: InformationObject
) -> Refused:
    with pytest.raises(PeerRefused) as caught:
        world.call(door, party, operation, request)
    read = read_refusal(door, world.last_answer)
    assert read.ret == caught.value.code
    return read


def on_every_door(steps: tuple[Step, ...], last: Step) -> Refused:
    """The one refusal that all three doors give to ``last``; nothing is kept of it."""
    found = []
    for door in DOORS:
        world, replies = Case(steps, last).prepared(door)
        kept = world.kept()
        request = last.asked(replies)
        found.append(refused(world, door, last.party, last.operation, request))
        assert world.kept() == kept
    assert found[0] == found[1] == found[2]
    return found[0]


def a_command(**changed: Any) -> tuple[Step, Step]:
    station = a_station()
    command = a_curve(station)
    push = step(OPERATOR, ops.PUSH_ARCHIVE, station)
    return push, step(DISPATCH, ops.ISSUE_CONTROL, replace(command, **changed))


def test_a_curve_with_a_gap_is_refused_alike_plt_8_5a() -> None:
    minute = timedelta(minutes=1)
    points = tuple(
        ControlPoint(
            start_time=NOW + at * minute, end_time=NOW + end * minute, target_power=Decimal(0)
        )
        for at, end in ((0, 5), (6, 8), (7, 9))
    )
    push, issue = a_command(interval_min=5, points=points)

    refusal = on_every_door((push,), issue)

    assert refusal.ret == 4405
    assert [path for path, _, _ in refusal.details] == [
        "/Points/1/EndTime",
        "/Points/2/EndTime",
        "/Points/1/StartTime",
        "/Points/2/StartTime",
    ]


def test_an_interval_that_is_none_is_refused_alike_plt_8_5a() -> None:
    push, issue = a_command(interval_min=7)

    refusal = on_every_door((push,), issue)

    assert (refusal.ret, [detail[0] for detail in refusal.details]) == (4405, ["/IntervalMin"])


def test_a_command_that_comes_too_late_is_refused_alike_plt_8_8a() -> None:
    push, issue = a_command(ack_deadline=NOW, valid_until=NOW)

    refusal = on_every_door((push,), issue)

    assert refusal.ret == 4406
    assert [detail[0] for detail in refusal.details] == ["/ValidUntil", "/AckDeadline"]


def test_a_decision_after_the_deadline_is_refused_alike_plt_8_8a() -> None:
    push, issue = a_command(ack_deadline=NOW + timedelta(seconds=30))
    late = CommandAck(
        command_id=issue.asked([]).command_id,  # type: ignore[attr-defined]
        ack_result=AckResult.ACCEPTED,
        ack_time=NOW + timedelta(seconds=31),
    )

    assert on_every_door((push, issue), step(OPERATOR, ops.ACK_CONTROL, late)).ret == 4406


@pytest.mark.parametrize(
    "last",
    [
        step(DISPATCH, ops.QUERY_CONTROL, CommandQuery(command_id="nobody's")),
        step(DISPATCH, ops.QUERY_BACKFILL, BackfillQuery(job_id="nobody's")),
        a_command(resource_id="nobody's")[1],
    ],
    ids=lambda last: last.operation.name,
)
def test_what_does_not_exist_is_unknown_alike(last: Step) -> None:
    assert on_every_door((), last).ret == 4201


def test_an_older_version_is_refused_alike() -> None:
    station = replace(a_station(), version=5)
    held = step(OPERATOR, ops.PUSH_ARCHIVE, station)
    older = step(OPERATOR, ops.PUSH_ARCHIVE, replace(station, version=4))
    push, issue = a_command(version=5)
    old_curve = replace(issue.asked([]), version=4)

    assert on_every_door((held,), older).ret == 4204
    assert on_every_door((push, issue), step(DISPATCH, ops.ISSUE_CONTROL, old_curve)).ret == 4204


def test_what_a_role_may_not_call_is_refused_alike_acc_5_2() -> None:
    _, issue = a_command()

    assert on_every_door((), issue._replace(party=OPERATOR)).ret == 4301
