"""Networks and certificates hold where nobody gives access, too. PLT-8.11b, PLT-10.3a."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests.handlers.test_network_changes import (
    ALARM,
    CHANGES,
    HERE,
    HOLD,
    NOT_APPROVED,
    REFUSE,
    TAKEN,
    each_change,
)
from tests.trio import BASES, OPERATOR, PLATFORM, Trio, door_for, kept, ret_of, secrets_of
from vgigw import operations as ops
from vgigw.envelope.wire import Transport, WireRequest
from vgigw.handlers.alarm_raising import ALARMS
from vgigw.objects import AlarmEvent, StationQuery, TokenRequest
from vgigw.ports import OnChange


class World(Trio):
    """The operator watches one kind of change of the platform."""

    def __init__(self, change: str, on_change: OnChange | None) -> None:
        profile, self.same, self.changed = CHANGES[change]
        super().__init__("rest", peer_changes={**profile, "on_change": on_change})

    def wire(self) -> WireRequest:
        """A question of the platform to the operator, with a token."""
        peer = self.platform.identity.peers[OPERATOR]
        courier: Any = self.platform._exchanges._couriers["rest"]
        secret = secrets_of(OPERATOR).operator_secret.decode()
        asked = TokenRequest(operator_id=PLATFORM, operator_secret=secret)
        given = self.call(PLATFORM, ops.QUERY_TOKEN, asked, to=OPERATOR)
        base, token = peer.paths[0], str(given.access_token)
        asking = ops.QUERY_STATIONS_INFO, StationQuery()
        sealed: WireRequest = courier.seal(peer, base, *asking, token, self.now)[0]
        return replace(sealed, path=f"/{BASES['rest']}{sealed.path}", source=HERE)

    def codes(self) -> tuple[int, int]:
        """The codes of a message that comes as named, and of one that shows the change."""
        return self._code(self.same), self._code(self.changed)

    def _code(self, how: dict[str, Any]) -> int:
        self.wait(1)
        came = replace(self.wire(), transport=Transport.MUTUAL_TLS, **how)
        return ret_of(self.operator.receive(door_for(self.operator, came), came, self.now))

    def look(self) -> None:
        self.wait(6)
        self.operator.look_after(self.now)

    def alarms(self) -> list[str]:
        found = self.operator.store.read(lambda view: view.documents(ALARMS.kind, owner=OPERATOR))
        return [kept(AlarmEvent, each.payload).alarm_code for each in found]


@each_change
@pytest.mark.parametrize("on_change", [None, REFUSE, HOLD])
def test_attack_an_operator_is_not_asked_from_elsewhere(
    change: str, on_change: OnChange | None
) -> None:
    world = World(change, on_change)
    assert world.codes() == (TAKEN, NOT_APPROVED)
    world.look()
    assert world.alarms() == [change]
    # Nobody applies at an operator, so that it holds nobody.
    assert world.codes() == (TAKEN, NOT_APPROVED)


@each_change
def test_plt_8_11b_an_operator_may_only_be_told(change: str) -> None:
    world = World(change, ALARM)
    assert world.codes() == (TAKEN, TAKEN)
    world.look()
    assert world.alarms() == [change]
