"""One violation, one code and one list of details, whichever door the message came by. CARD-12."""

from __future__ import annotations

import functools

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.cases.worlds import DOORS, EMPTY, NOW, OPERATOR, PLATFORM, ROLES, SECRET, SECRETS, World
from tests.doors.breaking import Broken, broken, sealed
from tests.doors.sealing import SUITE, Refused, Sender, by_cec102, read_refusal
from vgigw.codec import cec102_json
from vgigw.envelope import cec102
from vgigw.objects import Token
from vgigw.operations import OPERATIONS, Operation, Role
from vgigw.testing.loopback import doors_of

EXAMPLES = settings(
    max_examples=40,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


class Platform:
    """One gateway that only ever refuses, so that it may serve every example."""

    def __init__(self, served: str = PLATFORM) -> None:
        self.world = World(served)
        self.doors = {door.name: door for door in doors_of(self.world.served).values()}
        self.senders = {
            party: Sender(party, self._token(party)) for party in ROLES if party != served
        }

    def _token(self, party: str) -> str:
        asked = b'{"OperatorID":"%s","OperatorSecret":"%s"}' % (party.encode(), SECRET.encode())
        request = by_cec102(Sender(party), "query_token", asked)
        answer = self.world.served.receive(self.doors["cec102"], request, NOW)
        reply = cec102.open_reply(SUITE, SECRETS, answer.body)
        token = cec102_json.decode(Token, reply.plaintext, NOW, "").obj.access_token
        assert token is not None
        return token

    def refusal(self, door: str, made: Broken) -> Refused:
        sender = self.senders[caller_of(made.operation, self.world.party)]
        request = sealed(door, sender, made)
        answer = self.world.served.receive(self.doors[door], request, NOW)
        return read_refusal(door, answer)


def served_by(operation: Operation) -> str:
    """The party that serves it in these tests: the platform where it may."""
    callees = {role for each in operation.directions for role in each.callees}
    return PLATFORM if Role.PLATFORM in callees else OPERATOR


def caller_of(operation: Operation, served: str) -> str:
    """Some party that may call it there."""
    return next(
        party
        for party, role in ROLES.items()
        if party != served and operation.may_call(role, ROLES[served])
    )


@functools.cache
def platform(served: str = PLATFORM) -> Platform:
    return Platform(served)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda row: row.name)
@EXAMPLES
@given(data=st.data())
def test_a_violation_is_named_alike_on_every_door(
    operation: Operation, data: st.DataObject
) -> None:
    made = data.draw(broken(operation))

    served = platform(served_by(operation))

    refusals = {door: served.refusal(door, made) for door in DOORS}

    assert refusals["cec102"].ret == 4004
    assert refusals["cec102"].details
    assert refusals["rest"] == refusals["cec102"]
    assert refusals["soap"] == refusals["cec102"]
    assert served.world.kept() == EMPTY
