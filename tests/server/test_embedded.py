"""A gateway that a host embeds by its constructor alone. CARD-8, ACC-7.6."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
import zeep
from falcon.testing import TestClient
from msgspec.structs import replace

from tests.stores.fresh import fresh_store
from vgigw import Gateway, Identity, Peer, Secrets, operations
from vgigw.crypto.suite import SUITES
from vgigw.errors import Misconfigured
from vgigw.senders.zeep_header import MessageHeaderPlugin

PLATFORM, OPERATOR = "100000001", "123456789"
SECRET = "1234567890abcdef"
SECRETS = Secrets.of(
    operator_secret=SECRET, data_secret=SECRET, data_secret_iv=SECRET, sig_secret=SECRET
)
PEER = Peer(
    operator_id=OPERATOR,
    role=operations.Role.OPERATOR,
    suite="tcec102",
    doors=frozenset({"cec102", "rest", "soap"}),
    inbound=SECRETS,
)
IDENTITY = Identity(operator_id=PLATFORM, role=operations.Role.PLATFORM, peers={OPERATOR: PEER})


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    """Where a gateway is served that was told nothing of its address."""
    gateway = Gateway(IDENTITY, fresh_store())
    with make_server("127.0.0.1", 0, gateway.wsgi(), handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
    gateway.close()


def wsdl(gateway: Gateway, host: str, **more: Any) -> Any:
    headers = {"Host": host}
    client = TestClient(gateway.wsgi())
    return client.simulate_get("/soap/common", query_string="wsdl", headers=headers, **more)


def embedded(**settings: Any) -> Gateway:
    return Gateway(IDENTITY, fresh_store(), **settings)


@pytest.mark.parametrize("version", ["11", "12"])
def test_acc_7_6_zeep_made_from_its_wsdl_calls_an_embedded_gateway(url: str, version: str) -> None:
    token: list[str] = []
    plugin = MessageHeaderPlugin(
        OPERATOR, SECRETS, SUITES["tcec102"], lambda: token[0], peer_id=PLATFORM
    )
    make: Any = zeep.Client  # ships no types
    client = make(f"{url}/soap/common?wsdl", plugins=[plugin])
    common = client.bind("VgiCommonService", f"VgiCommonSoap{version}")

    asked = {"OperatorID": OPERATOR, "OperatorSecret": SECRET}
    token.append(common.QueryToken(TokenRequest=asked).body.Token.AccessToken)
    listing = common.QueryServices(ServiceQuery={}).body.ServiceList

    assert listing.Suites.Item == list(SUITES)
    assert len(listing.Operations.ServiceItem) > 5


@pytest.mark.parametrize(
    "host", ["gateway.example", "10.0.0.1:8080", "[2001:db8::1]:443", "my_host:1"]
)
def test_the_address_is_that_of_each_request_and_no_cache_keeps_it(host: str) -> None:
    gateway = embedded()
    first, second = wsdl(gateway, host), wsdl(gateway, "other.example")

    assert first.text.count(f'location="http://{host}/soap/common"') == 2
    assert second.text.count('location="http://other.example/soap/common"') == 2
    assert host not in second.text
    assert first.headers["Cache-Control"] == "no-store"


def test_the_address_holds_scheme_and_place_of_the_mount() -> None:
    told = wsdl(embedded(), "gateway.example", root_path="/v 2g", protocol="https")
    behind = wsdl(embedded(behind_tls_proxy=True), "gateway.example")

    assert 'location="https://gateway.example/v%202g/soap/common"' in told.text
    assert 'location="https://gateway.example/soap/common"' in behind.text


def test_a_public_address_goes_before_that_of_the_request() -> None:
    answer = wsdl(embedded(public_url="https://public.example/x/"), "gateway.example")

    assert 'location="https://public.example/x/soap/common"' in answer.text
    assert "gateway.example" not in answer.text


@pytest.mark.parametrize(
    "host",
    ["", "a b", 'a"/>', "a/b", "user@a", "a?b", "a#b", "a:b", "a:123456", "[::1", "a\n", "-a", "é",
     "a,b", "a" * 300],
)  # fmt: skip
def test_attack_a_host_that_is_no_name_gets_no_contract(host: str) -> None:
    answer = wsdl(embedded(), "x", extras={"HTTP_HOST": host})

    assert answer.status_code == 400
    assert answer.json["Ret"] == 4003
    assert "location" not in answer.text


def test_a_gateway_tells_the_suites_at_hand_unless_its_identity_names_some() -> None:
    named = Gateway(replace(IDENTITY, suites=("tcec102",)), fresh_store())

    assert embedded().identity.suites == tuple(SUITES)
    assert named.identity.suites == ("tcec102",)


def test_a_peer_of_an_unknown_suite_is_refused_at_construction() -> None:
    identity = replace(IDENTITY, peers={OPERATOR: replace(PEER, suite="unheard-of")})

    with pytest.raises(Misconfigured, match=f"{OPERATOR}: suite unheard-of is not known"):
        Gateway(identity, fresh_store())


def test_the_prefix_of_the_cec102_door_is_an_argument() -> None:
    client = TestClient(embedded(cec102_prefix="/other/v2").wsgi())

    assert client.simulate_post("/other/v2/query_token", json={}).json["Ret"] == 4003
    assert client.simulate_post("/evcs/v1/query_token", json={}).status_code == 404
