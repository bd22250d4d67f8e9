"""What was turned down in its answer may be asked again, in a fresh envelope. CARD-6, 102.

Decision 0012. A charger out of reach refuses a stop within its answer; the user tries again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.cases.worlds import (
    DOORS,
    NOW,
    OPERATOR,
    OTHER,
    PREFIXES,
    ROLES,
    SECRET,
    World,
    identity_of,
    peer,
)
from tests.stores.fresh import fresh_store, store_at
from vgigw import handles
from vgigw import operations as ops
from vgigw.crypto.suite import SUITES
from vgigw.errors import PeerRefused
from vgigw.gateway import Gateway
from vgigw.handlers import builtin
from vgigw.objects import (
    SessionState,
    StopChargeAnswer,
    StopChargeRequest,
    Success,
    TokenRequest,
)
from vgigw.ports import Courier, Store
from vgigw.senders.cec102 import Cec102Courier
from vgigw.senders.rest import RestCourier
from vgigw.senders.soap import SoapCourier

STOP = StopChargeRequest(start_charge_seq="987654321000000000000000001", connector_id="C1")
OFFLINE, NONE = 2, 0
each_door = pytest.mark.parametrize("door", DOORS)
each_two_doors = pytest.mark.parametrize(("first", "second"), list(product(DOORS, DOORS)))


class Charger:
    """An operator whose hook stops charging unless the charger is ``offline``."""

    def __init__(self, store: Store) -> None:
        self.world = World(OPERATOR)
        self.couriers: dict[str, Courier] = {
            "cec102": Cec102Courier(OTHER, SUITES),
            "rest": RestCourier(OTHER),
            "soap": SoapCourier(OTHER, ROLES[OTHER], SUITES),
        }
        self.offline = True
        self.asked = 0
        self.run_on(store)
        secret = TokenRequest(operator_id=OTHER, operator_secret=SECRET)
        given: Any = self.world.call("rest", OTHER, ops.QUERY_TOKEN, secret)
        self._token = given.access_token

    def run_on(self, store: Store) -> None:
        """A new gateway on ``store``; nothing else is kept."""

        @handles(ops.QUERY_STOP_CHARGE)
        def stop(call: Any, _: Any) -> StopChargeAnswer:
            self.asked += 1
            request: StopChargeRequest = call.request
            return StopChargeAnswer(
                start_charge_seq=request.start_charge_seq,
                start_charge_seq_stat=SessionState.CHARGING
                if self.offline
                else SessionState.STOPPING,
                succ_stat=Success.FAILED if self.offline else Success.OK,
                fail_reason=OFFLINE if self.offline else NONE,
            )

        identity = identity_of(OPERATOR)
        self.world.served = Gateway(
            identity=identity,
            store=store,
            duties=builtin(identity, [stop]),
            couriers={},
            sender=self.world.net,
        )
        self.world.net.join("served", self.world.served)

    def asks(self, door: str, request: StopChargeRequest = STOP) -> Callable[[], Any]:
        """One sealed envelope with ``request``; each call of what is given sends that very one."""
        called = peer(OPERATOR, ROLES[OPERATOR], door)
        base, courier = f"loop://served/{PREFIXES[door]}", self.couriers[door]
        now = self.world.clock.now()
        wire, sent = courier.seal(called, base, ops.QUERY_STOP_CHARGE, request, self._token, now)

        def send() -> Any:
            answer = self.world.net.exchange(base, wire)
            return courier.open(called, ops.QUERY_STOP_CHARGE, sent, answer)

        return send

    def wait(self, seconds: float) -> None:
        self.world.clock.move_to(self.world.clock.now() + timedelta(seconds=seconds))


@pytest.fixture
def charger() -> Charger:
    return Charger(fresh_store())


@each_door
def test_card_6_the_very_same_envelope_gets_the_refusal_again_and_nothing_is_done(
    charger: Charger, door: str
) -> None:
    envelope = charger.asks(door)
    refusal = envelope()
    charger.offline = False

    assert (refusal.succ_stat, refusal.fail_reason) == (Success.FAILED, OFFLINE)
    assert envelope() == refusal
    assert charger.asked == 1


@each_two_doors
def test_102_what_was_turned_down_is_tried_again_for_a_fresh_envelope(
    charger: Charger, first: str, second: str
) -> None:
    assert charger.asks(first)().succ_stat is Success.FAILED
    charger.offline = False
    charger.wait(1)

    assert charger.asks(second)().succ_stat is Success.OK
    assert charger.asked == 2


@each_two_doors
def test_card_6_what_was_done_is_not_done_again_for_a_fresh_envelope(
    charger: Charger, first: str, second: str
) -> None:
    charger.offline = False
    done = charger.asks(first)()
    charger.offline = True
    charger.wait(1)

    assert charger.asks(second)() == done
    assert charger.asked == 1


@each_door
def test_card_6_after_a_second_refusal_it_is_tried_a_third_time(
    charger: Charger, door: str
) -> None:
    for times in (1, 2):
        assert charger.asks(door)().succ_stat is Success.FAILED
        assert charger.asked == times
        charger.wait(1)
    charger.offline = False

    assert charger.asks(door)().succ_stat is Success.OK


@each_door
def test_attack_a_captured_refusal_that_is_played_back_after_the_success_does_nothing(
    charger: Charger, door: str
) -> None:
    captured = charger.asks(door)
    captured()
    charger.offline = False
    charger.wait(1)
    done = charger.asks(door)()
    charger.offline = True

    assert captured() == done
    assert charger.asked == 2


@each_two_doors
def test_card_6_other_content_is_4202_even_where_the_first_was_turned_down(
    charger: Charger, first: str, second: str
) -> None:
    charger.asks(first)()
    charger.offline = False
    charger.wait(1)

    with pytest.raises(PeerRefused) as refused:
        charger.asks(second, replace(STOP, connector_id="C2"))()

    assert (refused.value.code, charger.asked) == (4202, 1)
    assert charger.asks(second)().succ_stat is Success.OK


@pytest.fixture
def on_a_file(tmp_path: Path) -> Iterator[tuple[Charger, Callable[[], None]]]:
    """A charger whose gateway may be restarted on the same file."""
    path = tmp_path / "a.sqlite3"
    stores = [store_at(path)]
    charger = Charger(stores[0])

    def restart() -> None:
        stores[-1].close()
        stores.append(store_at(path))
        charger.run_on(stores[-1])

    yield charger, restart
    stores[-1].close()


@each_door
def test_card_6_all_of_it_holds_after_a_restart(
    on_a_file: tuple[Charger, Callable[[], None]], door: str
) -> None:
    charger, restart = on_a_file
    envelope = charger.asks(door)
    refusal = envelope()
    charger.offline = False
    restart()
    assert envelope() == refusal
    assert charger.asked == 1

    charger.wait(1)
    done = charger.asks(door)()
    assert (done.succ_stat, charger.asked) == (Success.OK, 2)
    restart()
    charger.wait(1)
    assert charger.asks(door)() == done
    assert envelope() == done
    assert charger.asked == 2


def test_a_fresh_envelope_is_one_in_the_window_only(charger: Charger) -> None:
    """A refusal that was captured is not fresh when its guard is forgotten."""
    captured = charger.asks("cec102")
    captured()
    charger.offline = False
    charger.wait(601)
    charger.world.served.do_chores(charger.world.clock.now())

    with pytest.raises(PeerRefused) as refused:
        captured()

    assert (refused.value.code, charger.asked) == (4102, 1)
    assert charger.world.clock.now() > NOW
