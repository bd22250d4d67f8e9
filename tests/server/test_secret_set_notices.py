"""What is told of sets of secrets over the wire: their states, never themselves. ACC-5.8."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_two_gateways import OPERATOR, PLATFORM
from tests.cli.two_with_sets import TwoWithSets
from tests.trio import ret_of
from vgigw.crypto import sm2_pbes2
from vgigw.crypto.key_algorithms import fingerprint_of
from vgigw.crypto.key_ring import Place
from vgigw.crypto.link_keys import KeyState
from vgigw.errors import PeerRefused
from vgigw.handlers.keys import notices
from vgigw.objects import KeyRecord, TimeQuery
from vgigw.objects.security import KeyPurpose
from vgigw.objects.security import KeyState as ToldState
from vgigw.operations import NOTIFY_KEY_CHANGE, QUERY_TIME


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TwoWithSets:
    monkeypatch.setattr(sm2_pbes2.encrypt_pbes2, "__kwdefaults__", {"rounds": 1000})
    return TwoWithSets(tmp_path, "gm-mac").started()


def tick(two: TwoWithSets, times: int = 3, **more: float) -> None:
    for _ in range(times):
        two.clock.move_to(two.now() + timedelta(**(more or {"seconds": 1.1})))
        for gateway in two.gateways.values():
            gateway.tick(two.now())


def state(two: TwoWithSets, own: str, issuer: str, key_id: str) -> KeyState:
    return two.ring(own).record(Place(issuer, key_id)).state


def kept(two: TwoWithSets, own: str, owner: str) -> list[KeyRecord]:
    found: list[KeyRecord] = two.gateways[own].store.read(lambda view: list(notices(view, owner)))
    return found


def test_f83_a_revocation_reaches_the_ring_of_whoever_uses_the_set(two: TwoWithSets) -> None:
    two.issue(PLATFORM, "set-2")
    two.carry(PLATFORM, "set-2")
    two.keys(PLATFORM, "revoke", "set-1", "--yes")

    tick(two)

    assert state(two, OPERATOR, PLATFORM, "set-1") is KeyState.REVOKED
    assert state(two, OPERATOR, PLATFORM, "set-2") is KeyState.ACTIVE
    assert two.using(OPERATOR).key_id == "set-2"
    assert two.token(OPERATOR)


def test_a_notice_of_a_set_carries_no_secret(two: TwoWithSets) -> None:
    two.keys(PLATFORM, "rotate", "set-1", "set-2", "--overlap-s", "60")
    tick(two)
    told = kept(two, OPERATOR, PLATFORM)
    assert {one.key_id for one in told} == {"set-1", "set-2"}
    for one in told:
        assert (one.wrapped_key, one.algorithm, one.purpose) == (
            None,
            "SECRETS",
            KeyPurpose.IDENTITY,
        )
        shown = two.ring(PLATFORM).record(Place(PLATFORM, one.key_id)).public
        assert one.fingerprint == fingerprint_of(shown)


def test_a_set_that_retires_before_its_successor_came_goes_on(two: TwoWithSets) -> None:
    two.keys(PLATFORM, "rotate", "set-1", "set-2", "--overlap-s", "60")
    tick(two, times=8, seconds=10)
    assert state(two, OPERATOR, PLATFORM, "set-1") is KeyState.RETIRING
    assert two.using(OPERATOR).key_id == "set-1"
    assert two.token(OPERATOR)

    two.carry(PLATFORM, "set-2")

    assert two.using(OPERATOR).key_id == "set-2"
    assert two.token(OPERATOR)


def test_a_peer_that_knows_no_notices_is_told_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sm2_pbes2.encrypt_pbes2, "__kwdefaults__", {"rounds": 1000})
    two = TwoWithSets(tmp_path, "gm-mac")
    config = two.config(PLATFORM)
    text = config.read_text()
    config.write_text(text.replace("[peers.inbound]", "tell_key_changes = false\n[peers.inbound]"))
    two.started()

    tick(two)

    assert kept(two, OPERATOR, PLATFORM) == []
    assert len(kept(two, PLATFORM, OPERATOR)) == 1


def test_secrets_in_a_notice_are_refused_and_nothing_is_kept(two: TwoWithSets) -> None:
    record = two.ring(OPERATOR).record(Place(OPERATOR, "set-1"))
    notice: dict[str, Any] = {
        "key_id": "set-9",
        "owner_id": OPERATOR,
        "purpose": KeyPurpose.IDENTITY,
        "algorithm": "SECRETS",
        "not_before": record.not_before,
        "not_after": record.not_after,
        "state": ToldState.ACTIVE,
        "fingerprint": "0" * 64,
        "wrapped_key": "AAAA",
    }
    for more in ({}, {"purpose": KeyPurpose.DATA}):
        with pytest.raises(PeerRefused) as refused:
            two.call(OPERATOR, NOTIFY_KEY_CHANGE, KeyRecord(**notice | more))
        assert refused.value.code == 4004
        assert "AAAA" not in str(refused.value.details)
    assert "set-9" not in [one.key_id for one in kept(two, PLATFORM, OPERATOR)]


def test_only_the_issuer_tells_of_a_set(two: TwoWithSets) -> None:
    record = two.ring(OPERATOR).record(Place(PLATFORM, "set-1"))
    notice = KeyRecord(
        key_id="set-1",
        owner_id=PLATFORM,
        purpose=KeyPurpose.IDENTITY,
        algorithm="SECRETS",
        not_before=record.not_before,
        not_after=record.not_after,
        state=ToldState.REVOKED,
        fingerprint=fingerprint_of(record.public),
    )
    with pytest.raises(PeerRefused) as refused:
        two.call(OPERATOR, NOTIFY_KEY_CHANGE, notice)
    assert refused.value.code == 4301
    tick(two)
    assert state(two, PLATFORM, PLATFORM, "set-1") is KeyState.ACTIVE
    assert (
        ret_of(two.give(OPERATOR, two.sealed(OPERATOR, QUERY_TIME, TimeQuery(t1=two.now()))))
        == 4002
    )
