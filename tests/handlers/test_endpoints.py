"""An endpoint that changed between two starts is called once approved, or with an alarm. PLT-8.11b.

No address of a message is ever called: an endpoint stands in the configuration.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.cases.applied import a_decision, a_sanction, an_access
from tests.handlers.test_access import stage
from tests.handlers.test_watch import alarms
from tests.trio import BASES, DISPATCH, OPERATOR, PLATFORM, Trio, secrets_of, station
from vgigw import operations as ops
from vgigw.errors import NotApproved, PeerRefused
from vgigw.handlers.release import release_access
from vgigw.objects import AccessKind, ApprovalRole, SanctionKind, Token, TokenRequest
from vgigw.ports import LetterState, OnChange
from vgigw.rules.access import AccessStage


def paths_of(party: str) -> tuple[str, str]:
    """Both lead to the same place; the bodies to the second go encrypted."""
    first, second = (f"{scheme}://{party}/{BASES['rest']}" for scheme in ("loop", "https"))
    return first, second


FIRST, SECOND = paths_of(OPERATOR)
HOLD, REFUSE, ALARM = OnChange.HOLD, OnChange.REFUSE, OnChange.ALARM
CODE = "ENDPOINT_NEW"


class Moved(Trio):
    """The operator, or another party, was called at one endpoint, and moves to another."""

    def __init__(self, on_change: OnChange | None, party: str = OPERATOR, **profile: Any) -> None:
        self.party = party
        sees = {"on_change": on_change, "paths": (paths_of(party)[0],), **profile}
        super().__init__("rest", platform_sees={party: sees})
        self.tick()
        self.called: list[str] = []
        exchange = self.net.exchange

        def noting(base: str, request: Any) -> Any:
            self.called.append(base)
            return exchange(base, request)

        self.net.exchange = noting  # type: ignore[method-assign]
        self.move()

    def move(self, *paths: str) -> None:
        self._platform_sees[self.party]["paths"] = paths or (paths_of(self.party)[1],)
        self.restart(PLATFORM)

    def apply(self) -> None:
        asked = an_access(access_kind=AccessKind.NETWORK_CHANGE)
        self.operator.send(PLATFORM, ops.SUBMIT_ACCESS, asked, self.now)
        self.tick(3, step_s=1)

    def approve(self) -> None:
        for role, by in ((ApprovalRole.DISPATCH, "Li"), (ApprovalRole.NETWORK_SECURITY, "Wang")):
            self.dispatch.send(PLATFORM, ops.DECIDE_ACCESS, a_decision("X1", role, by), self.now)
            self.tick(3, step_s=1)


def raised(trio: Trio) -> list[str]:
    return [each.alarm_code for each in alarms(trio) if each.alarm_code == CODE]


def test_plt_8_11b_a_new_endpoint_holds_the_link_and_is_called_after_its_approval() -> None:
    trio = Moved(HOLD)
    trio.apply()
    trio.tick(2, step_s=61)
    assert stage(trio) is AccessStage.HELD_APPLIED
    assert raised(trio) == [CODE]
    assert SECOND not in trio.called

    trio.approve()
    trio.tick(3, step_s=61)
    assert stage(trio) is AccessStage.APPROVED
    # The decisions waited for it.
    assert SECOND in trio.called
    waiting = trio.stores[PLATFORM].read(
        lambda view: view.letters(destination=OPERATOR, state=LetterState.WAITING)
    )
    assert waiting == []


def test_plt_8_11b_it_stays_held_after_restarts_and_is_told_once() -> None:
    trio = Moved(HOLD)
    for _ in range(3):
        trio.tick(2, step_s=61)
        trio.restart(PLATFORM)
    assert stage(trio) is AccessStage.HELD
    assert raised(trio) == [CODE]
    with pytest.raises(PeerRefused, match="4304"):
        trio.call(OPERATOR, ops.PUSH_ARCHIVE, station())
    assert SECOND not in trio.called


def test_plt_8_11b_nothing_is_sent_to_it_before_anybody_looked() -> None:
    trio = Moved(HOLD)
    # The first letter may go out before the first chore of a start.
    trio.platform.send(OPERATOR, ops.NOTIFY_SANCTION, a_sanction(SanctionKind.NOTICE), trio.now)
    assert trio.platform.deliver(OPERATOR, trio.now) == 0
    assert SECOND not in trio.called


@pytest.mark.parametrize("ticks", [0, 2], ids=["before a look", "after it"])
def test_plt_8_11b_a_call_tells_a_held_endpoint_nothing_and_says_why(ticks: int) -> None:
    trio = Moved(HOLD)
    trio.tick(ticks, step_s=61)
    secret = secrets_of(PLATFORM).operator_secret.decode()
    asked = TokenRequest(operator_id=PLATFORM, operator_secret=secret)
    with pytest.raises(NotApproved, match=rf"endpoint of {OPERATOR} .* --release") as refused:
        trio.platform.call(OPERATOR, ops.QUERY_TOKEN, asked, trio.now)
    assert refused.value.ret == 4304
    assert SECOND not in trio.called
    trio.apply()
    trio.approve()
    assert isinstance(trio.platform.call(OPERATOR, ops.QUERY_TOKEN, asked, trio.now), Token)
    assert trio.called[-1] == SECOND


def test_plt_8_11b_a_held_endpoint_gets_no_heartbeat_until_two_persons_release_it() -> None:
    trio = Moved(HOLD, DISPATCH)
    second = paths_of(DISPATCH)[1]
    assert trio.platform.beat(DISPATCH, trio.now) is None
    trio.tick(2, step_s=61)
    assert trio.platform.beat(DISPATCH, trio.now) is None
    assert second not in trio.called
    identity, now = trio.platform.identity, trio.now
    trio.stores[PLATFORM].write(
        lambda tx: release_access(identity, DISPATCH, ("Li Wei", "Wang Fang"), tx, now)
    )
    assert trio.platform.beat(DISPATCH, trio.now) is not None
    assert second in trio.called


def test_plt_8_11b_the_old_endpoint_again_is_no_change() -> None:
    trio = Moved(HOLD)
    trio.move(FIRST)
    trio.tick(2, step_s=61)
    assert stage(trio) is AccessStage.CONFIGURED
    assert raised(trio) == []


@pytest.mark.parametrize("on_change", [None, REFUSE, ALARM])
def test_plt_8_11b_what_the_configuration_approves_is_called_with_an_alarm(
    on_change: OnChange | None,
) -> None:
    trio = Moved(on_change)
    trio.tick(2, step_s=61)
    assert stage(trio) is AccessStage.CONFIGURED
    assert raised(trio) == [CODE]
    trio.apply()
    trio.approve()
    assert SECOND in trio.called
    trio.restart(PLATFORM)
    trio.tick(3, step_s=400)
    assert raised(trio) == []
