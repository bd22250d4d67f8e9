"""One object, one meaning, whichever suite two parties have agreed on. CARD-5, CARD-12."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests import trio as trio_of
from tests.cases import cases
from tests.cases.first import a_curve, a_station
from tests.cases.worlds import DISPATCH, DOORS, OPERATOR, World
from tests.doors.test_parity import comparable
from tests.links import WITH_KEYS
from tests.trio import Trio, curve, kept, station
from vgigw import operations as ops
from vgigw.errors import PeerRefused
from vgigw.objects import ControlCurve
from vgigw.operations import Operation
from vgigw.ports import LetterState

EXAMPLES = settings(
    max_examples=3,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
OPERATIONS = (
    ops.QUERY_TOKEN,
    ops.QUERY_TIME,
    ops.PUSH_ARCHIVE,
    ops.UPLOAD_TELEMETRY,
    ops.ISSUE_CONTROL,
    ops.QUERY_CONTROL,
)
TYPED = ("rest", "soap")
WAYS = (
    ("tcec102", "cec102", "loop"),
    *((suite, door, "loop") for suite in WITH_KEYS for door in DOORS),
    *((suite, door, "https") for suite in ("tcec102", "gm-mac", *WITH_KEYS) for door in TYPED),
)
"""Suite, door, and by ``https`` encrypted bodies on the typed doors."""
each_suite = pytest.mark.parametrize("suite", ["gm-mac", *WITH_KEYS])
each_door = pytest.mark.parametrize("door", DOORS)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda row: row.name)
@EXAMPLES
@given(data=st.data())
def test_card_5_one_object_has_one_reply_and_one_effect_whatever_the_suite(
    operation: Operation, data: st.DataObject
) -> None:
    case = data.draw(cases(operation))
    outcomes: list[Any] = []
    ways = [each for each in WAYS if operation.confidential or each[2] == "loop"]
    for suite, door, scheme in ways:
        world, replies = case.prepared(door, suite=suite, scheme=scheme)
        party, _, asked, _ = case.last
        reply = world.call(door, party, operation, asked(replies))
        outcomes.append((comparable(reply), world.kept()))

    assert all(outcome == outcomes[0] for outcome in outcomes[1:])


@each_suite
@each_door
@pytest.mark.parametrize("scheme", ["loop", "https"])
def test_card_5_a_command_goes_its_whole_way_under_the_suite(
    suite: str, door: str, scheme: str
) -> None:
    trio = Trio(door, suite=suite, scheme=scheme)
    trio.call(trio_of.OPERATOR, ops.PUSH_ARCHIVE, station())
    trio.call(trio_of.DISPATCH, ops.ISSUE_CONTROL, curve())

    trio.tick(2)

    held = trio.stores[trio_of.OPERATOR].read(lambda view: view.documents("ControlCurve"))
    assert [kept(ControlCurve, each.payload).command_id for each in held] == ["CMD1"]
    letters = trio.stores[trio_of.PLATFORM].read(lambda view: view.letters())
    assert all(letter.state is LetterState.DELIVERED for letter in letters)


@each_suite
@each_door
@pytest.mark.parametrize("scheme", ["loop", "https"])
def test_a_refusal_is_told_under_the_suites_own_seal(suite: str, door: str, scheme: str) -> None:
    world = World(suite=suite, scheme=scheme)

    with pytest.raises(PeerRefused) as refused:
        world.call(door, OPERATOR, ops.ISSUE_CONTROL, a_curve(a_station()))
    assert refused.value.code == 4301

    with pytest.raises(PeerRefused) as refused:
        world.call(door, DISPATCH, ops.ISSUE_CONTROL, a_curve(a_station()))
    assert refused.value.code == 4201
