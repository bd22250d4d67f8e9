"""After a switch the path that carries is tried first, for a while. PLT-9.4."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.gateway.test_paths_and_answers import forged, two_paths
from tests.trio import NOW, OPERATOR, PLATFORM, Trio, batch
from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.errors import PeerAnswerInvalid, PeerRefused, PeerUnreachable
from vgigw.objects import TelemetryBatch
from vgigw.operations import UPLOAD_TELEMETRY
from vgigw.rules.link import HOLD_S

MAIN, STANDBY = "primary", "standby"


class Watched:
    """A pair of gateways with two paths, and the paths that were tried since one last looked."""

    def __init__(self) -> None:
        self.trio = Trio()
        two_paths(self.trio)
        self.net = self.trio.net
        self.spoilt = False
        self._sent = 0
        self._tried: list[str] = []
        self._exchange = self.net.exchange
        self.trio.operator._exchanges._sender = self

    def exchange(self, base: str, request: WireRequest) -> WireAnswer:
        self._tried.append(base.removeprefix("loop://").partition("/")[0])
        answer = self._exchange(base, request)
        return forged(request, answer) if self.spoilt else answer

    def call(self, **changes: object) -> list[str]:
        """The paths that were tried for one message that is taken, its token aside."""
        self._sent += 1
        sent: TelemetryBatch = batch(self._sent, self._sent, **changes)
        self._tried.clear()
        self.trio.operator.call(PLATFORM, UPLOAD_TELEMETRY, sent, self.trio.now)
        return list(self._tried)

    @property
    def tried(self) -> list[str]:
        return list(self._tried)


@pytest.fixture
def watched() -> Watched:
    """Both paths are there, a token is at hand."""
    made = Watched()
    made.call()
    return made


def test_plt_9_4_after_a_switch_the_standby_is_tried_first(watched: Watched) -> None:
    watched.net.cut.add(MAIN)
    assert watched.call() == [MAIN, STANDBY]
    assert watched.call() == [STANDBY]
    watched.net.cut.discard(MAIN)
    watched.trio.wait(HOLD_S - 1)
    assert watched.call() == [STANDBY]


def test_plt_9_4_the_main_path_is_taken_again_after_a_while(watched: Watched) -> None:
    watched.net.cut.add(MAIN)
    watched.call()
    watched.net.cut.discard(MAIN)
    watched.trio.wait(HOLD_S)
    assert watched.call() == [MAIN]
    assert watched.call() == [MAIN]


def test_plt_9_4_a_main_path_that_stays_away_costs_one_try_a_while(watched: Watched) -> None:
    watched.net.cut.add(MAIN)
    for _ in range(3):
        assert watched.call() == [MAIN, STANDBY]
        watched.trio.wait(HOLD_S / 2)
        assert watched.call() == [STANDBY]
        watched.trio.wait(HOLD_S / 2)


def test_plt_9_4_a_standby_that_fails_leads_back_at_once(watched: Watched) -> None:
    watched.net.cut.add(MAIN)
    watched.call()
    watched.net.cut = {STANDBY}
    assert watched.call() == [STANDBY, MAIN]
    watched.net.cut.clear()
    assert watched.call() == [MAIN]


def test_plt_9_4_a_refusal_by_the_standby_is_a_sign_of_life(watched: Watched) -> None:
    watched.net.cut.add(MAIN)
    with pytest.raises(PeerRefused):
        watched.call(actual_count=9)
    assert watched.call() == [STANDBY]


def test_attack_what_is_not_the_peers_own_keeps_nobody_on_the_standby(watched: Watched) -> None:
    watched.net.cut.add(MAIN)
    watched.call()
    watched.net.cut.clear()
    watched.spoilt = True
    with pytest.raises(PeerAnswerInvalid):
        watched.call()
    watched.spoilt = False
    assert watched.tried == [STANDBY]
    assert watched.call() == [MAIN]


def test_plt_9_4_with_both_paths_down_both_are_tried(watched: Watched) -> None:
    watched.net.cut.add(MAIN)
    watched.call()
    watched.net.cut.add(STANDBY)
    with pytest.raises(PeerUnreachable):
        watched.call()
    assert watched.tried == [STANDBY, MAIN]


def test_plt_9_4_a_clock_that_is_set_back_holds_nobody_on_the_standby(watched: Watched) -> None:
    watched.net.cut.add(MAIN)
    watched.call()
    watched.net.cut.clear()
    watched.trio.wait(-HOLD_S)
    assert watched.call() == [MAIN]


def test_plt_9_4_one_peer_s_switch_is_no_other_s() -> None:
    trio = Trio()
    seen = trio.platform.identity.peers[OPERATOR]
    other = replace(seen, operator_id="other", paths=("a", "b"))
    paths = trio.platform._exchanges._paths
    paths.heard(other, "b", NOW, genuine=True)
    assert paths.in_order(other, NOW) == ("b", "a")
    assert paths.in_order(replace(other, paths=("a", "c")), NOW) == ("a", "c")
    assert paths.in_order(seen, NOW) == seen.paths
    assert paths.in_order(other, NOW + timedelta(seconds=HOLD_S)) == ("a", "b")
