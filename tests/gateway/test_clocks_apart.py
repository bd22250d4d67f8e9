"""A peer whose clock is off is told by how much, and may have a window of its own. ACC-5.3, F57."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.trio import BASES, NOW, OPERATOR, OTHER, PLATFORM, Trio, batch, door_for, ret_of
from vgigw.envelope import rest
from vgigw.errors import PeerRefused
from vgigw.objects import ServiceQuery
from vgigw.operations import QUERY_SERVICES, UPLOAD_TELEMETRY

DOORS = list(BASES)


@pytest.mark.parametrize(("off_s", "side"), [(-412, "behind"), (412, "ahead of")])
@pytest.mark.parametrize("door", DOORS)
def test_f57_a_genuine_peer_is_told_by_how_many_seconds_and_to_which_side(
    door: str, off_s: int, side: str
) -> None:
    trio = Trio(door)
    trio.token()
    with pytest.raises(PeerRefused) as refused:
        trio.operator.call(PLATFORM, UPLOAD_TELEMETRY, batch(1, 2), NOW + timedelta(seconds=off_s))
    told = f"the time stamp is 412 s {side} our clock; at most 300 s"
    assert (refused.value.code, refused.value.message) == (4102, f"peer answered 4102: {told}")


@pytest.mark.parametrize("door", DOORS)
def test_f57_the_window_is_that_of_the_peer_and_is_told_to_it(door: str) -> None:
    trio = Trio(door, platform_sees={OPERATOR: {"window_s": 600}, OTHER: {"window_s": 100}})
    mine, other = trio.token(), trio.token(OTHER)

    def ret(off_s: int, party: str, token: str) -> int:
        at = NOW + timedelta(seconds=off_s)
        message = batch(1, 2, source_id=party)
        return ret_of(trio.give(trio.sealed(UPLOAD_TELEMETRY, message, token, party=party, at=at)))

    assert [ret(off_s, OPERATOR, mine) for off_s in (-601, -600, 601)] == [4102, 0, 4102]
    assert [ret(off_s, OTHER, other) for off_s in (-101, -100, 101)] == [4102, 0, 4102]
    limits = trio.call(OPERATOR, QUERY_SERVICES, ServiceQuery()).limits
    assert {each.name: each.value for each in limits}["TimeWindowSec"] == 600


def test_f57_a_guard_lives_as_long_as_the_window_of_its_peer() -> None:
    """With a wider window a recorded envelope is fresh for longer, and is known for as long."""
    trio = Trio(platform_sees={OPERATOR: {"window_s": 900}})
    wire = trio.sealed(UPLOAD_TELEMETRY, batch(1, 2), trio.token())
    assert ret_of(trio.give(wire)) == 0
    trio.wait(900)
    trio.platform.do_chores(trio.now)
    guard = door_for(trio.platform, wire).read(wire).guard
    assert trio.stores[PLATFORM].read(lambda view: view.seen(guard)) is not None


@pytest.mark.parametrize("token", ["none", "mine"])
def test_every_answer_on_rest_is_of_the_time_that_the_gateway_was_told(token: str) -> None:
    """A refusal, too: it is signed at the instant that the corridor works with, not at another."""
    trio = Trio("rest")
    shown = trio.token() if token == "mine" else None
    answer = trio.give(trio.sealed(UPLOAD_TELEMETRY, batch(1, 2), shown))
    assert ret_of(answer) == (0 if token == "mine" else 4002)
    assert rest.read_signature(answer.headers).created == int(NOW.timestamp())
