"""The example of the how-to ``charging-hooks`` runs as it stands there, against a platform."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import vgigw
from tests.trio import OPERATOR, PLATFORM, Trio
from vgigw import operations as ops
from vgigw.gateway.gateway import Gateway as Corridor
from vgigw.handlers.charging import ADVICE
from vgigw.handlers.keeping import object_of
from vgigw.objects import (
    BusinessPolicyQuery,
    EquipAuthQuery,
    InformationObject,
    SessionState,
    StartChargeRequest,
    StartChargeResult,
    StopChargeRequest,
    StopChargeResult,
    Success,
)

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "how-to" / "charging-hooks.md"
SEQ = f"{PLATFORM}000000000000000001"
START = StartChargeRequest(start_charge_seq=SEQ, connector_id="C1")
STOP = StopChargeRequest(start_charge_seq=SEQ, connector_id="C1")
OFFLINE = 2


class Chargers:
    """The system of whoever follows the page: connector C1, which may be out of reach."""

    def __init__(self) -> None:
        self.reached = True
        self.charging: list[str] = []
        self.told: list[tuple[str, str]] = []

    def plugged_in(self, connector_id: str) -> bool:
        return connector_id == "C1"

    def fault(self, connector_id: str) -> int:
        return 0 if self.reached else OFFLINE

    def start(self, connector_id: str, seq: str) -> bool:
        self.told.append(("start", seq))
        self.charging.append(seq)
        return True

    def stop(self, connector_id: str, seq: str) -> None:
        self.told.append(("stop", seq))
        if seq in self.charging:
            self.charging.remove(seq)


class Followed:
    """Whoever followed the page: a gateway with its handlers, its loop and its chargers."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.trio = Trio()
        self.chargers = Chargers()
        monkeypatch.setattr(vgigw, "Gateway", partial(vgigw.Gateway, sender=self.trio.net))
        self.names: dict[str, Any] = {
            "chargers": self.chargers,
            "identity": self.trio.operator.identity,
            "store": self.trio.stores[OPERATOR],
        }
        for block in re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL):
            exec(block, self.names)
        self.gateway: Corridor = self.names["gateway"]
        self.trio.gateways[OPERATOR] = self.gateway
        self.trio.net.join(OPERATOR, self.gateway)

    def ask(self, operation: ops.Operation, request: InformationObject) -> Any:
        self.trio.wait(1)
        return self.trio.call(PLATFORM, operation, request, OPERATOR)

    def work(self) -> None:
        """Its loop and everyone's clockwork once."""
        self.names["work"](self.gateway, self.trio.wait(1))
        self.trio.tick()

    def results(self, cls: type[Any]) -> list[Any]:
        """What the platform was told."""
        store = self.trio.stores[PLATFORM]
        documents = store.read(lambda view: view.documents(cls.__name__, owner=OPERATOR))
        return [object_of(cls, each.payload) for each in documents]


@pytest.fixture
def followed(monkeypatch: pytest.MonkeyPatch) -> Followed:
    return Followed(monkeypatch)


def test_102_a_session_starts_and_stops_and_its_results_are_told(followed: Followed) -> None:
    begun = followed.ask(ops.QUERY_START_CHARGE, START)
    assert (begun.succ_stat, begun.start_charge_seq_stat) == (Success.OK, SessionState.STARTING)
    followed.work()
    assert followed.chargers.charging == [SEQ]
    (started,) = followed.results(StartChargeResult)
    assert started.start_charge_seq_stat is SessionState.CHARGING

    ended = followed.ask(ops.QUERY_STOP_CHARGE, STOP)
    assert (ended.succ_stat, ended.start_charge_seq_stat) == (Success.OK, SessionState.STOPPING)
    followed.work()
    assert followed.chargers.charging == []
    (stopped,) = followed.results(StopChargeResult)
    assert (stopped.succ_stat, stopped.start_charge_seq_stat) == (
        Success.OK,
        SessionState.ENDED,
    )
    followed.work()
    assert followed.chargers.told == [("start", SEQ), ("stop", SEQ)]


def test_card_6_a_start_that_is_asked_for_again_starts_nothing_more(followed: Followed) -> None:
    first = followed.ask(ops.QUERY_START_CHARGE, START)
    followed.work()
    assert followed.ask(ops.QUERY_START_CHARGE, START) == first
    followed.trio.wait(8 * 24 * 3600)  # what was answered is forgotten, the number is not
    followed.trio.tick()
    assert followed.ask(ops.QUERY_START_CHARGE, START).succ_stat is Success.FAILED
    followed.work()
    assert followed.chargers.told == [("start", SEQ)]


def test_102_a_charger_out_of_reach_is_tried_again(followed: Followed) -> None:
    followed.chargers.reached = False
    refused = followed.ask(ops.QUERY_START_CHARGE, START)
    assert (refused.succ_stat, refused.fail_reason) == (Success.FAILED, OFFLINE)
    followed.work()
    assert followed.chargers.told == []
    followed.chargers.reached = True
    assert followed.ask(ops.QUERY_START_CHARGE, START).succ_stat is Success.OK


def test_102_a_stop_that_comes_while_the_charger_starts_is_not_lost(followed: Followed) -> None:
    start = followed.chargers.start

    def slow(connector_id: str, seq: str) -> bool:
        assert followed.ask(ops.QUERY_STOP_CHARGE, STOP).succ_stat is Success.OK
        return start(connector_id, seq)

    followed.chargers.start = slow  # type: ignore[method-assign]
    followed.ask(ops.QUERY_START_CHARGE, START)
    followed.work()
    followed.work()
    assert followed.chargers.told == [("start", SEQ), ("stop", SEQ)]
    assert followed.chargers.charging == []


def test_102_a_session_that_nobody_started_is_not_stopped(followed: Followed) -> None:
    assert followed.ask(ops.QUERY_STOP_CHARGE, STOP).succ_stat is Success.FAILED
    followed.work()
    assert followed.chargers.told == []


def test_102_readiness_and_tariff_are_answered(followed: Followed) -> None:
    for connector, fault in (("C1", 0), ("C2", 1)):
        query = EquipAuthQuery(equip_auth_seq="A1", connector_id=connector)
        assert followed.ask(ops.QUERY_EQUIP_AUTH, query).fail_reason == fault
    policy = BusinessPolicyQuery(equip_biz_seq="B1", connector_id="C1")
    told = followed.ask(ops.QUERY_EQUIP_BUSINESS_POLICY, policy)
    assert (told.succ_stat, told.sum_period, len(told.policy_infos)) == (Success.OK, 1, 1)


def test_the_log_and_the_index_lead_to_the_page() -> None:
    assert ADVICE.endswith(str(PAGE.relative_to(ROOT)))
    assert "how-to/charging-hooks.md" in (ROOT / "docs" / "index.md").read_text("utf-8")
