"""The WSGI application: who counts as loopback, how much is read, what the open pages say."""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from falcon.testing import create_environ
from msgspec.structs import replace

from tests.server.served import DOORS, REMOTE, Served
from tests.trio import BASES, OPERATOR, PLATFORM, Trio, batch
from vgigw.operations import UPLOAD_TELEMETRY
from vgigw.server.wsgi import WsgiApplication


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path)
    yield made
    made.close()


def ret(body: bytes) -> int:
    found = re.search(rb'"Ret":\s*(-?\d+)|Ret>(-?\d+)<', body)
    return int(found[1] or found[2]) if found else 0


@pytest.mark.parametrize("remote", ["127.0.0.1", "127.8.8.8", "::1"])
@pytest.mark.parametrize("door", DOORS)
def test_someone_on_this_machine_is_loopback(served: Served, door: str, remote: str) -> None:
    answer = served.post(served.sealed(door, UPLOAD_TELEMETRY, batch(1, 2)), remote)
    assert ret(answer.content) == 0
    assert sorted(served.trio.records()) == [1, 2]


@pytest.mark.parametrize("remote", [REMOTE, "10.0.0.1", "2001:db8::1", "::ffff:203.0.113.7"])
@pytest.mark.parametrize("door", DOORS)
def test_plt_7_10e_someone_elsewhere_is_in_the_open(served: Served, door: str, remote: str) -> None:
    answer = served.post(served.sealed(door, UPLOAD_TELEMETRY, batch(1, 2)), remote)
    assert ret(answer.content) == 4105
    assert served.trio.records() == {}


@pytest.mark.parametrize("field", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
@pytest.mark.parametrize("value", [REMOTE, "127.0.0.1", ""])
@pytest.mark.parametrize("door", DOORS)
def test_attack_a_client_of_a_proxy_on_this_machine_is_not_loopback(
    served: Served, door: str, field: str, value: str
) -> None:
    wire = served.sealed(door, UPLOAD_TELEMETRY, batch(1, 2))
    answer = served.post(wire, "127.0.0.1", **{field: value})
    assert ret(answer.content) == 4105
    assert served.trio.records() == {}


@pytest.mark.parametrize("door", DOORS)
def test_attack_a_header_that_names_loopback_makes_nobody_loopback(
    served: Served, door: str
) -> None:
    wire = served.sealed(door, UPLOAD_TELEMETRY, batch(1, 2))
    answer = served.post(wire, REMOTE, **{"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "::1"})
    assert ret(answer.content) == 4105


@pytest.mark.parametrize("door", ["rest", "soap"])
def test_behind_a_tls_proxy_nobody_is_loopback(served: Served, door: str) -> None:
    served.gateway.behind_tls_proxy = True
    answer = served.post(served.sealed(door, UPLOAD_TELEMETRY, batch(1, 2)), "127.0.0.1")
    assert ret(answer.content) == 4105


@pytest.mark.parametrize("door", DOORS)
def test_a_body_over_the_limit_is_refused_and_not_read(tmp_path: Path, door: str) -> None:
    served = Served(tmp_path, max_body_bytes=2000)
    wire = served.sealed(door, UPLOAD_TELEMETRY, batch(1, 40))
    answer = served.post(wire)
    assert answer.status_code == 413
    assert ret(answer.content) == 4003
    assert served.trio.records() == {}
    served.close()


class Unread(io.BytesIO):
    """A body that must not be touched."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise AssertionError("the body was read")


@pytest.mark.parametrize("door", DOORS)
def test_attack_a_body_that_is_announced_too_large_is_not_read(served: Served, door: str) -> None:
    environ = create_environ(f"/{BASES[door]}/x", method="POST")
    environ |= {"CONTENT_LENGTH": str(10**12), "wsgi.input": Unread()}
    statuses: list[str] = []
    application = WsgiApplication(served.gateway, served.trio.clock)
    body = b"".join(application(environ, lambda status, *_: statuses.append(status)))
    assert statuses[0].startswith("413")
    assert ret(body) == 4003


@pytest.mark.parametrize("door", DOORS)
def test_attack_a_compressed_body_is_refused(served: Served, door: str) -> None:
    wire = served.sealed(door, UPLOAD_TELEMETRY, batch(1, 2))
    answer = served.post(wire, **{"Content-Encoding": "gzip"})
    assert ret(answer.content) == 4003
    assert served.trio.records() == {}


@pytest.mark.parametrize("path", ["/", "/nowhere", "/admin", "/evcs", "/soapbox", "/vgi/v10/x"])
def test_a_path_of_no_door_is_404_in_our_words(served: Served, path: str) -> None:
    answer = served.client().simulate_get(path)
    assert answer.status_code == 404
    assert answer.json["Ret"] == 4003


def test_healthz_says_that_the_process_lives_even_without_its_store(served: Served) -> None:
    assert served.client().simulate_get("/healthz").text == "ok\n"
    served.store.close()
    assert served.client().simulate_get("/healthz").status_code == 200


def test_readyz_is_200_and_503_when_the_store_is_closed(served: Served) -> None:
    client = served.client()
    assert client.simulate_get("/readyz").status_code == 200
    served.store.close()
    served.gateway.readiness.clock_s = lambda: time.monotonic() + 1.1
    answer = client.simulate_get("/readyz")
    assert answer.status_code == 503
    assert answer.text == "store is not ready\n"


def test_open_pages_tell_nothing_of_any_peer(tmp_path: Path) -> None:
    known = Trio().peer(PLATFORM, OPERATOR)
    served = Served(tmp_path, peers={"771234567": replace(known, operator_id="771234567")})
    client = served.client()
    pages = [client.simulate_get(p).text for p in ("/healthz", "/readyz", "/openapi.json")]
    pages.append(client.simulate_get("/soap/dispatch", query_string="wsdl").text)
    for peer in served.gateway.identity.peers:
        assert all(peer not in page for page in pages)
    assert json.loads(pages[2])["openapi"].startswith("3.")
    served.close()


@pytest.mark.parametrize("face", ["common", "aggregator", "dispatch"])
def test_the_wsdl_names_the_public_address(served: Served, face: str) -> None:
    served.gateway.public_url = "https://gateway.example/x/"
    answer = served.client().simulate_get(f"/soap/{face}", query_string="wsdl")
    assert answer.status_code == 200
    assert f'location="https://gateway.example/x/soap/{face}"' in answer.text


@pytest.mark.parametrize(("path", "query"), [("/soap/none", "wsdl"), ("/soap/dispatch", "")])
def test_there_is_no_other_page_on_the_soap_door(served: Served, path: str, query: str) -> None:
    assert served.client().simulate_get(path, query_string=query).status_code == 404


@pytest.mark.parametrize("door", DOORS)
def test_a_closed_store_is_500_on_every_door_and_never_a_success(served: Served, door: str) -> None:
    wire = served.sealed(door, UPLOAD_TELEMETRY, batch(1, 2))
    served.store.close()
    assert ret(served.post(wire).content) == 500
