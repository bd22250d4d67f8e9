"""Each dialect as its peers speak it: understood from a peer that has it, refused from another."""

from __future__ import annotations

import pytest
from falcon.testing import TestClient
from msgspec.structs import replace

from tests.doors.dialect_host import (
    EVCS,
    SHEVCS,
    STATE,
    STRICT,
    TOLERANT,
    XIAOJU,
    ZHEJIANG,
    Host,
    push_state,
    refused,
    sealed,
)
from tests.stores.fresh import fresh_store


@pytest.fixture
def host() -> Host:
    return Host()


# What one peer does with its envelope -------------------------------------------------------


@pytest.mark.parametrize("seq", ["1", "17", "10000"])
def test_a_seq_of_another_width_is_for_the_dialect_that_says_so(host: Host, seq: str) -> None:
    assert push_state(host, TOLERANT, seq=seq).ret == 0
    assert refused(push_state(host, STRICT, seq=seq), 4003, ("/Seq", "format"))
    assert len(host.got) == 1


@pytest.mark.parametrize("seq", ["", "100000", "12 4", "١٢٣٤"])
def test_a_seq_that_no_dialect_knows_is_refused_to_all(host: Host, seq: str) -> None:
    for who in (STRICT, TOLERANT):
        assert push_state(host, who, seq=seq).ret == 4003


@pytest.mark.parametrize("seq", ["100000", "12 4", "١٢٣٤"])
def test_a_seq_that_no_dialect_knows_is_refused_for_its_form_to_strangers_too(
    host: Host, seq: str
) -> None:
    stranger = sealed("999999999", f"{EVCS}/query_token", {}, seq=seq)
    assert host.give(stranger).ret == 4003
    assert host.give(sealed("999999999", f"{EVCS}/query_token", {})).ret == 4001


def test_a_seq_that_is_always_0001_is_no_replay(host: Host) -> None:
    for status in (1, 2, 3):
        content = {"ConnectorStatusInfo": STATE | {"Status": status}}
        assert push_state(host, STRICT, content, seq="0001").ret == 0
    assert [got.status for got in host.got] == [1, 2, 3]


def test_a_signature_in_lower_case_is_for_the_dialect_that_says_so(host: Host) -> None:
    assert push_state(host, TOLERANT, lower=True).ret == 0
    assert push_state(host, STRICT, lower=True).ret == 4001


def test_attack_lower_case_is_no_leave_for_another_signature(host: Host) -> None:
    good = sealed(TOLERANT, f"{EVCS}/query_token", {}, lower=True)
    forged = replace(good, body=good.body.replace(b'"Seq": "0001"', b'"Seq": "0002"'))
    assert (host.give(good).ret, host.give(forged).ret) == (4004, 4001)


@pytest.mark.parametrize("who", [STRICT, TOLERANT])
def test_data_broken_into_lines_is_signed_as_it_stands(host: Host, who: str) -> None:
    assert push_state(host, who, line=76).ret == 0


# What one peer calls an interface -----------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "who", "status"),
    [
        (f"{EVCS}/notification_stationStatus", STRICT, 0),
        (f"{EVCS}/supervise_notification_station_status", ZHEJIANG, 0),
        ("/notification_stationStatus", XIAOJU, 0),
        (f"{EVCS}/notification_stationStatus", ZHEJIANG, 4003),
        (f"{EVCS}/notification_stationStatus", XIAOJU, 4003),
        (f"{EVCS}/supervise_notification_station_status", STRICT, 4003),
        ("/notification_stationStatus", STRICT, 4003),
        (f"{SHEVCS}/notification_stationStatus", STRICT, 4003),
    ],
)
def test_a_name_of_another_dialect_is_not_accepted(
    host: Host, path: str, who: str, status: int
) -> None:
    answer = host.post(who, path, {"ConnectorStatusInfo": STATE})
    assert answer.ret == status
    assert len(host.got) == (status == 0)


def test_a_name_that_nobody_knows_is_refused_before_anything_is_read(host: Host) -> None:
    assert host.give(sealed(STRICT, f"{EVCS}/query_nothing", {})).ret == 4003


def test_the_large_operator_fetches_its_token_elsewhere(host: Host) -> None:
    asked = {"OperatorID": XIAOJU, "OperatorSecret": "1234567890abcdef"}
    given = host.give(sealed(XIAOJU, "/evcs/sdk/query_token", asked))
    assert given.data["SuccStat"] == 0
    asked["OperatorID"] = STRICT
    assert host.give(sealed(STRICT, "/evcs/sdk/query_token", asked)).ret == 4003


def test_every_mount_is_served_and_hides_no_other_page(host: Host) -> None:
    client = TestClient(host.gateway.wsgi())
    for path in (f"{EVCS}/query_token", f"{SHEVCS}/query_token", "/notification_stationStatus"):
        assert client.simulate_post(path, body="{}").json["Msg"].startswith("an envelope member")
    assert client.simulate_post("/notification_stationStatus/x", body="{}").status_code == 404
    assert client.simulate_post("/shevcs/v1x0/query_token", body="{}").status_code == 404
    assert client.simulate_get("/healthz").status_code == 200
    assert client.simulate_get("/soap/common?wsdl").status_code == 200


def test_a_dialect_that_nobody_speaks_is_not_mounted() -> None:
    from vgigw import Gateway, Identity
    from vgigw.operations import Role

    alone = Gateway(Identity(operator_id=STRICT, role=Role.PLATFORM, peers={}), fresh_store())
    answer = TestClient(alone.wsgi()).simulate_post(f"{SHEVCS}/query_token", body="{}")
    assert answer.status_code == 404
