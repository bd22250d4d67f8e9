"""Keys, schemes, files and the inventory: whose they are, and what is refused with which code."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from tests.cases.worlds import (
    AGGREGATOR,
    DISPATCH,
    EXCHANGE,
    NOW,
    OPERATOR,
    PLATFORM,
    SUPERVISOR,
    World,
)
from vgigw import operations as ops
from vgigw.errors import IllegalState, PeerRefused
from vgigw.objects import (
    AssetQuery,
    FileAck,
    FileManifest,
    InformationObject,
    KeyRecord,
    SupplyScheme,
    SupplySchemeQuery,
)
from vgigw.objects.files import HashAlgorithm
from vgigw.objects.operating_enumerations import Success
from vgigw.objects.schemes import (
    SchemeLoad,
    SchemeLoadKind,
    SchemeMethod,
    SchemeObjective,
    SchemeSource,
    SchemeSourceKind,
    SchemeViolation,
    ViolationKind,
)
from vgigw.objects.security import KeyPurpose, KeyState
from vgigw.operations import Operation

HASH = "0123456789abcdef" * 4


def key(**changes: Any) -> KeyRecord:
    plain = KeyRecord(
        key_id="K1",
        owner_id=OPERATOR,
        purpose=KeyPurpose.SIGNING,
        algorithm="SM2",
        not_before=NOW,
        not_after=NOW + timedelta(days=365),
        state=KeyState.ACTIVE,
        fingerprint=HASH,
    )
    return replace(plain, **changes)


def scheme(**changes: Any) -> SupplyScheme:
    plain = SupplyScheme(
        scheme_id="P1",
        version=1,
        step_time=NOW,
        step_min=15,
        sources=(SchemeSource(kind=SchemeSourceKind.GRID, id="G", p=Decimal("110.000")),),
        loads=(SchemeLoad(kind=SchemeLoadKind.CONVENTIONAL, id="L", p=Decimal("100.000")),),
        losses=Decimal("10.000"),
        method=SchemeMethod.POWER_FLOW,
    )
    return replace(plain, **changes)


def manifest(**changes: Any) -> FileManifest:
    plain = FileManifest(
        file_name="plan_20261121.dt",
        object_kind="PlanCurve",
        count=96,
        hash_algorithm=HashAlgorithm.SM3,
        hash=HASH,
        signature="x",
    )
    return replace(plain, **changes)


def ack(**changes: Any) -> FileAck:
    plain = FileAck(file_name="plan_20261121.dt", hash=HASH, result=Success.OK, ack_time=NOW)
    return replace(plain, **changes)


def refusal(world: World, party: str, operation: Operation, request: InformationObject) -> Any:
    with pytest.raises(PeerRefused) as caught:
        world.call("rest", party, operation, request)
    return caught.value


def test_a_peer_tells_of_its_own_keys_only_acc_5_8() -> None:
    world = World()
    world.call("rest", OPERATOR, ops.NOTIFY_KEY_CHANGE, key())

    assert refusal(world, AGGREGATOR, ops.NOTIFY_KEY_CHANGE, key()).code == 4301


@pytest.mark.parametrize(
    ("held", "told"),
    [
        (KeyState.ACTIVE, KeyState.PENDING),
        (KeyState.PENDING, KeyState.RETIRING),
        (KeyState.REVOKED, KeyState.ACTIVE),
        (KeyState.REVOKED, KeyState.RETIRING),
    ],
)
def test_a_key_never_goes_back_in_its_life_acc_5_8(held: KeyState, told: KeyState) -> None:
    world = World()
    first = KeyState.ACTIVE if held is KeyState.ACTIVE else KeyState.PENDING
    world.call("rest", OPERATOR, ops.NOTIFY_KEY_CHANGE, key(state=first))
    if held is not first:
        world.call("rest", OPERATOR, ops.NOTIFY_KEY_CHANGE, key(state=held))

    assert refusal(world, OPERATOR, ops.NOTIFY_KEY_CHANGE, key(state=told)).code == 4203


@pytest.mark.parametrize(
    "changes",
    [
        {"state": KeyState.RETIRING, "fingerprint": "f" * 64},
        {"not_before": NOW - timedelta(days=2), "not_after": NOW - timedelta(days=1)},
    ],
    ids=["another key of this name", "expired"],
)
def test_a_key_that_cannot_be_used_is_4104(changes: dict[str, Any]) -> None:
    world = World()
    world.call("rest", OPERATOR, ops.NOTIFY_KEY_CHANGE, key())

    told = key(**{"key_id": "K2", **changes} if "not_after" in changes else changes)
    assert refusal(world, OPERATOR, ops.NOTIFY_KEY_CHANGE, told).code == 4104


@pytest.mark.parametrize("state", [KeyState.RETIRING, KeyState.REVOKED])
def test_a_key_that_came_by_hand_ends_all_the_same_acc_5_8(state: KeyState) -> None:
    world = World()
    world.call("rest", OPERATOR, ops.NOTIFY_KEY_CHANGE, key(state=state))

    assert refusal(world, OPERATOR, ops.NOTIFY_KEY_CHANGE, key()).code == 4203


def test_a_peer_is_told_once_of_each_state_of_our_key_acc_5_8() -> None:
    world = World()
    ours = key(owner_id=PLATFORM)
    world.act(OPERATOR, ops.NOTIFY_KEY_CHANGE, ours)
    with pytest.raises(IllegalState):
        world.act(OPERATOR, ops.NOTIFY_KEY_CHANGE, ours)
    world.act(OPERATOR, ops.NOTIFY_KEY_CHANGE, replace(ours, state=KeyState.REVOKED))
    with pytest.raises(IllegalState):
        world.act(AGGREGATOR, ops.NOTIFY_KEY_CHANGE, ours)

    states = [each["message_id"] for each in world.kept()["letters"]]
    assert states == ["K1/2", "K1/4"]


def test_a_validity_that_ends_before_it_begins_is_named() -> None:
    refused = refusal(World(), OPERATOR, ops.NOTIFY_KEY_CHANGE, key(not_after=NOW))

    assert (refused.code, refused.details[0].path) == (4004, "/NotAfter")


def test_our_own_key_is_told_to_several_peers_and_kept_once() -> None:
    world = World()
    ours = key(owner_id=PLATFORM)
    world.act(OPERATOR, ops.NOTIFY_KEY_CHANGE, ours)
    world.act(AGGREGATOR, ops.NOTIFY_KEY_CHANGE, ours)

    kept = world.kept()
    told = ["ToldKeyRecord"] * 2
    assert [each["kind"] for each in kept["documents"]] == ["KeyRecord", *told]
    assert [each["destination"] for each in kept["letters"]] == [OPERATOR, AGGREGATOR]


def test_a_scheme_is_seen_by_whom_it_came_from_and_by_nobody_else_jes_3_10() -> None:
    world = World()
    world.call("soap", DISPATCH, ops.SUBMIT_SUPPLY_SCHEME, scheme())
    query = SupplySchemeQuery(scheme_id="P1")

    assert world.call("rest", DISPATCH, ops.QUERY_SUPPLY_SCHEME, query) == scheme()
    foreign = refusal(world, SUPERVISOR, ops.QUERY_SUPPLY_SCHEME, query)
    nobodys = refusal(
        world, SUPERVISOR, ops.QUERY_SUPPLY_SCHEME, SupplySchemeQuery(scheme_id="none")
    )
    assert (foreign.code, foreign.args) == (nobodys.code, nobodys.args)
    assert foreign.code == 4201


def test_our_own_scheme_is_answered_to_the_north() -> None:
    world = World()
    world.act(DISPATCH, ops.SUBMIT_SUPPLY_SCHEME, scheme())

    query = SupplySchemeQuery(scheme_id="P1")
    assert world.call("rest", DISPATCH, ops.QUERY_SUPPLY_SCHEME, query) == scheme()


def test_an_older_scheme_is_refused_4204() -> None:
    world = World()
    world.call("rest", DISPATCH, ops.SUBMIT_SUPPLY_SCHEME, scheme(version=2))

    assert refusal(world, DISPATCH, ops.SUBMIT_SUPPLY_SCHEME, scheme()).code == 4204


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"step_min": 20}, 4405, "/StepMin"),
        ({"step_time": NOW + timedelta(minutes=7)}, 4405, "/StepTime"),
        ({"losses": Decimal("11.000")}, 4004, "/Sources"),
        ({"method": SchemeMethod.OPTIMAL_POWER_FLOW}, 4004, "/Objective"),
        ({"objective": SchemeObjective.WEIGHTED}, 4004, "/Weights"),
    ],
)
def test_a_scheme_that_does_not_hold_together_is_named_jes_7_1_3(
    changes: dict[str, Any], code: int, path: str
) -> None:
    refused = refusal(World(), DISPATCH, ops.SUBMIT_SUPPLY_SCHEME, scheme(**changes))

    assert (refused.code, [detail.path for detail in refused.details]) == (code, [path])


def test_a_scheme_may_say_itself_that_it_does_not_balance_jes_7_1_3() -> None:
    told = SchemeViolation(kind=ViolationKind.BALANCE, id="G", value=1.0, limit=0.0)
    unbalanced = scheme(losses=Decimal("11.000"), violations=(told,))

    World().call("rest", DISPATCH, ops.SUBMIT_SUPPLY_SCHEME, unbalanced)


def test_a_file_is_acknowledged_by_whom_it_was_announced_to_plt_7_1a() -> None:
    world = World()
    world.act(DISPATCH, ops.NOTIFY_FILE, manifest())

    world.call("rest", DISPATCH, ops.ACK_FILE, ack())
    assert refusal(world, EXCHANGE, ops.ACK_FILE, ack()).code == 4201
    assert refusal(world, DISPATCH, ops.ACK_FILE, ack(hash="f" * 64)).code == 4201


@pytest.mark.parametrize("name", ["../plan", "a/b", "a\\b", "C:plan", "..", "plan\x7f\n"])
def test_a_file_name_never_leads_elsewhere_plt_7_1a(name: str) -> None:
    refused = refusal(World(), DISPATCH, ops.NOTIFY_FILE, manifest(file_name=name))

    assert (refused.code, refused.details[0].path) == (4004, "/FileName")


@pytest.mark.parametrize("text", ["0" * 63, "F" * 64, "g" * 64])
def test_a_hash_is_one_of_its_algorithm_plt_7_1a(text: str) -> None:
    refused = refusal(World(), DISPATCH, ops.NOTIFY_FILE, manifest(hash=text))

    assert (refused.code, refused.details[0].path) == (4004, "/Hash")


def test_the_inventory_names_every_kind_that_is_kept_with_its_grade_plt_10_4() -> None:
    world = World()
    page: Any = world.call("rest", SUPERVISOR, ops.QUERY_ASSETS, AssetQuery(page_size=1000))

    by_name = {each.asset_name: each for each in page.data_assets}
    assert page.item_size == len(by_name)
    assert {"StationInfo", "ControlCurve", "SettlementStatement", "VehicleInfo"} <= set(by_name)
    assert by_name["VehicleInfo"].asset_grade.value == "SEN"
    assert by_name["VehicleInfo"].risk_score == 100
    sensitive: Any = world.call(
        "rest",
        SUPERVISOR,
        ops.QUERY_ASSETS,
        AssetQuery(asset_grade=by_name["VehicleInfo"].asset_grade),
    )
    assert {each.asset_grade.value for each in sensitive.data_assets} == {"SEN"}
